import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ticketTextDigest } from "../../../src/tickets/body.ts";
import {
  appendToSection,
  replaceBlock,
  replaceSection,
  setChecked,
  setFields,
} from "../../../src/tickets/edit.ts";
import { parseFields } from "../../../src/tickets/front-matter.ts";
import { readGood, ticketText } from "./ticket-text.ts";

describe("setFields changes one value and its bytes only", () => {
  const rows: [string, string, Parameters<typeof setFields>[1], string][] = [
    ["a word", "status: open", { status: "in_progress" }, "status: in_progress"],
    ["a trailing comment stays", "status: open   # now", { status: "closed" }, "status: closed   # now"],
    ["odd spaces stay", "status:   open", { status: "closed" }, "status:   closed"],
    ["double quotes stay", 'status: "open" # x', { status: "closed" }, 'status: "closed" # x'],
    ["single quotes stay", "title: 'it''s'", { title: "that's" }, "title: 'that''s'"],
    ["an empty value", "assignee: # who", { assignee: "sara" }, "assignee: sara # who"],
    ["an empty value at the end", "assignee:", { assignee: "sara" }, "assignee: sara"],
    ["~", "assignee: ~", { assignee: "sara" }, "assignee: sara"],
    ["a new key goes last", "a: 1", { stage: "plan" }, "a: 1\nstage: plan"],
    [
      "null removes the line",
      "a: 1\nstage: plan # x\n# about b\nb: 2",
      { stage: null },
      "a: 1\n# about b\nb: 2",
    ],
    ["null for a missing key", "a: 1", { stage: null }, "a: 1"],
    ["a number", "priority: high", { priority: 0 }, "priority: 0"],
    ["text that YAML would read otherwise", "a: 1", { title: "yes: #1" }, 'a: 1\ntitle: "yes: #1"'],
    ["text that looks like a number", "a: 1", { evidence: "12" }, 'a: 1\nevidence: "12"'],
    [
      "a time is not quoted",
      "a: 1",
      { closed: "2026-11-22T07:12:40Z" },
      "a: 1\nclosed: 2026-11-22T07:12:40Z",
    ],
    ["a folded title", "title: >-\n  one\n  two\na: 1", { title: "three" }, "title: three\na: 1"],
    ["a literal with a # in it", "x: |\n  a\n\n  # b\ny: 1", { x: "c" }, "x: c\ny: 1"],
    ["a literal title", "title: |\n  one\n\na: 1", { title: "three" }, "title: three\n\na: 1"],
    [
      "an item added in brackets",
      "labels: [ a,  'b' ] # x",
      { labels: ["a", "b", "c"] },
      "labels: [ a,  'b', c ] # x",
    ],
    ["an item taken out of brackets", "labels: [a, b]", { labels: ["b"] }, "labels: [b]"],
    ["a list emptied", "labels: [a, b] # x", { labels: [] }, "labels: [] # x"],
    ["an empty list filled", "labels: []", { labels: ["a b", "c,d"] }, 'labels: [a b, "c,d"]'],
    [
      "a block list",
      "labels:\n  # first\n  - a # one\n  - b\n# next\nx: 1",
      { labels: ["b", "c"] },
      "labels:\n  # first\n  - b\n  - c\n# next\nx: 1",
    ],
    ["a block list emptied", "labels:\n- a\nx: 1", { labels: [] }, "labels: []\nx: 1"],
    [
      "a block list in another order",
      "labels:\n- a\n- b\nx: 1",
      { labels: ["b", "a"] },
      "labels: [b, a]\nx: 1",
    ],
    ["one value made a list", "labels: a", { labels: ["a", "b"] }, "labels: [a, b]"],
    ["the name that the file uses: deps", "deps: [a-1]", { depends_on: ["a-1", "b-1"] }, "deps: [a-1, b-1]"],
    [
      "the name that the file uses: external-ref",
      "external-ref: x",
      { external_ref: "z" },
      "external-ref: z",
    ],
    [
      "several keys",
      "status: open\na: 1",
      { status: "closed", close_reason: "done" },
      "status: closed\na: 1\nclose_reason: done",
    ],
    [
      "a look-alike in a literal",
      "x: |\n  status: open\nstatus: open",
      { status: "closed" },
      "x: |\n  status: open\nstatus: closed",
    ],
  ];
  test.each(rows)("%s", (_, before, changes, after) => {
    const body = "\n---\nstatus: open\n---\n";
    expect(setFields(`---\n${before}\n---\n${body}`, changes)).toBe(`---\n${after}\n---\n${body}`);
  });

  test.each<[string, string, Parameters<typeof setFields>[1], RegExp]>([
    [
      "a comment inside a list that is rewritten",
      "labels:\n- a # keep\n- b",
      { labels: ["b", "a"] },
      /comment/,
    ],
    [
      "a comment in front of the items of a list that is emptied",
      "labels:\n  # keep\n  - a",
      { labels: [] },
      /comment/,
    ],
    ["front matter in braces", "{ status: open }", { status: "closed" }, /start of its line/],
    ["a key behind the end of the document", "a: 1\n...", { stage: "plan" }, /cannot be read/],
    ["a list under a tag of text", "labels: !!str a", { labels: ["a"] }, /cannot be read/],
    ["a key and its alias", "deps: [a]\ndepends_on: [b]", { depends_on: ["c"] }, /both/],
    ["broken front matter", "a: [", { a: 1 }, /YAML/],
  ])("%s is refused", (_, before, changes, message) => {
    expect(() => setFields(`---\n${before}\n---\n`, changes)).toThrow(message);
  });

  test("BOM and CRLF stay, and new lines get the file's ending", () => {
    const text = "\ufeff---\r\nstatus: open\r\nlabels:\r\n  - a\r\n---\r\nbody\r\n";
    expect(setFields(text, { status: "closed", stage: "plan", labels: ["a", "b"] })).toBe(
      "\ufeff---\r\nstatus: closed\r\nlabels:\r\n  - a\r\n  - b\r\nstage: plan\r\n---\r\nbody\r\n",
    );
  });

  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom("yes", "1.10", "a: b", "# x", "it's", "[x]", "- a", " a "),
  );
  const entry = fc.oneof(
    fc.constantFrom(
      "# comment",
      "x-one: 'it''s' # why",
      "deps: [a-1, b-2]",
      "tags:\n  - a\n  # b\n  - c",
      'note: "a: # b"',
      "fold: >\n  one\n\n  two",
      "lit: |-\n    status: open\n     # no comment",
      "map: { a: [1, 2], b: }",
      "map2:\n  status: open\n  b: 1",
      "empty:",
      "",
      "plain: a b  c",
      "multi: a\n  b",
      "anchor: &x 1",
      "quoted key: 1",
      '"q": 1',
      "? complex\n: 1",
      "num: 0012",
    ),
  );
  const fileOf = fc.record({
    entries: fc.uniqueArray(entry, { maxLength: 8, selector: (one) => one }),
    place: fc.nat(8),
    status: fc.constantFrom(
      "status: open",
      "status:  'open'  # here",
      'status: "open"',
      "status:",
      "status: >-\n  open",
      "status: [a,\n  b]",
      "status:\n- a\n- b",
    ),
    eol: fc.constantFrom("\n", "\r\n"),
    bom: fc.boolean(),
  });
  test("in generated files only the named key differs", () => {
    let edited = 0;
    fc.assert(
      fc.property(fileOf, text, ({ entries, place, status, eol, bom }, value) => {
        const at = Math.min(place, entries.length);
        const [front, back] = [entries.slice(0, at), entries.slice(at)].map((part) =>
          part
            .map((one) => `${one}\n`)
            .join("")
            .replaceAll("\n", eol),
        );
        const tail = `---${eol}status: open${eol}`;
        const before = `${bom ? "\ufeff" : ""}---${eol}${front}${`${status}\n`.replaceAll("\n", eol)}${back}${tail}`;
        const after = setFields(before, { status: value });
        edited += 1;
        expect(after.startsWith(`${bom ? "\ufeff" : ""}---${eol}${front}status:`)).toBe(true);
        expect(after.endsWith(`${back}${tail}`)).toBe(true);
        const fields = parseFields(after);
        expect(fields).toMatchObject({ kind: "fields" });
        if (fields.kind === "fields")
          expect(fields.fields.get("status")?.value).toMatchObject({ text: value });
      }),
      { numRuns: 300 },
    );
    expect(edited).toBe(300);
  });

  test("lists grow and shrink in generated files", () => {
    const items = fc.uniqueArray(fc.constantFrom("a", "b-1", "c d", "e,f", "yes", "'g'", "h: i", "0012"), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(items, items, fc.boolean(), (old, now, block) => {
        const list = setFields("---\nlabels: []\n---\n", { labels: old });
        const before = block
          ? `---\nlabels:\n${old.map((item) => `  - ${JSON.stringify(item)}\n`).join("")}# end\nx: 1\n---\n`
          : list.replace("\n---\n", "\n# end\nx: 1\n---\n");
        const after = setFields(before, { labels: now });
        expect(after.endsWith("# end\nx: 1\n---\n")).toBe(true);
        const fields = parseFields(after);
        const value = fields.kind === "fields" ? fields.fields.get("labels")?.value : undefined;
        expect(value).toMatchObject({ items: now.map((text) => ({ text })) });
      }),
      { numRuns: 150 },
    );
  });
});

