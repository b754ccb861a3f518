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
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";

/** Tunnels between machines, and the networks made of them. */
export const vpn = (): Table => ({
  headscale: verbs({
    options: "o= output=",
    reads: "node.list nodes.list user.list users.list routes.list policy.get version. health.",
    kind: "firewall",
    changes: "changes a network, or prints its keys",
  }),
  wg: { options: "", plain: true, judge: judgeWireguard },
  ...named(
    "wg-quick awg-quick",
    always("explicit", "firewall", "host", "changes a tunnel, or prints its keys"),
  ),
  tailscale: { options: "socket=", style: "first", plain: true, judge: judgeTailscale },
  openvpn: {
    options:
      "version help show-ciphers show-digests show-tls show-engines show-curves show-groups show-gateway",
    plain: true,
    judge: (call) =>
      call.scan.given.size > 0 && call.scan.operands.length === 0
        ? [harmless(call.rule, "lists what it knows")]
        : [explicit(call, "", "opens a tunnel", "firewall", "host")],
  },
  "zerotier-cli": {
    options: "j h v",
    plain: true,
    judge: (call) => readsIf(call, /^(info|status|listnetworks|listpeers|peers|get|listmoons)$/),
  },
  netbird: {
    options: "d detail ipv4 json yaml h help",
    plain: true,
    judge: (call) => readsIf(call, /^(status|version)$/),
  },
  nebula: {
    options: "version",
    plain: true,
    judge: (call) => (has(call.scan, "version") ? [harmless(call.rule)] : [tunnel(call)]),
  },
  ...named("ipsec strongswan", {
    options: "",
    plain: true,
    judge: (call) =>
      readsIf(call, /^(status|statusall|version|--version|listcerts|listalgs|listplugins|leases)$/),
  }),
  swanctl: live(
    "l list-sas L list-conns x list-certs A list-pools g list-algs S stats P list-pols B list-authorities v version raw pretty ike= n noblock",
  ),
  ...named("pppoe-start pppoe-stop warp-cli mullvad nordvpn protonvpn-cli  netmaker tinc tincd", {
    options: "",
    plain: true,
    judge: (call) =>
      call.scan.operands.length > 1
        ? [tunnel(call)]
        : readsIf(call, /^(status|version|settings|account-info)$/),
  }),
});

function tunnel(call: { rule: string }): Finding {
  return explicit(call, "", "changes a tunnel", "firewall", "host");
}

function readsIf(call: Call, verbs: RegExp): Finding[] {
  const known = call.args.every((word) => word.value !== null);
  return known && verbs.test(textOf(call.scan.operands[0])) ? [liveRead(call.rule)] : [tunnel(call)];
}

const wireguardFields =
  /^(public-key|listen-port|fwmark|peers|endpoints|allowed-ips|latest-handshakes|persistent-keepalive|transfer)$/;

/** `dump` and the keys by name print what `wg show` hides. */
function judgeWireguard(call: Call): Finding[] {
  const [verb, , field, ...more] = call.scan.operands.map((word) => word.value ?? "?");
  const isRead =
    verb === undefined ||
    (verb === "show" && (field === undefined || wireguardFields.test(field)) && more.length === 0) ||
    verb === "help";
  const isOpen = call.scan.operands.some((word) => word.splits);
  if (isRead && !isOpen) return [liveRead("wg.show")];
  if (/^(show|showconf|genkey|genpsk|pubkey)$/.test(verb ?? ""))
    return [explicit(call, "keys", "prints or makes keys", "credential-read", "host")];
  return [tunnel(call)];
}

const tailscaleReads = new Map<string, RegExp>([
  ["status", /^(--(json|active|peers|self|web=false)(=(true|false))?)$/],
  ["ip", /^(-4|-6|-1|--4|--6|--1|[\w.-]+)$/],
  [
    "ping",
    /^(-c|--c|--timeout|--(tsmp|icmp|peerapi|until-direct|verbose)(=\w+)?|--c=\d+|--timeout=\w+|[\w.:-]+)$/,
  ],
  ["netcheck", /^(--format=[\w-]+|--every=\w+|--verbose)$/],
  ["whois", /^(--json|--proto=\w+|[\w.:]+)$/],
  ["version", /^--(json|daemon|upstream)$/],
  ["metrics", /^(print)$/],
  ["licenses", /^$/],
  ["completion", /^\w+$/],
]);
const tailscaleLists =
  /^((dns (status|query)|serve status|funnel status|exit-node (list|suggest)|lock status|drive list|switch --list|syspolicy list)( |$)|(lock( log)?|update --check|update --dry-run|switch --list|help( \w+)*|--version)$)/;

function judgeTailscale(call: Call): Finding[] {
  const words = call.scan.operands.map((word) => word.value ?? "?");
  const [verb = "", ...rest] = words;
  if (words.includes("?")) return [tunnel(call)];
  const known = tailscaleReads.get(verb);
  const isRead =
    (known !== undefined && rest.every((word) => known.test(word))) ||
    tailscaleLists.test(words.join(" ")) ||
    (verb === "" && valuesOf(call.scan, "socket").length === 0) ||
    (rest.length === 1 && rest[0] === "--help");
  if (isRead) return [liveRead(`tailscale.${verb}`)];
  return /^(serve|funnel|web|file|ssh|nc|bugreport)$/.test(verb)
    ? [explicit({ rule: `tailscale.${verb}` }, "", "opens or sends something to others", "expose", "remote")]
    : [tunnel({ rule: `tailscale.${verb}` })];
}
