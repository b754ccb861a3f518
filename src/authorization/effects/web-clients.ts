import { literalWord, type Word } from "../parsed-command.ts";
import { judgeRead } from "../paths.ts";
import { isSecretName } from "./coreutils.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  always,
  type Call,
  explicit,
  has,
  named,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { gets, outbound } from "./urls.ts";
import { isOwnHost } from "./web-address.ts";

// Left out, and so asked about: what sends (-d without -G, -F, -T, --json, -Q), what holds a credential (-u, -n, -b FILE,
// -E, --key, --oauth2-bearer, --location-trusted), what names more options (-K, --next, --variable, --expand-*).
const curlSwitches =
  "# 0 1 2 3 4 6 B f G g i I J j k L l M N O p q R S s v V Z a anyauth basic digest ca-native cert-status compressed compressed-ssh create-dirs crlf disable disable-eprt disable-epsv disallow-username-in-url doh-cert-status doh-insecure fail fail-early fail-with-body false-start ftp-pasv ftp-skip-pasv-ip ftp-ssl-ccc get globoff haproxy-protocol head help=? http0.9 http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only ignore-content-length include insecure ipv4 ipv6 junk-session-cookies list-only location manual mptcp no-alpn no-buffer no-clobber no-keepalive no-npn no-progress-meter no-sessionid no-compressed no-location no-insecure parallel parallel-immediate path-as-is progress-bar progress-meter proxy-http2 proxy-insecure proxytunnel raw remote-header-name remote-name remote-name-all remote-time remove-on-error retry-all-errors retry-connrefused sasl-ir show-error show-headers silent ssl ssl-allow-beast ssl-auto-client-cert ssl-no-revoke ssl-reqd ssl-revoke-best-effort sslv2 sslv3 styled-output no-styled-output suppress-connect-headers tcp-fastopen tcp-nodelay tls-earlydata tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding trace-ids trace-time verbose version xattr";
const curlValues =
  "A= abstract-unix-socket= alt-svc= b= C= c= cacert= capath= ciphers= connect-timeout= connect-to= continue-at= cookie= cookie-jar= create-file-mode= crlfile= curves= D= d= data= data-ascii= data-raw= data-urlencode= dns-interface= dns-ipv4-addr= dns-ipv6-addr= dns-servers= doh-url= dump-header= e= etag-compare= etag-save= expect100-timeout= ftp-method= H= happy-eyeballs-timeout-ms= header= hsts= interface= ip-tos= keepalive-cnt= keepalive-time= libcurl= limit-rate= local-port= m= max-filesize= max-redirs= max-time= noproxy= o= output= output-dir= parallel-max= parallel-max-host= pinnedpubkey= preproxy= proto= proto-default= proto-redir= proxy= proxy-header= proxy1.0= r= range= rate= referer= request= request-target= resolve= retry= retry-delay= retry-max-time= socks4= socks4a= socks5= socks5-hostname= speed-limit= speed-time= stderr= t= time-cond= tls-max= tls13-ciphers= trace= trace-ascii= trace-config= unix-socket= url= url-query= user-agent= vlan-priority= w= write-out= X= x= Y= y= z=";

