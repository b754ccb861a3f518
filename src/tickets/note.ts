export type Note = {
  /** RFC 3339. */
  at: string;
  author: string;
  text: string;
};

/**
 * A note as it stands under `## Notes`: one list item, so that notes of two branches merge line by line. Its further
 * lines are indented by four, which keeps a heading, a code fence or a mark in them from being one of the ticket's.
 */
export function renderNote({ at, author, text }: Note): string {
  const [first = "", ...more] = text
    .replaceAll(/\r\n?/g, "\n")
    .replace(/^\s*\n/, "")
    .trimEnd()
    .split("\n");
  const rest = more.map((line) => (line.trim() === "" ? "" : `    ${line}`));
  return [`- ${at} ${nameOf(author)}: ${first.trimStart()}`, ...rest].join("\n");
}

/** A name of one word on one line: the colon behind it ends it. */
function nameOf(author: string): string {
  return author.replaceAll(/[^\p{L}\p{N}._@+-]+/gu, "-").replace(/^-+|-+$/g, "") || "somebody";
}
