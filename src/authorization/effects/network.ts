import { literalWord, type Word } from "../parsed-command.ts";
import { isSecretName } from "./coreutils.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  always,
  type Call,
  explicit,
  has,
  named,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { hostOf, isRemotePath } from "./urls.ts";

const curlOptions =
  "# s silent S show-error f fail fail-with-body L location g globoff I head v verbose i include k insecure o= output= O remote-name J remote-header-name output-dir= create-dirs C= continue-at= m= max-time= connect-timeout= retry= retry-delay= retry-max-time= retry-all-errors retry-connrefused A= user-agent= H= header= e= referer= r= range= X= request= G get w= write-out= compressed 4 6 ipv4 ipv6 http1.0 http1.1 http2 http3 tlsv1.2 tlsv1.3 resolve= connect-to= max-redirs= N no-buffer path-as-is progress-bar # p url= z= time-cond= limit-rate= speed-limit= speed-time= no-progress-meter ssl-reqd parallel Z styled-output no-keepalive cacert= capath= l list-only a anyauth basic D= dump-header= version help=? M manual disable q";

/** Programs that talk to other machines. */
export const network: Table = {
  curl: { options: curlOptions, plain: true, judge: judgeCurl },
  wget: {
    options:
      "# q quiet nv no-verbose v verbose O= output-document= P= directory-prefix= N timestamping nc no-clobber c continue t= tries= T= timeout= w= wait= S server-response spider i= input-file= no-check-certificate U= user-agent= header= r recursive l= level= k p m mirror np no-parent A= R= x nd show-progress progress= max-redirect= 4 6 content-disposition version help b",
    plain: true,
    judge: judgeWget,
  },
  ...named("dig drill nslookup host whois ping ping6 tracepath traceroute mtr ntpq kdig delv dog", lookup()),
  resolvectl: {
    options: "any",
    plain: true,
    judge: (call) =>
      /^(query|service|status|statistics|dns|domain|openpgp|tlsa|show-cache|show-server-state)$/.test(
        textOf(call.args[0]),
      ) && call.args.length <= 3
        ? lookupJudge(call)
        : [explicit(call, "", "changes name resolution", "service", "host")],
  },
  ...named(
    "ssh mosh sftp ftp telnet rsh rlogin",
    always("explicit", "remote-exec", "remote", "acts on another machine or opens a tunnel"),
  ),
  ...named(
    "nc ncat netcat socat websocat grpcurl ngrok cloudflared iodine chisel sshuttle autossh",
    always("explicit", "network-send", "remote", "opens a connection that can carry anything"),
  ),
  ...named(
    "nmap masscan tcpdump tshark wireshark dumpcap arp-scan zmap nikto ettercap hping3 ngrep",
    always("explicit", "network-send", "remote", "scans or captures a network"),
  ),
  ...named(
    "mail sendmail mailx mutt msmtp swaks",
    always("explicit", "network-send", "remote", "sends mail"),
  ),
  scp: { options: "r p q C v 4 6 B P= l= i= c= 3 O T", judge: judgeCopy },
  rsync: {
    options:
      "a archive v verbose z compress r recursive h human-readable n dry-run P partial progress info= stats u update c checksum l links L copy-links t times p perms o owner g group D x one-file-system H A X exclude= include= exclude-from= include-from= filter= f= bwlimit= size-only i itemize-changes W S q quiet e= rsh= mkpath ignore-existing existing max-size= min-size= append append-verify inplace out-format= R relative 8 numeric-ids timeout= k K O",
    judge: judgeRsync,
  },
  iperf3: {
    options: "c= client= t= p= P= R u b= J 4 6 i=",
    plain: true,
    judge: (call) =>
      has(call.scan, "c", "client")
        ? [outbound(call, valuesOf(call.scan, "c", "client")[0])]
        : [explicit(call, "server", "listens", "expose", "host")],
  },
};

function lookup(): Row {
  return { options: "any", plain: true, judge: lookupJudge };
}

/** A name asked for can itself carry data out, so it must be known. */
function lookupJudge(call: Call): Finding[] {
  const isOpen = call.args.some((word) => word.value === null);
  const odd = call.args.some((word) => /^-([fky]|k.+|f.+|-?(flood|f))$/.test(textOf(word)));
  if (isOpen || odd)
    return [explicit(call, "computed", "what it asks for could carry data out", "network-send", "remote")];
  const hosts = call.args
    .filter((word) => !/^[-+]/.test(textOf(word)))
    .map((word) => textOf(word).replace(/^@/, ""))
    .filter((text) => /[.:]/.test(text));
  return [
    {
      ...finding("none", call.rule, "looks a name or host up", [
        effect("network-read", hosts.join(" ") || call.rule, "remote"),
      ]),
      needs: hosts,
    },
  ];
}

function outbound(call: Call, where: Word | undefined): Finding {
  const host = where === undefined ? null : hostOf(where);
  if (host === null)
    return explicit(call, "address", "the address is only known at run time", "network-send", "remote");
  return {
    ...finding("brief", call.rule, `reads from ${host}`, [effect("network-read", host, "remote")]),
    needs: [host],
  };
}

