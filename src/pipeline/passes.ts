import type { Role } from "../agents/role-names.ts";

/** The passes of one ticket, in order. A pass is run by the loop in run-ticket.ts when next-step.ts says so. */
export const passNames = ["triage", "research", "plan", "implement", "review", "close"] as const;
export type PassName = (typeof passNames)[number];

export type PassRow = {
  name: PassName;
  role: Role;
  /** Results without which the pass cannot start: input is refused when one is missing. */
  needs: readonly ("triage" | "research" | "plan" | "implementation" | "checks" | "review")[];
  /** Where the agent works. A reviewer never sees the implementer's working copy. */
  place: "checkout" | "worktree";
  /** Whether the role may change the worktree through the toolbox. */
  mayWrite: boolean;
};

export const passes: readonly PassRow[] = [
  { name: "triage", role: "triager", needs: [], place: "checkout", mayWrite: false },
  { name: "research", role: "researcher", needs: ["triage"], place: "checkout", mayWrite: false },
  { name: "plan", role: "planner", needs: ["triage", "research"], place: "checkout", mayWrite: false },
  { name: "implement", role: "implementer", needs: ["research", "plan"], place: "worktree", mayWrite: true },
  {
    name: "review",
    role: "reviewer",
    needs: ["plan", "implementation", "checks"],
    place: "checkout",
    mayWrite: false,
  },
  {
    name: "close",
    role: "closer",
    needs: ["research", "plan", "implementation", "checks", "review"],
    place: "checkout",
    mayWrite: false,
  },
];

export function passRow(name: PassName): PassRow {
  const row = passes.find((candidate) => candidate.name === name);
  if (!row) throw new Error(`no pass is called ${name}`);
  return row;
}
