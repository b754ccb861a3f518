import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { ulid } from "../platform/clock.ts";
import type { Context, Project } from "./context.ts";
import { readTextInput } from "./read-text-input.ts";

/** Where a longer text can come from: words of the command line, `--body-file`, `-` for stdin, else the editor. */
export type TextSource = {
  words: readonly string[];
  file: string | undefined;
  /** What the text is, for messages: `a note`. */
  what: string;
  /** A command that works without a terminal. */
  hint: string;
};

/**
 * Gets the text and hands it to `use`. What was typed in an editor is kept until `use` has ended well: a ticket that
 * cannot be written must not cost somebody their words. Throws `usage` for a text that is empty or holds NUL.
 */
export async function withText<T>(
  context: Context,
  project: Project,
  source: TextSource,
  use: (text: string) => Promise<T>,
): Promise<T> {
  const { words, file, what, hint } = source;
  const isStdin = words.length === 1 && words[0] === "-";
  if (file !== undefined && words.length > 0) {
    throw new NimrodError("usage", `${what} is given twice: in words and by --body-file`, { hint });
  }
  const given = isStdin ? "-" : file;
  if (given !== undefined) return use(checkText(await readTextInput(given, context.cwd), source));
  if (words.length > 0) return use(checkText(words.join(" "), source));
  if (!context.prompts.available) throw new NimrodError("usage", `${what} needs a text`, { hint });

  const { openEditor } = await import("./editor.ts");
  const { ensureFolder, readTextIfExists, removeTree, writeAtomic } = await import("../platform/files.ts");
  const folder = join(project.stateFolder, "drafts");
  const path = join(folder, `${ulid(context.clock)}.md`);
  await ensureFolder(folder, { mode: 0o700 });
  await writeAtomic(path, "", { mode: 0o600 });
  try {
    await openEditor(path, context.env);
    const result = await use(checkText((await readTextIfExists(path)) ?? "", source));
    await removeTree(path);
    return result;
  } catch (error) {
    const text = await readTextIfExists(path).catch(() => "?"); // unreadable is not empty: it is kept
    if (text === null || text.trim() === "") await removeTree(path);
    else context.output.complain(`your text is kept in ${path}`);
    throw error;
  }
}

/** The same rules for every way in. Other control characters are somebody's pasted log: they are kept, and shown as text. */
export function checkText(text: string, { what, hint }: Pick<TextSource, "what" | "hint">): string {
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    const line = text.slice(0, nul).split("\n").length;
    throw new NimrodError("usage", `${what} is text, and line ${line} of this holds a NUL byte`, { hint });
  }
  if (text.trim() === "") throw new NimrodError("usage", `${what} needs a text, and this is empty`, { hint });
  return text;
}
