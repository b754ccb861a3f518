import { commandGroups, documentOfExit, everyCommand } from "./command-groups.ts";
import type { CommandRow } from "./command-table.ts";
import type { Place } from "./completion/candidates.ts";
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

export type HelpTexts = { group: string; after: string };

/** By the command's name. `folder` is the value of `-C`: agents are those that this project configures. */
export async function helpTexts(
  rows: readonly CommandRow[],
  folder: string | null,
): Promise<Map<string, HelpTexts>> {
  const valuesAt = valuesFor(lookAround(folder, process.env));
  const texts = new Map<string, HelpTexts>();
  for (const row of rows) {
    const command = row.usage.split(" ")[0] ?? "";
    const lines = (await acceptedValues(row, valuesAt)).map(
      ({ name, values }) => `  ${name.padEnd(16)}${values.join(", ")}`,
    );
    const values = lines.length === 0 ? "" : `\nAccepted values:\n${lines.join("\n")}\n`;
    const { exits, kinds, group } = promisesOf(command);
    texts.set(command, {
      group: `${group}:`,
      after: `${values}\nExits: ${exits.join(", ")}   (nimrod help exit-codes)\nDocuments of --json: ${kinds.join(", ")}\n\n${titledExamples(row)}`,
    });
  }
  // The one command that is no row of the table.
  texts.set("help", { group: `${promisesOf("help").group}:`, after: "" });
  return texts;
}

/** What a command's arguments and options take, where that is a short closed list. */
export async function acceptedValues(
  row: CommandRow,
  valuesAt: ReturnType<typeof valuesFor>,
): Promise<{ name: string; values: string[] }[]> {
  const accepted: { name: string; values: string[] }[] = [];
  for (const { name, placeholder } of placesOf(row)) {
    if (!listed.has(placeholder)) continue;
    const place: Place = { placeholder, command: row.usage.split(" ")[0] ?? "", before: [] };
    const found = await valuesAt(place, "");
    if (found?.kind !== "words") continue;
    accepted.push({ name, values: found.candidates.map(({ value }) => value) });
  }
  return accepted;
}

/** What a script may meet: every exit, and every kind of document that goes with them. */
export function promisesOf(command: string): { group: string; exits: number[]; kinds: string[] } {
  const group = commandGroups.find(({ commands }) => Object.hasOwn(commands, command));
  const promises = group?.commands[command];
  if (group === undefined || promises === undefined) throw new Error(`${command} is in no group of commands`);
  const exits = [...everyCommand, ...promises.exits].sort((a, b) => a - b);
  const kinds = [...promises.documents, ...exits.flatMap((exit) => documentOfExit[exit] ?? []), "error"];
  return { group: group.title, exits, kinds };
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

export function examplesOf({ example }: CommandRow): readonly string[] {
  return typeof example === "string" ? [example] : example;
}

function titledExamples(row: CommandRow): string {
  const examples = examplesOf(row);
  return `${examples.length === 1 ? "Example" : "Examples"}:\n${examples.map((one) => `  $ ${one}`).join("\n")}`;
}
