import type { EffectKind } from "../action.ts";
import { harmless } from "./finding.ts";
import { always, explicit, has, live, liveRead, named, type Row, type Table, textOf } from "./row.ts";

/** A tool that reads under some verbs and changes the host under all others. `refused` are words that spoil a read. */
export function readsUnder(
  verbs: string,
  kind: EffectKind,
  options: { refused?: RegExp; bare?: boolean; isLive?: boolean; scope?: "host" | "remote" } = {},
): Row {
  const known = new Set(verbs.split(/\s+/));
  const { refused, bare = false, isLive = true, scope = "host" } = options;
  return {
    options: "any",
    plain: true,
    judge: (call) => {
      const words = call.args.map((word) => word.value);
      // Options before the verb may take a value; only switches are stepped over, so that a value is taken for the verb.
      const first = words.findIndex((word) => word === null || !/^--?[\w-]+(=.*)?$/.test(word));
      const at = words[0] != null && known.has(words[0]) ? 0 : first;
      const verb = at === -1 ? (bare ? "" : "?") : (words[at] ?? "?");
      const isRead = (verb === "" && bare) || known.has(verb) || known.has(`${verb}.${words[at + 1] ?? ""}`);
      const isOpen = call.args.some((word) => word.splits);
      const spoiled = isOpen || (refused !== undefined && words.some((word) => refused.test(word ?? "?")));
      const rule = verb === "" || verb === "?" ? call.rule : `${call.rule}.${verb}`;
      if (isRead && !spoiled) return [isLive ? liveRead(rule) : harmless(rule, "only reads")];
      return [
        explicit(
          { rule },
          "",
          "changes the host, or is not known to be a read",
          kind,
          scope,
          words.map((word) => word ?? "?").join(" "),
        ),
      ];
    },
  };
}

const admin = "explicit";

/** Reads when asked to list and named nothing to act on. */
function listsOnly(options: string, listing: readonly string[], withOperands = false): Row {
  return {
    options,
    plain: true,
    judge: (call) =>
      has(call.scan, ...listing) && (withOperands || call.scan.operands.length === 0)
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes a device", "device", "host")],
  };
}

