import { join } from "node:path";
import type { Approvals } from "../authorization/approvals.ts";
import type { Context, Project } from "./context.ts";

type Place = [context: Pick<Context, "stateHome" | "clock">, project: Pick<Project, "stateFolder">];

/** The requests of this project. */
export async function approvalsOf(...[context, project]: Place): Promise<Approvals> {
  const { openApprovals } = await import("../authorization/approvals.ts");
  return openApprovals({
    folder: join(project.stateFolder, "approvals"),
    stateHome: context.stateHome,
    clock: context.clock,
  });
}

/** For whoever may never ask: loaded with the first question. */
export function lateApprovals(...place: Place): Pick<Approvals, "list"> {
  return { list: async () => (await approvalsOf(...place)).list() };
}
