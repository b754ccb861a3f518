import { describe, expect, test } from "vitest";
import {
  createOutput,
  layOut,
  type Part,
  type Stream,
  safeJson,
  wantsColor,
} from "../../../src/cli/output.ts";
import { breakWords, fitText, textWidth } from "../../../src/cli/text-width.ts";
import { cpuMs } from "../../support/cpu-time.ts";

function capture(options: { json?: boolean; color?: boolean; tty?: boolean; columns?: number } = {}) {
  const written = { out: "", err: "" };
  let onOutError: ((error: Error & { code?: string }) => void) | undefined;
  const stdout: Stream = {
    write(text, done) {
      written.out += text;
      done?.();
    },
    isTTY: options.tty === true,
    columns: options.columns ?? 80,
    on: (_event, listener) => (onOutError = listener),
  };
  const stderr: Stream = { write: (text) => (written.err += text), on: () => undefined };
  const color = options.color === true;
  const output = createOutput({
    stdout,
    stderr,
    json: options.json === true,
    color: { stdout: color, stderr: color },
  });
  const fail = (code: string) => onOutError?.(Object.assign(new Error(code), { code }));
  return { output, written, fail };
}

describe("streams", () => {
  test("data goes to stdout, talk to stderr", () => {
    const { output, written } = capture();
    output.line("data");
    output.say("talk");
    expect(written).toEqual({ out: "data\n", err: "talk\n" });
  });

  test("with --json there is one document and nothing else", () => {
    const { output, written } = capture({ json: true });
    output.line("data");
    output.say("talk");
    output.table([{ title: "A" }], [["x"]]);
    output.document("init", { root: "/x", made: [] });
    expect(JSON.parse(written.out)).toEqual({ schemaVersion: 1, kind: "init", root: "/x", made: [] });
    expect(written.err).toBe("");
    expect(() => output.document("init", { root: "/x", made: [] })).toThrow(/second/);
  });

  test("a reader that went away is not an error, and writing goes on into nothing", async () => {
    const { output, written, fail } = capture();
    output.line("one");
    fail("EPIPE");
    output.line("two");
    expect(written.out).toBe("one\n");
    expect(output.isClosed()).toBe(true);
    await output.flush();
  });

  test("a full disk is an error", async () => {
    const { output, fail } = capture();
    fail("ENOSPC");
    await expect(output.flush()).rejects.toThrow(/cannot write the output: ENOSPC/);
  });
});

describe("hostile text", () => {
  const hostile = "a\x1b[2Jb\u202ec\u0007d\u009be\u200bf";

  test("reaches a terminal as visible characters only, in lines and in tables, with and without colour", () => {
    for (const color of [false, true]) {
      const { output, written } = capture({ color, tty: true });
      output.line({ text: hostile, style: "red" }, hostile);
      output.table([{ title: "T" }], [[hostile], [{ text: `${hostile}\nx`, style: "dim" }]]);
      output.say(hostile);
      const own = (written.out + written.err).replaceAll(/\x1b\[\d+m/g, "");
      expect(own).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b]/);
      expect(own).toContain("\\u{1b}[2J");
    }
  });

  test("in JSON it is escaped and still the same text", () => {
    const text = safeJson({ hostile, tag: "\u{e0041}", kept: "täg 漢 ✓" });
    expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e\u200b\u{e0041}]/u);
    expect(text).toContain("täg 漢 ✓");
    expect(JSON.parse(text)).toEqual({ hostile, tag: "\u{e0041}", kept: "täg 漢 ✓" });
  });
});

