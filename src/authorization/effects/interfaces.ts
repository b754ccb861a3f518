import { type Finding, harmless } from "./finding.ts";
import { verbs } from "./query-verbs.ts";
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

/** Interfaces, addresses and routes of the machine. */
export const interfaces = (): Table => ({
  wpa_cli: verbs({
    options: "i= p=",
    reads: "status scan_results. list_networks. ping. interface. signal_poll.",
    kind: "device",
    changes: "changes a wireless connection",
    bare: "acts",
  }),
  ip: { options: "any", wraps: true, plain: true, judge: judgeIp },
  tc: {
    options: "any",
    plain: true,
    judge: (call) => judgeShow(call, /^(qdisc|q|class|c|filter|f|actions?|chain|monitor|m|help)$/),
  },
  bridge: {
    options: "any",
    plain: true,
    judge: (call) => judgeShow(call, /^(link|l|fdb|f|mdb|vlan|v|vni|monitor|mst|help)$/),
  },
  ...named("devlink rdma dcb", {
    options: "any",
    plain: true,
    judge: (call) => judgeShow(call, /^(dev|port|link|resource|res|system|sys|monitor|health|info|help)$/),
  }),
  nmcli: {
    options:
      "a ask c= colors= e= escape= f= fields= g= get-values= m= mode= o overview p pretty t terse v version w= wait= h help rescan= active order=",
    plain: true,
    judge: judgeNmcli,
  },
  ifconfig: {
    options: "a s v",
    plain: true,
    judge: (call) =>
      call.scan.operands.length <= 1 && call.args.every((word) => word.value !== null)
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes an interface", "device", "host")],
  },
  ...named("iwconfig", {
    options: "a version help",
    plain: true,
    judge: (call) =>
      call.scan.operands.length <= 1 && call.args.every((word) => word.value !== null)
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes a wireless link", "device", "host")],
  }),
  iwlist: {
    options: "",
    plain: true,
    judge: (call) =>
      call.scan.operands
        .slice(1)
        .every((word) =>
          /^(freq(uency)?|channel|rate|bitrate|encryption|keys|txpower|retry|ap|auth|wpakeys|event|modulation|power)$/.test(
            textOf(word),
          ),
        ) && !call.scan.operands.some((word) => /key|encryption/.test(textOf(word)))
        ? [liveRead(call.rule)]
        : [explicit(call, "", "scans for networks, or shows a key", "network-send", "host")],
  },
  iwgetid: live("a c f m p r s raw freq channel mode protocol scheme ap"),
  iw: { options: "any", plain: true, judge: judgeIw },
  ss: {
    options:
      "# t tcp u udp l listening n numeric p processes a all 4 6 0 e extended i info m memory s summary o options r resolve w raw x unix d dccp S sctp M mptcp H no-header f= family= A= query= socket= O oneline Z context z contexts N= net= T threads E events B bound-inactive b bpf Q no-queues V version h help tos cgroup tipc vsock xdp inet-sockopt packet F= filter= bpf-maps bpf-map-id=",
    plain: true,
    // A filter that it does not understand is shown.
    judge: (call) => [liveRead(call.rule), ...readAll(call, valuesOf(call.scan, "F", "filter"))],
  },
  ...named(
    "nstat rtacct lnstat",
    live(
      "a ignore z zeros s noupdate j json p pretty h V version help n nooutput d dump k= keys= i= interval= c= count= f= file= w= width=",
    ),
  ),
  route: {
    options: "n e ee F C v V A= 4 6 inet inet6",
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes a route", "device", "host")],
  },
  arp: {
    options: "a e n v i= H= t= D V h",
    plain: true,
    judge: (call) =>
      call.scan.operands.length <= 1 && call.args.every((word) => word.value !== null)
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes the ARP table", "device", "host")],
  },
  ethtool: { options: "any", plain: true, judge: judgeEthtool },
  ...named("mii-tool", {
    options: "v verbose V version",
    plain: true,
    judge: (call) => [liveRead(call.rule)],
  }),
  brctl: {
    options: "",
    plain: true,
    judge: (call) =>
      /^(show|showmacs|showstp)$/.test(textOf(call.scan.operands[0]))
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes a bridge", "device", "host")],
  },
  netplan: {
    options: "debug root-dir=",
    plain: true,
    judge: (call) =>
      /^(get|info|status|help)$/.test(textOf(call.scan.operands[0])) && !has(call.scan, "root-dir")
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes the network", "device", "host")],
  },
  lldpcli: {
    options: "f= v d",
    plain: true,
    judge: (call) =>
      textOf(call.scan.operands[0]) === "show"
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes what is announced", "device", "host")],
  },
  ...named(
    "ifup ifdown ifquery dhclient dhcpcd udhcpc wpa_supplicant  hostapd pppd macchanger ifenslave vconfig tunctl iwpriv",
    always("explicit", "device", "host", "changes the network"),
  ),
});

