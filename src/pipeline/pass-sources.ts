import type { StoredTicket, TicketBody } from "../tickets/ticket.ts";
import { listPaths } from "../workspace/list-paths.ts";
import type { GitPlace } from "../workspace/repository.ts";
import type { Workspace } from "../workspace/worktree.ts";
import type { RunFacts } from "./facts.ts";
import { readHouseRules } from "./house-rules.ts";
import { isNimrodsOwn } from "./own-files.ts";
import type { InputSources } from "./pass-input.ts";
import type { PassName } from "./passes.ts";
import type { Ports } from "./ports.ts";
import { earlierWork, filesAtHand, relatedTickets } from "./related.ts";

/** Where the input of a pass comes from: git objects, evidence and the ticket store. Changes none of them. */
export type Places = {
  ports: Pick<Ports, "root" | "store" | "redact"> & { limits: Pick<Ports["limits"], "slice"> };
  ticket: StoredTicket;
  body: TicketBody;
  facts: RunFacts;
  /** A git folder that has the base commit. */
  git: GitPlace;
  /** The one that has the candidate; null while nothing was implemented. */
  workspace: Pick<Workspace, "changedPaths" | "diff"> | null;
  /** Why the standing plan cannot be authorized. */
  problems: string[];
  live: boolean;
};

/** Collects what the pass's row may need, and nothing that only another pass does. */
export async function gatherSources(pass: PassName, places: Places): Promise<InputSources> {
  const { ports, facts, ticket, body, workspace } = places;
  const { root, redact } = ports;
  const { tickets } = pass === "research" ? await ports.store.scan() : { tickets: [] };
  const candidate = workspace === null ? undefined : facts.candidate?.commit;
  const changed = candidate && workspace ? await workspace.changedPaths(facts.base, candidate) : [];
  const hasRules = pass !== "triage" && pass !== "close";
  const rules = hasRules ? await readHouseRules(places.git, facts.base) : [];
  const diff = pass === "review" && candidate && workspace ? await workspace.diff(facts.base, candidate) : "";
  return {
    facts,
    ticket,
    body,
    cards: [],
    related: relatedTickets(ticket, tickets),
    earlier: pass === "research" ? await earlier() : [],
    houseRules: rules.map((each) => ({ ...each, text: redact(each.text) })),
    limits: ports.limits.slice,
    problems: pass === "plan" ? places.problems : [],
    diff: redact(diff),
    changedPaths: changed.map((each) => each.path).filter((path) => !isNimrodsOwn(path)),
    live: places.live,
  };

  async function earlier() {
    const tree = new Set(await listPaths(places.git, facts.base));
    const closed = tickets.filter((other) => other.status === "closed").map((other) => other.id);
    const files = filesAtHand(ticket, body, tree);
    return earlierWork(root, { ticket: ticket.id, files, closed: new Set(closed) });
  }
}
