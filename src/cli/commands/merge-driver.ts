import { resolve } from "node:path";
import { NimrodError } from "../../errors.ts";
import { mergeAnchors } from "../../evidence/anchor.ts";
import { readFileBounded, writeAtomic } from "../../platform/files.ts";
import { mergeTicketFiles } from "../../tickets/merge/merge-tickets.ts";
import type { Context } from "../context.ts";
import { flagOption, type Options } from "../options.ts";

/** Sixty times the largest ticket. Above it nothing is changed, and git's own merge has its turn. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Git's side of it: three files and the path they are merged for. The result replaces the second one; exit 1 marks the
 * path as a conflict.
 */
export async function mergeDriver(
  context: Context,
  args: readonly string[],
  options: Options,
): Promise<number> {
  const [base = "", ours = "", theirs = "", path = ""] = args;
  const read = (file: string) => readFileBounded(resolve(context.cwd, file), { maxBytes });
  const merge = await mergeTicketFiles(
    { base: await read(base), ours: await read(ours), theirs: await read(theirs) },
    {
      onConflict: flagOption(options, "ancestor") ? "base" : "mark",
      values: new Map([["evidence", mergeAnchors]]),
    },
  );
  await writeAtomic(resolve(context.cwd, ours), merge.content);
  if (merge.kind === "conflict") {
    const [first, ...others] = merge.where.map(({ line, what }) => ({ at: `${path}:${line}`, what }));
    throw new NimrodError("conflict", `both sides changed ${first?.what}`, {
      where: first?.at,
      lines: others.map(({ at, what }) => `${at}: ${what}`),
      hint: hintFor(path, merge.where),
    });
  }
  context.output.document("merge-driver", { path });
  return 0;
}

/** Which of two anchors is right cannot be seen in them: any of the two will do, and the command finds out. */
function hintFor(path: string, conflicts: readonly { what: string }[]): string {
  const edit = `edit what is between the marks, then: git add ${path}`;
  if (!conflicts.some(({ what }) => what === "evidence")) return edit;
  return `${edit}; of evidence keep either line, and after the merge: nimrod verify ID --join`;
}
