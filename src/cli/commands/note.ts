import { rfc3339 } from "../../platform/clock.ts";
import { appendToSection } from "../../tickets/edit.ts";
import { renderNote } from "../../tickets/note.ts";
import { userName } from "../author.ts";
import type { Context } from "../context.ts";
import { type Options, textOption } from "../options.ts";
import { withText } from "../text-input.ts";

/** `nimrod note ID [TEXT]`: a dated line under `## Notes`. A run at work is not disturbed: its text is another one. */
export async function note(context: Context, args: readonly string[], options: Options): Promise<number> {
  const [query = "", ...words] = args;
  const project = await context.project();
  const ticket = await project.findTicket(query);
  const source = {
    words,
    file: textOption(options, "bodyFile"),
    what: "a note",
    hint: `nimrod note ${ticket.id} "what I saw"   (or --body-file F, or - for stdin)`,
  };
  return withText(context, project, source, async (text) => {
    const written = { at: rfc3339(context.clock.now()), author: userName(context.env), text: text.trim() };
    const after = await project.store.update(ticket, (before) =>
      appendToSection(before, "Notes", renderNote(written)),
    );
    await project.touch(ticket.id);
    context.output.document("note", { ticket: ticket.id, path: after.path, note: written });
    context.output.line(`noted in ${after.path}`);
    return 0;
  });
}
