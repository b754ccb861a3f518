import type { AgentAdapter } from "../agents/adapter.ts";
import { catalog } from "../agents/catalog.ts";
import type { PassEnd } from "./run-pass.ts";

/**
 * An agent that cannot log in stops the run and asks: no other credential is tried in its place. Variables and
 * commands are named, never their values.
 */
export function asksToLogIn<End extends PassEnd>(
  end: End,
  agent: Pick<AgentAdapter, "name" | "vendor">,
): End | PassEnd {
  if (end.kind !== "failed" || end.reason !== "auth") return end;
  const row =
    catalog.find(({ name }) => name === agent.name) ?? catalog.find(({ vendor }) => vendor === agent.vendor);
  const how = row
    ? `log in with: ${row.signIn}, or set ${row.login.env.join(" or ")}`
    : `log in where ${agent.name} looks for it`;
  const message = end.message.split("\n")[0]?.slice(0, 200) ?? "";
  return { kind: "parked", waits: [{ kind: "login", agent: agent.name, how, message }] };
}