// Left out: what sends (--post-*, --body-*), credentials (--user, --password, --ask-password, --use-askpass, --load-cookies,
// --certificate, --private-key), --config. `n` is the first half of -nv, -nc, -nd, -nH and -np.
const wgetOptions =
  "4 6 A= a= accept= accept-regex= adjust-extension append-output= b B= background backups=? base= bind-address= c ca-certificate= ca-directory= check-certificate=? ciphers= compression= connect-timeout= content-disposition content-on-error continue convert-links crl-file= cut-dirs= D= d debug default-page= delete-after directories directory-prefix= dns-servers= dns-timeout= domains= E e= exclude-directories= exclude-domains= execute= F follow-ftp follow-tags= force-directories force-html h H header= help host-directories https-only I= i= ignore-case ignore-length ignore-tags= include-directories= inet4-only inet6-only input-file= iri j K k keep-session-cookies L l= level= limit-rate= local-encoding= m max-redirect= method= mirror N n= no-cache no-check-certificate no-clobber no-config no-cookies no-directories no-dns-cache no-glob no-host-directories no-hsts no-http-keep-alive no-if-modified-since no-iri no-netrc no-parent no-passive-ftp no-proxy no-remove-listing no-use-server-timestamps no-verbose no-warc-compression nv o= O= output-document= output-file= P= p page-requisites prefer-family= progress= protocol-directories proxy=? Q= q quiet quota= r R= random-wait read-timeout= recursive referer= regex-type= reject= reject-regex= rejected-log= relative remote-encoding= report-speed= restrict-file-names= retry-connrefused retry-on-host-error retry-on-http-error= S s save-cookies= save-headers secure-protocol= server-response show-progress span-hosts spider start-pos= T= t= timeout= timestamping tries= trust-server-names U= unlink user-agent= V v verbose version w= wait= waitretry= x X= x directory-prefix=";

/** Programs that get something from the web. */
export const webClients = (): Table => ({
  curl: { options: `${curlSwitches} ${curlValues}`, plain: true, judge: judgeCurl },
  ...named("wget wget2", { options: wgetOptions, plain: true, judge: judgeWget }),
  ...named("http https xh xhs", {
    options:
      "a= all auth-type= B b body c= C= check-status compress continue d debug default-scheme= download f F follow form formatted h H headers help history-print= I ignore-netrc ignore-stdin j json m meta max-headers= max-redirects= no-stream o= offline output= p= P= path-as-is pretty= print= proxy= q quiet response-charset= response-mime= S s= sorted ssl= stream style= timeout= unsorted v verbose verify= version 4 6 ipv4 ipv6 http-version= curl curl-long",
    plain: true,
    judge: judgeHttpie,
  }),
  aria2c: {
    options:
      "x= max-connection-per-server= s= split= j= max-concurrent-downloads= d= dir= o= out= c continue=? k= min-split-size= q quiet=? i= input-file= checksum= max-tries= m= retry-wait= t= timeout= U= user-agent= file-allocation= summary-interval= console-log-level= allow-overwrite=? auto-file-renaming=? dry-run=? max-download-limit= check-certificate=? Z force-sequential=? S show-files=? v version h=? help=?",
    plain: true,
    judge: judgeAria,
  },
  ...named("curlie wuzz", always("explicit", "network-send", "remote", "sends whatever it is told to")),
  grpcurl: {
    options:
      "plaintext insecure d= H= import-path= proto= max-time= connect-timeout= v vv version help cacert= authority= emit-defaults",
    style: "word",
    plain: true,
    judge: judgeGrpcurl,
  },
  ...named("speedtest speedtest-cli fast", {
    options:
      "simple no-upload no-download bytes json csv list L s= server= server-id= f= format= p= progress= accept-license accept-gdpr secure version V h servers single",
    plain: true,
    judge: (call) => [
      {
        ...finding("brief", call.rule, "measures the line to a public server", [
          effect("network-read", "speedtest.net", "remote"),
        ]),
        needs: ["speedtest.net"],
      },
    ],
  }),
});

