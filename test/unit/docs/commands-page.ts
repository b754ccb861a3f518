import { commandGroups, everyCommand } from "../../../src/cli/command-groups.ts";
import {
  type CommandRow,
  commands,
  globalOptions,
  helpRow,
  type OptionRow,
} from "../../../src/cli/command-table.ts";
import { valuesFor } from "../../../src/cli/completion/values.ts";
import { exitCodes } from "../../../src/cli/exit-codes.ts";
import { acceptedValues, examplesOf, promisesOf } from "../../../src/cli/help-text.ts";

/** docs/commands.md, made from the command table. `scripts/write-commands-page.mjs` writes it, and a test compares. */

const nowhere = valuesFor({ root: null, configFiles: [], approvals: async () => null });
const rows: readonly Partial<CommandRow>[] = [
  ...commands,
  { ...helpRow, example: ["nimrod help close", "nimrod help exit-codes"] },
];

/** @param before the page as it is: what a person wrote between the marks is put back where it stood. */
export async function commandsPage(before: string): Promise<string> {
  const parts = [
    "# Which commands are there, and what may a script rely on?",
    "<!-- Written by scripts/write-commands-page.mjs; your own words go between the marks, and stay. -->",
    ownWords(before, "introduction"),
    contents(),
    "## Everywhere",
    optionTable(globalOptions, new Map()),
    ownWords(before, "everywhere"),
    "## Exit codes",
    table(["exit", "meaning"], Object.entries(exitCodes)),
    ownWords(before, "exit codes"),
  ];
  for (const { title, commands: names } of commandGroups) {
    parts.push(`## ${title}`);
    for (const row of rows)
      if (Object.hasOwn(names, nameOf(row))) parts.push(...(await section(row, before)));
  }
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

async function section(row: Partial<CommandRow>, before: string): Promise<string[]> {
  const { usage = "", alias, summary = "", options = [], example = [] } = row;
  const name = nameOf(row);
  const [, ...args] = usage.split(" ");
  const synopsis = ["nimrod", name, ...(options.length > 0 ? ["[options]"] : []), ...args].join(" ");
  const accepted = await acceptedValues({ usage, summary, example, options, load }, nowhere);
  const values = new Map(accepted.map((one) => [one.name, one.values]));
  // An option shows its values in its row.
  const ofArguments = accepted.filter(({ name: place }) => !place.startsWith("-"));
  return [
    `### \`${name}\``,
    [
      `${capital(summary)}.${alias === undefined ? "" : ` Short: \`nimrod ${alias}\`.`}`,
      ...ofArguments.map(({ name: place, values: all }) => `\`<${place}>\` is one of ${codes(all)}.`),
    ].join(" "),
    `\`\`\`text\n${synopsis}\n\`\`\``,
    options.length === 0 ? "" : optionTable(options, values),
    ownWords(before, name),
    `\`\`\`sh example\n${examplesOf({ usage, summary, example, load }).join("\n")}\n\`\`\``,
    promises(name),
  ];
}

/** The examples and values of a row are looked at, never run. */
const load = () => Promise.reject(new Error("not to be run"));

function promises(name: string): string {
  const { exits, kinds } = promisesOf(name);
  const own = exits.filter((exit) => !everyCommand.some((one) => one === exit));
  const links = kinds.map((kind) => `[\`${kind}\`](../schemas/${kind}.json)`);
  return [
    `Exits: ${own.length === 0 ? "" : `${own.join(", ")}, and `}[those of every command](#exit-codes).`,
    `Documents of \`--json\`: ${links.join(", ")}.`,
  ].join(" ");
}

function contents(): string {
  return table(
    ["group", "commands"],
    commandGroups.map(({ title, commands: names }) => [
      `[${title}](#${title.toLowerCase().replaceAll(" ", "-")})`,
      rows
        .map(nameOf)
        .filter((name) => Object.hasOwn(names, name))
        .map((name) => `[\`${name}\`](#${name})`)
        .join(", "),
    ]),
  );
}

function optionTable(options: readonly OptionRow[], values: ReadonlyMap<string, readonly string[]>): string {
  const cells = options.map(({ flags, help, repeat }) => {
    const long = /--[a-z-]+/.exec(flags)?.[0] ?? flags;
    const all = values.get(long);
    // Many a help text is the list itself.
    const listed = all?.every((value) => help.includes(value)) === true ? undefined : all;
    const says = [
      help,
      ...(listed === undefined ? [] : [`one of ${codes(listed)}`]),
      ...(repeat === true ? ["repeatable"] : []),
    ];
    return [`\`${flags}\``, says.join("; ")];
  });
  return table(["option", "does"], cells);
}

function table(titles: readonly string[], cells: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...cells.map(line)].join("\n");
}

/** Marked text of the page; an empty place for a command that is new. */
function ownWords(before: string, place: string): string {
  const open = `<!-- own words: ${place} -->`;
  const close = "<!-- end -->";
  const [, after] = before.split(open);
  const text = after?.split(close)[0]?.trim() ?? "";
  return text === "" ? `${open}\n${close}` : `${open}\n${text}\n${close}`;
}

function codes(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

function nameOf({ usage = "" }: Partial<CommandRow>): string {
  return usage.split(" ")[0] ?? "";
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
