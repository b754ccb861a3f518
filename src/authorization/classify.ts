import { isAbsolute, normalize, relative } from "node:path";
import { type Action, type Decision, type Effect, type EffectKind, type Tier, tiers } from "./action.ts";
import { saferThan } from "./alternatives.ts";
import type { ClassifyContext, Place } from "./context.ts";
import { effect, type Finding, finding } from "./effects/finding.ts";
import { type Judged, judgeArgv, judgeScript } from "./effects/judge-command.ts";
import type { TraceSink } from "./effects/trace.ts";
import { judgeAddress } from "./effects/web-address.ts";
import { parseCommand } from "./parse-command.ts";
import { literalWord, staticArgv } from "./parsed-command.ts";
import { judgeRead, judgeReadTree, judgeWrite } from "./paths.ts";
import { lower } from "./policy/lower.ts";
import { applyPolicy, type Policy } from "./policy.ts";

export type { ClassifyContext } from "./context.ts";

/** Effects that a role which may only read never has. */
const writing: ReadonlySet<EffectKind> = new Set([
  "write",
  "delete",
  "discard",
  "network-send",
  "expose",
  "service",
  "package",
  "container",
  "cluster",
  "device",
  "firewall",
  "account",
  "credential-write",
  "data-store-write",
  "schedule",
  "process",
  "remote-exec",
]);

/**
 * The decision for one action: pure, total, and closed by default. Whatever goes wrong inside is explicit.
 * The policy comes after the tables: it raises anything, and lowers nothing but what is brief.
 *
 * @param trace takes the parts of a command, for an explanation
 */
export function classify(
  action: Action,
  context: ClassifyContext,
  policy: Policy,
  trace: TraceSink = null,
): Decision {
  try {
    const judged = judge(action, context, trace);
    const raised = restrict(action, context, composed(applyPolicy(policy, judged, context)));
    const decision = lower(policy, decide(raised, action), raised, context);
    return withAlternative(decision, judged);
  } catch (error) {
    const reason = `the classifier failed: ${error instanceof Error ? error.message : String(error)}`;
    return {
      tier: "explicit",
      rule: "gate.failed",
      reason,
      effects: [effect("unknown", action.kind, "none")],
    };
  }
}

function judge(action: Action, context: ClassifyContext, trace: TraceSink): Judged {
  switch (action.kind) {
    case "run": {
      const place = placeOf(context, action.cwd);
      if (place === null)
        return one(
          finding("deny", "run.escapes", "runs outside the worktree", [
            effect("unknown", action.cwd ?? "", "host"),
          ]),
        );
      if ("command" in action) return judgeScript(action.command, place, trace);
      if (action.argv.length === 0)
        return one(finding("explicit", "command.unknown", "no command", [effect("unknown", "", "none")]));
      return judgeArgv(action.argv.map(literalWord), place, trace);
    }
    case "write":
    case "edit":
      return one(...judgeFileAction(action.path, context, action.target === "host"));
    case "read":
    case "list":
      return one(...judgeRead(rootPlace(context), literalPath(action.path)));
    case "search":
      return one(...judgeReadTree(rootPlace(context), literalPath(action.path)));
    case "fetch":
      return one(...judgeAddress(action.url));
    case "start-agent":
      return one(
        finding("explicit", "agent.start", `sends the repository to ${action.vendor}`, [
          effect("network-send", action.vendor, "remote"),
        ]),
      );
  }
}

function one(...findings: Finding[]): Judged {
  return { findings, seen: [], commands: 0 };
}

/** Tools take `~` literally; only a shell expands it. */
function literalPath(path: string): ReturnType<typeof literalWord> {
  return literalWord(path.startsWith("~") ? `./${path}` : path);
}

function judgeFileAction(path: string, context: ClassifyContext, onHost: boolean): Finding[] {
  if (path === "" || path.includes("\0"))
    return [finding("deny", "write.invalid", "not a path", [effect("write", path, "none")])];
  const found = judgeWrite(rootPlace(context), literalPath(path));
  if (onHost) {
    return found.map((each) =>
      each.tier === "deny"
        ? each
        : finding("explicit", "write.host", `changes ${path} on the host`, each.effects),
    );
  }
  const leaves = ["write.outside", "write.scratch", "write.device", "write.socket", "write.sink"];
  return found.map((each) =>
    leaves.includes(each.rule)
      ? finding("deny", "write.escapes", `${path} leads out of the worktree`, each.effects)
      : each,
  );
}

