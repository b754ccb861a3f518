import { join } from "node:path";
import { loadRole } from "../agents/role-file.ts";
import { roles as passRoles, promptRoles } from "../agents/role-names.ts";
import { type ChoiceFacts, chooseAgents, vendorOf } from "./choose-agent.ts";
import type { Context, Project } from "./context.ts";
import { findAgents } from "./find-agents.ts";

/** Everything that decides which agent does what, read from files alone: no process is started. */
export async function readChoiceFacts(
  context: Pick<Context, "env" | "home" | "stateHome">,
  { root, config }: Pick<Project, "root" | "config">,
): Promise<ChoiceFacts> {
  // Files of the repository count here as much as the prompt in them does: untrusted, they hold the run up.
  const files = await Promise.all(promptRoles.map((role) => loadRole(role, [join(root, "agents")])));
  const machine = { env: context.env, home: context.home, root, excluded: [root, context.stateHome] };
  return {
    config,
    found: findAgents(machine, config.values.agents),
    roleFiles: Object.fromEntries(files.map(({ role, agent, model }) => [role, { agent, model }])),
  };
}

/** Of the six passes, for `--json`. What cannot be chosen has a problem and no agent. */
export type ExplainedAgent = {
  role: string;
  agent: string | null;
  vendor: string | null;
  model: string | null;
  why: string;
};

export function explainAgents(facts: ChoiceFacts): ExplainedAgent[] {
  return chooseAgents(facts).map((choice) => {
    if ("problem" in choice) {
      return { role: choice.role, agent: null, vendor: null, model: null, why: choice.problem.message };
    }
    const { role, agent, why } = choice;
    return { role, agent: agent.name, vendor: vendorOf(agent), model: agent.model, why };
  });
}

/** One line for the roles that share an agent and a reason. */
export function agentLines(explained: readonly ExplainedAgent[]): string[] {
  const rolesOf = new Map<string, { who: string; why: string; roles: string[] }>();
  for (const { role, agent, vendor, model, why } of explained) {
    const at = [vendor === agent ? null : vendor, model].filter((part) => part !== null);
    const who = `${agent ?? "no agent"}${at.length === 0 ? "" : ` (${at.join(", ")})`}`;
    const same = rolesOf.get(`${who} ${why}`) ?? { who, why, roles: [] };
    rolesOf.set(`${who} ${why}`, { ...same, roles: [...same.roles, role] });
  }
  return [...rolesOf.values()].map(({ who, why, roles }) => {
    const whom = roles.length === passRoles.length ? "every role" : roles.join(", ");
    return `${who} for ${whom}: ${why}`;
  });
}
