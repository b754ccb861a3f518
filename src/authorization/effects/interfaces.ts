import type { Finding } from "./finding.ts";
import { readsUnder } from "./host.ts";
import { always, type Call, explicit, live, liveRead, named, type Table, textOf } from "./row.ts";

/** Interfaces, addresses and routes of the machine. */
export const interfaces: Table = {
  nmcli: { options: "any", plain: true, judge: judgeNmcli },
  ip: { options: "any", plain: true, judge: judgeIp },
  ifconfig: {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.length <= 1 && call.args.every((word) => /^(-a|\w+)$/.test(textOf(word)))
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes an interface", "device", "host")],
  },
  ss: live(
    "# t tcp u udp l listening n numeric p processes a all 4 6 e i m s summary o r w x H no-header f= family= A= query= O oneline Z N=",
  ),
  route: readsUnder("-n -e -ne", "device", { bare: true }),
  arp: {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.every((word) => /^-[aenv]+$/.test(textOf(word)))
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes the ARP table", "device", "host")],
  },
  ethtool: {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.every((word) =>
        /^(-i|--driver|-S|--statistics|-k|--show-features|-a|--show-pause|-g|-l|-T|\w[\w.]*)$/.test(
          textOf(word),
        ),
      )
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes a device", "device", "host")],
  },
  ...named(
    "netplan ifup ifdown brctl bridge tc",
    always("explicit", "device", "host", "changes the network"),
  ),
};

function judgeNmcli(call: Call): Finding[] {
  const words = call.args.filter((word) => !textOf(word).startsWith("-")).map((word) => word.value ?? "?");
  const isRead = words.length <= 1 || /^(show|status|list)$/.test(words[1] ?? "");
  return isRead && !words.includes("?")
    ? [liveRead("nmcli.show")]
    : [explicit(call, "", "changes the network", "device", "host")];
}

/** `ip OBJECT [show|list|get …]`: the verb comes after the object and may be left out. */
function judgeIp(call: Call): Finding[] {
  const words = call.args.filter((word) => !/^-[\w-]+$/.test(textOf(word))).map((word) => word.value ?? "?");
  const refused = call.args.some((word) => /^-(b|batch|n|netns|force)/.test(textOf(word)));
  const isRead =
    !refused &&
    !words.includes("?") &&
    words[0] !== "netns" &&
    (words.length <= 1 || /^(show|list|ls|l|sh|get|lst)$/.test(words[1] ?? ""));
  return isRead
    ? [liveRead("ip.show")]
    : [explicit(call, "", "changes the network", "device", "host", words.join(" "))];
}