const shows = /^(info|show|sho|sh|list|ls|lst|get|l)$/;

// `-batch` and `-force` are left out: the first reads more commands.
const ipSwitches =
  /^-{1,2}(V|Version|h|human|human-readable|s|stats|statistics|d|details|4|6|B|M|0|o|oneline|r|resolve|N|Numeric|a|all|c|color|(c|color)=(always|auto|never)|t|timestamp|ts|tshort|br|brief|j|json|p|pretty|iec|echo)$/;
const ipValues = /^-{1,2}(l|loops|f|family|n|net|netns|rc|rcvbuf)$/;

/** `ip [OPTIONS] OBJECT [show|list|get …]`: the verb comes after the object and may be left out. */
function judgeIp(call: Call): Finding[] {
  let at = 0;
  while (textOf(call.args[at]).startsWith("-")) {
    const option = call.args[at]?.value ?? "?";
    if (!ipSwitches.test(option) && !ipValues.test(option))
      return [explicit(call, "option", `${option} may change the network`, "device", "host")];
    at += ipValues.test(option) ? 2 : 1;
  }
  const isForAll = call.args.slice(0, at).some((word) => /^-{1,2}a(ll)?$/.test(textOf(word)));
  const operands = call.args.slice(at);
  const words = operands.map((word) => word.value ?? "?");
  const [object = "", verb] = words;
  if (object === "" || object === "help") return [harmless("ip.help", "prints help")];
  const within = /^(netns|vrf)$/.test(object) && verb === "exec" ? operands.slice(isForAll ? 2 : 3) : null;
  if (within !== null) return within.length === 0 ? [harmless("ip.help")] : call.nested(within);
  const isNamespace =
    object === "netns" && (verb === undefined || /^(list|ls|list-id|identify|pids|monitor|show)$/.test(verb));
  // Its state lists the keys of the tunnels.
  const isKeyed = /^x/.test(object) && !/^p/.test(verb ?? "") && !words.includes("nokeys");
  const isRead =
    !words.includes("?") &&
    !isKeyed &&
    object !== "sr" &&
    (isNamespace ||
      /^m[o]?[n]/.test(object) ||
      (object !== "netns" &&
        (verb === undefined ||
          shows.test(verb) ||
          (/^x/.test(object) && shows.test(words[2] ?? "show") && /^p\w*$/.test(verb)) ||
          verb === "help" ||
          // `mptcp endpoint show`: the verb is the third word, and may be shortened like all others.
          (/^(mptcp|ioam)$/.test(object) && shows.test(words[2] ?? "show") && verb.length > 2))));
  return isRead
    ? [liveRead("ip.show")]
    : [explicit(call, "", "changes the network", "device", "host", words.join(" "))];
}

/** tc, bridge and their kin: `[OPTIONS] OBJECT [show …]`. */
function judgeShow(call: Call, objects: RegExp): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const at = words.findIndex(
    (word, index) => !word.startsWith("-") && !/^-(n|net|netns|c?bridge)$/.test(words[index - 1] ?? ""),
  );
  const before = words.slice(0, at === -1 ? words.length : at);
  const odd = before.find(
    (word) =>
      word.startsWith("-") &&
      !/^-{1,2}(V|Version|h|help|s|stat\w*|d|details|r|raw|p|pretty|j|json|i|iec|g|graph|n|net|netns|o|oneline|t|timestamp|ts|br|brief|c|color|cc|compressvlans|nm|Numeric|N|k|u|v|verbose)$/.test(
        word,
      ),
  );
  const [object, verb] = at === -1 ? [] : words.slice(at);
  const isRead =
    odd === undefined &&
    !words.includes("?") &&
    (object === undefined ||
      (objects.test(object) &&
        (verb === undefined || shows.test(verb) || verb === "help" || /^mo/.test(object))));
  return isRead
    ? [liveRead(`${call.rule}.show`)]
    : [explicit(call, "", "changes the network", "device", "host", words.join(" "))];
}

