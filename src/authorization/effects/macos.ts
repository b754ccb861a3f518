import type { Finding } from "./finding.ts";
import { readsWhen, verbs } from "./query-verbs.ts";
import { always, type Call, explicit, has, live, liveRead, named, type Table, textOf } from "./row.ts";

/** What only macOS has. */
export const macos = (): Table => ({
  ...named("sw_vers vm_stat ioreg kextstat system_profiler mdfind mdls", live()),
  diskutil: verbs({
    options: "plist all verbose",
    reads:
      "list info activity apfs.list apfs.listCryptoUsers apfs.listSnapshots apfs.listUsers apfs.listVolumeGroups cs.list cs.info appleRAID.list listFilesystems verifyDisk verifyVolume",
    kind: "device",
    changes: "changes a device or what is on it",
    style: "word",
  }),
  hdiutil: verbs({
    options: "plist verbose quiet debug",
    reads: "info imageinfo verify checksum isencrypted pmap",
    kind: "device",
    changes: "changes a disk image or attaches it",
    style: "word",
  }),
  pmset: readsWhen("g", ["g"], "device", "changes power settings"),
  scutil: readsWhen(
    "get= dns proxy nwi r= w= nc=",
    ["get", "dns", "proxy", "nwi", "r"],
    "service",
    "changes the system's configuration",
    "word",
  ),
  defaults: verbs({
    options: "currentHost g app= host=",
    reads: "read-type domains find help",
    kind: "service",
    changes: "changes settings",
    style: "word",
    special: { read: judgeDefaults },
  }),
  networksetup: { options: "any", plain: true, judge: judgeNetwork },
  log: verbs({
    options:
      "last= start= end= predicate= process= style= color= info debug source mach-continuous-time timezone= type= level= timeout= sort= overview count= archive=",
    reads: "show stream stats help",
    kind: "service",
    changes: "changes or exports the log",
    bare: "acts",
    style: "word",
  }),
  csrutil: verbs({
    options: "",
    reads: "status authenticated-root.status",
    kind: "service",
    changes: "changes the protection of the system",
  }),
  spctl: readsWhen(
    "status assess a v verbose t= type=",
    ["status", "assess", "a"],
    "service",
    "changes the protection of the system",
  ),
  fdesetup: verbs({
    options: "extended verbose",
    reads: "status isactive list",
    kind: "device",
    changes: "changes the encryption of the disk",
    style: "word",
  }),
  tmutil: verbs({
    options: "X m t l d=",
    reads:
      "status listbackups latestbackup machinedirectory destinationinfo listlocalsnapshots listlocalsnapshotdates isexcluded uniquesize calculatedrift compare verifychecksums version help",
    kind: "device",
    changes: "changes backups",
  }),
  profiles: verbs({
    options: "type= output= all verbose",
    reads: "list show status validate help version",
    kind: "account",
    changes: "changes the profiles of the machine",
    style: "word",
  }),
  caffeinate: {
    options: "d i m s u t= w=",
    style: "first",
    plain: true,
    wraps: true,
    judge: (call) =>
      call.scan.operands.length > 0 ? call.nested(call.scan.operands) : [liveRead(call.rule)],
  },
  ...named(
    "xcode-select",
    readsWhen(
      "p print-path v version h help",
      ["p", "print-path", "v", "version", "h", "help"],
      "package",
      "changes the developer tools",
    ),
  ),
  ...named(
    "pbpaste pbcopy open say screencapture nvram bless asr dscl dseditgroup sysadminctl systemsetup installer kextload kextunload",
    always("explicit", "service", "host", "changes the machine, or is not known to be a read"),
  ),
  pkgutil: readsWhen(
    "pkgs=? packages files= lsbom= pkg-info= file-info= check-signature= regexp only-files only-dirs v volume=",
    ["pkgs", "packages", "files", "lsbom", "pkg-info", "file-info", "check-signature"],
    "package",
    "changes packages",
  ),
});

/** A domain's settings can hold tokens, so only a named key is a plain read. */
function judgeDefaults(call: Call): Finding[] {
  return call.scan.operands.length >= 2 && !has(call.scan, "app")
    ? [liveRead(call.rule)]
    : [explicit(call, "all", "prints every setting of every program", "credential-read", "host")];
}

function judgeNetwork(call: Call): Finding[] {
  return /^-(get|list|show|is|printcommands|version|help)\w*$/.test(textOf(call.args[0]))
    ? [liveRead(call.rule)]
    : [explicit(call, "", "changes the network", "device", "host")];
}
