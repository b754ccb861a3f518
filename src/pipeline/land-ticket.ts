import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { changeLogPath, renderChangeLog } from "../closing/change-log.ts";
import type { DoneCheck } from "../closing/definition-of-done.ts";
import { landingMessage } from "../closing/landing-message.ts";
import { NimrodError } from "../errors.ts";
import { parseAnchor, trailerText } from "../evidence/anchor.ts";
import { evidenceFolder } from "../evidence/place.ts";
import { recordHead } from "../evidence/witness.ts";
import { rfc3339 } from "../platform/clock.ts";
import {
  ensureFolder,
  readTextIfExists,
  removeEmptyParents,
  removeTree,
  writeAtomic,
} from "../platform/files.ts";
import { setChecked, setFields } from "../tickets/edit.ts";
import type { StoredTicket, TicketBody } from "../tickets/ticket.ts";
import { land, type OwnFile, prepareLanding } from "../workspace/landing.ts";
import { nimrodPerson } from "../workspace/repository.ts";
import type { Workspace } from "../workspace/worktree.ts";
import type { CloseEnd } from "./close-ticket.ts";
import type { Bindings, RunFacts } from "./facts.ts";
import type { Journal } from "./journal.ts";
import { readOwnFiles, readOwnFolder } from "./own-files.ts";
import type { Ports } from "./ports.ts";
import { publishTicket } from "./publish.ts";
import { repositoryWitness } from "./segments.ts";
import { createFollowUps, linkedFiles, writeLinks } from "./write-links.ts";

/**
 * The last step: everything that Nimrod writes goes into the working folder first, then one merge commit holds it
 * together with the work. Each part can be repeated: a kill anywhere is mended by typing `nimrod close` again.
 */
export async function landTicket(
  ports: Ports,
  options: {
    ticket: StoredTicket;
    body: TicketBody;
    facts: RunFacts;
    now: Bindings;
    journal: Journal;
    workspace: Workspace;
    checks: DoneCheck[];
    changedPaths: string[];
  },
): Promise<CloseEnd> {
  const { body, facts, journal, workspace } = options;
  const { closing, candidate } = facts;
  if (!closing || !candidate) throw new Error("landing without a closing or a candidate");
  const before = options.ticket;
  const date = rfc3339(ports.clock.now());

  await refuseLinks(ports.root);
  const followUps = await createFollowUps(ports, before, closing);
  await writeLinks(ports, before, closing);
  const linked = await linkedFiles(ports, before, {
    followUps,
    committedText: async (path) => {
      const bytes = await workspace.readAt(facts.base, path);
      return bytes === null ? null : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    },
  });
  const met = body.criteria
    .filter((criterion) => criterion.waived === null && !criterion.checked)
    .map((criterion) => criterion.id);
  let ticket = await ports.store.find(before.id);
  ticket = await ports.store.update(ticket, (text) => setChecked(text, met));
  ticket = await publishTicket(ports, {
    ticket,
    body,
    facts,
    status: "in_review",
    waits: [],
    fields: { status: "closed", closed: date, close_reason: "done" },
  });
  ticket = await ports.store.move(ticket, "closed");

  const log = changeLogPath(date, ticket.id);
  const earlierLog = await readTextIfExists(join(ports.root, log));
  await ensureFolder(join(ports.root, "docs/changes"));
  const undo = facts.host.flatMap((outcome) =>
    outcome.undo === null ? [] : [`${outcome.step}: ${outcome.undo}`],
  );
  await writeAtomic(
    join(ports.root, log),
    renderChangeLog({
      ticket: ticket.id,
      title: ticket.title,
      date,
      closing,
      changedPaths: options.changedPaths,
      late: lateSteps(facts),
      undo,
    }),
  );

  const anchor = ticket.evidence === null ? null : parseAnchor(ticket.evidence);
  if (!anchor)
    throw new NimrodError("broken", `${ticket.path} has no evidence anchor after publishing`, {
      hint: `nimrod verify ${ticket.id}`,
    });
  const files: OwnFile[] = [
    ...(before.path === ticket.path ? [] : [{ path: before.path, content: null }]),
    ...(await readOwnFiles(ports.root, [ticket.path, log, ...linked.committed])),
    ...(await readOwnFolder(ports.root, evidenceFolder(ticket.id))),
    ...(await readOwnFolder(ports.root, ".nimrod/keys")),
  ];
  const { commit } = await prepareLanding({
    workspace,
    baseCommit: facts.base,
    candidate: candidate.commit,
    files,
    message: landingMessage({
      ticket: ticket.id,
      title: ticket.title,
      summary: closing.summary,
      evidence: trailerText(ticket.id, anchor),
    }),
    author: (await ports.operator.identity()) ?? nimrodPerson,
  });
  await journal.append({ type: "landing", base: facts.base, candidate: candidate.commit, commit });
  const landing = await land({
    operator: ports.operator,
    workspace,
    baseCommit: facts.base,
    commit,
    branch: facts.onto,
  });
  if (landing.kind !== "landed") {
    await takeBack(ports, ticket, before.text);
    if (earlierLog !== null) await writeAtomic(join(ports.root, log), earlierLog);
    else await removeTree(join(ports.root, log));
    await removeEmptyParents(join(ports.root, log), ports.root);
    if (landing.kind === "collision") return landing;
    throw new NimrodError(
      "conflict",
      `${facts.onto} moved while the ticket was landing; nothing was changed`,
      { hint: `nimrod close ${ticket.id}` },
    );
  }
  await finishLanding(ports, { ticket: ticket.id, heads: anchor.heads, commit, journal, workspace });
  return { kind: "closed", commit, checks: options.checks, followUps, leftUncommitted: linked.left };
}