/** Objects and verbs may be shortened; `-s` shows secrets and is not declared. */
function judgeNmcli(call: Call): Finding[] {
  const words = call.scan.operands.map((word) => word.value ?? "?");
  const [object = "", verb = "", ...rest] = words;
  const is = (name: string, least: number): boolean => object.length >= least && name.startsWith(object);
  const starts = (word: string, ...names: string[]): boolean =>
    word !== "" && names.some((name) => name.startsWith(word));
  const fields = valuesOf(call.scan, "f", "fields", "g", "get-values").map((word) => word.value ?? "?");
  if (
    fields.some((text) =>
      /(^|[.,])(psk|pin|leap-|wep-|key-mgmt\.)|password|secret|private-key|preshared|\?/.test(text),
    )
  )
    return [explicit(call, "secret", "shows the keys of a network", "credential-read", "host")];
  const isRead =
    object === "" ||
    verb === "help" ||
    is("monitor", 1) ||
    (is("general", 1) &&
      (verb === "" ||
        starts(verb, "status", "permissions") ||
        (rest.length === 0 && starts(verb, "hostname", "logging")))) ||
    (is("networking", 1) && (verb === "" || (starts(verb, "connectivity") && verb.length > 1))) ||
    (is("radio", 1) && (verb === "" || (rest.length === 0 && /^(all|wifi|wwan)$/.test(verb)))) ||
    (is("connection", 1) && (verb === "" || starts(verb, "show"))) ||
    (is("device", 1) &&
      (verb === "" ||
        /^(s|sh|sho|show|st|sta|stat|statu|status)$/.test(verb) ||
        (starts(verb, "wifi") && (rest.length === 0 || /^l(i(st?)?)?$/.test(rest[0] ?? ""))) ||
        (starts(verb, "lldp") && verb.length > 1)));
  return isRead && !words.includes("?")
    ? [liveRead("nmcli.show")]
    : [explicit(call, "", "changes the network, or shows a secret", "device", "host", words.join(" "))];
}

function judgeIw(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const text = words.join(" ");
  const isRead =
    words.length === 0 ||
    /^(dev|list|phy|event( -[tfr]+)*|reg get|--version|help|features)$/.test(text) ||
    /^(dev \S+|phy \S+|\S+) (info|link|channels|station (dump|get \S+)|survey dump|scan dump|get \w+|mpath dump|reg get)( -\w)?$/.test(
      text,
    );
  return isRead && !words.includes("?")
    ? [liveRead("iw.show")]
    : [explicit(call, "", "changes a wireless link or scans", "device", "host", text)];
}

const ethtoolShows =
  /^(-[acdegiklmnPSTux]|-I|--json|--include-statistics|--show-(pause|coalesce|ring|features|offload|permaddr|nfc|ntuple|rxfh|rxfh-indir|channels|time-stamping|eee|fec|priv-flags|module|tunnels|mm)|--(register-dump|eeprom-dump|driver|statistics|phy-statistics|module-info|dump-module-eeprom|get-phy-tunable|get-plca-cfg|get-plca-status|version)|-h|--help|--all-groups|--groups)$/;

function judgeEthtool(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const isRead = words.every((word) => ethtoolShows.test(word) || /^[A-Za-z0-9][\w.:-]*$/.test(word));
  const isMerelyNamed = words.some((word) => word.startsWith("-")) || words.length <= 1;
  return isRead && isMerelyNamed
    ? [liveRead(call.rule)]
    : [explicit(call, "", "changes a device", "device", "host", words.join(" "))];
}
