import { readsUnder } from "./host.ts";
import { always, type Call, explicit, live, liveRead, named, type Table, textOf } from "./row.ts";

/** What lets packets in and keeps them out. */
export const firewall: Table = {
  conntrack: {
    options: "L S C p= s= d= f= o= dump count stats",
    plain: true,
    judge: (call) =>
      call.args.some((word) => /^-[LSC]|--(dump|count|stats)/.test(textOf(word)))
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes connections", "firewall", "host")],
  },
  ...named("iptables ip6tables ebtables arptables", {
    options: "any",
    plain: true,
    judge: (call) =>
      isFirewallList(call)
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes the firewall", "firewall", "host")],
  }),
  ...named("iptables-save ip6tables-save", live("t= c")),
  nft: readsUnder("list", "firewall", {
    refused: /^(-f|--file.*|-i|--interactive|flush|add|delete|insert|.*;.*)$/,
  }),
  ufw: readsUnder("status version", "firewall"),
  "firewall-cmd": {
    options:
      "state list-all list-ports list-services get-zones get-active-zones list-all-zones get-default-zone zone= version",
    plain: true,
    judge: (call) => [liveRead(call.rule)],
  },
  "fail2ban-client": readsUnder("status ping version", "firewall"),
  ...named(
    "iptables-restore ip6tables-restore nft-restore ipset firewalld shorewall csf",
    always("explicit", "firewall", "host", "changes the firewall"),
  ),
};

function isFirewallList(call: Call): boolean {
  const words = call.args.map((word) => word.value ?? "?");
  return (
    words.some((word) => /^-(v?n?v?[LS]\w*|-list(-rules)?)$/.test(word)) &&
    words.every((word) =>
      /^(-[vnxLSt]+|--(list|list-rules|numeric|verbose|line-numbers|exact|table)|[A-Za-z][\w-]*)$/.test(word),
    )
  );
}