describe("tables", () => {
  const render = (rows: Part[][], width: number) =>
    layOut(
      [{ title: "ID" }, { title: "TITLE", shrinks: true }, { title: "N", align: "right" }],
      rows,
      width,
    ).map((row) => row.map((part) => (typeof part === "string" ? part : part.text)).join(""));

  test("are as wide as they need to be", () => {
    expect(
      render(
        [
          ["a", "long title", "1"],
          ["abc", "x", "10"],
        ],
        Number.POSITIVE_INFINITY,
      ),
    ).toEqual(["ID   TITLE        N", "a    long title   1", "abc  x           10"]);
  });

  test("cut the column that gives way when the terminal is narrow", () => {
    const lines = render([["abc", "a very long title that does not fit", "1"]], 30);
    expect(lines.map(textWidth)).toEqual([30, 30]);
    expect(lines[1]).toBe("abc  a very long title tha…  1");
  });

  test("count wide characters twice and marks not at all", () => {
    const lines = render(
      [
        ["漢字", "e\u0301", "1"],
        ["abcd", "x", "2"],
      ],
      80,
    );
    expect(new Set(lines.map(textWidth)).size).toBe(1);
  });

  test("give a hidden character the room of what is shown for it", () => {
    expect(render([["\u202ex", "y", "1"]], 80)).toEqual(["ID         TITLE  N", "\\u{202e}x  y      1"]);
  });

  test("keep a row on one line", () => {
    expect(render([["a\nb", "c\td", "1"]], 80)[1]).toBe("a b  c d    1");
  });
});

describe("width of text", () => {
  test.each([
    ["", 0],
    ["abc", 3],
    ["naïve", 5],
    ["e\u0301", 1],
    ["漢字", 4],
    ["한국어", 6],
    ["✓ done", 6],
    ["🚀", 2],
    ["👩‍👩‍👧", 2],
    ["❤️", 2],
    ["ﾊﾝ", 2],
    ["…", 1],
  ])("%s takes %i columns", (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });

  test.each([
    ["abcdef", 4, "abc…"],
    ["abcd", 4, "abcd"],
    ["漢字漢字", 5, "漢字…"],
    ["漢字漢字", 4, "漢…"],
    ["abc", 0, ""],
  ])("%s in %i columns is %s", (text, columns, fitted) => {
    expect(fitText(text, columns)).toBe(fitted);
  });
});

describe("colour", () => {
  const tty = { isTTY: true };
  test.each([
    ["a terminal", tty, {}, true, true],
    ["a pipe", {}, {}, true, false],
    ["--no-color", tty, { FORCE_COLOR: "1" }, false, false],
    ["NO_COLOR", tty, { NO_COLOR: "1" }, true, false],
    ["an empty NO_COLOR", tty, { NO_COLOR: "" }, true, true],
    ["NO_COLOR and FORCE_COLOR", tty, { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["FORCE_COLOR in a pipe", {}, { FORCE_COLOR: "1" }, true, true],
    ["FORCE_COLOR=0", tty, { FORCE_COLOR: "0" }, true, false],
    ["CLICOLOR_FORCE in a pipe", {}, { CLICOLOR_FORCE: "1" }, true, true],
    ["a dumb terminal", tty, { TERM: "dumb" }, true, false],
  ])("%s", (_name, stream, env: Record<string, string>, flag, expected) => {
    expect(wantsColor(stream, env, flag)).toBe(expected);
  });
});

describe("words", () => {
  test.each([
    ["fits", "  Q1 a b", 10, ["  Q1 a b"]],
    ["breaks at a space, further in", "  Q1 a b c", 8, ["  Q1 a b", "     c"]],
    ["leaves a long word whole", "  Q1 abcdefghij b", 8, ["  Q1", "     abcdefghij", "     b"]],
    ["keeps the command behind an arrow in one piece", "a  → nimrod x y", 12, ["a", "   → nimrod x y"]],
    ["counts wide characters twice", "\u65e5\u672c \u65e5\u672c", 8, ["\u65e5\u672c", "   \u65e5\u672c"]],
  ])("%s", (_name, text, columns, expected) => {
    expect(breakWords(text, columns)).toEqual(expected);
  });

  test("take no time, however many stand in front of an arrow", async () => {
    const text = `${"ab cd ".repeat(10_000)}→ nimrod next`;
    expect(await cpuMs(() => breakWords(text, 80))).toBeLessThan(500);
    expect(breakWords(text, 80).at(-1)).toMatch(/→ nimrod next$/);
  });

  test("are broken on a terminal only, and never obeyed by it", () => {
    const terminal = capture({ tty: true, columns: 8 });
    terminal.output.prose("one two \x1b[2Jthree");
    expect(terminal.written.out).toBe("one two\n   \\u{1b}[2Jthree\n");
    const pipe = capture({ columns: 8 });
    pipe.output.prose("one two three");
    expect(pipe.written.out).toBe("one two three\n");
  });
});
