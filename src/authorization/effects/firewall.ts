import { type Finding, harmless } from "./finding.ts";
import {
  always,
  type Call,
  explicit,
  has,
  live,
  liveRead,
  named,
  readAll,
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";

/** What lets packets in and keeps them out. */
export const firewall = (): Table => ({
  conntrack: {
    options:
      "L dump=? list=? S stats C count E=? event=? e= p= proto= s= src= orig-src= d= dst= orig-dst= f= family= sport= dport= orig-port-src= orig-port-dst= state= q= r= reply-src= reply-dst= m= mark= l= label= o= output= u= status= t= timeout= n=? src-nat=? g=? dst-nat=? j any-nat=? w= zone= orig-zone= V version h help b= buffer-size= id= i=",
    plain: true,
    judge: (call) =>
      has(
        call.scan,
        "L",
        "S",
        "C",
        "E",
        "dump",
        "list",
        "count",
        "stats",
        "event",
        "V",
        "version",
        "h",
        "help",
      )
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes connections", "firewall", "host")],
  },
  ...named(
    "iptables ip6tables ebtables arptables iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy",
    {
      options: "any",
      plain: true,
      judge: (call) =>
        isFirewallList(call)
          ? [liveRead(call.rule)]
          : [explicit(call, "", "changes the firewall", "firewall", "host")],
    },
  ),
  ...named(
    "iptables-save ip6tables-save arptables-save ebtables-save",
    live("t= table= c counters V version h help"),
  ),
  ...named("iptables-restore ip6tables-restore", {
    options: "t test c counters n noflush v verbose V version h help w=? wait=? T= table=",
    plain: true,
    judge: (call) =>
      has(call.scan, "t", "test", "V", "version", "h", "help")
        ? [harmless(`${call.rule}.test`, "only checks"), ...readAll(call, call.scan.operands)]
        : [explicit(call, "", "replaces the firewall", "firewall", "host")],
  }),
  nft: {
    options:
      "a handle n numeric nn nnn j json s stateless t terse N reversedns S service u guid p numeric-protocol y numeric-priority T numeric-time c check f= file= I= includepath= D= define= o optimize v version V h help d= debug=",
    style: "first",
    plain: true,
    judge: judgeNft,
  },
  ufw: { options: "dry-run", style: "first", plain: true, judge: judgeUfw },
  "firewall-cmd": { options: "any", plain: true, judge: judgeFirewalld },
  "fail2ban-client": {
    options: "c= s= p= pname= x d dp dump-pretty t test i v verbose q b h help V version str2sec= timeout=",
    style: "first",
    plain: true,
    judge: judgeFail2ban,
  },
  "fail2ban-regex": {
    options: "any",
    judge: (call) => [harmless(call.rule, "tries a filter on a log"), ...readAll(call, call.scan.operands)],
  },
  ipset: { options: "any", plain: true, judge: judgeIpset },
  ...named(
    "nft-restore firewalld shorewall shorewall6 csf ferm firehol pfctl",
    always("explicit", "firewall", "host", "changes the firewall"),
  ),
  ...named("cscli", {
    options:
      "o= output= c= a all l= limit= debug info error no-api since= until= ip= scope= type= origin= machine=",
    plain: true,
    judge: (call) => {
      const [what, verb] = call.scan.operands.map(textOf);
      const isRead =
        what === "metrics" || what === "version" || /^(list|status|show|inspect)$/.test(verb ?? "");
      return isRead && !has(call.scan, "c")
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes who is banned, or what is watched", "firewall", "host")];
    },
  }),
});

/** Listing, and asking whether a rule is there. `-Z` beside `-L` clears the counters; two commands at once are refused by iptables itself. */
function isFirewallList(call: Call): boolean {
  const words = call.args.map((word) => word.value ?? "?");
  if (words.includes("?")) return false;
  const first = words.findIndex(
    (word, index) =>
      !/^(-t|--table|-w|--wait|-n|-v|-4|-6)$/.test(word) &&
      !/^(-t|--table)$/.test(words[index - 1] ?? "") &&
      !/^\d+$/.test(word),
  );
  if (
    /^(-C|--check)$/.test(words[first] ?? "") &&
    !words.some((word) => /^(-[ADIRFZNXPEM]\w*|--mod.*)$/.test(word))
  )
    return true;
  return (
    words.some((word) => /^(-[nvx46]*[LS]\w*|--list(-rules)?|-V|--version|-h|--help)$/.test(word)) &&
    words.every((word) =>
      /^(-[vnxLSt46wVh]+|--(list|list-rules|numeric|verbose|line-numbers|exact|table|wait|version|help|ipv4|ipv6|Ln|Lc|Lx|Lmac2|concurrent)|--table=\w+|[A-Za-z][\w.-]*|\d+)$/.test(
        word,
      ),
    )
  );
}

function judgeNft(call: Call): Finding[] {
  const { scan } = call;
  const words = scan.operands.map((word) => word.value ?? "?");
  if (has(scan, "v", "version", "V", "h", "help")) return [harmless(call.rule, "prints help")];
  const text = words.join(" ");
  const files = valuesOf(scan, "f", "file");
  const rule = `nft.${words[0]?.split(" ")[0] ?? ""}`;
  const change = explicit({ rule }, "", "changes the firewall", "firewall", "host", text);
  // The ruleset may be one quoted argument, with several commands.
  if (words.includes("?") || /[;\n{]/.test(text)) return [change];
  if (has(scan, "c", "check") && words.length === 0 && files.length > 0 && !has(scan, "I", "includepath"))
    return [harmless("nft.check", "only checks"), ...readAll(call, files)];
  if (files.length > 0 || has(scan, "I", "includepath")) return [change];
  const options = /^(-[ansjtyNSupT]+|--(handle|numeric|json|stateless|terse))$/;
  const isRead = /^(list|get|monitor|describe)( |$)/.test(text);
  const isTail = scan.operands
    .slice(1)
    .every((word) => !textOf(word).startsWith("-") || options.test(textOf(word)));
  return isRead && isTail ? [liveRead(rule)] : [change];
}

function judgeUfw(call: Call): Finding[] {
  const words = call.scan.operands.map((word) => word.value ?? "?");
  const [verb, second] = words;
  if (words.includes("?") || words.slice(1).includes("--force"))
    return [explicit(call, "", "changes the firewall", "firewall", "host")];
  if (has(call.scan, "dry-run") && verb !== undefined)
    return [harmless("ufw.dry-run", "shows what it would do")];
  const isRead =
    (verb === "status" && words.length <= 2) ||
    (verb === "show" && words.length === 2) ||
    (verb === "app" && /^(list|info)$/.test(second ?? "")) ||
    verb === "version" ||
    verb === "help";
  return isRead
    ? [liveRead(`ufw.${verb ?? ""}`)]
    : [
        explicit(
          { rule: `ufw.${verb ?? ""}` },
          "",
          "changes the firewall",
          "firewall",
          "host",
          words.join(" "),
        ),
      ];
}

// Values stand after `=` or alone; an option that is not here is a change.
const firewalldRead =
  /^(--(state|version|help|verbose|quiet|permanent|direct|name-only|check-config|list-[a-z-]+|get-[a-z-]+(=.*)?|info-[a-z]+=.*|path-[a-z]+=.*|query-[a-z-]+(=.*)?|(zone|policy|ipset|service|helper|icmptype)=.*|zone|policy|info-[a-z]+)|-[Vhqv]|[A-Za-z][\w-]*)$/;

function judgeFirewalld(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const asks = words.some((word) =>
    /^--(state|version|help|check-config|list-|get-|info-|path-|query-)|^-[Vh]$/.test(word),
  );
  return asks && words.every((word) => firewalldRead.test(word) && !/^--get-?$/.test(word))
    ? [liveRead(call.rule)]
    : [explicit(call, "", "changes the firewall", "firewall", "host", words.join(" "))];
}

function judgeFail2ban(call: Call): Finding[] {
  const { scan } = call;
  const words = scan.operands.map((word) => word.value ?? "?");
  const change = explicit(call, "", "changes what is banned", "firewall", "host", words.join(" "));
  // Answers of the server are unpacked as objects, so that another socket is another program.
  const isElsewhere = valuesOf(scan, "s").some(
    (word) => !/^(\/var)?\/run\/[\w./-]+$/.test(word.value ?? "?"),
  );
  if (words.includes("?") || isElsewhere || has(scan, "x", "b", "i", "c")) return [change];
  if (words.length === 0)
    return has(scan, "d", "dp", "dump-pretty", "t", "test", "V", "version", "h", "help", "str2sec")
      ? [harmless(call.rule, "only checks")]
      : [change];
  const isRead = /^(status|ping|version|get|banned|stats|statistic|help|echo)$/.test(words[0] ?? "");
  return isRead ? [liveRead(`fail2ban-client.${words[0] ?? ""}`)] : [change];
}

function judgeIpset(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const verb =
    words.find(
      (word) =>
        !/^(-[qrnts]|-o|-quiet|-sorted|-resolve|-output|plain|save|xml|json)$/.test(word) || word === "save",
    ) ?? "";
  const isRead =
    /^(list|-L|--list|save|-S|--save|test|-T|--test|version|-v|--version|help)$/.test(verb) &&
    !words.some((word) => word === "?" || /^(-f|-fi\w*|--f.*)$/.test(word)) &&
    !words.some((word) =>
      /^(-[NXFEWADRI!]|add|del|create|destroy|flush|swap|rename|restore|--(create|destroy|flush|add|del).*)$/.test(
        word,
      ),
    );
  return isRead
    ? [liveRead(call.rule)]
    : [explicit(call, "", "changes a set of the firewall", "firewall", "host", words.join(" "))];
}
