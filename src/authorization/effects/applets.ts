import { type Finding, harmless } from "./finding.ts";
import { leadingText } from "./options.ts";
import { type Call, explicit, named, type Table, textOf, writeAll } from "./row.ts";

/** Names under which busybox and toybox are the same as the tool of that name, as far as effects go. */
const sharedApplets = new Set(
  "arch awk base32 base64 basename bunzip2 bzcat cal cat chmod chown cksum clear cmp comm cp cut date dd df diff dirname dmesg dos2unix du echo egrep env expand expr factor false fgrep find fold free getopt grep groups gunzip gzip head hexdump hostid hostname id install kill killall less ln logname ls lsmod lsof lspci lsusb md5sum mkdir mktemp more mount mv nc netstat nl nproc nslookup od paste patch ping pgrep pidof ping6 pkill printenv printf ps pstree pwd readlink realpath reboot rev rm rmdir sed seq sh sha1sum sha256sum sha512sum shred shuf sleep sort split stat strings sum sync sysctl tac tail tar tee test time timeout top touch tr traceroute tree true truncate tty umount uname unexpand uniq unix2dos unlink unzip uptime users vi w watch wc wget which who whoami whois xargs xxd xzcat yes zcat".split(
    " ",
  ),
);

/** Many small tools in one program, and small tools that run others. */
export const applets = (): Table => ({
  ...named("busybox toybox", { options: "any", wraps: true, plain: true, judge: judgeApplet }),
  // moreutils
  pee: {
    options: "no-ignore-sigpipe no-ignore-write-errors ignore-sigpipe ignore-write-errors",
    wraps: true,
    plain: true,
    judge: (call) => [
      harmless(call.rule, "copies its input to commands"),
      ...call.scan.operands.flatMap((word) => shell(call, word.value)),
    ],
  },
  mispipe: {
    options: "",
    plain: true,
    judge: (call) => call.scan.operands.flatMap((word) => shell(call, word.value)),
  },
  ...named("ifne chronic zrun", {
    options: "n v e",
    style: "first",
    plain: true,
    wraps: true,
    judge: (call) =>
      call.scan.operands.length === 0 ? [harmless(call.rule)] : call.nested(call.scan.operands),
  }),
  sponge: {
    options: "a",
    judge: (call) => [harmless(call.rule, "copies its input"), ...writeAll(call, call.scan.operands)],
  },
});

function judgeApplet(call: Call): Finding[] {
  const [first, ...rest] = call.args;
  if (first === undefined || /^(--list|--list-full|--help|--long)$/.test(textOf(first)))
    return [harmless(call.rule, "lists its applets")];
  if (leadingText(first).startsWith("-") || !sharedApplets.has(first.value ?? ""))
    return [explicit(call, "applet", `${first.text} is not known as an applet`, "execute-opaque", "none")];
  return call.nested([first, ...rest]);
}

function shell(call: Call, text: string | null): Finding[] {
  return text === null
    ? [explicit(call, "opaque", "hands computed text to a shell", "execute-opaque", "none")]
    : call.script(text);
}
