import { effect, type Finding, finding, harmless } from "./finding.ts";
import { asksHosts } from "./named-hosts.ts";
import {
  type Call,
  explicit,
  has,
  live,
  named,
  prints,
  type Row,
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";

/** Names, addresses and routes asked of the network: nothing of ours is carried but the name itself. */
export const lookups = (): Table => ({
  ...named(
    "dig kdig delv dog doggo",
    asks({ refused: /^(-[46dhimnruv]*[fky].*|[-+]{1,2}(tls-)?(key|cert|tsig).*)$/ }),
  ),
  host: asks({ declared: "a A C d l N= r R= s T t= U v V w W= 4 6 c= i m= p=" }),
  drill: asks({ declared: "4 6 a b= c= C D h I= k= N o= p= Q r s S t T u v V= x y= z", secret: ["y", "k"] }),
  nslookup: asks({ refused: /^-$/ }),
  whois: asks({
    declared:
      "h= host= p= port= H verbose a b B c C d F= g= G i= K= l L m M q= r R s= t= T= v= x I Q S= version help n",
    bare: true,
  }),
  ...named(
    "ping ping6 ping4 oping noping",
    asks({
      declared:
        "4 6 a A B C c= d D e= F= h H I= i= L l= m= M= n N= O p= P= q Q= r R S= s= t= T= U v V w= W= 3 z= k= X Y x",
    }),
  ),
  fping: asks({
    declared:
      "4 6 a A b= B= c= C= D d e H= i= I= k= l m M n N o O= p= q Q= r= R s S= t= T= u v x= X= J alive unreach",
  }),
  ...named(
    "traceroute traceroute6 tracepath tracepath6",
    asks({
      declared:
        "4 6 A a b d D e F I T U UL n N= f= g= i= l= m= M= O= p= P= q= r s= S S= t= V w= z= mtu fwmark= back sport= max-hops= queries= first= wait= tcp icmp version help resolve-hostname",
    }),
  ),
  mtr: asks({
    declared:
      "4 6 a= b B= c= C d= e f= g G= h i= I= j l L= m= M= n N= o= p P= Q= r R s= S= t T u U= v w x y= z Z= report report-wide report-cycles= no-dns show-ips aslookup ipinfo= tcp udp sctp port= localport= json csv xml raw interval= max-ttl= first-ttl= max-unknown= max-display-path= address= psize= bitpattern= tos= mpls order= curses split displaymode= gracetime= timeout= interface= version help",
  }),
  ...named(
    "avahi-resolve avahi-resolve-host-name avahi-resolve-address",
    asks({ declared: "n a v 4 6 V h name address verbose" }),
  ),
  "avahi-browse": asks({
    declared:
      "a d= v t c l r f N k p b D domain= verbose terminate cache ignore-local resolve no-fail no-db-lookup parsable all dump-db browse-domains",
    bare: true,
  }),
  "systemd-resolve": asks({ declared: "4 6 i= p= t= c= status statistics", bare: true }),
  resolvectl: {
    options:
      "4 6 i= interface= p= protocol= t= type= c= class= service-address=? service-txt=? cname=? validate=? synthesize=? cache=? zone=? trust-anchor=? network=? search=? raw=? legend=? stale-data=? relax-single-label=? json= j no-pager version help",
    style: "gnu",
    plain: true,
    judge: judgeResolvectl,
  },
  ntpq: { options: "c= command= n numeric p peers 4 ipv4 6 ipv6 d", plain: true, judge: judgeNtpq },
  ntpstat: live(),
  sntp: asks({ declared: "4 6 d t= K=" }),
  ...named("ipcalc sipcalc subnetcalc ipcalc-ng idn idn2", prints()),
  "ssh-keyscan": {
    ...keyscan,
    // A network instead of a name is a scan.
    judge: (call) =>
      call.scan.operands.some((word) => word.value?.includes("/") === true)
        ? [explicit(call, "scan", "scans a network", "network-send", "remote")]
        : keyscan.judge(call),
  },
  ...named("snmpget snmpwalk snmpbulkwalk snmpbulkget snmpgetnext snmptable snmpstatus", {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.some((word) => word.value === null)
        ? [explicit(call, "computed", "what it asks for could carry data out", "network-send", "remote")]
        : [
            finding("brief", call.rule, "asks a device with a community name", [
              effect(
                "network-read",
                call.args.map(textOf).find((text) => /[.:]\w/.test(text) && !text.startsWith("-")) ??
                  "remote:snmp",
                "remote",
              ),
            ]),
          ],
  }),
  ...named("upsc", live("l L")),
  ldapsearch: {
    options: "x b= s= H= h= p= L= LL LLL v n Z= ZZ l= z= a= A t D= P= o= e= E= S= u M= c I Q N Y= f=",
    style: "word",
    plain: true,
    judge: (call) =>
      has(call.scan, "f", "D", "o", "e", "E", "Y") || call.scan.operands.some((word) => word.value === null)
        ? [
            explicit(
              call,
              "credentials",
              "binds with a credential, or reads more than a search",
              "credential-read",
              "remote",
            ),
          ]
        : [
            finding("brief", call.rule, "searches a directory", [
              effect("network-read", "remote:ldap", "remote"),
            ]),
          ],
  },
});

const keyscan = asks({ declared: "4 6 c D f= H O= p= q T= t= v", refusedOptions: ["f"] });

type Asking = {
  /** Options that are known; without it, all but `refused`. */
  declared?: string;
  refused?: RegExp;
  /** Options that hold or name a secret. */
  secret?: readonly string[];
  refusedOptions?: readonly string[];
  needed?: readonly string[];
  /** May stand without an operand. */
  bare?: boolean;
};

function asks(how: Asking): Row {
  return {
    options: how.declared ?? "any",
    plain: true,
    judge: (call) => {
      const refused = [...(how.secret ?? []), ...(how.refusedOptions ?? [])];
      const isOdd =
        (how.refused !== undefined && call.args.some((word) => how.refused?.test(textOf(word)) === true)) ||
        has(call.scan, ...refused) ||
        (how.needed !== undefined && !has(call.scan, ...how.needed));
      if (isOdd)
        return [
          explicit(call, "option", "reads keys or a list of names, or floods", "network-send", "remote"),
        ];
      return lookUp(call, how.bare === true);
    },
  };
}

/** A name asked for can itself carry data out, so it must be known. */
function lookUp(call: Call, bare: boolean): Finding[] {
  if (call.args.some((word) => word.value === null))
    return [explicit(call, "computed", "what it asks for could carry data out", "network-send", "remote")];
  const words = call.args
    .filter((word) => !/^[-+]/.test(textOf(word)))
    .map((word) => textOf(word).replace(/^@/, ""));
  if (call.args.length === 0 && !bare) {
    // nslookup and dig without a name read names from their input.
    if (call.stdin.kind !== "inherited" || call.rule === "nslookup")
      return [explicit(call, "input", "asks for whatever it is fed", "network-send", "remote")];
    return [harmless(call.rule, "prints help")];
  }
  const isPiped = call.stdin.kind !== "inherited" && words.length === 0;
  if (isPiped) return [explicit(call, "input", "asks for whatever it is fed", "network-send", "remote")];
  const hosts = words.filter(
    (text) =>
      (/[.:]/.test(text) && !/^[.:\d]+$|^\d+(\.\d+)?$/.test(text)) ||
      /^(\d+\.){3}\d+$|^[\da-f]*:[\da-f:]+$/i.test(text),
  );
  return [
    {
      ...finding("none", call.rule, "looks a name or host up", [
        effect("network-read", hosts.join(" ") || call.rule, "remote"),
      ]),
      needs: hosts,
    },
  ];
}

/** The settings of a link are shown without a value and changed with one. */
function judgeResolvectl(call: Call): Finding[] {
  const [verb, ...rest] = call.scan.operands.map(textOf);
  if (call.scan.operands.some((word) => word.value === null))
    return [explicit(call, "computed", "what it asks for could carry data out", "network-send", "remote")];
  const shows =
    verb === undefined ||
    /^(status|statistics|show-cache|show-server-state|monitor)$/.test(verb) ||
    (/^(dns|domain|default-route|llmnr|mdns|dnsovertls|dnssec|nta)$/.test(verb) && rest.length <= 1);
  if (shows)
    return [
      {
        ...harmless(call.rule, "shows name resolution"),
        live: true,
        effects: [effect("read", "host", "host")],
      },
    ];
  return /^(query|service|openpgp|tlsa)$/.test(verb ?? "")
    ? lookUp({ ...call, args: call.scan.operands.slice(1) }, false)
    : [explicit(call, "", "changes name resolution", "service", "host")];
}

// Names may be shortened; those that write begin otherwise.
const ntpLook =
  /^(rv|rl|cv|cl|pe|as|readvar|readlist|clockvar|clocklist|[alop]*peers|[lp]*associations|pstats|monstats|mru\w*|ifstats|iostats|reslist|kerninfo|sysinfo|sysstats|timerstats|authinfo|ntpversion|version|host|timeout|raw|cooked|hostnames|help|\?)(\s+[\w &=.,:-]*)?$/;

function judgeNtpq(call: Call): Finding[] {
  const commands = valuesOf(call.scan, "c", "command");
  const isAsked = commands.length > 0 || has(call.scan, "p", "peers");
  const odd = commands.find((word) => !ntpLook.test(word.value?.trim() ?? "~"));
  // Without one it takes them from its input.
  if (odd !== undefined || (!isAsked && call.stdin.kind !== "inherited"))
    return [explicit(call, "command", "may change the server's settings", "service", "host")];
  return [asksHosts(call, call.scan.operands)];
}
