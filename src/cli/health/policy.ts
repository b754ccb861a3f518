import { NimrodError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { loadProjectPolicy, policyPath } from "../load-policy.ts";
import { reviewPolicy } from "../review-policy.ts";
import type { Check } from "./check.ts";

/** The project's policy: that it can be read, and what of it does not count. */
export async function checkPolicy(
  context: Pick<Context, "stateHome" | "clock">,
  places: { root: string; stateFolder: string },
): Promise<Check[]> {
  try {
    const loaded = await loadProjectPolicy({ ...places, stateHome: context.stateHome });
    const remarks = await reviewPolicy(context, places, loaded);
    const { rules, standing } = loaded.written;
    const text = `policy: ${rules.length} rules and ${standing.length} standing approvals of its own`;
    return [
      { area: "project", level: "ok", text },
      ...remarks.map(
        ({ where, message, hint }): Check => ({
          area: "project",
          level: "note",
          text: `${where}: ${message}`,
          hint,
        }),
      ),
    ];
  } catch (error) {
    if (!(error instanceof NimrodError)) throw error;
    const message = error.message.startsWith(policyPath) ? error.message : `${policyPath}: ${error.message}`;
    return [{ area: "project", level: "broken", text: message, hint: "nimrod policy check" }];
  }
}
