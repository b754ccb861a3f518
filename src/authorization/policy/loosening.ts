import type { TrustItem } from "../trust.ts";
import type { Policy, Rule } from "./schema.ts";

/** What a policy makes laxer than it would be without it, in words, and the same policy without it. */

export type Loosening = { path: PropertyKey[]; text: string };

/** Standing approvals are not among them: each is signed by itself, and does nothing before that. */
export function looseningsOf(policy: Policy): Loosening[] {
  const lowering = policy.rules.flatMap((rule, index): Loosening[] =>
    rule.tier === "none" ? [{ path: ["rules", index], text: describeLowering(rule, index) }] : [],
  );
  const opened = policy.egress.map((entry, index): Loosening => {
    const names = policy.hosts[entry]?.names;
    const who = names === undefined ? entry : `${entry} (${names.join(", ")})`;
    return { path: ["egress", index], text: `the network is opened to ${who}` };
  });
  return [...lowering, ...opened];
}

/** What of it counts while nobody has trusted it. */
export function withoutLoosening(policy: Policy): Policy {
  return { ...policy, egress: [], untrusted: true };
}

/** Bound to the whole policy: a raising rule that goes away changes what a lowering one means. */
export function policyTrustItem(policy: Policy, digest: string): TrustItem | null {
  const loosenings = looseningsOf(policy);
  if (loosenings.length === 0) return null;
  return {
    what: "what .nimrod/policy.json loosens",
    text: [...loosenings.map(({ text }) => text), `policy digest ${digest}`].join("\n"),
  };
}

function describeLowering({ match, during, outside, reason }: Rule, index: number): string {
  const { command, path, host } = match;
  const what = [
    ...(command === undefined ? [] : [`commands like ${command.join(" or ")}`]),
    ...(path === undefined ? [] : [`changes of ${path.join(" or ")}`]),
    ...(host === undefined ? [] : [`talk to ${host.join(" or ")}`]),
  ];
  return [
    `rules.${index}: ${what.join(", with ")}`,
    "done without a word instead of under an assumption",
    ...whenText({ during, outside }),
    ...(reason === undefined ? [] : [reason]),
  ].join("; ");
}

export function whenText({
  during,
  outside,
}: {
  during?: string | undefined;
  outside?: string | undefined;
}): string[] {
  return [
    ...(during === undefined ? [] : [`during ${during}`]),
    ...(outside === undefined ? [] : [`outside ${outside}`]),
  ];
}