describe("sections", () => {
  const body = "\n## Description\none\n\n## Notes\n- first\n";
  const text = ticketText([], body);

  test("a section is replaced, its neighbours stay", () => {
    expect(replaceSection(text, "Description", "two\n")).toBe(text.replace("one", "\ntwo"));
    expect(replaceSection(text, "notes", "x")).toBe(text.replace("- first", "\nx"));
  });

  test("replacing twice is replacing once", () => {
    const once = replaceSection(text, "Plan", "1. do");
    expect(replaceSection(once, "Plan", "1. do")).toBe(once);
  });

  test("a missing section goes where Nimrod's order puts it", () => {
    expect(replaceSection(text, "Plan", "1. do")).toBe(
      text.replace("## Notes", "## Plan\n\n1. do\n\n## Notes"),
    );
    expect(replaceSection(ticketText([], ""), "Notes", "x")).toBe(ticketText([], "\n## Notes\n\nx\n"));
    expect(replaceSection(ticketText([], "end"), "Notes", "x")).toBe(
      ticketText([], "end\n\n## Notes\n\nx\n"),
    );
  });

  test("a line is appended behind the last one", () => {
    expect(appendToSection(text, "Notes", "- second")).toBe(`${text}- second\n`);
    expect(appendToSection(text, "Description", "- two")).toBe(text.replace("one\n", "one\n\n- two\n"));
    expect(appendToSection(ticketText([], "## Notes"), "Notes", "- x")).toBe(
      ticketText([], "## Notes\n\n- x\n"),
    );
  });

  test("a file that ends with its front matter, without a line feed, can get a section", () => {
    const bare = ticketText([], "").trimEnd();
    expect(appendToSection(bare, "Notes", "- x")).toBe(`${bare}\n\n## Notes\n\n- x\n`);
    const crlf = bare.replaceAll("\n", "\r\n");
    expect(appendToSection(crlf, "Notes", "- x")).toBe(`${crlf}\r\n\r\n## Notes\r\n\r\n- x\r\n`);
  });

  test("CRLF files get CRLF lines", () => {
    const crlf = text.replaceAll("\n", "\r\n");
    for (const edited of [
      appendToSection(crlf, "Notes", "- second"),
      replaceSection(crlf, "Plan", "a\nb"),
      replaceBlock(crlf, "evidence", "a\nb"),
    ]) {
      expect(edited.replaceAll("\r\n", "")).not.toContain("\n");
    }
  });

  test("a heading inside code is no section", () => {
    const quoted = ticketText([], "## Description\n```\n## Notes\n```\n");
    expect(appendToSection(quoted, "Notes", "- x")).toBe(`${quoted}\n## Notes\n\n- x\n`);
  });

  test.each<[string, () => string, RegExp]>([
    [
      "a heading in the new text",
      () => replaceSection(text, "Description", "x\n\n## Runbook\n"),
      /change more/,
    ],
    [
      "an open code fence in the new text",
      () => replaceSection(text, "Description", "```sh\nx"),
      /change more/,
    ],
    ["an open comment in a note", () => appendToSection(text, "Description", "<!--"), /change more/],
    ["the section itself, twice", () => replaceSection(text, "Notes", "x\n## Notes\n"), /change more/],
    [
      "a section that is there twice",
      () => appendToSection(`${text}## Notes\n`, "Notes", "x"),
      /second ## Notes/,
    ],
    ["a file with an open fence", () => appendToSection(`${text}\`\`\`\n`, "Notes", "x"), /never closed/],
  ])("%s is refused", (_, edit, message) => {
    expect(edit).toThrow(message);
  });
});

