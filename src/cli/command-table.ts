import type { Context } from "./context.ts";
import type { Options } from "./options.ts";

/** What a file in `commands/` exports: reads its options, calls one thing, prints, answers with the exit code. */
type Command = (context: Context, args: readonly string[], options: Options) => Promise<number>;

type OptionRow = {
  /** As commander writes it: `-s, --status <status>`. */
  flags: string;
  help: string;
  /** May be given several times; always a list then. */
  repeat?: true;
};

export type CommandRow = {
  /** `show <id>`: the name, then its arguments. */
  usage: string;
  alias?: string;
  summary: string;
  example: string;
  options?: readonly OptionRow[];
  /** Imports the command when it is called, so that `list` never loads what only `next` needs. */
  load: () => Promise<Command>;
};

const filters: readonly OptionRow[] = [
  { flags: "-s, --status <status>", help: "only this status", repeat: true },
  { flags: "-l, --label <label>", help: "only tickets that carry all of these", repeat: true },
  { flags: "-p, --priority <priority>", help: "only this priority, 0 to 4", repeat: true },
  { flags: "-a, --assignee <name>", help: "only this person's" },
  { flags: "-t, --type <type>", help: "only this type", repeat: true },
  { flags: "--limit <n>", help: "at most so many rows" },
];

/** Every command of `nimrod`. One row and one file in `commands/` add another. */
export const commands: readonly CommandRow[] = [
  {
    usage: "init",
    summary: "make this repository a Nimrod project",
    example: "nimrod init",
    options: [{ flags: "--agents", help: "also copy the role prompts to agents/, for editing" }],
    load: async () => (await import("./commands/init.ts")).init,
  },
  {
    usage: "new <title>",
    summary: "create a ticket and print its id",
    example: 'nimrod new "Renew the vault certificate" --type task --priority 1',
    options: [
      { flags: "-t, --type <type>", help: "task, bug, feature, chore, docs, spike or epic" },
      { flags: "-p, --priority <priority>", help: "0 (highest) to 4" },
      { flags: "-l, --label <label>", help: "a label", repeat: true },
      { flags: "-a, --assignee <name>", help: "who" },
      { flags: "-d, --depends-on <id>", help: "a ticket that must be done before", repeat: true },
      { flags: "--body-file <file>", help: "the ticket's text; - reads stdin" },
      { flags: "--edit", help: "open the new ticket in $VISUAL or $EDITOR" },
    ],
    load: async () => (await import("./commands/new.ts")).newTicket,
  },
  {
    usage: "list",
    alias: "ls",
    summary: "the tickets, as a table",
    example: "nimrod list --status open --label tls",
    options: [...filters, { flags: "--all", help: "closed ones too" }],
    load: async () => (await import("./commands/list.ts")).list,
  },
  {
    usage: "ready",
    summary: "the tickets that could be started now",
    example: "nimrod ready --limit 5",
    options: filters,
    load: async () => (await import("./commands/list.ts")).ready,
  },
  {
    usage: "blocked",
    summary: "the tickets that wait for another one, and for which",
    example: "nimrod blocked",
    options: filters,
    load: async () => (await import("./commands/list.ts")).blocked,
  },
  {
    usage: "show <id>",
    summary: "one ticket: its fields, links both ways, what it waits for, its text",
    example: "nimrod show 7k3f9q",
    load: async () => (await import("./commands/show.ts")).show,
  },
  {
    usage: "authorize [command...]",
    summary: "explain the decision for a command, without running it",
    example: "nimrod authorize -- git push --force",
    options: [
      { flags: "--jsonl", help: 'read {"id","command","cwd"?} lines from stdin, answer line by line' },
    ],
    load: async () => (await import("./commands/authorize.ts")).authorize,
  },
  {
    usage: "doctor",
    summary: "what works here and what is broken",
    example: "nimrod doctor --fix",
    options: [
      { flags: "--fix", help: "show what would be repaired" },
      { flags: "--apply", help: "with --fix: repair it" },
    ],
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
];
