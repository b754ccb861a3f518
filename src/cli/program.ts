import { Command as Commander, CommanderError, Option } from "commander";
import { nearestName } from "../config/nearest-name.ts";
import { NimrodError } from "../errors.ts";
import { type CommandRow, commands, globalOptions, helpRow } from "./command-table.ts";
import { type Context, createContext, type Globals } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";
import type { HelpTexts } from "./help-text.ts";
import { createOutput, type Output, wantsColor } from "./output.ts";
import { type Interruption, reportError } from "./report-error.ts";
import { ownVersion } from "./version.ts";

/** Reads the command line, runs one command, answers with the exit code. Never throws and never exits. */
export async function main(argv: readonly string[]): Promise<number> {
  const run: Run = {
    argv,
    output: openOutput(argv),
    interruption: undefined,
    exit: 0,
    values: [],
    help: new Map(),
    told: "",
  };
  try {
    if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
      run.output.line(ownVersion());
      return 0;
    }
    run.values = await valuesFor(run);
    if (asksForHelp(argv)) {
      const { helpTexts } = await import("./help-text.ts");
      run.help = await helpTexts(commands, folderIn(argv) ?? null);
    }
    await buildProgram(run).parseAsync(argv, { from: "user" });
    await run.output.flush();
    return run.exit;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) {
      if (error.code === "commander.version") run.output.document("version", { version: ownVersion() });
      else run.output.document("help", { text: run.told });
      return 0;
    }
    const told = error instanceof CommanderError ? asUsageError(error, commandIn(argv)) : error;
    const exit = reportError(told, run.output, run.interruption?.());
    await run.output.endPaging();
    return exit;
  }
}

type Run = {
  argv: readonly string[];
  output: Output;
  interruption: (() => Interruption | undefined) | undefined;
  exit: number;
  /** What the help of `new` and `edit` tells about this project. */
  values: readonly string[];
  /** By a command's name, what its help has beside its options; empty where nobody asked for help. */
  help: ReadonlyMap<string, HelpTexts>;
  /** What commander printed of its own: help comes in pieces. */
  told: string;
};

/** Commander prints help in one go and waits for nothing: what has to be read for it is read before. */
async function valuesFor({ argv, output }: Run): Promise<string[]> {
  if (!asksForHelp(argv) || !argv.some((word) => word === "new" || word === "edit")) return [];
  const { projectValues } = await import("./project-values.ts");
  return projectValues(createContext({ directory: folderIn(argv), input: false }, output));
}

/** The value of -C, for help, which commander prints before it hands over any option. */
function folderIn(argv: readonly string[]): string | undefined {
  const at = argv.indexOf("-C");
  return at < 0 ? undefined : argv[at + 1];
}

function buildProgram(run: Run): Commander {
  const program = new Commander("nimrod")
    .description("Takes tickets through gated agent passes and verifies what they claim.")
    .version(ownVersion(), "-V, --version")
    .helpCommand(false);
  for (const { flags, help } of globalOptions) program.option(flags, help);
  program.addHelpText("after", "\nExit codes: nimrod help exit-codes");
  const asked = commandIn(run.argv);
  for (const row of asked === undefined ? commands : [asked]) addCommand(program, row, run);
  if (asked === undefined) addHelp(program, run);
  if (wordsBefore(run.argv).isBare) {
    program.action(async () => {
      const context = createContext(readGlobals(program.opts()), run.output);
      const { welcome } = await import("./commands/status.ts");
      run.exit = await welcome(context);
    });
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        run.told += `${text.trimEnd()}\n`;
        run.output.line(text.trimEnd());
      },
      writeErr: (text) => run.output.say(text.trimEnd()),
      // asUsageError says it, in Nimrod's own form.
      outputError: () => undefined,
    });
  }
  return program;
}

/** The row of the command that is called. The others are needed only for help and for a name that is none. */
function commandIn(argv: readonly string[]): CommandRow | undefined {
  const { word, help } = wordsBefore(argv);
  if (help || word === undefined) return undefined;
  return commands.find(({ usage, alias }) => word === usage.split(" ")[0] || word === alias);
}

/** The first word, and what stands before it: of the global options only -C has a value. */
function wordsBefore(argv: readonly string[]): { word: string | undefined; help: boolean; isBare: boolean } {
  const at = argv.findIndex((word, index) => !word.startsWith("-") && argv[index - 1] !== "-C");
  const before = at < 0 ? argv : argv.slice(0, at);
  const help = before.some((word) => word === "-h" || word === "--help");
  return { word: argv[at], help, isBare: at < 0 && !help };
}

