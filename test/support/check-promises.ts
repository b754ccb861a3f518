import { commands } from "../../src/cli/command-table.ts";
import { promisesOf } from "../../src/cli/help-text.ts";

/** Throws when a run ended with an exit or a document that docs/commands.md and `--help` do not have for its command. */
export function checkPromises(args: readonly string[], exitCode: number | null, stdout: string): void {
  const word = args.find((arg, index) => !arg.startsWith("-") && args[index - 1] !== "-C");
  const row = commands.find(({ usage, alias }) => word && [usage.split(" ")[0], alias].includes(word));
  // What is no command has no row; a signal that ends the process at once is no exit of the command's.
  if (row === undefined || exitCode === null || exitCode > 130) return;
  const { exits, kinds } = promisesOf(row.usage.split(" ")[0] ?? "");
  const said = `${args.join(" ")}: src/cli/command-groups.ts does not have`;
  if (!exits.includes(exitCode)) throw new Error(`${said} exit ${exitCode}`);
  if (!args.includes("--json") || args.includes("--help") || !stdout.startsWith("{")) return;
  const kind: unknown = JSON.parse(stdout).kind;
  if (!kinds.some((one) => one === kind)) throw new Error(`${said} the document ${String(kind)}`);
}
