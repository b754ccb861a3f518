import type { Tier } from "../action.ts";
import type { Word } from "../parsed-command.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { readsWhen, verbs } from "./query-verbs.ts";
import {
  always,
  type Call,
  explicit,
  has,
  live,
  liveRead,
  named,
  prints,
  readAll,
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";

const systemctlReads =
  "status is-active is-enabled is-failed is-system-running list-units list-unit-files list-timers list-sockets list-dependencies list-jobs list-machines list-automounts list-paths cat get-default whoami log-level. log-target. service-watchdogs. help version";
// No -H: it connects over ssh. No --image: it mounts.
const systemctlOptions =
  "t= type= state= p= property= P= a all r recursive reverse after before with-dependencies l full value show-types job-mode= T show-transaction fail check-inhibitors= i ignore-inhibitors dry-run q quiet no-warn no-block wait user system failed no-wall global no-reload kill-whom= kill-who= s= signal= what= f force message= now runtime preset-mode= n= lines= o= output= plain timestamp= mkdir no-ask-password no-pager legend= no-legend M= machine= root= h help version";

const journalctlOptions =
  "# system user M= machine= m merge D= directory= i= file= root= namespace= S= since= U= until= c= cursor= after-cursor= b=? boot=? u= unit= user-unit= t= identifier= T= exclude-identifier= p= priority= facility= g= grep= case-sensitive=? k dmesg o= output= output-fields= n=? lines=? r reverse show-cursor utc x catalog no-hostname no-full full l a all f follow no-tail truncate-newline q quiet no-pager e pager-end list-boots list-invocations invocation= I list-catalog dump-catalog header disk-usage N fields F= field= list-namespaces verify h help version";

const listing = "no-pager no-legend legend= l full q quiet a all j json= n= lines= o= output= M= machine=";

/** systemd's own tools: what they are asked is read from its daemons, what they are told changes the host. */
export const systemd = (): Table => ({
  ...named(
    "systemd-sysext systemd-confext",
    verbs({
      options: "no-pager no-legend json= h help version",
      reads: "status. list.",
      kind: "service",
      changes: "changes what the system is made of",
    }),
  ),
  "kernel-install": verbs({
    options: "no-pager no-legend json= h help version",
    reads: "list. inspect",
    kind: "device",
    changes: "changes how the machine boots",
    bare: "acts",
  }),
  systemctl: verbs({
    options: systemctlOptions,
    reads: systemctlReads,
    kind: "service",
    changes: "changes a service of the host",
    special: { "show-environment": managerEnvironment, show: unitProperties },
  }),
  journalctl: live(journalctlOptions),
  loginctl: verbs({
    options: `${listing} p= property= P= value s= signal= kill-whom= no-ask-password`,
    reads:
      "list-sessions list-users list-seats session-status show-session user-status show-user seat-status show-seat",
    kind: "account",
    changes: "changes sessions of the host",
  }),
  timedatectl: verbs({
    options: `${listing} p= property= P= value monitor adjust-system-clock no-ask-password`,
    reads: "status show list-timezones timesync-status show-timesync",
    kind: "device",
    changes: "changes the clock",
  }),
  hostnamectl: verbs({
    options: `${listing} static transient pretty no-ask-password`,
    reads: "status hostname. icon-name. chassis. deployment. location.",
    kind: "service",
    changes: "renames the host",
  }),
  localectl: verbs({
    options: `${listing} no-convert no-ask-password`,
    reads:
      "status list-locales list-keymaps list-x11-keymap-models list-x11-keymap-layouts list-x11-keymap-variants list-x11-keymap-options",
    kind: "service",
    changes: "changes the locale",
  }),
  networkctl: verbs({
    options: `${listing} s stats runtime no-reload`,
    reads: "list status lldp label cat",
    kind: "device",
    changes: "changes the network",
  }),
  machinectl: verbs({
    options: `${listing} p= property= P= value max-addresses= runner=`,
    reads: "list list-images list-transfers status show image-status show-image cat",
    kind: "container",
    changes: "acts on a machine or a container",
  }),
  portablectl: verbs({
    options: listing,
    reads: "list is-attached",
    kind: "service",
    changes: "changes services",
  }),
  homectl: verbs({ options: listing, reads: "list inspect", kind: "account", changes: "changes an account" }),
  userdbctl: verbs({
    options: `${listing} s= service= with-nss= with-varlink= synthesize= N output= intersperse= B= boundaries=`,
    reads: "user group users-in-group groups-of-user services",
    kind: "account",
    changes: "is not known to be a read",
  }),
  oomctl: verbs({ options: listing, reads: "dump", kind: "service", changes: "is not known to be a read" }),
  coredumpctl: verbs({
    options: `${listing} 1 r reverse S= since= U= until= F= field= D= directory= file= root=`,
    reads: "list info",
    kind: "credential-read",
    changes: "opens the memory of a crashed program",
  }),
  bootctl: verbs({
    options: `${listing} p x R print-esp-path print-boot-path print-root-device print-loader-path print-stub-path esp-path= boot-path= root=`,
    reads: "status list kernel-identify kernel-inspect is-installed",
    kind: "device",
    changes: "changes how the machine boots",
  }),
  busctl: verbs({
    // No --address: it can start a program.
    options:
      "user system show-machine unique acquired activatable match= list no-pager no-legend l full j json= q quiet v verbose xml-interface timeout= num-matches= M= machine=",
    reads: "list status tree introspect get-property",
    kind: "service",
    changes: "calls or watches other programs over the bus",
  }),
  gdbus: verbs({
    options: "y system e session d= dest= o= object-path= r recurse p only-properties x xml",
    reads: "introspect help",
    kind: "service",
    changes: "calls or watches other programs over the bus",
  }),
  "systemd-analyze": {
    options:
      "user system global order require from-pattern= to-pattern= fuzz= man=? recursive-errors= security-policy= offline=? threshold= profile= iterations= base-time= json= no-pager quiet q tldr unit= table no-legend mask detailed scale-svg= root= M= machine= h help version",
    judge: judgeAnalyze,
  },
  ...named(
    "systemd-cgls systemd-cgtop systemd-detect-virt systemd-delta systemd-path systemd-id128 systemd-ac-power",
    live(),
  ),
  "systemd-escape": prints("suffix= template= instance p path u unescape m mangle"),
  "systemd-hwdb": verbs({ options: "", reads: "query", kind: "device", changes: "changes the device data" }),
  ...named(
    "systemd-tmpfiles systemd-sysusers",
    readsWhen(
      "cat-config tldr dry-run create clean remove boot prefix= exclude-prefix= no-pager user",
      ["cat-config", "tldr", "dry-run"],
      "service",
      "creates or deletes files of the host",
    ),
  ),
  "systemd-mount": readsWhen("list no-pager no-legend l full", ["list"], "device", "mounts a file system"),
  "systemd-cat": {
    options: "t= identifier= p= priority= stderr-priority= level-prefix=",
    style: "first",
    plain: true,
    wraps: true,
    judge: (call) => [
      finding("brief", call.rule, "writes log lines", [effect("write", "journal", "none")]),
      ...(call.scan.operands.length > 0 ? call.nested(call.scan.operands) : []),
    ],
  },
  "systemd-inhibit": {
    options: "what= who= why= mode= list no-pager no-legend no-ask-password",
    style: "first",
    plain: true,
    wraps: true,
    judge: (call) =>
      call.scan.operands.length > 0 ? call.nested(call.scan.operands) : [liveRead(call.rule)],
  },
  "systemd-run": {
    options:
      "user scope same-dir d collect G quiet q wait pty t pipe P u= unit= description= slice= p= property= nice= send-sighup no-ask-password r remain-after-exit slice-inherit expand-environment=",
    style: "first",
    plain: true,
    wraps: true,
    judge: judgeTransientUnit,
  },
  ...named(
    "systemd-firstboot systemd-machine-id-setup systemd-umount   systemd-repart systemd-cryptenroll systemd-cryptsetup systemd-creds systemd-ask-password systemd-socket-activate systemd-stdio-bridge ",
    always("explicit", "service", "host", "changes the host"),
  ),
});

/** What every service would inherit, tokens included. */
function managerEnvironment(call: Call): Finding[] {
  return [
    finding("brief", call.rule, "prints the environment of all services", [
      effect("read", "environment", "host"),
    ]),
  ];
}

/** Asked for by name, what a service is given in its environment is its passwords. */
function unitProperties(call: Call): Finding[] {
  const names = valuesOf(call.scan, "p", "property", "P").map((word) => word.value ?? "Environment");
  return names.some((text) => /environment|credential/i.test(text))
    ? [
        explicit(
          call,
          "environment",
          "prints what a service is given in its environment",
          "credential-read",
          "host",
        ),
      ]
    : [liveRead(call.rule)];
}

/** A unit file that is checked may lie in the worktree, so those verbs stay in the sandbox. */
function judgeAnalyze(call: Call): Finding[] {
  const [verb, ...rest] = call.scan.operands;
  const name = textOf(verb);
  const rule = name === "" ? call.rule : `${call.rule}.${name}`;
  if (/^(verify|inspect-elf|condition|calendar|timestamp|timespan|compare-versions)$/.test(name))
    return [harmless(rule, "only checks"), ...readAll(call, rest), ...readAll(call, policies(call))];
  const asks =
    /^(|time|blame|critical-chain|dump|plot|dot|unit-paths|unit-files|unit-shell-help|exit-status|capability|syscall-filter|filesystems|cat-config|security|fdstore|architectures|image-policy|pcrs|srk|smbios11|has-tpm2|malloc|transient-settings|unit-gdb-help)$/;
  if (asks.test(name)) return [liveRead(rule), ...readAll(call, policies(call))];
  return [explicit({ rule }, "", "is not known to be a read", "service", "host")];
}

function policies(call: Call): Word[] {
  return valuesOf(call.scan, "security-policy");
}

// Others run further programs, or run the program as somebody else.
const limits =
  /^(Memory|CPU|IO|Tasks|Limit|AllowedCPUs|Nice=|OOM|RuntimeMaxSec=|TimeoutStopSec=|Description=|KillMode=|Slice=)[^\n]*$/;

/** Transient units: of the user's manager only, now, and not as a way out of the sandbox. */
function judgeTransientUnit(call: Call): Finding[] {
  const { scan } = call;
  const reason = "starts a unit of the host";
  if (!has(scan, "user") || scan.operands.length === 0)
    return [explicit(call, "", reason, "execute-opaque", "host")];
  if (valuesOf(scan, "p", "property").some((word) => !limits.test(word.value ?? "")))
    return [explicit(call, "property", "sets more than limits for the unit", "execute-opaque", "host")];
  const inner = call.nested(scan.operands);
  // Without --scope the user's manager starts the program, which no sandbox of ours holds.
  const isHeld = has(scan, "scope") || inner.every((one) => one.tier === "none");
  const tier: Tier = isHeld ? "brief" : "explicit";
  return [
    ...inner,
    finding(tier, call.rule, isHeld ? "starts a unit of the user's own" : reason, [
      effect("process", textOf(scan.operands[0]), "host"),
    ]),
  ];
}