function asksForHelp(argv: readonly string[]): boolean {
  const { word } = wordsBefore(argv);
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  return word === "help" || own.includes("--help") || own.includes("-h");
}

/** What a row accepts: its arguments and options. */
export function declareCommand(program: Commander, row: CommandRow): Commander {
  const command = program.command(row.usage).description(row.summary);
  if (row.alias !== undefined) command.alias(row.alias);
  for (const { flags, help, repeat } of row.options ?? []) {
    const option = new Option(flags, help);
    if (repeat === true) {
      option.argParser((value, before: string[] | undefined) => [...(before ?? []), value]);
    }
    command.addOption(option);
  }
  return command;
}

function addCommand(program: Commander, row: CommandRow, run: Run): void {
  const help = run.help.get(row.usage.split(" ")[0] ?? "");
  const command = declareCommand(program, row)
    .addHelpText("after", () =>
      row.tellsValues === true && run.values.length > 0
        ? `\nIn this project:\n  ${run.values.join("\n  ")}`
        : "",
    )
    .addHelpText("after", () => help?.after ?? "");
  if (help !== undefined) command.helpGroup(help.group);
  command.action(async (...received: unknown[]) => {
    // commander hands over the arguments, then the options, then the command itself.
    const args = received
      .slice(0, -2)
      .flat()
      .filter((arg) => typeof arg === "string");
    const context = createContext(readGlobals(program.opts()), run.output);
    run.interruption = context.interruptedBy;
    if (row.pages?.(command.opts()) === true && program.opts()["pager"] !== false) await page(context);
    const act = await row.load();
    run.exit = await act(context, args, command.opts());
  });
}

/** Without a terminal nothing of the pager is even loaded. */
async function page({ canPage, env, output }: Context): Promise<void> {
  if (!canPage) return;
  const { choosePager, pageText } = await import("./pager.ts");
  const pager = choosePager(env);
  if (pager !== null) output.page((text) => pageText(text, pager, env));
}

function addHelp(program: Commander, run: Run): void {
  program
    .command(helpRow.usage)
    .description(helpRow.summary)
    .helpGroup(run.help.get("help")?.group ?? "")
    .action((topic: string | undefined) => {
      if (topic === "exit-codes") {
        run.output.table(
          [{ title: "EXIT", align: "right" }, { title: "MEANING" }],
          Object.entries(exitCodes).map(([code, meaning]) => [code, meaning]),
        );
        run.output.document("exit-codes", { exitCodes });
        return;
      }
      const named = program.commands.find(
        (one) => topic === one.name() || one.aliases().includes(topic ?? ""),
      );
      if (topic !== undefined && named === undefined) {
        const topics = [...commands.map(({ usage }) => usage.split(" ")[0] ?? ""), "exit-codes"];
        const nearest = nearestName(topic, topics);
        throw new NimrodError("usage", `no help about "${topic}"`, {
          hint: nearest === undefined ? "nimrod help" : `nimrod help ${nearest}`,
        });
      }
      (named ?? program).outputHelp();
      run.output.document("help", { text: run.told });
    });
}

function readGlobals(options: Record<string, unknown>): Globals {
  return {
    directory: typeof options["C"] === "string" ? options["C"] : undefined,
    input: options["input"] !== false,
  };
}

/** Made before the command line is understood: a usage error has to be told in the form that was asked for. */
function openOutput(argv: readonly string[]): Output {
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  const color = !own.includes("--no-color");
  return createOutput({
    stdout: process.stdout,
    stderr: process.stderr,
    json: own.includes("--json"),
    color: {
      stdout: wantsColor(process.stdout, process.env, color),
      stderr: wantsColor(process.stderr, process.env, color),
    },
  });
}

function asUsageError(error: CommanderError, row: CommandRow | undefined): NimrodError {
  const help = row === undefined ? "nimrod help" : `nimrod ${row.usage.split(" ")[0]} --help`;
  const message = error.message.replace(/^error: /, "");
  const [said = "", ...rest] = message.split("\n");
  const nearest = /Did you mean (?:one of )?(.*)\?/.exec(rest.join(" "))?.[1];
  if (error.code === "commander.help")
    return new NimrodError("usage", "no command given", { hint: "nimrod help" });
  return new NimrodError("usage", said, {
    hint: nearest === undefined ? help : `did you mean ${nearest}?`,
    cause: error,
  });
}
