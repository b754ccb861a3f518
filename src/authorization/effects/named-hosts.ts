import type { Word } from "../parsed-command.ts";
import type { Finding } from "./finding.ts";
import type { Scan } from "./options.ts";
import { type Call, type Group, liveRead, type Row, type Tool, textOf, valuesOf } from "./row.ts";

/** Queries that go to the machine named on the command line: egress is asked about it like about any other. */

const here = /^(localhost|127\.[\d.]+|::1|0\.0\.0\.0|\/.*|\.|unix|)$/;

/** `host`, `host:port`, `[::1]:port`, an address, `user@host`; several with commas. */
function hostsIn(words: readonly Word[]): string[] {
  return words
    .flatMap((word) => textOf(word).split(","))
    .map((text) =>
      text
        .trim()
        .replace(/^[a-z+]+:\/\/(?=\/)/i, "")
        .replace(/^[a-z][a-z\d+.-]*:\/\//i, "")
        .replace(/^[^@/]*@/, "")
        .replace(/^\[(.*?)\].*$/, "$1"),
    )
    .map((text) => (/^[\da-f]*:[\da-f:]*:[\da-f.:]*$/i.test(text) ? text : text.replace(/(?!^)[:/].*$/s, "")))
    .map((host) => host.toLowerCase())
    .filter((host) => !here.test(host));
}

/** A look at this machine, or at those that are named. */
export function asksHosts(call: { rule: string }, words: readonly Word[]): Finding {
  const hosts = hostsIn(words);
  return hosts.length === 0 ? liveRead(call.rule) : { ...liveRead(call.rule, hosts.join(" ")), needs: hosts };
}

function named(rule: string, words: readonly Word[]): Finding[] {
  return hostsIn(words).length === 0 ? [] : [asksHosts({ rule }, words)];
}

/** The same tool, where these options name a host, and so do the operands from `operand` on. */
export function ofHosts<T extends Tool>(tool: T, options: readonly string[], operands = false): T {
  if ("subs" in tool) return groupOfHosts(tool, options) as T;
  const row: Row = tool;
  const judge = (call: Call): Finding[] => [
    ...row.judge(call),
    ...named(call.rule, [
      ...valuesOf(call.scan, ...options),
      ...(operands ? call.scan.operands.slice(0, 1) : []),
    ]),
  ];
  return { ...row, judge } as T;
}

function groupOfHosts(group: Group, options: readonly string[]): Group {
  const before: Group["before"] = (scan: Scan, place) => {
    const own = group.before?.(scan, place) ?? { place, findings: [] };
    return { ...own, findings: [...own.findings, ...named("asks.host", valuesOf(scan, ...options))] };
  };
  // What several names shared is shared still.
  const made = new Map<Tool, Tool>();
  const subs = Object.fromEntries(
    Object.entries(group.subs).map(([name, tool]) => {
      const known = made.get(tool) ?? ofHosts(tool, options);
      made.set(tool, known);
      return [name, known];
    }),
  );
  return { ...group, before, subs };
}
