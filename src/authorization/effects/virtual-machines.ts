import { qemuImg } from "./disk-images.ts";
import { finding, harmless } from "./finding.ts";
import { act, inside } from "./guest-actions.ts";
import { incus, lxcClassic } from "./incus.ts";
import { proxmox } from "./proxmox.ts";
import { type Call, liveRead, named, type Row, readAll, type Table, textOf, writeAll } from "./row.ts";
import { query, subcommands, switches } from "./subcommands.ts";
import { virsh } from "./virsh.ts";

/** libvirt, incus and lxd, multipass, VirtualBox and disk images. */

const multipass = subcommands(
  {
    "list|ls|info|version|find|networks|get|aliases": query(
      "all format= snapshots v verbose show-unsupported only-images force-update keys raw no-runtime-information no-ipv4",
    ),
    "exec|shell|sh": inside,
    "transfer|copy-files": {
      options: switches("r recursive p parents"),
      judge: (call: Call) => {
        const words = call.scan.operands;
        const to = words.at(-1);
        const isOut =
          to !== undefined &&
          !/:/.test(textOf(to)) &&
          words.slice(0, -1).every((word) => /^[\w-]+:/.test(textOf(word)));
        return isOut
          ? [finding("brief", call.rule, "copies files out of an instance", []), ...writeAll(call, [to])]
          : act.judge(call);
      },
    },
  },
  act,
  "v verbose h help version",
);

const vbox = () =>
  subcommands(
    {
      "list *": query("l long s sorted platform-arch="),
      list: query(""),
      showvminfo: query("details machinereadable password-id= log= m"),
      showmediuminfo: query("password-id="),
      "guestproperty get|enumerate": query("v verbose no-timestamp no-flags relative old-format patterns="),
      "metrics list|query": query(""),
      snapshot: snapshots(),
      getextradata: query(""),
      "natnetwork list": query(""),
      "cloud list": query("any"),
      import: {
        ...act,
        judge: (call) =>
          call.args.some((word) => /^(-n|--dry-run)$/.test(textOf(word)))
            ? [harmless(`${call.rule}.dry`), ...readAll(call, call.args.slice(0, 1))]
            : act.judge(call),
      },
      guestcontrol: inside,
    },
    act,
    "q nologo v version V dump-build-type h help",
  );

/** `snapshot MACHINE list`. */
function snapshots(): Row {
  return {
    options: "any",
    plain: true,
    judge: (call) =>
      /^(list|showvminfo)$/.test(textOf(call.args[1])) ? [liveRead(call.rule)] : act.judge(call),
  };
}

export const virtualMachines = (): Table => ({
  ...proxmox,
  virsh,
  ...named("incus lxc", incus),
  ...named("lxc-ls lxc-info lxc-top lxc-checkconfig lxc-config", lxcClassic),
  ...named(
    "lxc-create lxc-start lxc-attach lxc-stop lxc-destroy lxc-copy lxc-execute lxc-freeze lxc-unfreeze lxc-snapshot lxc-device lxc-cgroup lxc-console lxc-monitor lxd incusd lxd-migrate",
    act,
  ),
  multipass,
  ...named("VBoxManage vboxmanage", vbox()),
  ...named(
    "VBoxHeadless virt-install virt-clone virt-customize virt-sysprep virt-resize guestfish guestmount virt-manager",
    {
      ...act,
      judge: (call) =>
        call.rule === "virt-install" &&
        call.args.some((word) => /^(--dry-run|--print-xml)$/.test(textOf(word)))
          ? [harmless(`${call.rule}.dry`, "prints what it would do")]
          : act.judge(call),
    },
  ),
  ...named(
    "virt-df virt-filesystems virt-inspector virt-top virt-host-validate virt-what osinfo-query virt-ls",
    query("any"),
  ),
  "qemu-img": qemuImg,
  limactl: subcommands(
    {
      "list|ls|info|validate": query("f= format= json q quiet all-fields tty log-level="),
      "snapshot list|ls": query("q quiet"),
    },
    act,
    "debug log-level= tty h help v version",
  ),
  colima: subcommands(
    { "status|list|ls|version|ssh-config": query("p= profile= e extended j json") },
    act,
    "p= profile= verbose very-verbose h help v version",
  ),
  distrobox: subcommands({ "list|ls|version": query("r root no-color v verbose") }, act),
  "distrobox-list": query("r root no-color v verbose"),
  toolbox: subcommands({ list: query("c containers i images") }, act, "y assumeyes v verbose h help version"),
});