function rootPlace(context: ClassifyContext): Place {
  return { context, cwds: [context.worktree], cwdKnown: true, bindings: new Map() };
}

function placeOf(context: ClassifyContext, cwd: string | undefined): Place | null {
  const path = normalize(isAbsolute(cwd ?? "") ? (cwd ?? "") : `${context.worktree}/${cwd ?? "."}`).replace(
    /(.)\/$/,
    "$1",
  );
  const real = relative(context.realPath(context.worktree), context.realPath(path));
  const lexical = relative(context.worktree, path);
  if ([real, lexical].some((way) => way === ".." || way.startsWith("../") || isAbsolute(way))) return null;
  return { ...rootPlace(context), cwds: [path] };
}

/** Each part alone is brief; together they run what was just downloaded. */
function composed(judged: Judged): Judged {
  const downloads = judged.findings.some((each) => /^(curl|wget|git\.clone)$/.test(each.rule));
  const runs = judged.findings.some((each) => each.effects.some((one) => one.kind === "execute-project"));
  if (!downloads || !runs) return judged;
  const both = finding("explicit", "run.downloaded", "downloads and runs code in one go", [
    effect("execute-opaque", "downloaded code", "worktree"),
  ]);
  return { ...judged, findings: [...judged.findings, both] };
}

/** What the place adds: a role that only reads, a host target, a missing sandbox. */
function restrict(action: Action, context: ClassifyContext, judged: Judged): Judged {
  const findings = judged.findings.map((each) => {
    const writes = each.effects.some(
      (effectOf) => writing.has(effectOf.kind) && !(effectOf.kind === "write" && effectOf.scope === "none"),
    );
    if (writes && !context.mayWrite && action.kind !== "start-agent") {
      return {
        ...each,
        tier: "deny" as const,
        rule: "role.may-not-write",
        reason: `the ${context.role ?? "role"} may not write`,
      };
    }
    if (action.kind !== "run" || each.tier === "deny" || each.tier === "explicit") return each;
    if (action.target === "host" && each.tier !== "none")
      return raise(each, "run.host", `${each.reason}, on the host`);
    if (context.sandbox === "none" && (each.tier !== "none" || writes))
      return raise(each, "sandbox.missing", `${each.reason}, and there is no sandbox to hold it`);
    return each;
  });
  return { ...judged, findings };
}

function raise(each: Finding, rule: string, reason: string): Finding {
  return { ...each, tier: "explicit", rule, reason };
}

function decide(judged: Judged, action: Action): Decision {
  const strictest = judged.findings.reduce<Finding | null>(
    (best, each) => (best === null || rank(each.tier) > rank(best.tier) ? each : best),
    null,
  );
  if (strictest === null)
    return { tier: "explicit", rule: "gate.nothing", reason: "nothing matched", effects: [] };
  const needs = [...new Set(judged.findings.flatMap((each) => each.needs ?? []))];
  const isLive =
    strictest.tier === "none" && judged.findings.some((each) => each.live === true) && isPlain(action);
  return {
    tier: strictest.tier,
    rule: strictest.rule,
    reason: strictest.reason,
    effects: unique(judged.findings.flatMap((each) => each.effects)),
    ...(isLive ? { vantage: "host" as const } : {}),
    ...(needs.length > 0 ? { needs } : {}),
  };
}

function withAlternative(decision: Decision, { seen }: Judged): Decision {
  if (decision.tier !== "explicit" && decision.tier !== "deny") return decision;
  const instead = saferThan(decision.rule, seen);
  return instead === undefined ? decision : { ...decision, instead };
}

/** A live read runs outside the sandbox as an argv, so only one plain command can be one. */
function isPlain(action: Action): boolean {
  if (action.kind !== "run") return false;
  return "argv" in action || staticArgv(parseCommand(action.command)) !== null;
}

function rank(tier: Tier): number {
  return tiers.indexOf(tier);
}

function unique(effects: readonly Effect[]): Effect[] {
  return [...new Map(effects.map((each) => [`${each.kind}\0${each.target}\0${each.scope}`, each])).values()];
}
