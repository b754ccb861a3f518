import { quoteWord } from "../../platform/shell-word.ts";
import type { ParsedRedirect, SimpleCommand, Word } from "../parsed-command.ts";
import type { Finding } from "./finding.ts";

/** What the judge found on its way, for an explanation: one node for each simple command, wrapped ones inside. */
export type Trace = {
  /** As written. */
  words: string[];
  assignments: string[];
  redirects: string[];
  /** Everything that was said of it, what it wraps included. */
  findings: readonly Finding[];
  parts: Trace[];
};

/** Where nodes go; null where nobody asked for an explanation. */
export type TraceSink = Trace[] | null;

export function traceCommand(command: SimpleCommand, sink: TraceSink): Trace | null {
  if (sink === null) return null;
  const node: Trace = {
    words: command.words.map(textOf),
    assignments: command.assignments.map((each) => `${each.name}=${textOf(each.value)}`),
    redirects: command.redirects.map(redirectText),
    findings: [],
    parts: [],
  };
  sink.push(node);
  return node;
}

/** Judges one more command line, given as words, as a node of its own. */
export function traceWords(
  words: readonly Word[],
  sink: TraceSink,
  judge: (inner: TraceSink) => Finding[],
): Finding[] {
  if (sink === null) return judge(null);
  const node: Trace = { words: words.map(textOf), assignments: [], redirects: [], findings: [], parts: [] };
  sink.push(node);
  const findings = judge(node.parts);
  node.findings = findings;
  return findings;
}

/** A word that Nimrod was given as such is shown as a shell would have to be given it. */
function textOf(word: Word): string {
  const isBare = word.value === word.text && /^$|[\s'"\\$`;|&<>()]/.test(word.text);
  return isBare ? quoteWord(word.text) : word.text;
}

/** The text of a here-document is content, and content is named by its size. */
export function redirectText(redirect: ParsedRedirect): string {
  if (redirect.kind === "text") {
    return redirect.text === null ? "<< computed text" : `<< ${redirect.text.length} characters`;
  }
  return `${redirect.kind === "read" ? "<" : ">"} ${redirect.target.text}`;
}
