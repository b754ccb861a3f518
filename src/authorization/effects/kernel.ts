import { readsWhen, verbs } from "./query-verbs.ts";
import { always, explicit, live, liveRead, named, readAll, type Table, valuesOf } from "./row.ts";

/** The kernel: its settings, modules, messages and devices. */
export const kernel = (): Table => ({
  ...named(
    "grub-editenv grub2-editenv",
    verbs({
      options: "v verbose",
      reads: "list. -.list.",
      kind: "device",
      changes: "changes how the machine boots",
      bare: "acts",
    }),
  ),
  sysctl: {
    options: "a all A X n values e ignore N names q quiet b binary r= pattern= deprecated V version h help d",
    plain: true,
    judge: (call) =>
      call.scan.operands.every((word) => isSettingName(word.value))
        ? [liveRead(call.rule)]
        : [explicit(call, "set", "changes a kernel setting", "device", "host")],
  },
  // No -n, -c, -C, -D and -E: they change what the console shows, or clear the buffer.
  dmesg: {
    options:
      "H human l= level= T ctime k kernel x decode f= facility= t notime w follow W follow-new L=? color=? P nopager time-format= since= until= J json r raw u userspace d show-delta e reltime p force-prefix S syslog s= buffer-size= F= file= K= kmsg-file= noescape V version h help",
    plain: true,
    judge: (call) => [
      liveRead(call.rule),
      ...readAll(call, valuesOf(call.scan, "F", "file", "K", "kmsg-file")),
    ],
  },
  lsmod: live(),
  modinfo: live(
    "F= field= a author d description l license p parameters n filename k= set-version= 0 null b= basedir= m= modname V version h help",
  ),
  modprobe: readsWhen(
    "n dry-run show v verbose c showconfig D show-depends R resolve-alias dump-modversions r remove a all q quiet i ignore-install S= set-version= first-time f force remove-holders V version",
    [
      "n",
      "dry-run",
      "show",
      "c",
      "showconfig",
      "D",
      "show-depends",
      "R",
      "resolve-alias",
      "dump-modversions",
      "V",
      "version",
    ],
    "device",
    "loads or removes a module",
  ),
  depmod: readsWhen(
    "n show dry-run a all A quick v verbose e errsyms F= filesyms= w warn",
    ["n", "show", "dry-run"],
    "device",
    "changes the list of modules",
  ),
  kmod: verbs({
    options: "",
    reads: "list static-nodes help",
    kind: "device",
    changes: "loads or removes a module",
  }),
  dkms: verbs({
    options: "m= module= v= module-version= k= kernelver= a= arch= all q quiet",
    reads: "status",
    kind: "device",
    changes: "builds or removes a module",
    bare: "acts",
  }),
  udevadm: verbs({
    // No --cleanup-db.
    options:
      "d debug a attribute-walk q= query= p=? path= n= name= r root x export P= export-prefix= device-id-of-file= e export-db json= no-pager t tree u udev k kernel s= subsystem-match= tag-match= property=? value w=? wait-for-initialization=? E= exit-if-exists= timeout= dry-run v verbose N= resolve-names= root= h help V version action= attr-match= property-match= sysname-match= parent-match= type=",
    reads: "info monitor settle verify cat wait version",
    kind: "device",
    changes: "changes how devices are handled",
    rehearsal: { by: ["dry-run"], of: "trigger" },
  }),
  bpftool: verbs({
    options: "j json p pretty f bpffs m mapcompat n nomount d debug",
    reads:
      "version help prog. prog.show prog.list map. map.show map.list net. net.show net.list link. link.show link.list cgroup.show cgroup.list cgroup.tree perf. perf.show perf.list btf. btf.show btf.list feature. feature.probe struct_ops.show struct_ops.list",
    kind: "device",
    changes: "changes what the kernel runs",
  }),
  grubby: readsWhen(
    "info= default-kernel default-index default-title",
    ["info", "default-kernel", "default-index", "default-title"],
    "device",
    "changes how the machine boots",
  ),
  ...named(
    "livepatch canonical-livepatch kpatch",
    verbs({
      options: "verbose format=",
      reads: "status list",
      kind: "device",
      changes: "changes the running kernel",
    }),
  ),
  ...named(
    "rmmod insmod kexec grub-install grub2-install grub-mkconfig grub2-mkconfig grub-set-default grub2-set-default   grub-reboot update-grub update-grub2 update-initramfs mkinitcpio dracut mkinitramfs setterm loadkeys setupcon ntpdate ntpd chronyd sysrq bpftrace",
    always("explicit", "device", "host", "changes the kernel, a device or how the machine boots"),
  ),
});

/** A name with `..` in it leads out of /proc/sys, and prints any file. */
function isSettingName(name: string | null): boolean {
  return name !== null && !/=|\.\.|^\//.test(name);
}
