import { join } from "node:path";
import { loadConfig } from "../../config/load.ts";
import { NimrodError } from "../../errors.ts";
import { probeSandbox, type Sandbox } from "../../workspace/sandbox.ts";
import { readChoiceFacts } from "../choice-facts.ts";
import type { Context, Project } from "../context.ts";
import { operatorOf } from "../create-adapter.ts";
import { type AgentReport, inspectAgents } from "../health/agents.ts";
import type { Check } from "../health/check.ts";
import { checkMachine } from "../health/machine.ts";
import { checkMerging } from "../health/merging.ts";
import { checkPolicy } from "../health/policy.ts";
import {
  applyRepairs,
  checkLoose,
  planDuplicates,
  planRepairs,
  type Repair,
  repairJson,
  repairLines,
} from "../health/repairs.ts";
import { checkLandings, checkTickets } from "../health/tickets.ts";
import { flagOption, type Options } from "../options.ts";
import type { Style } from "../output.ts";

export async function doctor(context: Context, _args: readonly string[], options: Options): Promise<number> {
  const fix = flagOption(options, "fix");
  const apply = flagOption(options, "apply");
  if (apply && !fix) {
    throw new NimrodError("usage", "--apply belongs to --fix", { hint: "nimrod doctor --fix --apply" });
  }
  let repairs: Repair[] = [];
  const sandbox = await probeSandbox({ ...context.env });
  let checks = await checkMachine(context.env, context.stateHome, sandbox);
  const agents = await checkAgents(context, sandbox, flagOption(options, "probe"));
  if (context.projectRoot === null) {
    checks.push({
      area: "project",
      level: "note",
      text: `no tickets/ in ${context.cwd} or above`,
      hint: "nimrod init",
    });
    checks.push(...agents.checks);
  } else {
    const project = await context.project();
    const { store, root, stateFolder } = project;
    let found = await lookAround(project);
    if (fix) repairs = planRepairs(found, store, found);
    if (apply && repairs.length > 0) {
      await applyRepairs(project, repairs);
      // What is shown below is how things are now.
      found = await lookAround(project);
    }
    const { tickets } = found;
    checks = [
      ...checks,
      await checkRepository(root),
      ...(await checkMerging(root, context.env["PATH"])),
      ...(await checkPolicy(context, { root, stateFolder })),
      ...agents.checks,
      ...checkTickets(found, store),
      ...checkLoose(found),
      ...(await checkLandings(tickets, stateFolder)),
    ];
  }
  print(context, { checks, repairs, agents: agents.reports }, apply);
  return checks.some((check) => check.level === "broken") ? 8 : 0;
}

async function lookAround(project: Project) {
  const { findStrays } = await import("../../tickets/strays.ts");
  const { findSecondNames } = await import("../../tickets/second-names.ts");
  const scan = await project.store.scan();
  const secondNames = await findSecondNames(project.root);
  return {
    ...scan,
    strays: await findStrays(project.root),
    secondNames,
    newIds: await planDuplicates(project, scan, secondNames),
  };
}

/** Outside a project too: what this machine has, with the user's own configuration. */
async function checkAgents(context: Context, sandbox: Sandbox, probe: boolean) {
  const root = context.projectRoot ?? context.packageRoot;
  const config =
    context.projectRoot === null
      ? await loadConfig({ projectRoot: null, configHome: context.configHome, env: context.env })
      : (await context.project()).config;
  return inspectAgents({
    facts: await readChoiceFacts(context, { root, config }),
    operator: operatorOf(context, root),
    place: { sandbox, cache: join(context.stateHome, "agents") },
    probe,
  });
}

async function checkRepository(root: string): Promise<Check> {
  const { openOperatorRepository } = await import("../../workspace/repository.ts");
  try {
    const { branch, commit } = await (await openOperatorRepository(root)).head();
    const text = `repository ${root}, ${branch ?? "no branch"} at ${commit.slice(0, 12)}`;
    return { area: "project", level: "ok", text };
  } catch (error) {
    // What a person can act on becomes a line; a bug stays one.
    if (!(error instanceof NimrodError)) throw error;
    const where = error.where === undefined ? "" : `${error.where}: `;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { area: "project", level: "note", text: `${where}${error.message}`, ...hint };
  }
}

const marks: Record<Check["level"], { text: string; style: Style }> = {
  ok: { text: "✓", style: "green" },
  note: { text: "!", style: "yellow" },
  broken: { text: "✗", style: "red" },
};

function print(
  { output }: Context,
  { checks, repairs, agents }: { checks: Check[]; repairs: Repair[]; agents: AgentReport[] },
  applied: boolean,
): void {
  output.document("doctor", {
    healthy: checks.every((check) => check.level !== "broken"),
    checks: checks.map((check) => ({ hint: null, ...check })),
    agents: agents.map(({ check, ...agent }) => agent),
    repairs: repairs.map((repair) => ({ ...repairJson(repair), applied })),
  });
  let area = "";
  for (const check of checks) {
    if (check.area !== area) output.line({ text: check.area, style: "bold" });
    area = check.area;
    const hint = check.hint === undefined ? "" : `   → ${check.hint}`;
    output.line("  ", marks[check.level], ` ${check.text}`, { text: hint, style: "dim" });
  }
  for (const repair of repairs) for (const line of repairLines(repair, applied)) output.line(line);
  if (repairs.length > 0 && !applied)
    output.say("Nothing was changed. To do it: nimrod doctor --fix --apply");
}
