import { join } from "node:path";
import { NimrodError } from "../../errors.ts";
import { setFields } from "../../tickets/edit.ts";
import { buildGraph } from "../../tickets/links.ts";
import { types } from "../../tickets/ticket.ts";
import type { Context } from "../context.ts";
import { choiceOption, flagOption, listOption, type Options, oneOf, textOption } from "../options.ts";
import { readTextInput } from "../read-text-input.ts";
import { ticketJson } from "../ticket-json.ts";
import { applyLinkRepairs, planLinkRepairs } from "../write-reverse-links.ts";

export async function newTicket(
  context: Context,
  args: readonly string[],
  options: Options,
): Promise<number> {
  const title = (args[0] ?? "").trim();
  if (title === "")
    throw new NimrodError("usage", "a ticket needs a title", { hint: 'nimrod new "What is to be done"' });
  const type = choiceOption(options, "type", types);
  const priority = textOption(options, "priority");
  const bodyFile = textOption(options, "bodyFile");
  const assignee = textOption(options, "assignee");
  const edit = flagOption(options, "edit");
  if (edit && !context.prompts.available) {
    throw new NimrodError("usage", "--edit needs a terminal", { hint: "nimrod new TITLE --body-file F" });
  }

  const { store, root, touch } = await context.project();
  const dependsOn: string[] = [];
  for (const query of listOption(options, "dependsOn")) dependsOn.push((await store.find(query)).id);
  const created = await store.create({
    title,
    dependsOn,
    labels: listOption(options, "label").flatMap((label) => label.split(",")),
    ...(type === undefined ? {} : { type }),
    ...(priority === undefined
      ? {}
      : { priority: Number(oneOf("--priority", priority.replace(/^p/i, ""), ["0", "1", "2", "3", "4"])) }),
    ...(bodyFile === undefined ? {} : { body: await readTextInput(bodyFile, context.cwd) }),
  });
  const ticket =
    assignee === undefined ? created : await store.update(created, (text) => setFields(text, { assignee }));
  if (dependsOn.length > 0) {
    const { tickets } = await store.scan();
    await applyLinkRepairs(store, planLinkRepairs(tickets, buildGraph(tickets), ticket.id));
  }
  await touch(ticket.id);
  if (edit) {
    const { openEditor } = await import("../editor.ts");
    await openEditor(join(root, ticket.path), context.env);
  }
  context.output.document("ticket-created", { ticket: ticketJson(ticket) });
  context.output.line(ticket.id);
  return 0;
}
