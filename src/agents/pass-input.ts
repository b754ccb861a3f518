import type { Criterion, LinkKind, RunbookStep, TicketType } from "../tickets/ticket.ts";
import type { Role } from "./role-names.ts";
import type { Plan, PlanStep, Research, Review } from "./roles.ts";

/**
 * Exactly what a pass may see, one shape per role. `pipeline/pass-input.ts` fills it from the whitelist of the pass
 * table, the prompt is rendered from it and from nothing else, and its digest goes into evidence.
 */

export type Card = {
  id: string;
  title: string;
  status: string;
  type: TicketType;
  priority: number;
  labels: string[];
  created: string | null;
  /** Open tickets that wait for this one. */
  unblocks: number;
  /** Only adds process: ranks below tickets that finish something. */
  processOnly: boolean;
  conflictsWith: string[];
};

export type TicketView = {
  id: string;
  title: string;
  type: TicketType;
  labels: string[];
  path: string;
  description: string;
  criteria: Criterion[];
  runbook: RunbookStep[];
  links: Record<LinkKind, string[]>;
  /** Answers that a person gave to this ticket's questions so far. */
  answers: { id: string; text: string; answer: string }[];
};

/** Nimrod's own run of one verification, on one tree. */
export type CheckResult = {
  ac: string;
  command: string;
  target: string;
  /** `base`: before the change. `candidate`: after. `live`: on the host after the approved host steps. */
  on: "base" | "candidate" | "live";
  tree: string;
  exit: number | null;
  /** `timeout`, `flood`, `signal`… when it did not simply exit. */
  ended: string;
  passed: boolean;
  ms: number;
  outputDigest: string;
  /** Last lines, redacted. */
  tail: string;
};

export type StepOutcome = {
  step: string | null;
  /** One line: what was done. */
  action: string;
  status: "done" | "denied" | "parked" | "failed";
  tier: string;
  exit?: number;
  commit?: string;
  reason?: string;
};

/** An instruction file of the repository (`AGENTS.md` and its like) at the commit that the work starts from. */
export type HouseRules = {
  path: string;
  text: string;
  /** Bytes of the file that are not in `text`. */
  leftOut: number;
};

/** What was learned before about a file that this ticket is about. */
export type EarlierWork = {
  ticket: string;
  /** RFC 3339 UTC. */
  date: string;
  kind: "finding" | "review" | "rollback" | "risk";
  text: string;
};

type HostStep = Pick<PlanStep, "id" | "title" | "do" | "target" | "undo" | "verify"> & {
  applied: boolean;
  exit: number | null;
};

export type PassInput =
  | { role: "triager"; cards: Card[] }
  | {
      role: "researcher";
      ticket: TicketView;
      related: { id: string; title: string; status: string; type: string; kind: string }[];
      /** Newest first. */
      earlier: EarlierWork[];
      houseRules: HouseRules[];
    }
  | {
      role: "planner";
      ticket: TicketView;
      research: Research;
      limits: { files: number; steps: number };
      /** What was wrong with the plan before this one, if there was one. */
      problems: string[];
      houseRules: HouseRules[];
    }
  | {
      role: "implementer";
      ticket: TicketView;
      plan: Plan;
      /** What happened in earlier attempts: a finished step is not done again. */
      outcomes: StepOutcome[];
      /** Findings of the review that sent the work back. */
      findings: Review["findings"];
      houseRules: HouseRules[];
    }
  | {
      role: "reviewer";
      ticket: TicketView;
      tree: string;
      base: string;
      diff: string;
      changedPaths: string[];
      /** Paths that the authorized plan said it would touch (globs allowed), and the docs it promised. */
      declaredPaths: string[];
      declaredDocs: string[];
      hostSteps: HostStep[];
      checks: CheckResult[];
      /** Findings of earlier rounds that are still open: each must be closed or kept. */
      findings: Review["findings"];
      houseRules: HouseRules[];
    }
  | {
      role: "closer";
      ticket: TicketView;
      steps: { id: string; title: string; target: string; status: "done" | "skipped"; undo: string | null }[];
      checks: CheckResult[];
      review: Review;
      changedPaths: string[];
      outOfScope: string[];
      research: Pick<Research, "links">;
      risks: Plan["risks"];
      deviations: { step: string; why: string }[];
    }
  | {
      /** A sub-pass: one question of another pass, and nothing else of that pass. */
      role: "delegate";
      ticket: Pick<TicketView, "id" | "title">;
      question: string;
      /** Where the asking pass would look first. */
      paths: string[];
    };

export type InputOf<R extends Role> = Extract<PassInput, { role: R }>;
