import { NimrodError } from "../../errors.ts";
import type { LinkKind, Status, StoredTicket, TicketType } from "../../tickets/ticket.ts";
import type { Context } from "../context.ts";
import { type FieldChanges, readFieldOptions } from "../field-options.ts";
import type { Ends } from "../linking.ts";
import { flagOption, type Options, textOption } from "../options.ts";
import { readTextInput } from "../read-text-input.ts";
import { checkText } from "../text-input.ts";
import { ticketJson } from "../ticket-json.ts";

/** `nimrod new TITLE`: creates a ticket and prints its id. */
export async function newTicket(
  context: Context,
  args: readonly string[],
  options: Options,
): Promise<number> {
  const title = (args[0] ?? "").trim();
  if (title === "")
    throw new NimrodError("usage", "a ticket needs a title", { hint: 'nimrod new "What is to be done"' });
  const changes = await readFieldOptions({ ...options, title });
  const bodyFile = textOption(options, "bodyFile");
  const edit = flagOption(options, "edit");
  if (edit && !context.prompts.available) {
    throw new NimrodError("usage", "--edit needs a terminal", { hint: "nimrod new TITLE --body-file F" });
  }

  const project = await context.project();
  const { store } = project;
  const links: { kind: LinkKind; to: StoredTicket }[] = [];
  const scan = changes.links.length > 0 ? await store.scan() : undefined;
  for (const { kind, add } of changes.links) {
    for (const query of add) links.push({ kind, to: await project.findTicket(query, scan) });
  }
  const body =
    bodyFile === undefined
      ? {}
      : {
          body: checkText(await readTextInput(bodyFile, context.cwd), {
            what: "the ticket",
            hint: "without --body-file it gets an empty form",
          }),
        };
  const created = await store.create({ ...fieldsOf(changes), title, links: idsByKind(links), ...body });
  if (links.length > 0) {
    // Editing loads what a new ticket alone does not need.
    const { tellOther } = await import("../linking.ts");
    for (const { kind, to } of links) {
      await tellOther(store, { from: created, kind, to }).catch((error: unknown) => {
        throw untold(error, { from: created, kind, to });
      });
    }
  }
  await project.touch(created.id);
  let ticket = created;
  if (edit) {
    const { editInPlace } = await import("../edit-in-place.ts");
    ticket = await editInPlace(context, project, { path: created.path, before: created });
  }
  context.output.document("ticket-created", { ticket: ticketJson(ticket) });
  context.output.line(ticket.id);
  // A script wants the id alone; a person also wants to know where the ticket is.
  if (context.prompts.available) sayNext(context, ticket, { isFormEmpty: bodyFile === undefined && !edit });
  return 0;
}

/** Who takes this for a failure and calls again would have the ticket twice. */
function untold(error: unknown, { from, kind, to }: Ends): unknown {
  if (!(error instanceof NimrodError)) return error;
  return new NimrodError(
    error.code,
    `${from.id} was created, but ${to.id} does not name it: ${error.message}`,
    {
      hint: `nimrod link ${from.id} ${kind} ${to.id}`,
      cause: error,
    },
  );
}

function sayNext({ output }: Context, { id, path }: StoredTicket, { isFormEmpty }: { isFormEmpty: boolean }) {
  output.say(`  file: ${path}`);
  output.say(isFormEmpty ? `  next: nimrod edit ${id}      then: nimrod next` : "  next: nimrod next");
}

function fieldsOf({ scalars, labels }: FieldChanges) {
  const text = (key: string) => {
    const value = scalars[key];
    return typeof value === "string" ? value : undefined;
  };
  return {
    // readFieldOptions has compared both with the words that there are.
    status: text("status") as Status | undefined,
    type: text("type") as TicketType | undefined,
    priority: typeof scalars["priority"] === "number" ? scalars["priority"] : undefined,
    labels: labels.add,
    assignee: text("assignee"),
    externalRef: text("external_ref"),
    deferUntil: text("defer_until"),
  };
}

function idsByKind(
  links: readonly { kind: LinkKind; to: StoredTicket }[],
): Partial<Record<LinkKind, string[]>> {
  const ids: Partial<Record<LinkKind, string[]>> = {};
  for (const { kind, to } of links) {
    const known = ids[kind] ?? [];
    ids[kind] = known.includes(to.id) ? known : [...known, to.id];
  }
  return ids;
}
