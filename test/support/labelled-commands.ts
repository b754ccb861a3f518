import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tier } from "../../src/authorization/action.ts";

/** Commands that people type, with the tier that each needs by the rules of docs/authorization.md. Data: none is ever run. */
export type LabelledCommand = {
  id: string;
  command: string;
  /** Null where no label is certain. */
  gold: Exclude<Tier, "deny"> | null;
};

const own = join(import.meta.dirname, "..", "bench", "labelled");

/** Name of the set → its rows: the project's own sets, or those of another folder. */
export function labelledCommands(folder = own): Map<string, LabelledCommand[]> {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  return new Map(
    files.sort().map((name): [string, LabelledCommand[]] => {
      const lines = readFileSync(join(folder, name), "utf8").split("\n");
      return [
        name.replace(/\.jsonl$/, ""),
        lines.filter((line) => line !== "").map((line) => JSON.parse(line)),
      ];
    }),
  );
}
