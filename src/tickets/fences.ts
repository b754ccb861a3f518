import { isUtf8 } from "node:buffer";

/** The outside of a ticket file: bytes to text, and where the front matter ends. Loads no library. */

/** What is wrong with a file, without its path. `line` is 1-based. */
export type Problem = { line: number; found: string; expected: string };

/** 1 MiB: a hundred times the longest ticket seen, and still read and checked in well under 100 ms. */
export const maxTicketBytes = 1024 * 1024;

/** 16 KiB, some 300 lines: a YAML parser needs less than 100 ms for that, whatever is in it. */
const maxFrontMatterChars = 16 * 1024;

const fence = "---";
const conflictMarker = /^(?:<{7}|\|{7}|>{7})(?: |$)|^={7}$/;
const forbiddenControl = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

export type Split = {
  kind: "split";
  /** Offsets into the text: the lines between the fences, then the first character of the body. */
  yamlStart: number;
  yamlEnd: number;
  bodyStart: number;
  /** 1-based line on which the body starts. */
  bodyLine: number;
  eol: "\n" | "\r\n";
};

export type Broken = { kind: "broken"; problems: Problem[] };

/** Text of a ticket, a BOM included, or why these bytes are none. */
export function decodeTicket(bytes: Uint8Array): { kind: "text"; text: string } | Broken {
  if (bytes.length > maxTicketBytes) {
    return broken(1, `${bytes.length} bytes`, `at most ${maxTicketBytes}`);
  }
  if (!isUtf8(bytes)) return broken(lineOfBadByte(bytes), "bytes that are not UTF-8", "UTF-8 text");
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  const nul = text.indexOf("\0");
  if (nul !== -1) return broken(lineAt(text, nul), "a NUL character", "text");
  return { kind: "text", text };
}

/** Finds both fences. Each must be a line that is exactly `---`. */
export function splitTicket(text: string): Split | Broken {
  const start = text.startsWith("\ufeff") ? 1 : 0;
  const opening = lineFrom(text, start);
  if (opening.text !== fence) {
    return broken(1, describeFirstLine(opening.text), "a first line that is exactly ---");
  }
  const eol = text.startsWith("\r\n", start + fence.length) ? "\r\n" : "\n";
  const yamlStart = opening.next;
  let line = 1;
  for (let at = yamlStart; at < text.length; ) {
    line += 1;
    const current = lineFrom(text, at);
    if (current.text === fence) {
      if (at - yamlStart > maxFrontMatterChars) {
        return broken(1, `front matter of ${at - yamlStart} characters`, `at most ${maxFrontMatterChars}`);
      }
      return { kind: "split", yamlStart, yamlEnd: at, bodyStart: current.next, bodyLine: line + 1, eol };
    }
    const wrong = problemInFrontMatter(current.text);
    if (wrong !== null) return broken(line, wrong.found, wrong.expected);
    at = current.next;
  }
  return broken(1, "front matter that is never closed", "a closing line that is exactly ---");
}

/** 1-based line of an offset. */
function lineAt(text: string, offset: number, firstLine = 1): number {
  return lineFinder(text, firstLine)(offset);
}

/** `lineAt` for many offsets of one text. */
export function lineFinder(text: string, firstLine = 1): (offset: number) => number {
  const feeds: number[] = [];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) feeds.push(at);
  return (offset) => {
    let [low, high] = [0, feeds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((feeds[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return firstLine + low;
  };
}

/** A line that git leaves around both sides of a conflict. */
function isConflictMarker(line: string): boolean {
  return conflictMarker.test(line);
}

/** A value as it is shown in a message: quoted, control characters escaped, cut. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 79)}…` : value);
}

function broken(line: number, found: string, expected: string): Broken {
  return { kind: "broken", problems: [{ line, found, expected }] };
}

function problemInFrontMatter(line: string): Omit<Problem, "line"> | null {
  if (isConflictMarker(line)) return { found: "a git conflict marker", expected: "a resolved merge" };
  if (line.startsWith(fence)) {
    return { found: `a line ${quoted(line)}`, expected: "a closing line that is exactly ---" };
  }
  if (line.includes("\r")) return { found: "a lone carriage return", expected: "LF or CRLF line endings" };
  if (forbiddenControl.test(line)) return { found: "a control character", expected: "printable text" };
  return null;
}

function describeFirstLine(line: string): string {
  if (isConflictMarker(line)) return "a git conflict marker";
  return line === "" ? "an empty line" : `a first line ${quoted(line)}`;
}

function lineFrom(text: string, start: number): { text: string; next: number } {
  const feed = text.indexOf("\n", start);
  if (feed === -1) return { text: text.slice(start), next: text.length };
  const end = text[feed - 1] === "\r" && feed > start ? feed - 1 : feed;
  return { text: text.slice(start, end), next: feed + 1 };
}

// A line feed byte is never part of a longer UTF-8 sequence, so lines can be decoded one by one.
function lineOfBadByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed === -1 ? bytes.length : feed + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line; // this is the line that was looked for
    }
    start = end;
  }
  return 1;
}
