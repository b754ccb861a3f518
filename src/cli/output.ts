import pc from "picocolors";
import { NimrodError } from "../errors.ts";
import { visible } from "../evidence/redact.ts";
import type { Documents, Kind } from "./documents/documents.ts";
import { breakWords, fitText, textWidth } from "./text-width.ts";

/**
 * The only writer to stdout and stderr. Results go to stdout, talk to stderr. Every text passes through `visible`
 * before it is styled, so that no ticket, log or agent can move the cursor of the person who reads it.
 */

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
export type Part = string | { text: string; style: Style };

export type Column = {
  title: string;
  align?: "right";
  /** Gives way when the terminal is too narrow; by default the last column does. */
  shrinks?: boolean;
};

export type Stream = {
  write(text: string, done?: () => void): unknown;
  isTTY?: boolean;
  columns?: number;
  on(event: "error", listener: (error: Error & { code?: string }) => void): unknown;
};

export type Output = {
  /** Whether `--json` was given. Then `line`, `table` and `say` are silent and only `document` speaks. */
  readonly json: boolean;
  /** One or more lines of data. */
  line(...parts: Part[]): void;
  table(columns: readonly Column[], rows: readonly (readonly Part[])[]): void;
  /** A line of words: broken between them on a terminal, and indented as it begins. A pipe gets one line. */
  prose(text: string): void;
  /** The one document of `--json`; nothing without `--json`. */
  document<K extends Kind>(kind: K, body: Documents[K]): void;
  /** One compact JSON value on a line of its own, for streaming commands. */
  jsonLine(value: unknown): void;
  /** Progress and remarks, on stderr. */
  say(...parts: Part[]): void;
  /**
   * The one line that is redrawn in place, on stderr: drawn anew by each call, taken away by `null` and before
   * anything else is printed. `draw` is told how many columns there are.
   */
  status(draw: ((columns: number) => readonly Part[]) | null): void;
  /** An error on stderr, also with `--json`. */
  complain(text: string): void;
  /** The error document on stderr. */
  complainJson(value: unknown): void;
  /** The reader of stdout went away (`| head`): writing goes nowhere, long work may stop. */
  isClosed(): boolean;
  wroteDocument(): boolean;
  /**
   * For a person at a terminal: from now on nothing is printed, until `flush` gives the data to the pager. Talk comes
   * when the pager is left, where it stays in sight.
   */
  page(pager: Pager): void;
  /** The end of `page`, also where a command failed. Never throws. */
  endPaging(): Promise<void>;
  /** Waits until all is written; throws `io` when something could not be, for example to a full disk. */
  flush(): Promise<void>;
};

/** Shows the text and waits for the person; with `failed` nothing of it has been seen for sure. */
type Pager = (text: string) => Promise<{ kind: "shown" } | { kind: "failed"; reason: string }>;

export type OutputOptions = {
  stdout: Stream;
  stderr: Stream;
  json: boolean;
  color: { stdout: boolean; stderr: boolean };
};

export function createOutput({ stdout, stderr, json, color }: OutputOptions): Output {
  let closed = false;
  let failure: Error | undefined;
  let wroteDocument = false;
  stdout.on("error", (error) => {
    closed = true;
    if (error.code !== "EPIPE") failure = error;
  });
  // Nobody is left to be told that telling failed.
  stderr.on("error", () => undefined);

  const paintData = painter(color.stdout);
  const paintTalk = painter(color.stderr);
  let hasStatus = false;
  const clearStatus = () => {
    if (hasStatus) stderr.write(eraseLine);
    hasStatus = false;
  };
  let held: { pager: Pager; data: string; talk: string } | undefined;
  const put = (text: string) => {
    if (held !== undefined) {
      held.data += text;
      return;
    }
    clearStatus();
    if (!closed) stdout.write(text);
  };
  const talk = (text: string) => {
    if (held !== undefined) {
      held.talk += text;
      return;
    }
    clearStatus();
    stderr.write(text);
  };
  const endPaging = async () => {
    if (held === undefined) return;
    const { pager, data, talk: remarks } = held;
    held = undefined;
    const paging = data === "" ? { kind: "shown" as const } : await pager(data);
    if (paging.kind === "failed") {
      put(data);
      talk(`${visible(paging.reason)}: printed without it\n`);
    }
    if (remarks !== "") talk(remarks);
  };

  return {
    json,
    line(...parts) {
      if (!json) put(`${paintData(parts)}\n`);
    },
    prose(text) {
      if (!json) put(`${breakWords(visible(text), widthOf(stdout)).join("\n")}\n`);
    },
    table(columns, rows) {
      if (json || rows.length === 0) return;
      const width = widthOf(stdout);
      let text = "";
      for (const cells of layOut(columns, rows, width)) {
        text += `${paintData(cells).trimEnd()}\n`;
        if (text.length < atOnce) continue;
        put(text);
        text = "";
      }
      put(text);
    },
    document(kind, body) {
      if (!json) return;
      if (wroteDocument) throw new Error(`a second JSON document: ${kind}`);
      wroteDocument = true;
      put(`${safeJson({ schemaVersion: 1, kind, ...body }, 2)}\n`);
    },
    jsonLine(value) {
      put(`${safeJson(value)}\n`);
    },
    say(...parts) {
      if (!json) talk(`${paintTalk(parts)}\n`);
    },
    status(draw) {
      if (json) return;
      if (draw === null) return clearStatus();
      // One column less than there are: a full line would wrap, and only its second half be erased.
      const parts = draw(Math.max(1, (stderr.columns || 80) - 1));
      hasStatus = true;
      stderr.write(`${eraseLine}${paintTalk(parts.map(onOneLine))}`);
    },
    complain(text) {
      talk(`${visible(text)}\n`);
    },
    complainJson(value) {
      talk(`${safeJson(value)}\n`);
    },
    isClosed: () => closed,
    wroteDocument: () => wroteDocument,
    page(pager) {
      if (!json) held ??= { pager, data: "", talk: "" };
    },
    endPaging,
    async flush() {
      await endPaging();
      if (!closed) await new Promise<void>((resolve) => void stdout.write("", () => resolve()));
      // A failed write calls back first and reports its error in the next turn.
      await new Promise((resolve) => setImmediate(resolve));
      if (failure) {
        throw new NimrodError("io", `cannot write the output: ${failure.message}`, { cause: failure });
      }
    },
  };
}

