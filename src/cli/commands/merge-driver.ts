import { resolve } from "node:path";
import { NimrodError } from "../../errors.ts";
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
    { onConflict: flagOption(options, "ancestor") ? "base" : "mark" },
  );
  await writeAtomic(resolve(context.cwd, ours), merge.content);
  if (merge.kind === "conflict") {
    const [first, ...others] = merge.where.map(({ line, what }) => ({ at: `${path}:${line}`, what }));
    throw new NimrodError("conflict", `both sides changed ${first?.what}`, {
      where: first?.at,
      lines: others.map(({ at, what }) => `${at}: ${what}`),
      hint: `edit what is between the marks, then: git add ${path}`,
    });
  }
  context.output.document("merge-driver", { path });
  return 0;
}