function judgeCurl(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "version", "help", "M", "manual") && scan.operands.length === 0)
    return [harmless(call.rule, "prints help")];
  const methods = valuesOf(scan, "X", "request").map(textOf);
  const found: Finding[] = [...scan.operands, ...valuesOf(scan, "url")].map((word) => outbound(call, word));
  if (methods.some((method) => !/^(GET|HEAD|OPTIONS)$/.test(method)))
    found.push(
      explicit(
        call,
        "method",
        "changes something on the other side",
        "network-send",
        "remote",
        methods.join(" "),
      ),
    );
  for (const word of valuesOf(scan, "H", "header", "A", "user-agent", "e", "referer")) {
    if (
      word.value === null ||
      isSecretName(word.value.split(":")[0] ?? "") ||
      /^(authorization|cookie|x-api|@)/i.test(word.value)
    ) {
      found.push(
        explicit(
          call,
          "header",
          "sends a value that may be a secret",
          "network-send",
          "remote",
          word.text.split(":")[0] ?? "",
        ),
      );
    }
  }
  const targets = [...valuesOf(scan, "o", "output", "D", "dump-header", "output-dir")].filter(
    (word) => word.value !== "-",
  );
  found.push(...writeAll(call, targets));
  if (has(scan, "O", "remote-name")) {
    const names = scan.operands.map((word) => literalWord(lastName(textOf(word))));
    // A server may choose the name when -J is given.
    found.push(
      ...(has(scan, "J", "remote-header-name")
        ? [explicit(call, "name", "the server chooses the file name", "write", "worktree")]
        : writeAll(call, names)),
    );
  }
  const format = valuesOf(scan, "w", "write-out").find(
    (word) => word.value === null || /^@|%output/.test(word.value),
  );
  if (format !== undefined)
    found.push(explicit(call, "format", "the output format can read or write files", "write", "host"));
  // These send the request somewhere else than the address says: the egress control must know.
  const detours = valuesOf(scan, "resolve", "connect-to").flatMap((word) => detourOf(textOf(word)));
  if (detours.length > 0)
    found.push({
      ...finding("brief", call.rule, "is sent to another address", [
        effect("network-read", detours.join(" "), "remote"),
      ]),
      needs: detours,
    });
  const scheme = scan.operands.find((word) => !/^(https?:\/\/|[\w.-]+(:\d+)?(\/|$|\?))/.test(textOf(word)));
  if (scheme !== undefined)
    found.push(explicit(call, "scheme", `${scheme.text} is not a web address`, "network-send", "remote"));
  return found.length === 0 ? [explicit(call, "address", "no address", "unknown", "remote")] : found;
}

/** `host:port:address,…` or `host:port:host:port`. */
function detourOf(text: string): string[] {
  const parts = text.split(":").slice(2).join(":").split(",");
  return parts.map((part) => part.replace(/^\[|\]$/g, "").replace(/:\d+$/, "")).filter((part) => part !== "");
}

function lastName(url: string): string {
  return (
    url
      .replace(/[?#].*$/, "")
      .split("/")
      .at(-1) || "index.html"
  );
}

function judgeWget(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "version", "help") && scan.operands.length === 0) return [harmless(call.rule, "prints help")];
  const found = scan.operands.map((word) => outbound(call, word));
  if (
    valuesOf(scan, "header").some(
      (word) => word.value === null || /^(authorization|cookie)/i.test(word.value),
    )
  )
    found.push(explicit(call, "header", "sends a value that may be a secret", "network-send", "remote"));
  const targets = valuesOf(scan, "O", "output-document", "P", "directory-prefix").filter(
    (word) => word.value !== "-",
  );
  found.push(...writeAll(call, targets), ...readAll(call, valuesOf(scan, "i", "input-file")));
  if (has(scan, "i", "input-file"))
    found.push(
      finding("brief", call.rule, "reads the addresses in a file", [
        effect("network-read", "addresses in a file", "remote"),
      ]),
    );
  if (targets.length === 0 && !has(scan, "spider"))
    found.push(
      ...writeAll(
        call,
        scan.operands.map((word) => literalWord(lastName(textOf(word)))),
      ),
    );
  return found;
}

function judgeCopy(call: Call): Finding[] {
  const from = call.scan.operands.slice(0, -1);
  const to = call.scan.operands.slice(-1);
  if (to.some(isRemotePath) || from.some((word) => word.value === null))
    return [
      explicit(call, "send", "copies to another machine", "network-send", "remote", to.map(textOf).join(" ")),
    ];
  const remote = from.filter(isRemotePath);
  return [
    ...remote.map((word) => outbound(call, word)),
    ...readAll(
      call,
      from.filter((word) => !isRemotePath(word)),
    ),
    ...writeAll(call, to),
  ];
}

function judgeRsync(call: Call): Finding[] {
  const shells = valuesOf(call.scan, "e", "rsh");
  if (shells.some((word) => !/^ssh( -p ?\d+)?$/.test(word.value ?? "")))
    return [explicit(call, "shell", "names a program to connect with", "execute-opaque", "none")];
  if (call.scan.operands.length < 2)
    return [
      harmless(call.rule, "lists"),
      ...call.scan.operands.filter(isRemotePath).map((word) => outbound(call, word)),
    ];
  const found = judgeCopy(call);
  const trailing = call.scan.operands.slice(0, -1).some((word) => textOf(word).endsWith("/"));
  const intoRoot = /^\.\/?$/.test(textOf(call.scan.operands.at(-1)));
  return trailing && intoRoot
    ? [...found, explicit(call, "tree", "unpacks a folder over the worktree", "write", "worktree")]
    : found;
}
