import { NimrodError } from "../../errors.ts";
import { bindingsOf } from "../../pipeline/bindings.ts";
import { foldJournal } from "../../pipeline/facts.ts";
import { isTestFile } from "../../pipeline/frozen.ts";
import { readLatestRun } from "../../pipeline/journal.ts";
import { ticketFolder } from "../../pipeline/places.ts";
import { openOperatorRepository } from "../../workspace/repository.ts";
import { openWorkspace } from "../../workspace/worktree.ts";
import type { Context } from "../context.ts";

/** `nimrod diff ID`: the candidate against its base, tests apart from the rest. */
export async function diff(context: Context, args: readonly string[]): Promise<number> {
  const project = await context.project();
  const ticket = await project.findTicket(args[0] ?? "");
  const latest = await readLatestRun(project.stateFolder, ticket.id);
  if (!latest)
    throw new NimrodError("nothing_to_do", `${ticket.id} was never run, so there is no candidate`, {
      hint: `nimrod run ${ticket.id}`,
    });
  const facts = foldJournal(latest.records, bindingsOf({ policyDigest: "" }, ticket));
  const { output } = context;
  if (facts.ended === "closed") {
    const commit = latest.records.findLast((record) => record.type === "ended");
    throw new NimrodError("nothing_to_do", `${ticket.id} has landed`, {
      hint: `git show -m --first-parent ${commit?.type === "ended" ? commit.detail.slice(0, 12) : ""}`,
    });
  }
  if (facts.ended === "dropped" || facts.ended === "rolled_back")
    throw new NimrodError("nothing_to_do", `${ticket.id} has not been run since it was taken back`, {
      hint: `nimrod run ${ticket.id}`,
    });
  const operator = await openOperatorRepository(project.root);
  const workspace = await openWorkspace({
    operator,
    folder: ticketFolder(project, ticket.id, latest.run),
    branch: facts.branch,
  });
  const head = await workspace.head();
  const text = await workspace.diff(facts.base, head);
  const files = splitDiff(text);
  const tests = files.filter((file) => isTestFile(file.path));
  const rest = files.filter((file) => !isTestFile(file.path));
  output.document("diff", {
    ticket: ticket.id,
    base: facts.base,
    head,
    files: files.map((file) => ({ path: file.path, test: isTestFile(file.path) })),
    diff: text,
  });
  if (files.length === 0) output.say(`${ticket.id}: nothing is changed yet`);
  for (const file of rest) output.line(file.text.trimEnd());
  if (tests.length > 0) output.say({ text: `Tests (${tests.length} files):`, style: "bold" });
  for (const file of tests) output.line(file.text.trimEnd());
  return 0;
}

function splitDiff(text: string): { path: string; text: string }[] {
  const parts = text.split(/^(?=diff --git )/m).filter((part) => part.startsWith("diff --git "));
  return parts.map((part) => ({ path: /^diff --git a\/(.*?) b\//.exec(part)?.[1] ?? "", text: part }));
}
