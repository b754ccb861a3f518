import type { Finding } from "./finding.ts";
import { ofHosts } from "./named-hosts.ts";
import { leadingText } from "./options.ts";
import { readsWhen, verbs } from "./query-verbs.ts";
import {
  always,
  type Call,
  explicit,
  has,
  live,
  liveRead,
  named,
  type Row,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

const device = "changes a device or what is on it";

/** Disks, partitions, file systems and what is mounted. */
export const storage = (): Table => ({
  partx: readsWhen(
    "s show o= output= b bytes g noheadings n= nr= P pairs r raw t= type= v verbose",
    ["s", "show"],
    "device",
    device,
  ),
  targetcli: verbs({
    options: "",
    reads: "ls status. version.",
    kind: "device",
    changes: device,
    bare: "acts",
  }),
  ...named("df duf lsblk findmnt lsscsi nfsiostat dumpe2fs xfs_info e2freefrag mountstats", live()),
  showmount: ofHosts(live("a all d directories e exports h help v version no-headers"), [], true),
  // No -z: elsewhere than on Linux it clears the counters. No -s and no -l: a configuration, and a folder for logs.
  nfsstat: live("s server c client n nfs r rpc o= m mounts 2 3 4 v verbose l list S= since= Z=? sleep=?"),
  smbstatus: live(
    "b brief B byterange e fast j json L locks n numeric N notify p processes P profile R profile-rates S shares u= user= v verbose resolve-uids d= debuglevel= V version",
  ),
  mountpoint: live("q quiet d fs-devno x devno nofollow"),
  blkid: withCache(
    "o= output= s= match-tag= p probe k list-filesystems i info c= cache-file= L= label= U= uuid= l list-one t= match-token= u= usages= n= match-types= d no-encoding D no-part-details O= S= H= hint= V version",
  ),
  mount: {
    options: "l show-labels t= types= v verbose V version O= n",
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [liveRead(call.rule)]
        : [explicit(call, "", "mounts a file system", "device", "host", targets(call))],
  },
  smartctl: { options: smartctlOptions(), plain: true, judge: judgeSmartctl },
  nvme: verbs({
    options:
      "o= output-format= v verbose n= namespace-id= c= cntid= H human-readable b raw-binary l= log-len= i= log-id= f= feature-id= s= sel= e= log-entries= d= device-dir= vendor-specific t= timeout= lsp= lpo= rae all csi= nvmcap",
    reads:
      "list list-subsys smart-log id-ctrl id-ns id-nvmset id-iocs id-domain nvm-id-ctrl cmdset-ind-id-ns list-ns list-ctrl list-secondary error-log fw-log self-test-log effects-log endurance-log changed-ns-list-log ana-log get-feature get-property show-regs show-topology ns-descs get-ns-id sanitize-log supported-log-pages primary-ctrl-caps version help intel.smart-log-add intel.id-ctrl micron.vs-smart-add-log samsung.vs-smart-add-log solidigm.smart-log-add wdc.smart-add-log",
    kind: "device",
    changes: device,
  }),
  hdparm: { options: "any", plain: true, judge: judgeHdparm },
  hddtemp: live("n numeric q quiet u= unit= w wake-up"),
  parted: { options: "l list s script m machine j json f fix a= align=", plain: true, judge: judgeParted },
  fdisk: readsWhen(
    "l list x list-details o= output= u=? units=? b= sector-size= B protect-boot L=? color=? bytes t= type= n noauto-pt",
    ["l", "list", "x", "list-details"],
    "device",
    device,
  ),
  gdisk: readsWhen("l", ["l"], "device", device),
  sfdisk: readsWhen(
    "l list d dump J json F list-free V verify s show-size T list-types o= output= q quiet bytes L label= X=",
    [
      "l",
      "list",
      "d",
      "dump",
      "J",
      "json",
      "F",
      "list-free",
      "V",
      "verify",
      "s",
      "show-size",
      "T",
      "list-types",
    ],
    "device",
    device,
  ),
  sgdisk: readsWhen(
    "p print i= info= v verify L list-types D display-alignment E end-of-largest F first-in-largest f first-aligned-in-largest",
    ["p", "print", "i", "info", "v", "verify", "L", "list-types", "D", "E", "F", "f"],
    "device",
    device,
  ),
  blockdev: { options: "any", plain: true, judge: judgeBlockdev },
  wipefs: {
    options:
      "n no-act J json i noheadings p parsable O= output= t= types= q quiet a all f force o= offset= b backup=?",
    plain: true,
    judge: (call) =>
      has(call.scan, "n", "no-act") || !has(call.scan, "a", "all", "f", "force", "o", "offset", "b", "backup")
        ? [liveRead(call.rule)]
        : [explicit(call, "", "erases signatures", "device", "host", targets(call))],
  },
  losetup: {
    options: "a all l list j= associated= O= output= n noheadings J json raw f find",
    plain: true,
    judge: (call) => {
      const [first, ...rest] = call.scan.operands;
      const isQuery =
        first === undefined ||
        (rest.length === 0 && !has(call.scan, "f", "find") && /^\/dev\/loop\d+$/.test(textOf(first)));
      return isQuery ? [liveRead(call.rule)] : [explicit(call, "", device, "device", "host", targets(call))];
    },
  },
  zramctl: {
    options: "o= output= output-all n noheadings raw bytes b",
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [liveRead(call.rule)]
        : [explicit(call, "", device, "device", "host")],
  },
  fstrim: readsWhen(
    "n dry-run a all A fstab v verbose m= minimum= t= types= listed-in= o= offset= l= length= quiet-unsupported",
    ["n", "dry-run"],
    "device",
    device,
  ),
  swapon: {
    options: "s summary show=? noheadings raw bytes",
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [liveRead(call.rule)]
        : [explicit(call, "", "turns swap on", "device", "host")],
  },
  ...named(
    "fsck fsck.ext4 fsck.ext3 fsck.ext2 e2fsck fsck.fat fsck.vfat fsck.exfat fsck.btrfs dosfsck",
    readsWhen("N n f v V T t= A R M C=? d", ["N", "n"], "device", "may repair the file system"),
  ),
  xfs_repair: readsWhen("n v t= m= P f l= r= o=", ["n"], "device", "repairs the file system"),
  xfs_growfs: readsWhen("n", ["n"], "device", device),
  xfs_admin: readsWhen("l u", ["l", "u"], "device", device),
  xfs_quota: { options: "x c= D= P=", plain: true, judge: judgeXfsQuota },
  tune2fs: readsWhen("l", ["l"], "device", device),
  resize2fs: readsWhen("P", ["P"], "device", device),
  ...named("e2label fatlabel ntfslabel exfatlabel", {
    options: "",
    plain: true,
    judge: (call) =>
      call.scan.operands.length <= 1
        ? [liveRead(call.rule)]
        : [explicit(call, "", "renames a file system", "device", "host")],
  }),
  filefrag: reads("b=? e k s v x X E"),
  ...named(
    "quota repquota",
    live(
      "u user g group P project a all v verbose s human-readable=? p raw-grace l local-only q quiet Q quiet-refuse i no-autofs w no-wrap t truncate-names n no-names c cache C no-cache O= output= F= format= f= filesystem= show-mntpoint hide-device A all-nfs m no-mixed-pathnames",
    ),
  ),
  quotaon: readsWhen(
    "p print-state a all u user g group P project v",
    ["p", "print-state"],
    "device",
    "turns quotas on",
  ),
  rpcinfo: ofHosts(live("p s m T= t u l a= n="), ["a"], true),
  // It shows the lines that it does not know.
  testparm: {
    ...live(
      "s suppress-prompt v verbose l skip-logic-checks section-name= parameter-name= show-all-parameters",
    ),
    judge: (call) => [liveRead(call.rule), ...readAll(call, call.scan.operands.slice(0, 1))],
  },
  iscsiadm: { options: "any", plain: true, judge: judgeIscsi },
  ...named(
    "swapoff umount mkfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mkfs.fat mkfs.exfat mkfs.ntfs mkfs.f2fs mke2fs mkdosfs mkswap partprobe  kpartx cfdisk cgdisk gparted setquota edquota quotaoff quotacheck e2image debugfs e4defrag xfs_fsr xfs_db badblocks eject nbd-client nbd-server fusermount fusermount3 sdparm tgtadm  mount.cifs mount.nfs bcachefs",
    always("explicit", "device", "host", device),
  ),
  udisksctl: verbs({
    options: "p= object-path= b= block-device= d= drive=",
    reads: "status info dump help",
    kind: "device",
    changes: device,
  }),
});

/** What it found out is kept in the file named. */
function withCache(options: string): Row {
  return {
    options,
    plain: true,
    judge: (call) => [liveRead(call.rule), ...writeAll(call, valuesOf(call.scan, "c", "cache-file"))],
  };
}

function smartctlOptions(): string {
  return "a all i info identify=? x xall H health A attributes c capabilities l= log= f= format= d= device= j=? json=? n= nocheck= g= get= q= quietmode= T= tolerance= b= badsum= r= report= v= vendorattribute= F= firmwarebug= P= presets= B= drivedb= scan scan-open h help V version";
}

/** Two logs take settings after a comma: `scterc,70,70`. */
function judgeSmartctl(call: Call): Finding[] {
  const logs = valuesOf(call.scan, "l", "log");
  const sets = logs.some(
    (word) => word.value === null || /^(scterc|scttempint)\b.*,|,reset$/.test(word.value),
  );
  return sets ? [explicit(call, "set", device, "device", "host", targets(call))] : [liveRead(call.rule)];
}

/** These letters print a setting when nothing but the device follows, and change it otherwise. */
function judgeHdparm(call: Call): Finding[] {
  // A pattern of devices names devices, whatever it matches.
  const words = call.args.map((word) => word.value ?? (word.splits ? "?" : leadingText(word)));
  const isRead = words.every((word) => {
    if (/^-[CgHIitTvV]+$/.test(word) || /^--(direct|verbose|Istdout)$/.test(word)) return true;
    // A value after one of these is no device, and refused as such.
    if (/^-[aABcdkmMNQrRuW]$/.test(word)) return true;
    return word.startsWith("/dev/");
  });
  return isRead ? [liveRead(call.rule)] : [explicit(call, "", device, "device", "host", targets(call))];
}

function judgeParted(call: Call): Finding[] {
  const words = call.scan.operands.slice(1).map((word) => word.value ?? "?");
  const commands = words.join(" ");
  const prints =
    /^((unit|u) \w+%? ?)*((print|p)( (free|devices|list|all|\d+))?|help|version|align-check \w+ \d+)?( (quit|q))?$/.test(
      commands,
    ) && words.length > 0;
  const lists = has(call.scan, "l", "list") && call.scan.operands.length === 0;
  return (prints || lists) && !has(call.scan, "f", "fix")
    ? [liveRead(call.rule)]
    : [explicit(call, "", device, "device", "host", targets(call))];
}

function judgeBlockdev(call: Call): Finding[] {
  const isRead = call.args.every((word) => /^(--get\w+|--report|-v|-q|\/dev\/.+)$/.test(word.value ?? "?"));
  return isRead ? [liveRead(call.rule)] : [explicit(call, "", device, "device", "host", targets(call))];
}

/** Its commands are words of one option. */
function judgeXfsQuota(call: Call): Finding[] {
  const commands = valuesOf(call.scan, "c").map((word) => word.value ?? "?");
  const isRead =
    commands.length > 0 &&
    commands.every((command) =>
      /^(report|quota|df|free|print|paths|state|help)( -[abBdghilLnNprtuUvx]+| [\w/.-]+)*$/.test(command),
    ) &&
    !commands.some((command) => /\s-\w*f/.test(command));
  return isRead
    ? [liveRead(call.rule)]
    : [explicit(call, "", "changes quotas", "device", "host", targets(call))];
}

function judgeIscsi(call: Call): Finding[] {
  const text = call.args.map((word) => word.value ?? "?").join(" ");
  return /^(-m|--mode) (session|node|iface|host|fw)( (-P|--print) ?\d)?$/.test(text)
    ? [liveRead(call.rule)]
    : [explicit(call, "", device, "device", "host", text)];
}

function targets(call: Call): string {
  return call.args.map(textOf).join(" ");
}
