import { hostname } from "node:os";
import { join } from "node:path";
import { approvalKeyPresence, openSigner, type Signer } from "../../authorization/approval-key.ts";
import type { ApprovalItem, Approvals, ApprovalView } from "../../authorization/approvals.ts";
import { carriesRunCookie } from "../../authorization/run-cookie.ts";
import { NimrodError } from "../../errors.ts";
import { runStateOf } from "../../pipeline/consider.ts";
import { probeSandbox } from "../../workspace/sandbox.ts";
import { approvalsOf } from "../approvals-of.ts";
import type { Context, Project } from "../context.ts";
import { type Options, textOption } from "../options.ts";
import { prepareApprovalKey } from "../prepare-approval-key.ts";

/** `nimrod approvals`: the queue. */
export async function approvals(context: Context): Promise<number> {
  const project = await context.project();
  const all = await (await approvalsOf(context, project)).list();
  const open = all.filter((view) => view.state === "pending");
  context.output.document("approvals", { approvals: all.map(viewJson) });
  if (open.length === 0) context.output.line("Nothing waits for an approval.");
  context.output.table(
    [{ title: "ID" }, { title: "TICKET" }, { title: "WHAT", shrinks: true }, { title: "WHY" }],
    open.map(({ request }) => [
      request.id,
      request.ticket ?? "",
      request.items.map((item) => item.title).join("; "),
      request.items[0]?.rule ?? "",
    ]),
  );
  if (open[0]) context.output.line(`  next: nimrod approve ${open[0].request.id}`);
  return 0;
}

/** `nimrod approve AID`: shows the whole of it, then wants a person's proof and signs. */
export async function approve(context: Context, args: readonly string[]): Promise<number> {
  const project = await context.project();
  const store = await approvalsOf(context, project);
  const view = await store.get(args[0] ?? "");
  const { request } = view;
  if (view.state === "approved") {
    context.output.document("approval", approvalJson(view));
    context.output.line(`${request.id} is approved already, until ${view.expires ?? "it is withdrawn"}`);
    return 0;
  }
  if (view.state !== "pending" && view.state !== "denied") {
    throw new NimrodError(
      "failed",
      `${request.id} is ${view.state}; a new approval is asked for when it is needed`,
      {
        hint: request.ticket ? `nimrod resume ${request.ticket}` : "nimrod next",
      },
    );
  }
  const shown = describeApproval(view);
  // The text is shown on stderr: stdout is for the result.
  for (const line of shown) context.output.say(line);
  const signer = await provePerson(context, `Approve ${request.id}?`, `nimrod approve ${request.id}`);
  const approval = await store.approve(request.id, signer, shown.join("\n"));
  context.output.document("approval", approvalJson(await store.get(request.id)));
  context.output.line(
    { text: `${request.id} approved`, style: "green" },
    `${approval.expires === null ? "" : ` until ${approval.expires}, for one use`}; signed by ${signer.fingerprint}`,
  );
  context.output.line(`  next: ${await commandAfter(store, project, request)}`);
  return 0;
}

/** `nimrod deny AID --reason TEXT`: needs no proof; a no can only make things safer. */
export async function deny(context: Context, args: readonly string[], options: Options): Promise<number> {
  const reason = textOption(options, "reason");
  if (!reason)
    throw new NimrodError("usage", "say why: --reason TEXT", {
      hint: `nimrod deny ${args[0] ?? "A-1"} --reason "not now"`,
    });
  await refuseAgents(context, "deny");
  const project = await context.project();
  const store = await approvalsOf(context, project);
  const { request, state } = await store.get(args[0] ?? "");
  if (state !== "denied") await store.deny(request.id, reason);
  context.output.document("approval", approvalJson(await store.get(request.id)));
  context.output.line(`${request.id} denied: ${reason}`);
  if (request.ticket) context.output.line(`  next: ${await commandAfter(store, project, request)}`);
  return 0;
}