describe("blocks", () => {
  test("a block is added once, then replaced; what a person writes around it stays", () => {
    const text = ticketText([], "\n## Evidence\nmine\n");
    const once = replaceBlock(text, "evidence", "| a |");
    expect(once).toBe(`${text}\n<!-- nimrod:evidence:begin -->\n| a |\n<!-- nimrod:evidence:end -->\n`);
    const more = `${once}and mine\n`;
    expect(replaceBlock(more, "evidence", "```\n<!-- x -->\n```")).toBe(
      more.replace("| a |", "```\n<!-- x -->\n```"),
    );
    expect(replaceBlock(more, "evidence", "")).toBe(more.replace("| a |\n", ""));
  });

  test("marks inside code are a quote", () => {
    const text = ticketText(
      [],
      "## Notes\n```\n<!-- nimrod:evidence:begin -->\n<!-- nimrod:evidence:end -->\n```\n",
    );
    expect(replaceBlock(text, "evidence", "x")).toContain(
      "```\n<!-- nimrod:evidence:begin -->\n<!-- nimrod:evidence:end -->\n```",
    );
  });

  test.each<[string, string, string]>([
    ["one mark alone", "<!-- nimrod:evidence:begin -->\n", "x"],
    ["marks the wrong way round", "<!-- nimrod:evidence:end -->\n<!-- nimrod:evidence:begin -->\n", "x"],
    ["two blocks", "<!-- nimrod:evidence:begin -->\n<!-- nimrod:evidence:end -->\n".repeat(2), "x"],
    ["a mark in the new text", "", "<!-- nimrod:evidence:end -->\n## Runbook"],
    ["a section in the new text", "", "x\n## Runbook\n"],
  ])("%s is refused", (_, block, body) => {
    const text = ticketText([], `\n## Evidence\n${block}\n## Notes\n`);
    expect(() => replaceBlock(text, "evidence", body)).toThrow(/not changed/);
  });

  test("what Nimrod writes never touches the ticket text", () => {
    const text = ticketText([], "## Description\na\n## Acceptance Criteria\n- [ ] b\n");
    let next = replaceBlock(text, "evidence", "x");
    next = replaceSection(next, "Plan", "y");
    next = appendToSection(next, "Notes", "- z");
    next = setChecked(next, ["AC1"]);
    expect(ticketTextDigest({ title: "A" }, next)).toBe(ticketTextDigest({ title: "A" }, text));
  });
});

describe("setChecked", () => {
  const text = ticketText([], "## Acceptance Criteria\r\n```\n- [ ] no\n```\n- [ ] a\n* [ ] #2 b\n- [x] c\n");
  test("ticks the named ones", () => {
    expect(setChecked(text, ["AC2", "AC3"])).toBe(text.replace("* [ ]", "* [x]"));
  });
  test("takes ticks away again", () => {
    expect(setChecked(setChecked(text, ["AC2"]), ["AC2"], false)).toBe(text);
  });
  test("an unknown one is refused", () => {
    expect(() => setChecked(text, ["AC4"])).toThrow(/no criterion AC4/);
  });
});

test("an edited ticket reads back", async () => {
  const text = setFields(ticketText(), { title: "a \u2028 b: #c" });
  expect((await readGood(text)).title).toBe("a \u2028 b: #c");
});
