import { expect, test } from "vitest";
import { parseBody } from "../../../src/tickets/body.ts";
import { cpuMs } from "../../support/cpu-time.ts";
import { read, ticketText } from "./ticket-text.ts";

/** Files that broke other tools, by name: no code is run, nothing is silently empty, and none of them takes long. */

const front = (...lines: string[]) => ticketText(lines);
const code = "globalThis.ran = true";
const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ..."bcdefgh".split("").map((key, at) => `${key}: &${key} [${Array(9).fill(`*${"abcdefg"[at]}`)}]`),
];

type Row = [name: string, content: string | Uint8Array, problem: RegExp | null];

const rows: Row[] = [
  ["---js", `---js\n{ id: (${code}, "a") }\n---\n`, /^1: .*expected a first line that is exactly ---/],
  ["---js behind a good fence", front("---js", code), /^5: a line "---js"; expected a closing line/],
  ["a tag that makes a function", front(`x: !!js/function "${code}"`), /^5: .*tag/i],
  ["a tag of our own", front("x: !thing y"), /^5: .*tag/i],
  ["an alias bomb", front(...bomb), /^6: an alias \*a; expected the value itself/],
  ["a merge key", front("base: &b {status: closed}", "<<: *b"), /^6: an alias/],
  ["an anchor alone", front("x: &a 1"), null],
  [
    "lists nested 5,000 deep",
    front(`x: ${"[".repeat(5_000)}`),
    /^5: YAML nested too deep; expected at most 64/,
  ],
  [
    "maps nested 90 deep",
    front(...Array.from({ length: 90 }, (_, at) => `${" ".repeat(at)}k:`)),
    /nested too deep/,
  ],
  [
    "3,000 keys",
    front(...Array.from({ length: 3_000 }, (_, at) => `k${at}: ${at}`)),
    /^1: front matter of \d+ characters; expected at most 16384/,
  ],
  ["1,000 keys", front(...Array.from({ length: 1_000 }, (_, at) => `k${at}: ${at}`)), null],
  ["a key twice", front("x: 1", "x: 2"), /^6: the key "x" twice; expected it once/],
  [
    "status twice, as a union merge leaves it",
    "---\nid: a-1\ntitle: x\nstatus: open\nstatus: closed\n---\n",
    /^5: the key "status" twice/,
  ],
  ["__proto__", front("__proto__: {polluted: 1}", "constructor: x", "toString: y"), null],
  ["a tab for indentation", front("labels:", "\t- a"), /^[56]: YAML/],
  ["a tab behind a colon", front("x:\ty"), null],
  [
    "UTF-16 with its mark",
    Buffer.from(`\ufeff${front()}`, "utf16le"),
    /^1: bytes that are not UTF-8; expected UTF-8 text/,
  ],
  ["UTF-16 without one", Buffer.from(front(), "utf16le"), /^1: a NUL character; expected text/],
  [
    "a lone surrogate",
    Buffer.concat([Buffer.from(front()), Buffer.from([0xed, 0xa0, 0x80])]),
    /^6: bytes that are not UTF-8/,
  ],
  ["latin1", Buffer.from(front("x: ü"), "latin1"), /^5: bytes that are not UTF-8/],
  ["NUL", front("x: a\0b"), /^5: a NUL character; expected text/],
  ["an escape for a terminal", front("x: \x1b[2J"), /^5: a control character; expected printable text/],
  [
    "a lone carriage return",
    front("x: a\rstatus: closed"),
    /^5: a lone carriage return; expected LF or CRLF/,
  ],
  ["a byte order mark and CRLF", `\ufeff${front("x: 1").replaceAll("\n", "\r\n")}`, null],
  [
    "a line of 16 MB",
    front(`x: ${"a".repeat(16 * 1024 * 1024)}`),
    /^1: 167\d+ bytes; expected at most 1048576/,
  ],
  ["a body of one line of 900 kB", `${front()}${"- [ ] ".repeat(150_000)}`, null],
  ["a body of 100,000 open brackets", `${front()}## Acceptance Criteria\n${"[".repeat(100_000)}`, null],
  [
    "conflict markers",
    front("<<<<<<< HEAD", "x: 1", "=======", "x: 2", ">>>>>>> b"),
    /^5: a git conflict marker; expected a resolved merge/,
  ],
  [
    "conflict markers of diff3 in the body",
    `${front()}## Notes\n<<<<<<< a\n||||||| b\n=======\n>>>>>>> c\n`,
    /^7: a git conflict marker/,
  ],
  ["--- and status: in the body", `${front()}\n---\nstatus: closed\n---\n`, null],
  ["a document end in the front matter", front("...", "x: 1"), /^[56]: /],
  ["two documents", front("--- # second", "x: 1"), /^5: a line "--- # second"/],
  ["an empty file", "", /^1: an empty line; expected a first line/],
  ["only a mark", "\ufeff", /^1: an empty line/],
  [
    "a list in place of keys",
    "---\n- a\n- b\n---\n",
    /^2: front matter that is a list; expected `key: value` lines/,
  ],
  ["YAML 1.1 truth for a title", "---\nid: a-1\ntitle: yes\nstatus: open\n---\n", null],
];

test.each(rows)("%s", async (_, content, problem) => {
  await read(front("x: [{}]")); // the libraries are loaded once, and not by whichever row comes first
  const readAll = async () => {
    const one = await read(content);
    if (one.kind === "ticket") await parseBody(one.ticket.text);
  };
  // The least of a few: whoever else works on this machine only ever adds.
  let spent = await cpuMs(readAll);
  for (let n = 0; n < 4 && spent >= 100; n += 1) spent = Math.min(spent, await cpuMs(readAll));
  expect(spent).toBeLessThan(100);
  const result = await read(content);
  if (problem === null) {
    expect(result).toMatchObject({ kind: "ticket", ticket: { status: "open" } });
    expect(result.kind === "ticket" && result.ticket.title).not.toBe("");
  } else {
    const rows = result.kind === "broken" ? result.problems : [];
    expect(
      rows.map(({ line, found, expected }) => `${line}: ${found}; expected ${expected}`).join("\n"),
    ).toMatch(problem);
  }
  expect([Object.hasOwn(globalThis, "ran"), "polluted" in {}]).toEqual([false, false]);
});
