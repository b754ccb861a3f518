import { commands } from "../command-table.ts";
import { type Answer, answer, type Candidate, readLine } from "./candidates.ts";
import { unquote, wholeWords } from "./shell-words.ts";
import { lookAround } from "./surroundings.ts";
import { valuesFor } from "./values.ts";

/**
 * `nimrod __complete SHELL TYPE -- WORD…`, called by the scripts that `nimrod completion` prints: the words behind
 * `nimrod` up to the one that is being typed. Prints a candidate a line, `:files` or `:folders`. Says nothing when
 * something is wrong, because what it says would land in the middle of what somebody is typing.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const [, shell = "", type = "", , ...given] = argv;
  try {
    const { words, lead } = shell === "bash" ? wholeWords(given) : { words: given, lead: "" };
    const line = readLine([...words.slice(0, -1).map(unquote), unquote(words.at(-1) ?? "")], commands);
    const around = lookAround(line.reading.folder, process.env);
    const found = await answer(line, commands, valuesFor(around));
    const text = render(found, { shell, isListing: type === "63", lead });
    // Not through output.ts, which would be a third of what a tab costs; `render` lets no control character through.
    process.stdout.on("error", () => undefined);
    if (text !== "") process.stdout.write(`${text}\n`);
  } catch {
    return 1; // nothing to offer; the command itself will say what is wrong
  }
  return 0;
}

type Form = {
  shell: string;
  /** bash shows the candidates and inserts none of them: they may say more than what would be typed. */
  isListing: boolean;
  /** What the shell has split off in front of the word: it puts back only what stands behind it. */
  lead: string;
};

function render(found: Answer, { shell, isListing, lead }: Form): string {
  if (found.kind !== "words") return `:${found.kind}`;
  const lines = found.candidates.map(({ value, about }: Candidate) => {
    const word = value.startsWith(lead) ? value.slice(lead.length) : value;
    // A title may hold anything: what could end its line or its column is gone.
    const text =
      about === undefined || isPlain(about) ? (about ?? "") : about.replaceAll(/[\s\p{C}]+/gu, " ").trim();
    if (shell === "bash")
      return isListing && found.candidates.length > 1 && text !== "" ? `${word}  ${text}` : word;
    return text === "" ? word : `${word}\t${text}`;
  });
  return lines.join("\n");
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
