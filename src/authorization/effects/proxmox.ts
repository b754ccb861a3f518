import { effect, finding } from "./finding.ts";
import { explicit, liveRead, named, type Row, type Table, textOf, writeAll } from "./row.ts";
import { changes, query, subcommands } from "./subcommands.ts";

/** The hypervisor's own commands: each word is a verb, and the reading ones are few. */

const act = changes("service", "host", "changes virtual machines, storage or the cluster");
const inside = changes("remote-exec", "host", "runs a command inside a guest");
const prints = changes("credential-read", "host", "prints or changes credentials");

const output =
  "output-format= human-readable=? noborder=? noheader=? verbose v quiet full=? current=? snapshot= vmid= storage= content= target= enabled=? format= type= node= limit= start= source= typefilter= errors= since= until= statusfilter= userfilter= userid= path= o= p= all=? pretty=? timeout= service= section=";
const reads = query(output);

/** GET of the API: a few paths hold secrets or lead into a guest. */
const apiGet: Row = {
  ...query(
    "output-format= human-readable=? noborder=? noheader=? quiet type= limit= start= source= timeframe= cf= storage= content= vmid= full= enabled= since= until= errors= typefilter= node= path= list= filter= userfilter= statusfilter= service= detailed=",
  ),
  judge: (call) =>
    call.scan.operands.some((word) =>
      /file-read|exec|vncwebsocket|ticket|\btfa\b|secret|dump|config\/join|userdata/i.test(
        word.value ?? "secret",
      ),
    )
      ? [explicit(call, "", "may print secrets, or leads into a guest", "credential-read", "host")]
      : [liveRead(call.rule)],
};

/** `qm guest cmd 101 ping`: what is asked of the agent in the guest. */
const guestCommand: Row = {
  options: "synchronous= timeout=",
  plain: true,
  judge: (call) =>
    call.scan.operands
      .slice(1)
      .every((word) =>
        /^(ping|info|get-[\w-]+|network-get-interfaces|fsfreeze-status)$/.test(textOf(word)),
      ) && call.scan.operands.length === 2
      ? [liveRead(call.rule)]
      : inside.judge(call),
};

const qm = subcommands(
  {
    "list|config|status|pending|showcmd|listsnapshot|wait": reads,
    "cloudinit pending": reads,
    "cloudinit dump": prints,
    "guest cmd": guestCommand,
    "guest exec|exec-status|passwd": inside,
    agent: guestCommand,
    "monitor|terminal|vncproxy|mtunnel": inside,
  },
  act,
);

/** Copies a file out of a container, to a path on the host. */
const pull: Row = {
  options: "group= perms= user=",
  judge: (call) => [
    finding("brief", call.rule, "copies a file out of a container", [
      effect("read", textOf(call.scan.operands[1]), "host"),
    ]),
    ...writeAll(call, call.scan.operands.slice(2)),
  ],
};

const pct = subcommands(
  {
    "list|config|status|pending|listsnapshot|df|cpusets": reads,
    pull,
    "enter|exec|console": inside,
  },
  act,
);

export const proxmox: Table = {
  qm,
  pct,
  pvesh: subcommands({ get: apiGet, ls: apiGet, usage: query("c= command= returns=? v verbose") }, act),
  pvesm: subcommands(
    {
      "status|list|path|extractconfig": reads,
      "scan cifs": prints,
      "scan nfs|glusterfs|iscsi|lvm|lvmthin|zfs|pbs": reads,
      "nfsscan|lvmscan|lvmthinscan|zfsscan|iscsiscan|glusterfsscan": reads,
    },
    act,
  ),
  pveversion: query("v verbose"),
  pvereport: query(""),
  pveperf: {
    options: "any",
    judge: (call) => [
      finding("brief", call.rule, "measures a disk", [effect("write", "a test file", "host")]),
    ],
  },
  pvecm: subcommands({ "status|nodes": reads, "keygen|add|addnode": prints }, act),
  pvenode: subcommands(
    {
      "config get": reads,
      "task list|log|status": reads,
      "cert info": reads,
      "acme account list|info": reads,
      "acme plugin list": reads,
    },
    act,
  ),
  pveum: subcommands(
    {
      "user|group|role|acl|realm|pool list": reads,
      "user permissions": reads,
      "user token list|permissions": reads,
      "user tfa list": reads,
      "passwd|ticket": prints,
    },
    act,
  ),
  pveceph: subcommands({ "status|lspools": reads, "pool ls|get": reads, "fs ls": reads }, act),
  pvesr: subcommands({ "status|list|read": reads }, act),
  pveam: subcommands({ "available|list": reads }, act),
  "pve-firewall": subcommands(
    { "status|compile|localnet|simulate": reads },
    changes("firewall", "host", "changes the firewall"),
  ),
  "ha-manager": subcommands({ "status|config|groupconfig": reads, "rules config|list": reads }, act),
  pvesubscription: subcommands({ get: reads }, act),
  vzdump: {
    options: "any",
    plain: true,
    judge: (call) => [
      explicit(call, "", "dumps guests into a storage and prunes old dumps", "container", "host"),
    ],
  },
  ...named("pvereset pve-efiboot-tool proxmox-boot-tool", {
    ...act,
    judge: (call) =>
      /^(status|help)$/.test(textOf(call.args[0])) &&
      call.args.length === 1 &&
      call.rule === "proxmox-boot-tool"
        ? [liveRead(call.rule)]
        : act.judge(call),
  }),
};
