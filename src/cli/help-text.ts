import type { CommandRow } from "./command-table.ts";
import { lookAround } from "./completion/surroundings.ts";
import { valuesFor } from "./completion/values.ts";

/** What stands below the options in `nimrod COMMAND --help`: the values that count here, and examples. */

/** Values that a page can list; ids and paths are what completion is for. */
const listed = new Set([
  "status",
  "type",
  "priority",
  "kind",
  "pass",
  "role",
  "form",
  "shell",
  "agent",
  "close-reason",
  "new-status",
]);

/** By the command's name. `folder` is the value of `-C`: agents are those that this project configures. */
export async function textsAfterHelp(
  rows: readonly CommandRow[],
  folder: string | null,
): Promise<Map<string, string>> {
  const valuesAt = valuesFor(lookAround(folder, process.env));
  const texts = new Map<string, string>();
  for (const row of rows) {
    const command = row.usage.split(" ")[0] ?? "";
    const lines: string[] = [];
    for (const { name, placeholder } of placesOf(row)) {
      if (!listed.has(placeholder)) continue;
      const found = await valuesAt({ placeholder, command, before: [] }, "");
      if (found?.kind !== "words") continue;
      lines.push(`  ${name.padEnd(16)}${found.candidates.map(({ value }) => value).join(", ")}`);
    }
    const values = lines.length === 0 ? "" : `\nAccepted values:\n${lines.join("\n")}\n`;
    texts.set(command, `${values}\n${examplesOf(row)}`);
  }
  return texts;
}

function placesOf({ usage, options = [] }: CommandRow): { name: string; placeholder: string }[] {
  const args = [...usage.matchAll(/[<[]([^>\]]+)[>\]]/g)].map(([, name = ""]) => ({
    name,
    placeholder: name,
  }));
  const flags = options.flatMap(({ flags: text }) => {
    const match = /(--[a-z-]+) <([^>]+)>/.exec(text);
    return match === null ? [] : [{ name: match[1] ?? "", placeholder: match[2] ?? "" }];
  });
  return [...args, ...flags];
}

function examplesOf({ example }: CommandRow): string {
  const examples = typeof example === "string" ? [example] : example;
  return `${examples.length === 1 ? "Example" : "Examples"}:\n${examples.map((one) => `  $ ${one}`).join("\n")}`;
}
