import { literalWord } from "../parsed-command.ts";
import { judgeRead } from "../paths.ts";
import { type Finding, harmless } from "./finding.ts";
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
  writeAll,
} from "./row.ts";
import { outbound } from "./urls.ts";

/** Programs that open connections, listen, scan, capture or send. */
export const network = (): Table => ({
  ...named("nc ncat netcat nc.openbsd nc.traditional", {
    options: "4 6 D d h n N u v w= z q= I= O= T= W=",
    plain: true,
    judge: judgeProbe,
  }),
  ...named(
    "socat websocat ngrok cloudflared iodine chisel sshuttle autossh frpc frps bore rathole localtunnel lt zrok sslh stunnel",
    always("explicit", "network-send", "remote", "opens a connection that can carry anything"),
  ),
  nmap: {
    options: "V version iflist h help",
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [
            call.args.some((word) => word.value === "--iflist")
              ? liveRead(call.rule)
              : harmless(call.rule, "prints help"),
          ]
        : [explicit(call, "", "scans a network", "network-send", "remote")],
  },
  ...named(
    "masscan wireshark dumpcap arp-scan arping zmap rustscan nikto ettercap hping3 nping nbtscan netdiscover bettercap ngrep tcpflow iftop nethogs sniffit p0f kismet airodump-ng",
    always("explicit", "network-send", "remote", "scans or captures a network"),
  ),
  tcpdump: {
    options:
      "# A b B= c= count d D dd ddd e E= F= f H h help i= K l L list-interfaces list-data-link-types M= n N nn number O p q Q= r= S s= t tt ttt tttt ttttt T= time-stamp-precision= U u v vv vvv version V= w= x xx X XX y= absolute-tcp-sequence-numbers print",
    plain: true,
    judge: judgeTcpdump,
  },
  tshark: {
    options:
      "2 a= c= C= d= D e= E= F= G=? h help j= J= l L M= n N= o= O= P q Q r= R= S= t= T= u= V v version w= W= x Y= z= color no-duplicate-keys disable-protocol= enable-protocol= hexdump=",
    judge: judgeTshark,
  },
  capinfos: { options: "any", judge: (call) => [harmless(call.rule), ...readAll(call, call.scan.operands)] },
  ...named(
    "vnstat",
    live(
      "# d h m w t y days= hours= months= top= l live i= json=? xml oneline=? short s= q dbiflist iflist limit= begin= end= 5 hg version",
    ),
  ),
  // No -q: it sends what waits.
  ...named("mailq lldpctl", live("f= v F= a= V s")),
  postqueue: live("p j v"),
  ...named(
    "mail sendmail mailx mutt neomutt msmtp swaks s-nail ssmtp mpack",
    always("explicit", "network-send", "remote", "sends mail"),
  ),
  ...named(
    "kcat kafkacat nats wscat telegram-send ntfy apprise",
    always("explicit", "network-send", "remote", "sends a message"),
  ),
  ...named("iperf iperf3", {
    options:
      "c= client= t= time= p= port= P= parallel= R reverse u udp b= bandwidth= bitrate= J json json-stream 4 6 i= interval= f= format= n= bytes= k= blockcount= l= len= w= window= M= set-mss= N no-delay O= omit= bidir V verbose get-server-output connect-timeout= C= congestion= Z zerocopy T= title= S= tos= dscp= A= affinity= B= bind= bind-dev= cport= version v h help timestamps=? forceflush L= flowlabel= dont-fragment rcv-timeout= snd-timeout= sctp X= nstreams= cntl-ka=",
    plain: true,
    judge: (call) => {
      if (has(call.scan, "v", "version", "h", "help")) return [harmless(call.rule, "prints help")];
      return has(call.scan, "c", "client")
        ? outbound(call, valuesOf(call.scan, "c", "client")[0])
        : [explicit(call, "server", "listens", "expose", "host")];
    },
  }),
  ...named("ethstatus ifstat nload bmon iptraf-ng", prints()),
});

/** `nc -z HOST PORT…` only sees whether somebody answers; a range of ports is a scan. */
function judgeProbe(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "h") && scan.operands.length === 0) return [harmless(call.rule, "prints help")];
  const [host, ...ports] = scan.operands;
  const few =
    ports.length > 0 &&
    ports.length <= 8 &&
    ports.every((word) => /^(\d+|[a-z][a-z0-9]*)$/.test(word.value ?? "?"));
  if (!has(scan, "z") || !few)
    return [explicit(call, "", "opens a connection that can carry anything", "network-send", "remote")];
  return outbound(call, host);
}

/** From a file it is a reader. `-z` runs a program and is not declared. */
function judgeTcpdump(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "version", "h", "help")) return [harmless(call.rule, "prints help")];
  // What it cannot read as a filter or a key, it shows.
  const secrets = [
    ...valuesOf(scan, "F"),
    ...valuesOf(scan, "E").flatMap((word) => {
      const file = /^file\s+(\S+)|^[^@]*@(\S+)/.exec(textOf(word));
      return file === null ? [] : [literalWord(file[1] ?? file[2] ?? "")];
    }),
  ].flatMap((word) => judgeRead(call.place, word));
  if (secrets.some((one) => one.tier !== "none")) return secrets;
  if (has(scan, "D", "list-interfaces", "L", "list-data-link-types")) return [liveRead(call.rule)];
  if (has(scan, "d", "dd", "ddd") && has(scan, "y"))
    return [harmless(call.rule, "prints the compiled filter")];
  if (!has(scan, "r") || has(scan, "i", "B", "V"))
    return [explicit(call, "", "captures a network", "network-send", "remote")];
  return [
    harmless("tcpdump.read", "reads a capture"),
    ...readAll(
      call,
      valuesOf(scan, "r", "F").filter((word) => word.value !== "-"),
    ),
    ...writeAll(
      call,
      valuesOf(scan, "w").filter((word) => word.value !== "-"),
    ),
  ];
}

function judgeTshark(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "v", "version", "h", "help", "G")) return [harmless(call.rule, "prints help")];
  if (has(scan, "D")) return [liveRead(call.rule)];
  // A profile or a preference can name a script, or a file that is written.
  const calm = valuesOf(scan, "o").every((word) =>
    /^(tcp|udp|ip|ipv6|http|gui|tls\.desegment|frame|nameres)[.\w]*:[\w.]+$/.test(word.value ?? "?"),
  );
  if (
    !has(scan, "r") ||
    has(scan, "C") ||
    !calm ||
    valuesOf(scan, "z").some((word) => !/^[\w.,:-]+$/.test(word.value ?? "?"))
  )
    return [explicit(call, "", "captures a network, or loads more than a capture", "network-send", "remote")];
  return [
    harmless("tshark.read", "reads a capture"),
    ...readAll(call, valuesOf(scan, "r")),
    ...writeAll(call, valuesOf(scan, "w")),
  ];
}