/** Services, devices, packages, firewall and accounts of the machine. */
export const host: Table = {
  systemctl: readsUnder(
    "status is-active is-enabled is-failed is-system-running list-units list-unit-files list-timers list-sockets list-dependencies list-jobs list-machines list-automounts list-paths show cat show-environment get-default help --version",
    "service",
    { bare: true, refused: /^(-H|-M|--host.*|--machine.*|--root.*|--image.*)$/ },
  ),
  journalctl: live(
    "# u= unit= n=? lines=? no-pager f follow b=? boot=? p= priority= S= since= U= until= o= output= x catalog k dmesg r reverse e pager-end list-boots disk-usage user system g= grep= t= identifier= a all q quiet no-hostname output-fields= utc F= field= user-unit= verify header case-sensitive=?",
  ),
  loginctl: readsUnder(
    "list-sessions list-users list-seats session-status show-session user-status show-user seat-status show-seat",
    "account",
    { bare: true },
  ),
  timedatectl: readsUnder("status show list-timezones timesync-status show-timesync", "device", {
    bare: true,
  }),
  hostnamectl: readsUnder("status", "service", { bare: true }),
  localectl: readsUnder("status list-locales list-keymaps", "service", { bare: true }),
  networkctl: readsUnder("list status lldp label cat", "service", { bare: true }),
  sysctl: {
    options: "a all n values e ignore N names q r= pattern=",
    plain: true,
    judge: (call) =>
      call.scan.operands.every((word) => word.value !== null && !word.value.includes("="))
        ? [liveRead(call.rule)]
        : [explicit(call, "set", "changes a kernel setting", "device", "host")],
  },
  dmesg: live(
    "H human l= level= T ctime k kernel x decode f= facility= n t w L=? color=? P nopager time-format= since= until= J json r u",
  ),
  mount: {
    options: "l t= types= v V",
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [liveRead(call.rule)]
        : [explicit(call, "", "mounts a file system", "device", "host")],
  },
  crontab: {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.length === 1 && call.args[0]?.value === "-l"
        ? [liveRead(call.rule)]
        : [explicit(call, "change", "changes scheduled jobs", "schedule", "host")],
  },
  atq: live(),
  ...named(
    "apt apt-get",
    readsUnder("list search show policy depends rdepends help moo --version changelog", "package", {
      refused: /^(-o.*|-c.*|--option.*|--config-file.*)$/,
    }),
  ),
  "apt-cache": live(),
  "apt-mark": readsUnder("showmanual showauto showhold", "package"),
  dpkg: {
    options:
      "l list L= listfiles= s= status= S= search= p= print-avail= get-selections c= contents= I= info= W V verify version print-architecture compare-versions",
    plain: true,
    judge: (call) => (call.args.length > 0 ? [liveRead(call.rule)] : [harmless(call.rule)]),
  },
  ...named("dpkg-query", live("# W=? l=? s L S= f= showformat= list status listfiles")),
  rpm: {
    options: "any",
    plain: true,
    judge: (call) =>
      /^(-q|--query|-V|--verify$)/.test(textOf(call.args[0])) &&
      call.args.every(
        (word) =>
          word.value !== null &&
          !/^(--(root|dbpath|rcfile|macros|eval|pipe|define|load|nodeps|import|rebuilddb|initdb|predefine)|-[DE])/.test(
            word.value,
          ),
      )
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes packages", "package", "host")],
  },
  ...named(
    "dnf yum zypper pacman apk brew snap flatpak port emerge",
    readsUnder(
      "list search info repolist history.list show provides -Q -Qi -Ql -Ss -Si outdated deps find --version",
      "package",
      { refused: /^(-c|--config.*|--setopt.*|--installroot.*)$/ },
    ),
  ),
  zfs: readsUnder("list get version", "device"),
  zpool: readsUnder("list status get iostat history version", "device"),
  pct: readsUnder("list config status", "container"),
  qm: readsUnder("list config status", "container"),
  virsh: readsUnder(
    "list dominfo domstate net-list pool-list vol-list nodeinfo version dumpxml",
    "container",
  ),
  smartctl: live("# a all i info H health A attributes c capabilities l= log= scan d= x j"),
  hdparm: live("I i g"),
  parted: listsOnly("l list s m", ["l", "list"]),
  fdisk: listsOnly("l x o=", ["l", "x"], true),
  ...named("blkid", live("s= o= k p i c= L= U=")),
  postfix: readsUnder("check status", "service"),
  swapon: listsOnly("s summary show=? noheadings raw bytes", ["s", "summary", "show"]),
  ...named(
    "swapoff umount modprobe rmmod insmod mkfs mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mkswap tune2fs resize2fs e2fsck fsck xfs_repair cryptsetup lvm lvcreate lvremove vgcreate pvcreate mdadm btrfs losetup dmsetup wipefs sgdisk sfdisk partprobe blockdev fstrim wakeonlan rfkill grub-install update-grub update-initramfs kexec insmod depmod udevadm eject setterm loadkeys hwclock ntpdate chronyc",
    always(admin, "device", "host", "changes a device or the kernel"),
  ),
  ...named(
    "reboot shutdown halt poweroff init telinit service rc-service rc-update update-rc.d invoke-rc.d supervisorctl initctl s6-svc runsvdir sv launchctl busctl dbus-send gdbus systemd-tmpfiles logrotate locale-gen update-locale dpkg-reconfigure update-alternatives ldconfig",
    always(admin, "service", "host", "changes a service of the host"),
  ),
  ...named(
    "useradd userdel usermod adduser deluser groupadd groupdel groupmod passwd chpasswd chage chsh chfn gpasswd vipw visudo newusers pwck smbpasswd htpasswd edquota",
    always(admin, "account", "host", "changes an account"),
  ),
  ...named(
    "pkill killall skill xkill fuser renice",
    always(admin, "process", "host", "signals other processes"),
  ),
  ...named(
    "dnsmasq named unbound sshd vsftpd minio redis-server postgres mysqld mongod rabbitmq-server smbd",
    always(admin, "expose", "host", "starts or controls a server"),
  ),
};
