import { unreachable } from "../errors.ts";
import type { HouseRules, InputOf, PassInput, TicketView } from "./pass-input.ts";

/** Who wrote what stands in a section. Only `nimrod` speaks with authority; the rest is material. */
export type Source =
  | "nimrod"
  | "ticket"
  | "tickets"
  | "person"
  | "repository"
  | "house rules"
  | "earlier pass"
  | "asking pass";

export type Section = {
  name: string;
  source: Source;
  text: string;
  /** Cut last when the prompt is too large: without it the pass cannot do its work. */
  essential: boolean;
};

/** What a pass sees, in sections of one provenance each. Empty ones are left out, and so is what is not in the input. */
export function sectionsOf(input: PassInput): Section[] {
  return writeSections(input).filter(({ text }) => text !== "" && text !== "[]");
}

function writeSections(input: PassInput): Section[] {
  switch (input.role) {
    case "triager":
      return [essential("cards", "tickets", json(input.cards))];
    case "researcher":
      return [
        ...ticketSections(input.ticket),
        material("related tickets", "tickets", json(input.related)),
        material("earlier work on the same files", "earlier pass", json(input.earlier)),
        houseRules(input.houseRules),
      ];
    case "planner":
      return [
        ...ticketSections(input.ticket),
        essential("research", "earlier pass", json(input.research)),
        essential("limits", "nimrod", json(input.limits)),
        essential("what was wrong with the plan before this one", "nimrod", json(input.problems)),
        houseRules(input.houseRules),
      ];
    case "implementer":
      return [
        ...ticketSections(input.ticket),
        essential("authorized plan", "earlier pass", json(input.plan)),
        material("outcomes of earlier attempts", "nimrod", json(input.outcomes)),
        essential("findings to repair", "earlier pass", json(input.findings)),
        houseRules(input.houseRules),
      ];
    case "reviewer":
      return reviewSections(input);
    case "closer":
      return closeSections(input);
    case "delegate":
      return [
        essential("ticket", "ticket", json(input.ticket)),
        essential("question", "asking pass", input.question),
        essential("where to look first", "asking pass", json(input.paths)),
      ];
    default:
      return unreachable(input);
  }
}

/** One section for all files: whatever they call each other, they have the same author and the same weight. */
function houseRules(files: readonly HouseRules[]): Section {
  const texts = files.map(({ path, text, leftOut }) => {
    const cut = leftOut === 0 ? "" : `\n[${leftOut} bytes of ${path} are left out]`;
    return `--- ${path}\n${text.trimEnd()}${cut}`;
  });
  return material("house rules of the repository", "house rules", texts.join("\n\n"));
}

function reviewSections(input: InputOf<"reviewer">): Section[] {
  const { tree, base, declaredPaths, declaredDocs } = input;
  return [
    ...ticketSections(input.ticket),
    essential("what is reviewed", "nimrod", json({ tree, base, declaredPaths, declaredDocs })),
    essential("changed paths", "repository", json(input.changedPaths)),
    essential("checks that Nimrod ran", "nimrod", json(input.checks.map(({ tail: _, ...check }) => check))),
    essential("host steps", "earlier pass", json(input.hostSteps)),
    essential("findings of earlier rounds", "earlier pass", json(input.findings)),
    houseRules(input.houseRules),
    material("diff", "repository", input.diff),
    ...tails(input.checks),
  ];
}

function closeSections(input: InputOf<"closer">): Section[] {
  return [
    ...ticketSections(input.ticket),
    essential("steps", "nimrod", json(input.steps)),
    essential("checks that Nimrod ran", "nimrod", json(input.checks.map(({ tail: _, ...check }) => check))),
    essential("review", "earlier pass", json(input.review)),
    essential("deviations", "earlier pass", json(input.deviations)),
    essential("out of scope", "earlier pass", json(input.outOfScope)),
    essential("risks", "earlier pass", json(input.risks)),
    material("changed paths", "repository", json(input.changedPaths)),
    material("links found", "earlier pass", json(input.research.links)),
  ];
}

function ticketSections(ticket: TicketView): Section[] {
  const { id, title, type, labels, path, links } = ticket;
  return [
    essential("ticket", "ticket", json({ id, title, type, labels, path, links })),
    material("description", "ticket", ticket.description),
    essential(
      "acceptance criteria",
      "ticket",
      json(ticket.criteria.map(({ line: _, ...criterion }) => criterion)),
    ),
    essential("runbook", "ticket", json(ticket.runbook)),
    essential("answers", "person", json(ticket.answers)),
  ];
}

/** The program under test wrote these, not Nimrod. */
function tails(checks: InputOf<"reviewer">["checks"]): Section[] {
  return checks
    .filter(({ tail }) => tail !== "")
    .map(({ ac, on, tail }) => material(`output of the check of ${ac} on ${on}`, "repository", tail));
}

function essential(name: string, source: Source, text: string): Section {
  return { name, source, text, essential: true };
}

function material(name: string, source: Source, text: string): Section {
  return { name, source, text, essential: false };
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 1);
}
