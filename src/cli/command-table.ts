import { linkKinds } from "../tickets/ticket.ts";
import type { Context } from "./context.ts";
import { changeOptions, fieldOptions } from "./field-rows.ts";
import type { Options } from "./options.ts";

/** What a file in `commands/` exports: reads its options, calls one thing, prints, answers with the exit code. */
type Command = (context: Context, args: readonly string[], options: Options) => Promise<number>;

export type OptionRow = {
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
  /** One to three, as they would be typed. */
  example: string | readonly string[];
  options?: readonly OptionRow[];
  /** Its help ends with the values that this project has. */
  tellsValues?: true;
  /** Whether a person at a terminal reads it in a pager. */
  pages?: (options: Options) => boolean;
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

/** Of `nimrod` itself, and good for every command. */
export const globalOptions: readonly OptionRow[] = [
  { flags: "-C <dir>", help: "work as if started in this folder" },
  { flags: "--json", help: "print one JSON document, and nothing else, on stdout" },
  { flags: "--no-input", help: "never ask; stop with exit 5 where an answer is needed" },
  { flags: "--no-color", help: "no colour" },
  { flags: "--no-pager", help: "print it all at once, also on a terminal" },
];

const always = () => true;

/** The one command that is no row of the table: it is about the table. */
export const helpRow: Pick<CommandRow, "usage" | "alias" | "summary" | "options"> = {
  usage: "help [topic]",
  summary: "help about a command, or about exit-codes",
};

/** Every command of `nimrod`. One row and one file in `commands/` add another. */
export const commands: readonly CommandRow[] = [
  {
    usage: "init",
    summary: "make this repository a Nimrod project",
    example: ["nimrod init", "nimrod init --git"],
    options: [
      { flags: "--agents", help: "also copy the role prompts to agents/, for editing" },
      { flags: "--git", help: "also have git merge tickets by `nimrod merge-driver` in this clone" },
    ],
    load: async () => (await import("./commands/init.ts")).init,
  },
  {
    usage: "new <title>",
    summary: "create a ticket and print its id",
    example: [
      'nimrod new "Renew the vault certificate" --type task --priority 1',
      'nimrod new "Write it down" --depends-on 7k3f9q --label docs',
      'git log -1 --format=%B | nimrod new "Follow up" --body-file -',
    ],
    options: [...fieldOptions, { flags: "--edit", help: "open the new ticket in $VISUAL or $EDITOR" }],
    tellsValues: true,
    load: async () => (await import("./commands/new.ts")).newTicket,
  },
  {
    usage: "edit <id>",
    summary: "change a ticket's fields; without an option, open it in your editor",
    example: ["nimrod edit 7k3f9q --priority 1 --label tls --remove-depends-on 2ab9xx", "nimrod edit @"],
    options: changeOptions,
    tellsValues: true,
    load: async () => (await import("./commands/edit.ts")).edit,
  },
  {
    usage: "list",
    alias: "ls",
    summary: "the tickets, as a table",
    example: ["nimrod list --status open --label tls", "nimrod ls --all --limit 20", "nimrod list --json"],
    options: [...filters, { flags: "--all", help: "closed ones too" }],
    pages: always,
    load: async () => (await import("./commands/list.ts")).list,
  },
  {
    usage: "ready",
    summary: "the tickets that could be started now",
    example: ["nimrod ready --limit 5", "nimrod ready --label tls --assignee sara"],
    options: filters,
    pages: always,
    load: async () => (await import("./commands/list.ts")).ready,
  },
  {
    usage: "blocked",
    summary: "the tickets that wait for another one, and for which",
    example: ["nimrod blocked", "nimrod blocked --priority 0 --priority 1"],
    options: filters,
    pages: always,
    load: async () => (await import("./commands/list.ts")).blocked,
  },
  {
    usage: "search <query...>",
    summary: "the tickets in which all these words occur, the best first",
    example: ["nimrod search vault certificate --all", "nimrod search tls --type bug --limit 3"],
    options: [...filters, { flags: "--all", help: "closed ones too" }],
    pages: always,
    load: async () => (await import("./commands/search.ts")).search,
  },
  {
    usage: "show <id>",
    summary: "one ticket: its fields, links both ways, what it waits for, its text",
    example: ["nimrod show 7k3f9q", "nimrod show @ --evidence", "nimrod show @ --transcript --pass research"],
    options: [
      {
        flags: "--evidence",
        help: "each criterion, what shows it and what is missing, and what each pass did",
      },
      { flags: "--transcript", help: "what the newest run's passes and their agents said, redacted" },
      { flags: "--pass <pass>", help: "with --transcript: only this pass, for example research" },
    ],
    pages: always,
    load: async () => (await import("./commands/show.ts")).show,
  },
  {
    usage: "note <id> [text...]",
    summary: "add a dated line to a ticket's notes",
    example: [
      'nimrod note 7k3f9q "the old port is still open"',
      "journalctl -u vault -n 20 | nimrod note @ --body-file -",
    ],
    options: [{ flags: "--body-file <file>", help: "the note's text; - reads stdin" }],
    load: async () => (await import("./commands/note.ts")).note,
  },
  {
    usage: "link <id> <kind> <other>",
    summary: `link two tickets, in both files; kinds: ${linkKinds.join(", ")}`,
    example: ["nimrod link 7k3f9q depends_on 2ab9xx", "nimrod link 7k3f9q depends_on 2ab9xx --remove"],
    options: [{ flags: "--remove", help: "take the link out of both files again" }],
    load: async () => (await import("./commands/link.ts")).link,
  },
  {
    usage: "log <id>",
    summary: "what the newest run of a ticket did, in order",
    example: ["nimrod log 7k3f9q", "nimrod log @ --follow"],
    options: [{ flags: "-f, --follow", help: "go on until the run ends or waits" }],
    pages: ({ follow }) => follow !== true,
    load: async () => (await import("./commands/log.ts")).log,
  },
  {
    usage: "diff <id>",
    summary: "the candidate's diff against its base, tests and protected paths apart",
    example: ["nimrod diff 7k3f9q", "nimrod diff @"],
    pages: always,
    load: async () => (await import("./commands/diff.ts")).diff,
  },
  {
    usage: "prompt <id> <role>",
    summary: "the whole prompt that a pass of this role would get now; nothing is started",
    example: ["nimrod prompt 7k3f9q researcher", "nimrod prompt @ reviewer --protocol once"],
    options: [
      { flags: "--protocol <form>", help: "once, stream or toolbox; default: as the role's agent answers" },
    ],
    pages: always,
    load: async () => (await import("./commands/prompt.ts")).prompt,
  },
  {
    usage: "status",
    summary: "what needs you, what runs, what is held, what was done today",
    example: ["nimrod status", "nimrod status --json"],
    load: async () => (await import("./commands/status.ts")).status,
  },
  {
    usage: "next",
    summary: "pick the next ready ticket and run it until it is done, parked or failed",
    example: ["nimrod next", "nimrod next --explain", "nimrod next --until plan"],
    options: [
      { flags: "--dry-run", help: "only say which one, and what would happen" },
      { flags: "--explain", help: "only say which one and why, and why not the others" },
      { flags: "--until <pass>", help: "stop after this pass" },
      { flags: "--agent <agent>", help: "an entry of agents, or an adapter" },
    ],
    load: async () => (await import("./commands/next.ts")).next,
  },
  {
    usage: "run <id>",
    summary: "the same for one ticket",
    example: ["nimrod run 7k3f9q", "nimrod run @ --until plan"],
    options: [
      { flags: "--until <pass>", help: "stop after this pass" },
      { flags: "--agent <agent>", help: "an entry of agents, or an adapter" },
    ],
    load: async () => (await import("./commands/run.ts")).run,
  },
  {
    usage: "resume [id]",
    summary: "continue what a stop, a crash or an approval left behind",
    example: ["nimrod resume", "nimrod resume 7k3f9q --agent claude"],
    options: [{ flags: "--agent <agent>", help: "an entry of agents, or an adapter" }],
    load: async () => (await import("./commands/run.ts")).resume,
  },
  {
    usage: "approvals",
    summary: "what waits for your yes",
    example: "nimrod approvals",
    load: async () => (await import("./commands/approve.ts")).approvals,
  },
  {
    usage: "approve <approval>",
    summary: "sign one request, after reading what will run",
    example: "nimrod approve A-31",
    load: async () => (await import("./commands/approve.ts")).approve,
  },
  {
    usage: "deny <approval>",
    summary: "refuse one request",
    example: 'nimrod deny A-31 --reason "not tonight"',
    options: [{ flags: "--reason <text>", help: "why; the next attempt is told" }],
    load: async () => (await import("./commands/approve.ts")).deny,
  },
  {
    usage: "answer <id>",
    summary: "answer a ticket's questions",
    example: ["nimrod answer 7k3f9q", "nimrod answer 7k3f9q --set Q1=a --set Q2=no"],
    options: [{ flags: "--set <question=answer>", help: "one answer, for scripts", repeat: true }],
    load: async () => (await import("./commands/answer.ts")).answer,
  },
  {
    usage: "attest <id> <criterion>",
    summary: "your word for a criterion that no command can verify",
    example: 'nimrod attest 7k3f9q AC2 --evidence "looked at the certificate in the browser"',
    options: [{ flags: "--evidence <text>", help: "what you saw, and where" }],
    load: async () => (await import("./commands/attest.ts")).attest,
  },
  {
    usage: "revise <id> <criterion> <text>",
    summary: "change what a criterion says: signed, recorded, and planned and reviewed afresh",
    example: [
      'nimrod revise 7k3f9q AC2 "only the backup host is let in" --reason "the backup job needs it"',
      'nimrod revise @ AC1 "the vault answers" --verify "curl -fsS https://vault.lan" --reason "it has a name now"',
    ],
    options: [
      { flags: "--reason <text>", help: "why; required" },
      { flags: "--verify <command>", help: "the command that shows it from now on" },
    ],
    load: async () => (await import("./commands/revise.ts")).revise,
  },
  {
    usage: "trust",
    summary: "show and confirm what the repository would have Nimrod run",
    example: "nimrod trust",
    load: async () => (await import("./commands/trust.ts")).trust,
  },
  {
    usage: "policy <check|test|show|sign> [name]",
    summary: "check, try out or show .nimrod/policy.json; sign its standing approvals",
    example: ["nimrod policy check", "nimrod policy test", "nimrod policy show"],
    load: async () => (await import("./commands/policy.ts")).policy,
  },
  {
    usage: "close <id>",
    summary: "check the definition of done, land the branch, close the ticket",
    example: ["nimrod close 7k3f9q", 'nimrod close @ --as wontfix --reason "the vault is gone"'],
    options: [
      { flags: "--as <close-reason>", help: "wontfix, duplicate, superseded or abandoned" },
      { flags: "--reason <text>", help: "why, with --as" },
    ],
    load: async () => (await import("./commands/close.ts")).close,
  },
  {
    usage: "reopen <id>",
    summary: "open a closed ticket again; nothing is reverted",
    example: "nimrod reopen 7k3f9q",
    load: async () => (await import("./commands/close.ts")).reopen,
  },
  {
    usage: "rollback <id>",
    summary: "undo what a ticket did: host steps in reverse order, then the landing",
    example: ["nimrod rollback 7k3f9q", 'nimrod rollback @ --reason "the old clients cannot connect"'],
    options: [{ flags: "--reason <text>", help: "why; the next attempt is told" }],
    load: async () => (await import("./commands/close.ts")).rollback,
  },
  {
    usage: "verify [id]",
    summary: "check the evidence: chain, signatures, anchors, witness",
    example: ["nimrod verify --all", "nimrod verify 7k3f9q --rerun", "nimrod verify @ --join"],
    options: [
      { flags: "--all", help: "every ticket" },
      { flags: "--rerun", help: "run the recorded verification again" },
      { flags: "--join", help: "after a git merge of two clones' runs: name the newest segments of both" },
    ],
    load: async () => (await import("./commands/verify.ts")).verify,
  },
  {
    usage: "authorize [command...]",
    summary: "explain the decision for a command, without running it",
    example: ["nimrod authorize -- git push --force", "nimrod authorize --jsonl < commands.jsonl"],
    options: [
      { flags: "--jsonl", help: 'read {"id","command","cwd"?} lines from stdin, answer line by line' },
    ],
    load: async () => (await import("./commands/authorize.ts")).authorize,
  },
  {
    usage: "merge-driver <base> <ours> <theirs> <path>",
    summary: "merge one ticket's file; git calls it after nimrod init --git",
    example: ["nimrod merge-driver %O %A %B %P", "nimrod merge-driver --ancestor %O %A %B %P"],
    options: [{ flags: "--ancestor", help: "for git's merge of several ancestors: leaves no marks" }],
    load: async () => (await import("./commands/merge-driver.ts")).mergeDriver,
  },
  {
    usage: "doctor",
    summary: "what works here and what is broken",
    example: ["nimrod doctor", "nimrod doctor --fix", "nimrod doctor --fix --apply"],
    options: [
      { flags: "--fix", help: "show what would be repaired" },
      { flags: "--apply", help: "with --fix: repair it" },
      { flags: "--probe", help: "find out now what each agent CLI offers its model, in the sandbox" },
    ],
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    usage: "config [list|get|path] [key]",
    summary: "what is configured, and where each value comes from",
    example: ["nimrod config list --show-origin", "nimrod config get limits.usd"],
    options: [{ flags: "--show-origin", help: "with list: which file or variable said so" }],
    load: async () => (await import("./commands/config.ts")).config,
  },
  {
    usage: "completion [shell]",
    summary: "print the completion script for bash, zsh or fish",
    example: [
      'eval "$(nimrod completion bash)"',
      "nimrod completion fish > ~/.config/fish/completions/nimrod.fish",
    ],
    load: async () => (await import("./commands/completion.ts")).completion,
  },
];
