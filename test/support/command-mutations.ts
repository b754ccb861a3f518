import { shellBuiltins } from "../../src/authorization/effects/shell-builtins.ts";
import { parseCommand } from "../../src/authorization/parse-command.ts";
import { staticArgv } from "../../src/authorization/parsed-command.ts";
import { pick, type Random } from "./seeded.ts";

/** Other spellings of a command, and junk made of it, from a seeded source: the same seed gives the same texts. */

const nasty = [
  ..."$`\"'\\|&;<>(){}[]#*?~!=%^@,:\n\t\r \u0000\u00a0\u202e\ud800é",
  ..."$( `` <<E >& 2>&1 $\u007b }} $(( )) [[ ]] <( && || ;; ;& $' \\\n -- --x=".split(" "),
];

/** Torn, spliced or sprinkled with what means something to a shell. */
export function junkOf(command: string, pool: readonly string[], random: Random): string {
  let text = command;
  for (let times = 1 + random(4); times > 0; times -= 1) {
    const at = random(text.length + 1);
    const to = Math.min(text.length, at + random(8));
    const other = pick(random, pool);
    text = pick(random, [
      text.slice(0, at) + pick(random, nasty) + text.slice(at),
      text.slice(0, at) + text.slice(to),
      text.slice(0, at) + other.slice(random(other.length + 1)),
      text.slice(0, to) + text.slice(at),
      text.slice(0, at) + pick(random, nasty) + other + pick(random, nasty) + text.slice(to),
    ]);
  }
  return text;
}

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const ansi = (text: string): string => `$'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const double = (text: string): string => `"${text.replaceAll(/[$`"\\]/g, "\\$&")}"`;
const escaped = (text: string): string =>
  text === "" ? "''" : text.replaceAll(/[^\w/.-]/g, (each) => (each === "\n" ? "$'\\n'" : `\\${each}`));
const hexed = (text: string): string =>
  [...text].every((each) => each.charCodeAt(0) < 127)
    ? `$'${[...text].map((each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`).join("")}'`
    : single(text);
const halved = (text: string): string =>
  text.length < 2 ? single(text) : `${single(text.slice(0, 1))}${double(text.slice(1))}`;
const spellings = [single, ansi, double, escaped, hexed, halved];
const gaps = [" ", "  ", "\t", " \\\n ", "\\\n\t"];

/** The same argv in other quotes and other white space; null where the words are not all plain text. */
export function respelled(command: string, random: Random): string | null {
  const argv = argvOf(command);
  if (argv === null) return null;
  const words = argv.map((word) => pick(random, spellings)(word));
  return words.reduce((line, word) => `${line}${pick(random, gaps)}${word}`);
}

const prefixes = [
  "env",
  "env A=1",
  "nice",
  "nice -n 5",
  "nohup",
  "timeout 5",
  "timeout -k 1 5s",
  "stdbuf -oL",
  "time",
  "command",
  "exec",
  "setsid",
  "ionice -c 3",
  "busybox env",
];

const wraps: ((command: string) => string)[] = [
  (command) => `bash -c ${single(command)}`,
  (command) => `sh -c ${single(command)}`,
  (command) => `eval ${single(command)}`,
  (command) => `( ${command}\n)`,
  (command) => `{ ${command}\n}`,
  (command) => `if true; then ${command}\nfi`,
  (command) => `for x in 1 2; do ${command}\ndone`,
  (command) => `true && { ${command}\n}`,
  (command) => `${command}\ntrue`,
  (command) => `true\n${command}`,
  (command) => `! { ${command}\n}`,
  (command) => `x() { ${command}\n}; x`,
  (command) => `echo "$(${command}\n)"`,
  (command) => `cat <(${command}\n)`,
  (command) => `( ${command}\n) | cat`,
  (command) => `( ${command}\n) 2>/dev/null`,
  (command) => `( ${command}\n) > out.txt`,
  (command) => `( ${command}\n) &`,
];

const builtins = new Set(Object.keys(shellBuiltins()));

/** The same thing done through something else, with or without an effect more; null where it cannot be said so. */
export function wrapped(command: string, random: Random): string | null {
  if (parseCommand(command).kind === "unparsed") return null;
  if (random(2) === 0) return pick(random, wraps)(command);
  const argv = argvOf(command);
  if (argv === null || builtins.has(argv[0] ?? "")) return null;
  return `${pick(random, prefixes)} ${command}`;
}

/** Two commands, one after the other. Neither may mean something else for what the other one sets. */
export function chained(first: string, second: string): string | null {
  const both = [first, second];
  if (both.some((each) => parseCommand(each).kind === "unparsed" || /[$`]|\\$/.test(each))) return null;
  return both.join("\n");
}

/** Without a tilde, which only bare words expand. */
function argvOf(command: string): string[] | null {
  const argv = staticArgv(parseCommand(command));
  return argv === null || argv.some((word) => /~|[^\x20-\x7e]/.test(word)) || argv[0]?.includes("=")
    ? null
    : argv;
}