function judgeCurl(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "V", "version", "h", "help", "M", "manual")) return [harmless(call.rule, "prints help")];
  const addresses = [...scan.operands, ...valuesOf(scan, "url")];
  // Over a socket of this machine the host of the address is only a name.
  const sockets = valuesOf(scan, "unix-socket", "abstract-unix-socket");
  const found = addresses
    .flatMap((word) => spelledAddresses(call, word))
    .flatMap((word) => gets(call, word, isDetoured(scan)))
    .map((one) => (sockets.length > 0 ? { ...one, needs: [] } : one));
  // A daemon's socket is a door to all that it can do and has been told, such as the environment of containers.
  if (sockets.length > 0 && !addresses.every((word) => /^[^?#]*\/(_ping|version|info)$/.test(textOf(word))))
    found.push(explicit(call, "socket", "talks to a daemon of this machine", "credential-read", "host"));
  if (sockets.length > 0 && has(scan, "L", "location"))
    found.push(explicit(call, "socket", "follows a redirection of a local daemon", "network-send", "host"));
  found.push(
    ...curlSends(call),
    ...secretHeaders(call, valuesOf(scan, "H", "header", "proxy-header", "A", "user-agent", "e", "referer")),
  );
  found.push(...curlFiles(call), ...curlDetours(call));
  const format = valuesOf(scan, "w", "write-out").find(
    (word) => word.value === null || /^@|%output/.test(word.value),
  );
  if (format !== undefined)
    found.push(explicit(call, "format", "the output format can read or write files", "write", "host"));
  const schemes = [...valuesOf(scan, "proto-default")].filter((word) => !/^https?$/.test(textOf(word)));
  const odd =
    addresses.find(
      (word) => !/^((https?|ftps?):\/\/|[\w.-]+(:\d+)?(\/|$|\?)|\[[\da-f:]+\])/i.test(textOf(word)),
    ) ?? schemes[0];
  if (odd !== undefined)
    found.push(explicit(call, "scheme", `${odd.text} is not a web address`, "network-send", "remote"));
  return found.length === 0 ? [explicit(call, "address", "no address", "unknown", "remote")] : found;
}

/** The addresses that its own `{a,b}` make, with what other options put into path and query. */
function spelledAddresses(call: Call, word: Word): Word[] {
  const { scan } = call;
  if (word.value === null) return [word];
  const isGlob = !has(scan, "g", "globoff") && /[{[]/.test(word.value) && !/\/\/\[/.test(word.value);
  const inQuery = [
    ...(has(scan, "G", "get") ? valuesOf(scan, "d", "data", "data-ascii", "data-raw", "data-urlencode") : []),
    ...valuesOf(scan, "url-query"),
  ].map((word) => textOf(word).replace(/[\\\s#]/g, encodeURIComponent));
  const texts = isGlob ? spelled(word.value) : [word.value];
  const targets = valuesOf(scan, "request-target").map(textOf);
  return texts.flatMap((text) => {
    const origin = text.replace(/^((?:\w+:\/\/)?[^/?#]*).*$/s, "$1");
    const asked =
      inQuery.length === 0 ? text : `${text}${text.includes("?") ? "&" : "?"}${inQuery.join("&")}`;
    return [asked, ...targets.map((target) => `${origin}${target.startsWith("/") ? "" : "/"}${target}`)].map(
      (each) => (each === word.value ? word : literalWord(each)),
    );
  });
}

/** Sent to a machine of the house, whatever name the address has. */
function isDetoured(scan: Call["scan"]): boolean {
  return valuesOf(scan, "resolve", "connect-to")
    .flatMap((word) => detourOf(textOf(word)))
    .some(isOwnHost);
}

function curlSends(call: Call): Finding[] {
  const { scan } = call;
  const found: Finding[] = [];
  const methods = valuesOf(scan, "X", "request").map(textOf);
  const method = methods.find((each) => !/^(GET|HEAD|OPTIONS|PROPFIND)$/.test(each));
  if (method !== undefined)
    found.push(
      explicit(call, "method", "changes something on the other side", "network-send", "remote", method),
    );
  const inAddress = has(scan, "G", "get") && methods.length === 0;
  const data = valuesOf(scan, "d", "data", "data-ascii", "data-raw", "data-urlencode");
  if (data.length > 0 && !inAddress)
    found.push(explicit(call, "data", "sends data", "network-send", "remote"));
  // `@file`, and `name@file` where it is encoded, put a file into the address.
  const hidden = [...data, ...valuesOf(scan, "url-query")].find(
    (word) => word.value === null || /^[^=]*@/.test(word.value) || word.value.length > 1024,
  );
  if (hidden !== undefined && (inAddress || has(scan, "url-query")))
    found.push(
      explicit(call, "data", `${hidden.text} may carry a file into the address`, "network-send", "remote"),
    );
  const cookie = valuesOf(scan, "b", "cookie").find((word) => word.value !== "");
  if (cookie !== undefined)
    found.push(explicit(call, "cookie", "sends a cookie, which may be a session", "network-send", "remote"));
  const target = valuesOf(scan, "request-target", "r", "range").find(
    (word) => word.value === null || word.value.length > 1024,
  );
  if (target !== undefined)
    found.push(
      explicit(call, "target", "what it asks for is only known at run time", "network-send", "remote"),
    );
  return found;
}

/** A header with a secret's name, or one that is not known here, is a credential that leaves. */
function secretHeaders(call: Call, words: readonly Word[]): Finding[] {
  return words
    .filter((word) => {
      const name = word.value?.split(/[:;]/)[0] ?? "";
      return (
        word.value === null ||
        isSecretName(name) ||
        /^(authorization|cookie|x-api|private|@)/i.test(name) ||
        /bearer |basic [\w+/]{8}/i.test(word.value)
      );
    })
    .map((word) =>
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

function curlFiles(call: Call): Finding[] {
  const { scan } = call;
  const written = valuesOf(
    scan,
    "o",
    "output",
    "D",
    "dump-header",
    "output-dir",
    "c",
    "cookie-jar",
    "stderr",
    "trace",
    "trace-ascii",
    "libcurl",
    "etag-save",
    "hsts",
    "alt-svc",
  );
  // `#1` in a name is what the address has at its first pattern.
  const patterned = written.find((word) => /#\d/.test(textOf(word)));
  if (patterned !== undefined && call.scan.operands.some((word) => /[{[]/.test(textOf(word))))
    return [explicit(call, "name", `${patterned.text} takes its name from the address`, "write", "worktree")];
  // `%` and `-` are curl's own words for its standard streams; an empty name of --hsts keeps it in memory.
  const found = writeAll(
    call,
    written.filter((word) => !/^[-%]?$/.test(word.value ?? "?")),
  );
  found.push(
    ...readAll(call, valuesOf(scan, "cacert", "capath", "crlfile", "etag-compare", "hsts", "alt-svc")),
  );
  if (!has(scan, "O", "remote-name", "remote-name-all")) return found;
  // A server may choose the name when -J is given.
  if (has(scan, "J", "remote-header-name"))
    return [...found, explicit(call, "name", "the server chooses the file name", "write", "worktree")];
  return [
    ...found,
    ...writeAll(call, scan.operands.flatMap((word) => spelled(lastName(textOf(word)))).map(literalWord)),
  ];
}

/** The names that curl's own `{a,b}` and `[1-3]` make; a bracket may stand for any character of a name. */
function spelled(name: string): string[] {
  const listed = /^(.*?)\{([^}]*)\}(.*)$/s.exec(name);
  if (listed !== null)
    return (listed[2] ?? "").split(",", 20).flatMap((each) => spelled(`${listed[1]}${each}${listed[3]}`));
  return [name.replace(/\[(.)\]/g, "$1")];
}

/** These send the request somewhere else than the address says: the egress control must know. */
function curlDetours(call: Call): Finding[] {
  const { scan } = call;
  const proxies = valuesOf(
    scan,
    "x",
    "proxy",
    "preproxy",
    "proxy1.0",
    "socks4",
    "socks4a",
    "socks5",
    "socks5-hostname",
    "doh-url",
  );
  const found = proxies
    .filter((word) => word.value !== "")
    .flatMap((word) => outbound(call, literalWord(textOf(word).replace(/^socks\w+:/i, "http:"))));
  const open = [...proxies, ...valuesOf(scan, "resolve", "connect-to", "dns-servers")].find(
    (word) => word.value === null,
  );
  if (open !== undefined)
    found.push(
      explicit(
        call,
        "detour",
        `where ${open.text} leads is only known at run time`,
        "network-send",
        "remote",
      ),
    );
  const hosts = valuesOf(scan, "resolve", "connect-to").flatMap((word) => detourOf(textOf(word)));
  hosts.push(...valuesOf(scan, "dns-servers").flatMap((word) => textOf(word).split(",")));
  if (hosts.length > 0)
    found.push({
      ...finding("brief", call.rule, "is sent to another address", [
        effect("network-read", hosts.join(" "), "remote"),
      ]),
      needs: hosts,
    });
  return found;
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
  if (has(scan, "V", "version", "h", "help") && scan.operands.length === 0)
    return [harmless(call.rule, "prints help")];
  const found = scan.operands.flatMap((word) => gets(call, word));
  const halves = valuesOf(scan, "n").find((word) => !/^[vcdHp]+$/.test(word.value ?? "?"));
  const commands = valuesOf(scan, "e", "execute").find(
    (word) => !/^robots ?= ?(off|on)$/.test(word.value ?? "?"),
  );
  const odd = halves ?? commands;
  if (odd !== undefined)
    found.push(explicit(call, "option", `${odd.text} is not known to be harmless`, "unknown", "none"));
  if (valuesOf(scan, "method").some((word) => !/^(GET|HEAD)$/.test(textOf(word))))
    found.push(explicit(call, "method", "changes something on the other side", "network-send", "remote"));
  found.push(...secretHeaders(call, valuesOf(scan, "header", "referer", "U", "user-agent")));
  if (has(scan, "content-disposition", "trust-server-names") && !has(scan, "O", "output-document"))
    found.push(explicit(call, "name", "the server chooses the file name", "write", "worktree"));
  const targets = valuesOf(scan, "O", "output-document", "P", "directory-prefix").filter(
    (word) => word.value !== "-",
  );
  found.push(
    ...writeAll(call, [
      ...targets,
      ...valuesOf(scan, "o", "output-file", "a", "append-output", "save-cookies", "rejected-log").filter(
        (word) => word.value !== "-",
      ),
    ]),
  );
  const lists = valuesOf(scan, "i", "input-file");
  found.push(
    ...lists.flatMap((word) =>
      /:\/\//.test(textOf(word)) ? outbound(call, word) : judgeRead(call.place, word),
    ),
  );
  if (lists.length > 0)
    found.push(
      finding("brief", call.rule, "reads the addresses in a file", [
        effect("network-read", "addresses in a file", "remote"),
      ]),
    );
  // Without folders for the hosts, what the addresses and the pages say is a path of the worktree.
  const isTree = has(scan, "r", "recursive", "m", "mirror", "p", "page-requisites", "x", "force-directories");
  const isBare =
    has(scan, "no-host-directories", "default-page") ||
    valuesOf(scan, "n").some((word) => /[Hd]/.test(textOf(word))) ||
    has(scan, "no-directories");
  if (isTree && isBare && !targets.some((word) => !/^\.?\/?$/.test(textOf(word))))
    found.push(explicit(call, "tree", "lays what it gets over the worktree", "write", "worktree"));
  const page = valuesOf(scan, "default-page");
  if (!isTree) found.push(...writeAll(call, page));
  const isSaved = !has(scan, "O", "output-document", "spider", "P", "directory-prefix");
  if (isSaved)
    found.push(
      ...writeAll(
        call,
        scan.operands.map((word) => literalWord(lastName(textOf(word)))),
      ),
    );
  return found.length === 0 ? [explicit(call, "address", "no address", "unknown", "remote")] : found;
}

/** `http [METHOD] URL [ITEM…]`: an item with `=` or `:=` is a body, `:` a header, `==` part of the address. */
function judgeHttpie(call: Call): Finding[] {
  const { scan, stdin } = call;
  const words = [...scan.operands];
  if (has(scan, "a", "auth-type", "s", "S", "C")) {
    const isStyle =
      !has(scan, "a", "auth-type", "C") &&
      valuesOf(scan, "s").every((word) => /^[a-z-]+$/.test(textOf(word)));
    if (!isStyle) return [explicit(call, "credentials", "sends a credential", "network-send", "remote")];
  }
  if (words.length === 0) return [harmless(call.rule, "prints help")];
  const method = /^[A-Z]+$/.test(textOf(words[0])) ? textOf(words.shift()) : "GET";
  const [address, ...items] = words;
  const odd = items.find(
    (word) =>
      !/^[\w.-]+==[^@]*$|^(Accept|Accept-[\w-]+|Host|User-Agent|Cache-Control|Range|If-[\w-]+|Origin|Referer):[^@]*$/i.test(
        word.value ?? "?",
      ),
  );
  const feeds = stdin.kind !== "inherited" && !has(scan, "I", "ignore-stdin");
  if (!/^(GET|HEAD|OPTIONS)$/.test(method) || odd !== undefined || feeds)
    return [explicit(call, "send", "sends data or a value that may be a secret", "network-send", "remote")];
  const local =
    address === undefined
      ? undefined
      : literalWord(textOf(address).replace(/^:(\d+)?/, (_, port) => `localhost:${port ?? 80}`));
  const found =
    local === undefined || address?.value == null
      ? [explicit(call, "address", "the address is only known at run time", "network-send", "remote")]
      : gets(call, withItems(local, items));
  found.push(
    ...valuesOf(scan, "proxy").flatMap((word) =>
      outbound(call, literalWord(textOf(word).replace(/^\w+:(?=\w+:)/, ""))),
    ),
  );
  found.push(...writeAll(call, valuesOf(scan, "o", "output")));
  if (has(scan, "d", "download") && !has(scan, "o", "output"))
    found.push(explicit(call, "name", "the server chooses the file name", "write", "worktree"));
  return found;
}

/** `name==value` is a part of the query. */
function withItems(address: Word, items: readonly Word[]): Word {
  const query = items.map(textOf).filter((text) => text.includes("=="));
  if (query.length === 0) return address;
  const text = textOf(address);
  return literalWord(`${text}${text.includes("?") ? "&" : "?"}${query.join("&").replaceAll("==", "=")}`);
}

function judgeAria(call: Call): Finding[] {
  const { scan } = call;
  if (scan.operands.length === 0 && has(scan, "v", "version", "h", "help"))
    return [harmless(call.rule, "prints help")];
  if (
    scan.operands.length === 0 ||
    has(scan, "i", "input-file") ||
    scan.operands.some((word) => !/^(https?|ftp):\/\/(?!.*\.(torrent|meta4|metalink)$)/.test(textOf(word)))
  )
    return [
      explicit(
        call,
        "peers",
        "shares with peers, or what it gets is not on the command line",
        "expose",
        "remote",
      ),
    ];
  const targets = valuesOf(scan, "d", "dir", "o", "out");
  return [
    ...scan.operands.flatMap((word) => gets(call, word)),
    ...writeAll(
      call,
      targets.length > 0 ? targets : scan.operands.map((word) => literalWord(lastName(textOf(word)))),
    ),
  ];
}

function judgeGrpcurl(call: Call): Finding[] {
  const [address, verb] = call.scan.operands;
  if (has(call.scan, "version", "help") && address === undefined) return [harmless(call.rule, "prints help")];
  const isRead = verb !== undefined && /^(list|describe)$/.test(textOf(verb)) && !has(call.scan, "d");
  if (!isRead || secretHeaders(call, valuesOf(call.scan, "H")).length > 0)
    return [explicit(call, "call", "calls a method of a service", "network-send", "remote")];
  return outbound(call, address);
}
