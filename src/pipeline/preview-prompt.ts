import type { PassInput } from "../agents/pass-input.ts";
import { type PromptManifest, type PromptRequest, renderPrompt } from "../agents/prompt.ts";
import type { Role } from "../agents/role-names.ts";
import { NimrodError } from "../errors.ts";
import { buildGraph } from "../tickets/links.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { listPaths } from "../workspace/list-paths.ts";
import { hasWorkspace, openWorkspace } from "../workspace/worktree.ts";
import { bindingsOf, bodyOf } from "./bindings.ts";
import { foldJournal, type RunFacts } from "./facts.ts";
import { frozenBy } from "./frozen.ts";
import { readLatestRun } from "./journal.ts";
import { buildPassInput } from "./pass-input.ts";
import { gatherSources } from "./pass-sources.ts";
import { type PassRow, passes } from "./passes.ts";
import { ticketFolder } from "./places.ts";
import type { Ports } from "./ports.ts";
import { goesOn } from "./run-ticket.ts";
import { cardOf } from "./select-ticket.ts";
import { frozenCommands, problemsOf } from "./steps.ts";

/** In place of the 32 hex digits that a pass gets. */
const placeholderNonce = "0".repeat(32);

/**
 * The prompt as a pass of this role would get it now, from the ticket, the latest run and git objects. Starts nothing
 * and changes nothing. Throws `failed` with what is missing where an earlier pass has not brought its result yet.
 */
export async function previewPrompt(
  ports: Ports,
  ticket: StoredTicket,
  how: { role: Role } & Pick<PromptRequest, "protocol" | "model">,
): Promise<{ prompt: string; manifest: PromptManifest }> {
  const input = await inputNow(ports, ticket, how.role);
  const { protocol, model } = how;
  return renderPrompt({
    role: await ports.promptOf(how.role),
    input,
    nonce: placeholderNonce,
    protocol,
    model,
  });
}

async function inputNow(ports: Ports, ticket: StoredTicket, role: Role): Promise<PassInput> {
  const row = passes.find((each) => each.role === role);
  if (row === undefined) {
    const question = "(the question of the pass that asks)";
    return { role: "delegate", ticket: { id: ticket.id, title: ticket.title }, question, paths: [] };
  }
  const facts = await factsNow(ports, ticket);
  // No prompt shows anything of the triage, so a ticket that nobody picked yet can be looked at.
  facts.triage ??= { pick: ticket.id, order: [], summary: "", conflicts: [] };
  refuseWithout(row, facts, ticket.id);
  const body = await bodyOf(ticket);
  const folder = ticketFolder(ports, ticket.id, facts.run);
  const workspace =
    facts.run !== "" && (await hasWorkspace(folder))
      ? await openWorkspace({ operator: ports.operator, folder, branch: facts.branch })
      : null;
  const git = workspace?.place ?? ports.operator.place;
  const problems = workspace !== null && row.name === "plan" ? await planProblems(workspace) : [];
  const live = facts.review !== null && facts.liveChecks !== null;
  const sources = await gatherSources(row.name, {
    ports,
    ticket,
    body,
    facts,
    git,
    workspace,
    problems,
    live,
  });
  return buildPassInput(row.name, {
    ...sources,
    cards: row.name === "triage" ? [await cardNow(ports, ticket)] : [],
  });

  async function planProblems(open: NonNullable<typeof workspace>): Promise<string[]> {
    const paths = new Set(await listPaths(open.place, facts.base));
    const frozen = frozenBy(await frozenCommands(ports, open, body, facts), (path) => paths.has(path));
    return problemsOf({ ports, body, workspace: open, frozen }, facts);
  }
}

/** Of the run that would go on, else of the fresh one that would start from here. */
async function factsNow(ports: Ports, ticket: StoredTicket): Promise<RunFacts> {
  const now = bindingsOf(ports, ticket);
  const latest = await readLatestRun(ports.stateFolder, ticket.id);
  if (latest !== null && goesOn(latest.records)) return foldJournal(latest.records, now);
  const { commit } = await ports.operator.head();
  return { ...foldJournal([], now), ticket: ticket.id, base: commit };
}

function refuseWithout(row: PassRow, facts: RunFacts, ticket: string): void {
  const missing = row.needs.filter((result) => facts[result] === null);
  if (missing.length === 0) return;
  const message = `the ${row.role} is given the results of ${row.needs.join(", ")}; there is no ${missing.join(", no ")} yet`;
  throw new NimrodError("failed", message, {
    hint: facts.run === "" ? `nimrod run ${ticket}` : `nimrod resume ${ticket}`,
  });
}

async function cardNow(ports: Pick<Ports, "store">, ticket: StoredTicket) {
  const graph = buildGraph((await ports.store.scan()).tickets);
  return cardOf({
    ticket,
    blockedBy: graph.blockedBy(ticket),
    unblocks: graph.unblocksCount(ticket.id),
    run: { kind: "none" },
  });
}
