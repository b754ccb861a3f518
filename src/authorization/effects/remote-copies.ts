import { literalWord, type Word } from "../parsed-command.ts";
import { judgeReadTree } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  always,
  type Call,
  explicit,
  has,
  liveRead,
  named,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { isRemotePath, outbound } from "./urls.ts";

/** Sessions on other machines, and copies from and to them. */
export const remoteCopies = (): Table => ({
  ssh: {
    options:
      "4 6 A a B= b= C c= D= E= e= F= f G g I= i= J= K k L= l= M m= N n O= o= P= p= Q= q R= S= s T t V v W= w= X x Y y",
    style: "first",
    plain: true,
    wraps: true,
    judge: judgeSsh,
  },
  "ssh-keygen": {
    options: "l f= F= B v E= y L",
    plain: true,
    judge: judgeKeygen,
  },
  ...named(
    "mosh ftp lftp ncftp telnet rsh rlogin tftp",
    always("explicit", "remote-exec", "remote", "acts on another machine"),
  ),
  scp: { options: "r p q C v 4 6 B P= l= i= c= 3 O T A R s X= J= F= o= S= D=", judge: judgeScp },
  // No -s: it names the program that is started over there.
  sftp: { options: "r p q C v 4 6 a A f N P= l= i= c= J= B= R= F= o= S= b= D= X=", judge: judgeSftp },
  rsync: {
    options:
      "0 4 6 8 a A acls address= append append-verify archive atimes b B= backup backup-dir= block-size= blocking-io bwlimit= C c cc= checksum checksum-choice= checksum-seed= chmod= chown= compare-dest= compress compress-choice= compress-level= contimeout= copy-as= copy-dest= copy-devices copy-dirlinks copy-links copy-unsafe-links crtimes cvs-exclude D d debug= del delay-updates delete delete-after delete-before delete-delay delete-during delete-excluded delete-missing-args devices dirs dry-run E e= exclude= exclude-from= executability existing existing-only F f= fake-super files-from= filter= force from0 fsync fuzzy g group groupmap= H h hard-links help human-readable I i iconv= ignore-errors ignore-existing ignore-missing-args ignore-non-existing ignore-times implied-dirs inc-recursive include= include-from= info= inplace ipv4 ipv6 itemize-changes J K k keep-dirlinks L l link-dest= links list-only log-file= log-file-format= m max-alloc= max-delete= max-size= min-size= mkpath modify-window= munge-links N n no-D no-R no-W no-i-r no-g no-group no-human-readable no-implied-dirs no-inc-recursive no-links no-motd no-o no-owner no-p no-perms no-t no-times no-whole-file numeric-ids O o old-args old-dirs omit-dir-times omit-link-times one-file-system open-noatime out-format= outbuf= owner P p partial partial-dir= password-file= perms port= preallocate progress protect-args prune-empty-dirs q quiet R r recursive relative remove-source-files rsh= S s safe-links secluded-args size-only skip-compress= sparse specials stats stderr= stop-after= stop-at= suffix= super T= t temp-dir= timeout= times trust-sender U u update usermap= V v verbose version W w whole-file write-devices X x xattrs y z zc= zl=",
    judge: judgeRsync,
  },
});

/** Only what never reaches the other machine, or asks the connection that is already there. */
function judgeSsh(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "V") && scan.operands.length === 0) return [harmless("ssh.version", "prints its version")];
  if (has(scan, "Q") && scan.operands.length === 0)
    return [harmless("ssh.algorithms", "lists what it knows")];
  const act = explicit(
    call,
    "",
    "acts on another machine or opens a tunnel",
    "remote-exec",
    "remote",
    textOf(scan.operands[0]),
  );
  // A configuration named here may run programs while it is read (`Match exec`).
  const isOpen =
    has(scan, "F", "o", "I", "E") || scan.operands.length !== 1 || scan.operands[0]?.value == null;
  if (isOpen) return [act];
  if (has(scan, "G")) return [harmless("ssh.settings", "prints the settings for a host")];
  const checks =
    valuesOf(scan, "O").length > 0 && valuesOf(scan, "O").every((word) => word.value === "check");
  return [checks ? liveRead("ssh.check") : act];
}

function judgeKeygen(call: Call): Finding[] {
  const { scan } = call;
  const refused = explicit(call, "", "makes, changes or signs with a key", "credential-write", "home");
  if (scan.operands.length > 0) return [refused];
  // Any of these is the only thing done; the file it names is a key, of which only the public half is used.
  if (has(scan, "y"))
    return [
      finding("brief", "ssh-keygen.public", "derives a public key", [
        effect("read", textOf(valuesOf(scan, "f")[0]), "none"),
      ]),
    ];
  if (has(scan, "l", "B", "L")) return [harmless("ssh-keygen.fingerprint", "prints a fingerprint")];
  return has(scan, "F") ? [harmless("ssh-keygen.find", "looks a known host up")] : [refused];
}

// What may be said with -o about a connection that copies something here.
const calmSettings =
  /^(ConnectTimeout|ConnectionAttempts|ServerAlive\w+|BatchMode|Compression|Port|User|IdentitiesOnly|IdentityFile|LogLevel|AddressFamily|StrictHostKeyChecking|HostKeyAlgorithms|Ciphers|MACs|KexAlgorithms|ControlMaster|ControlPath|ControlPersist|PreferredAuthentications|TCPKeepAlive|HashKnownHosts|ProxyJump)[= ]/i;

