import type { ClassifyContext, Place } from "../context.ts";
import { judgeScript } from "../effects/judge-command.ts";
import { literalWord } from "../parsed-command.ts";
import { judgeWrite } from "../paths.ts";
import { lowersAll } from "./lower.ts";
import { matchesRule } from "./match.ts";
import type { Policy, Rule, Standing } from "./schema.ts";
import { misfit, sampleOf } from "./shape.ts";

/** The examples of a policy, each with what comes of it. A policy with one that does not hold is broken. */

export type Example = {
  /** `rules.0.examples.match.1`, as a path into the file. */
  path: PropertyKey[];
  does: "raises" | "lowers" | "covers";
  /** What its author says. */
  expected: boolean;
  text: string;
  held: boolean;
};

const context: ClassifyContext = {
  worktree: "/worktree",
  role: null,
  mayWrite: true,
  sandbox: "bwrap",
  realPath: (path) => path,
  frozen: () => false,
  home: "/home/operator",
  state: "/home/operator/.local/state/nimrod",
  host: "example",
};
const place: Place = { context, cwds: [context.worktree], cwdKnown: true, bindings: new Map() };

export function runExamples(policy: Policy): Example[] {
  return [
    ...policy.rules.flatMap((rule, index) =>
      rowsOf(["rules", index], rule.tier === "none" ? "lowers" : "raises", rule.examples, (text) =>
        rule.tier === "none" ? isLowered(rule, text, policy) : isMet(rule, text, policy),
      ),
    ),
    ...policy.standing.flatMap((standing, index) =>
      rowsOf(
        ["standing", index],
        "covers",
        standing.examples,
        (text) => misfitOf(standing, { command: text }) === null,
      ),
    ),
  ];
}

export function exampleProblems(policy: Policy): { path: PropertyKey[]; message: string }[] {
  const failed = runExamples(policy)
    .filter((example) => example.held !== example.expected)
    .map(({ path, text, expected, does }) => {
      const verb = does === "raises" ? "match" : does === "lowers" ? "lower" : "cover";
      const said = expected
        ? `should ${verb} ${JSON.stringify(text)} and does not`
        : `should not ${verb} ${JSON.stringify(text)} and does`;
      const owner = path.slice(0, 2).map(String).join(".");
      return { path, message: `an example does not hold: ${owner}: ${said}` };
    });
  const impossible = policy.standing.flatMap((standing, index) => {
    const why = misfitOf(standing, { argv: sampleOf(standing) });
    if (why === null) return [];
    return [
      {
        path: ["standing", index, "run"],
        message: `standing.${index} (${standing.name}): no policy may stand for it: ${why}`,
      },
    ];
  });
  return [...impossible, ...failed];
}

function rowsOf(
  owner: PropertyKey[],
  does: Example["does"],
  examples: Rule["examples"],
  holds: (text: string) => boolean,
): Example[] {
  const rows = (list: "match" | "notMatch") =>
    (examples?.[list] ?? []).map((text, index) => ({
      path: [...owner, "examples", list, index],
      does,
      expected: list === "match",
      text,
      held: holds(text),
    }));
  return [...rows("match"), ...rows("notMatch")];
}

/** An example of a rule that has no command is a path, or a host where it names only these. */
function isMet(rule: Rule, text: string, policy: Policy): boolean {
  if (rule.match.command !== undefined) return matchesRule(rule, judgeScript(text, place), context, policy);
  const effects = [
    { kind: "write" as const, target: text, scope: "none" as const },
    { kind: "network-read" as const, target: text, scope: "remote" as const },
  ];
  const findings = [{ tier: "none" as const, rule: "example", reason: "", effects }];
  return matchesRule(rule, { findings, seen: [] }, null, policy);
}

function isLowered(rule: Rule, text: string, policy: Policy): boolean {
  const judged =
    rule.match.command === undefined
      ? { findings: judgeWrite(place, literalWord(text)), seen: [] }
      : judgeScript(text, place);
  return lowersAll(rule, judged, context, policy);
}

function misfitOf(standing: Standing, words: { argv: string[] } | { command: string }): string | null {
  return misfit(standing, { kind: "run", ...words, target: standing.target }, null, context);
}