/** `--no-color` and NO_COLOR win over FORCE_COLOR, which wins over a terminal that says nothing or is dumb. */
export function wantsColor(
  stream: Pick<Stream, "isTTY">,
  env: Readonly<Record<string, string | undefined>>,
  flag: boolean,
): boolean {
  if (!flag || env["NO_COLOR"]) return false;
  const forced = env["FORCE_COLOR"] ?? env["CLICOLOR_FORCE"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** JSON with the characters escaped that a terminal would obey; the same value for every parser. */
export function safeJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent);
  if (!/[^\x00-\x7e]/.test(json)) return json;
  return json.replaceAll(/[\u007f-\u009f\u00ad\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

function widthOf({ isTTY, columns }: Stream): number {
  return isTTY === true ? columns || 80 : Number.POSITIVE_INFINITY;
}

/** Rows as parts, padded and cut to the width. The header is a row of its own, bold. */
export function layOut(
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
  width: number,
): Part[][] {
  const clean = rows.map((row) => columns.map((_, i) => cell(row[i] ?? "")));
  const widths = columns.map((column, i) =>
    clean.reduce((most, row) => Math.max(most, textWidth(row[i]?.text ?? "")), textWidth(column.title)),
  );
  const gaps = gap.length * (columns.length - 1);
  let excess = widths.reduce((sum, one) => sum + one, gaps) - width;
  const shrinking = columns.some((column) => column.shrinks === true)
    ? columns.flatMap((column, i) => (column.shrinks === true ? [i] : []))
    : [columns.length - 1];
  for (const i of shrinking) {
    const now = widths[i] ?? 0;
    const taken = Math.min(Math.max(0, excess), Math.max(0, now - narrowest));
    widths[i] = now - taken;
    excess -= taken;
  }
  const header = columns.map((column) => ({ text: column.title, style: "bold" as const }));
  return [header, ...clean].map((row) => {
    const parts = row.flatMap((one, i): Part[] => {
      const text = fitText(one.text, widths[i] ?? 0);
      const padding = " ".repeat(Math.max(0, (widths[i] ?? 0) - textWidth(text)));
      const styled: Part = one.style === undefined ? text : { text, style: one.style };
      const before = i === 0 ? [] : [gap];
      return columns[i]?.align === "right" ? [...before, padding, styled] : [...before, styled, padding];
    });
    return excess > 0 ? cutRow(parts, width) : parts;
  });
}

/** What no column could give way for is cut at the terminal's edge: a row that wraps is no row of a table. */
function cutRow(parts: readonly Part[], width: number): Part[] {
  const kept: Part[] = [];
  let left = width;
  for (const part of parts) {
    const text = typeof part === "string" ? part : part.text;
    const fitted = fitText(text, left);
    kept.push(typeof part === "string" ? fitted : { ...part, text: fitted });
    left -= textWidth(fitted);
    if (fitted !== text) break;
  }
  return kept;
}

/** A table goes out in pieces: a write for each row takes longer than all the rest. */
const atOnce = 64 * 1024;

const gap = "  ";
/** A shrunk column keeps at least this much: less than that tells nothing. */
const narrowest = 12;

/** Back to the first column, and nothing on the line. */
const eraseLine = "\r\x1b[2K";

function onOneLine(part: Part): Part {
  if (typeof part === "string") return part.replaceAll(/\s/g, " ");
  return { ...part, text: part.text.replaceAll(/\s/g, " ") };
}

function cell(part: Part): { text: string; style?: Style } {
  // A table's row is one line whatever is in it.
  if (typeof part === "string") return { text: visible(part.replaceAll(/\s/g, " ")) };
  return { text: visible(part.text.replaceAll(/\s/g, " ")), style: part.style };
}

function painter(color: boolean): (parts: readonly Part[]) => string {
  const colors = pc.createColors(color);
  return (parts) =>
    parts
      .map((part) => (typeof part === "string" ? visible(part) : colors[part.style](visible(part.text))))
      .join("");
}