function connects(call: Call): Finding[] {
  const odd = [
    ...valuesOf(call.scan, "o").filter((word) => !calmSettings.test(word.value ?? "")),
    ...valuesOf(call.scan, "F", "S", "D", "X", "b"),
    ...jumps(call).filter((word) => !/^[\w[][\w.@:[\],-]*$/.test(word.value ?? "")),
  ][0];
  return odd === undefined
    ? jumps(call).flatMap((word) =>
        textOf(word)
          .split(",")
          .flatMap((hop) => outbound(call, literalWord(hop))),
      )
    : [
        explicit(
          call,
          "shell",
          `${odd.text} may name a program to connect with, or more commands`,
          "execute-opaque",
          "none",
        ),
      ];
}

/** Machines on the way there: what is said to them is said to somebody else. */
function jumps(call: Call): Word[] {
  const settings = valuesOf(call.scan, "o").filter((word) => /^ProxyJump[= ]/i.test(word.value ?? ""));
  return [
    ...valuesOf(call.scan, "J"),
    ...settings.map((word) => literalWord(textOf(word).replace(/^\w+[= ]/, ""))),
  ];
}

function judgeScp(call: Call): Finding[] {
  return [...connects(call), ...copies(call, call.scan.operands)];
}

/** `sftp HOST:FILE [LOCAL]` only gets; without a file, or with a batch, it is a session. */
function judgeSftp(call: Call): Finding[] {
  const [from, to] = call.scan.operands;
  const gets =
    from?.value != null &&
    /^[^/]*:.*[^/]$/.test(from.value) &&
    call.scan.operands.length === 2 &&
    to !== undefined;
  if (!gets) return [explicit(call, "", "acts on another machine", "remote-exec", "remote")];
  return [...connects(call), ...copies(call, call.scan.operands)];
}

function copies(call: Call, operands: readonly Word[]): Finding[] {
  const from = operands.slice(0, -1);
  const to = operands.slice(-1);
  if (to.some(isRemotePath) || from.some((word) => word.value === null && !isRemotePath(word) && word.splits))
    return [
      explicit(call, "send", "copies to another machine", "network-send", "remote", to.map(textOf).join(" ")),
    ];
  const remote = from.filter(isRemotePath);
  // A shell over there expands the path.
  const run = remote.find((word) => /[`$;&|<>()\n]/.test(word.value ?? ""));
  if (run !== undefined)
    return [explicit(call, "shell", `${run.text} is run over there`, "remote-exec", "remote", textOf(run))];
  return [
    ...remote.flatMap((word) => outbound(call, word)),
    ...readAll(
      call,
      from.filter((word) => !isRemotePath(word)),
    ),
    ...writeAll(call, to),
  ];
}

const deleting = [
  "delete",
  "del",
  "delete-after",
  "delete-before",
  "delete-delay",
  "delete-during",
  "delete-excluded",
  "delete-missing-args",
  "remove-source-files",
  "force",
] as const;

function judgeRsync(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "V", "version", "help") && scan.operands.length === 0)
    return [harmless(call.rule, "prints help")];
  const shells = valuesOf(scan, "e", "rsh");
  if (
    shells.some(
      (word) =>
        !/^ssh( -(p ?\d+|i ?[\w./~-]+|l ?\w+|[46CqTx]+|o ?(ConnectTimeout|BatchMode|StrictHostKeyChecking|Port|User|Compression)=\w+))*$/.test(
          word.value ?? "",
        ),
    )
  )
    return [explicit(call, "shell", "names a program to connect with", "execute-opaque", "none")];
  if (has(scan, "password-file", "copy-as", "write-devices", "super"))
    return [explicit(call, "option", "uses a secret or writes as somebody else", "credential-read", "host")];
  const lists = readAll(
    call,
    valuesOf(
      scan,
      "exclude-from",
      "include-from",
      "files-from",
      "compare-dest",
      "link-dest",
      "copy-dest",
    ).filter((word) => !isRemotePath(word)),
  );
  const logs = writeAll(call, valuesOf(scan, "log-file", "backup-dir", "partial-dir", "temp-dir", "T"));
  const isDry = has(scan, "n", "dry-run", "list-only");
  const from = scan.operands.length < 2 ? scan.operands : scan.operands.slice(0, -1);
  if (scan.operands.length < 2 || isDry) {
    // A dry run asks the other side what it has: file names go there, contents do not.
    const to = scan.operands.length < 2 ? [] : scan.operands.slice(-1);
    const sides = [...from, ...to];
    return [
      harmless(call.rule, "lists"),
      ...copies(call, [...sides.filter(isRemotePath), literalWord("/dev/null")]),
      ...readAll(
        call,
        sides.filter((word) => !isRemotePath(word)),
      ),
      ...lists,
      ...writeAll(call, valuesOf(scan, "log-file")),
    ];
  }
  if (has(scan, ...deleting))
    return [
      explicit(
        call,
        "delete",
        "deletes what the other side does not have",
        "delete",
        "host",
        textOf(scan.operands.at(-1)),
      ),
    ];
  const isDeep = has(scan, "a", "archive", "r", "recursive");
  const trees = isDeep
    ? from.filter((word) => !isRemotePath(word)).flatMap((word) => judgeReadTree(call.place, word))
    : [];
  const found = [...copies(call, scan.operands), ...trees, ...lists, ...logs];
  const trailing = from.some((word) => textOf(word).endsWith("/"));
  const intoRoot = /^\.\/?$/.test(textOf(scan.operands.at(-1)));
  return trailing && intoRoot
    ? [...found, explicit(call, "tree", "unpacks a folder over the worktree", "write", "worktree")]
    : found;
}
