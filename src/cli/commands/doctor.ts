import { NimrodError } from "../../errors.ts";
import { buildGraph } from "../../tickets/links.ts";
import type { Context } from "../context.ts";
import type { Check } from "../health/check.ts";
import { checkAgents, checkMachine } from "../health/machine.ts";
import { checkTickets } from "../health/tickets.ts";
import { flagOption, type Options } from "../options.ts";
import type { Style } from "../output.ts";
import { applyLinkRepairs, type LinkRepair, planLinkRepairs } from "../write-reverse-links.ts";

export async function doctor(context: Context, _args: readonly string[], options: Options): Promise<number> {
  const fix = flagOption(options, "fix");
  const apply = flagOption(options, "apply");
  if (apply && !fix) {
    throw new NimrodError("usage", "--apply belongs to --fix", { hint: "nimrod doctor --fix --apply" });
  }
  let repairs: LinkRepair[] = [];
  let checks = await checkMachine(context.env, context.stateHome);
  if (context.projectRoot === null) {
    checks.push({
      area: "project",
      level: "note",
      text: `no tickets/ in ${context.cwd} or above`,
      hint: "nimrod init",
    });
  } else {
    const { store, config, root } = await context.project();
    let { tickets, broken } = await store.scan();
    repairs = fix ? planLinkRepairs(tickets, buildGraph(tickets)) : [];
    if (apply && repairs.length > 0) {
      await applyLinkRepairs(store, repairs);
      // What is shown below is how things are now.
      ({ tickets, broken } = await store.scan());
    }
    checks = [
      ...checks,
      ...(await checkProject(root)),
      ...checkAgents(config, context.env),
      ...checkTickets(tickets, broken, buildGraph(tickets)),
    ];
  }
  print(context, checks, repairs, apply);
  return checks.some((check) => check.level === "broken") ? 8 : 0;
}

async function checkProject(root: string): Promise<Check[]> {
  const { openOperatorRepository } = await import("../../workspace/repository.ts");
  const { loadPolicy } = await import("../load-policy.ts");
  return Promise.all([
    attempt(async () => {
      const { branch, commit } = await (await openOperatorRepository(root)).head();
      return `repository ${root}, ${branch ?? "no branch"} at ${commit.slice(0, 12)}`;
    }, "note"),
    attempt(async () => {
      const { rules } = await loadPolicy(root);
      return `policy: ${rules.length} rules of its own`;
    }, "broken"),
  ]);
}

/** A failure that a person can act on becomes a line; a bug stays one. */
async function attempt(look: () => Promise<string>, levelOfFailure: "note" | "broken"): Promise<Check> {
  try {
    return { area: "project", level: "ok", text: await look() };
  } catch (error) {
    if (!(error instanceof NimrodError)) throw error;
    const where = error.where === undefined ? "" : `${error.where}: `;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { area: "project", level: levelOfFailure, text: `${where}${error.message}`, ...hint };
  }
}

const marks: Record<Check["level"], { text: string; style: Style }> = {
  ok: { text: "✓", style: "green" },
  note: { text: "!", style: "yellow" },
  broken: { text: "✗", style: "red" },
};

function print(
  { output }: Context,
  checks: readonly Check[],
  repairs: readonly LinkRepair[],
  applied: boolean,
): void {
  output.document("doctor", {
    healthy: checks.every((check) => check.level !== "broken"),
    checks: checks.map((check) => ({ hint: null, ...check })),
    repairs: repairs.map(({ ticket, lines }) => ({
      path: ticket.path,
      section: "Links",
      add: lines,
      applied,
    })),
  });
  let area = "";
  for (const check of checks) {
    if (check.area !== area) output.line({ text: check.area, style: "bold" });
    area = check.area;
    const hint = check.hint === undefined ? "" : `   → ${check.hint}`;
    output.line("  ", marks[check.level], ` ${check.text}`, { text: hint, style: "dim" });
  }
  for (const { ticket, lines } of repairs) {
    output.line(`${applied ? "added to" : "would add to"} ${ticket.path}, under ## Links`);
    for (const line of lines) output.line(`  ${line}`);
  }
  if (repairs.length > 0 && !applied)
    output.say("Nothing was changed. To do it: nimrod doctor --fix --apply");
}