/** What was stopped by the question goes on: a run, a close or a rollback. */
async function commandAfter(
  approvals: Approvals,
  project: Project,
  request: ApprovalView["request"],
): Promise<string> {
  const { ticket: id, requester } = request;
  // A triage comes before any ticket is claimed: there is no run to resume.
  if (!id || requester.startsWith("triager/")) return "nimrod next";
  if (requester === "nimrod/rollback") return `nimrod rollback ${id}`;
  const ticket = await project.findTicket(id).catch(() => null); // the file may be gone meanwhile
  if (ticket?.status === "in_review") return `nimrod close ${id}`;
  const places = {
    stateFolder: project.stateFolder,
    approvals,
    untrusted: null,
    textOf: project.store.textOf,
  };
  const isLive = ticket !== null && (await runStateOf(ticket, places)).kind === "live";
  return isLive ? `nimrod log ${id} -f      (its run waits for this and goes on)` : `nimrod resume ${id}`;
}

/**
 * Proof of a person: a terminal, no pass among the ancestors, and the passphrase of the approval key. A key without
 * a passphrase takes typed characters instead, and such approvals count only where agents run in the sandbox.
 */
export async function provePerson(context: Context, question: string, command: string): Promise<Signer> {
  await refuseAgents(context, command);
  const whenNobody = { hint: `${command}   (at a terminal)` };
  if (!context.prompts.available) {
    throw new NimrodError("needs_person", `${question} Only a person at a terminal can say so`, whenNobody);
  }
  await prepareApprovalKey(context);
  const presence = await approvalKeyPresence(context.stateHome);
  const sandbox = await probeSandbox({ ...context.env });
  if (presence === "challenge" && sandbox.kind === "none") {
    throw new NimrodError(
      "needs_person",
      "your approval key has no passphrase, and without a sandbox its word does not count",
      {
        lines: [`no sandbox: ${sandbox.why}`],
        hint: `install bubblewrap, or: rm ${join(context.stateHome, "keys", "approval.pem")} && nimrod init   (then give it a passphrase)`,
      },
    );
  }
  if (presence === "passphrase") {
    return openSigner(
      context.stateHome,
      await context.prompts.passphrase(`${question} Passphrase of your approval key`, whenNobody),
    );
  }
  if (!(await context.prompts.challenge(question, whenNobody))) {
    throw new NimrodError("needs_person", "that was not what was shown; nothing was signed", whenNobody);
  }
  return openSigner(context.stateHome, "");
}

async function refuseAgents(context: Context, command: string): Promise<void> {
  if (await carriesRunCookie({ ...context.env }, process.pid)) {
    throw new NimrodError(
      "needs_person",
      `${command} was called from inside a pass; an agent cannot speak for a person`,
    );
  }
}

function describeApproval({ request, state }: ApprovalView): string[] {
  const head = `${request.id}  ${request.ticket ?? "every ticket"}  ${request.kind}  asked ${request.created} by ${request.requester}  ${state}`;
  return [head, ...request.items.flatMap((item, index) => describeItem(item, index, request.items.length))];
}

function describeItem(item: ApprovalItem, index: number, of: number): string[] {
  const label = (name: string, text: string) => `  ${name.padEnd(10)}  ${text}`;
  const [first = "", ...more] = item.runs;
  return [
    ...(of > 1 ? [`${index + 1} of ${of}  ${item.title}`] : [`  ${item.title}`]),
    label("will run", first),
    ...more.map((line) => label("", line)),
    label("on", `${hostname()}: ${item.where}`),
    label("effects", told(item.effects).join(", ") || "unknown"),
    label("why asked", `${item.reason} (${item.rule})`),
    label("undo", item.undo ?? "none recorded"),
    label("digest", item.digest),
  ];
}

/** Each once: "delete a b" is left out beside "delete a" and "delete b". */
function told(effects: ApprovalItem["effects"]): string[] {
  const say = ({ kind, target }: { kind: string; target: string }) => `${kind} ${target}`.trim();
  const all = new Set(effects.map(say));
  const isSum = ({ kind, target }: ApprovalItem["effects"][number]) =>
    target.includes(" ") && target.split(" ").every((word) => all.has(say({ kind, target: word })));
  return [...new Set(effects.filter((effect) => !isSum(effect)).map(say))];
}

function viewJson({ request, state, expires, reason }: ApprovalView) {
  return { ...request, state, expires, denied: reason };
}

/** On its own, the request's kind needs another name: `kind` is the document's. */
function approvalJson(view: ApprovalView) {
  const { kind, ...rest } = viewJson(view);
  return { ...rest, requestKind: kind };
}