/**
 * Goes on with a landing that a kill cut: the same commit is landed, which changes nothing that is there already.
 * Null where there is none, or where the branch or somebody's files have moved on since.
 */
export async function resumeLanding(
  ports: Ports,
  options: { ticket: StoredTicket; facts: RunFacts; journal: Journal; workspace: Workspace },
): Promise<string | null> {
  const { ticket, facts, journal, workspace } = options;
  const { landing } = facts;
  const anchor = ticket.evidence === null ? null : parseAnchor(ticket.evidence);
  if (!landing || !anchor || landing.candidate !== facts.candidate?.commit) return null;
  const { operator } = ports;
  const { base: baseCommit, commit } = landing;
  const head = await operator.head();
  const isThere =
    (await operator.resolve(commit)) !== null && (await operator.isAncestor(commit, head.commit));
  if (!isThere) {
    const again = await land({ operator, workspace, baseCommit, commit, branch: facts.onto });
    if (again.kind !== "landed") return null;
  }
  await finishLanding(ports, { ticket: ticket.id, heads: anchor.heads, commit, journal, workspace });
  return commit;
}

async function finishLanding(
  ports: Ports,
  options: {
    ticket: string;
    heads: readonly string[];
    commit: string;
    journal: Journal;
    workspace: Workspace;
  },
): Promise<void> {
  const { ticket, heads, commit, journal, workspace } = options;
  const ts = rfc3339(ports.clock.now());
  for (const head of heads) await recordHead(repositoryWitness(ports), { ts, ticket, head, commit });
  await journal.append({ type: "ended", how: "closed", detail: commit });
  await workspace.remove();
}

/** The landing was refused or cut: the ticket goes back to where and what it was, and does not claim to be closed. */
export async function takeBack(
  ports: Ports,
  ticket: StoredTicket,
  text: string | null,
): Promise<StoredTicket> {
  const moved = await ports.store.move(ticket, "active");
  return ports.store.update(
    moved.path,
    (now) => text ?? setFields(now, { status: "in_review", closed: null, close_reason: null }),
  );
}

/** What Nimrod writes at landing goes into real folders: a link in the repository must not lead it elsewhere. */
async function refuseLinks(root: string): Promise<void> {
  for (const folder of [
    "docs",
    "docs/changes",
    ".nimrod",
    ".nimrod/keys",
    "tickets",
    "tickets/active",
    "tickets/closed",
  ]) {
    const found = await lstat(join(root, folder)).catch(() => null); // not there yet: it will be made
    if (found === null || found.isDirectory()) continue;
    throw new NimrodError("broken", `${folder} is not a folder; nothing is written through a link`, {
      where: folder,
      hint: `ls -l ${folder}`,
    });
  }
}

function lateSteps(facts: RunFacts): { step: string; text: string }[] {
  const logged = facts.closing?.changeLog.map((entry) => entry.step) ?? [];
  return (facts.plan?.result.steps ?? [])
    .filter((step) => facts.host.some((done) => done.step === step.id && done.status === "done"))
    .filter((step) => !logged.includes(step.id))
    .map((step) => ({ step: step.id, text: step.title }));
}
