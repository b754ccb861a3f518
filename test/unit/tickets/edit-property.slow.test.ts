import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { NimrodError } from "../../../src/errors.ts";
import { setFields } from "../../../src/tickets/edit.ts";
import type { NewValue } from "../../../src/tickets/splice-field.ts";

/**
 * A generated file is known piece by piece, so the expectation needs none of our parsers: an edit of one key may
 * change the piece of that key, and not a byte in front of it or behind it. What the key says afterwards is read
 * with the YAML library as any other program would read it.
 */

type Piece = { key: string | null; text: string };

const word = fc.constantFrom("open", "tls", "nim-2ab9xx", "TASK-12", "été", "0012", "a b", "x_y", "v1.10");
const comment = fc.constantFrom("", "  # why", " # status: closed", '   # it\'s: "quoted" [here]');
const scalar = fc.oneof(
  word,
  word.map((text) => `'${text}'`),
  word.map((text) => `"${text}"`),
  fc.constantFrom("", "~", "'it''s'", '"a: # b"', "'---'", '"status: closed"', "a b  c", '"\\u00e9\\t"'),
);
const oneLine = fc
  .tuple(fc.constantFrom(" ", "  "), scalar, comment)
  .map(([space, value, note]) => (value === "" ? note : `${space}${value}${note}`));
const flowList = fc
  .tuple(
    fc.array(
      fc.oneof(
        word,
        word.map((text) => `'${text}'`),
      ),
      { maxLength: 4 },
    ),
    fc.boolean(),
    comment,
  )
  .map(([items, wide, note]) => ` [${wide ? " " : ""}${items.join(wide ? " ,  " : ", ")}]${note}`);
const blockList = fc
  .tuple(fc.array(fc.tuple(word, comment), { minLength: 1, maxLength: 4 }), fc.constantFrom("", "  ", "    "))
  .map(([items, indent]) => items.map(([item, note]) => `\n${indent}- ${item}${note}`).join(""));
const longText = fc.constantFrom(
  " >-\n  one\n  two",
  " |\n  status: open\n\n  # text",
  " a\n  b",
  "\n  a: 1\n  status: x",
);
const value = fc.oneof({ weight: 4, arbitrary: oneLine }, flowList, blockList, longText);

// Keys that Nimrod writes, names of them in other tools, and keys that are nobody's.
const names = [
  "status",
  "title",
  "stage",
  "priority",
  "assignee",
  "labels",
  "tags",
  "deps",
  "dependencies",
  "depends_on",
  "links",
  "external-ref",
  "x-nimrod",
  "estimate",
  "ordinal",
  "Status",
  "reporter",
  "parent_task_id",
];
const sameKey = [
  ["depends_on", "deps", "dependencies"],
  ["labels", "tags"],
  ["related", "links"],
  ["external_ref", "external-ref"],
];
const groupOf = (name: string) => sameKey.find((group) => group.includes(name)) ?? [name];

const entries = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names), value), {
    maxLength: 9,
    selector: ([name]) => groupOf(name)[0],
  })
  .map((all): Piece[] => all.map(([key, text]) => ({ key, text: `${key}:${text}` })));
const between = fc.constantFrom<Piece | null>(
  null,
  null,
  null,
  { key: null, text: "# a comment" },
  { key: null, text: "" },
  { key: null, text: " # indented: comment" },
);
const bodies = fc.constantFrom(
  "",
  "\n",
  "text without an end",
  "\n---\nstatus: closed\npriority: 0\n---\n",
  "## Notes\nstatus: open\n\n---\n\n",
  "\n```yaml\n---\nstatus: closed\n---\n```\n",
  "# H1\n\ntags: [x]\n...\n",
  "\u2028\ttabs  \n",
);
const files = fc.record({
  entries,
  gaps: fc.array(between, { maxLength: 9 }),
  body: bodies,
  crlf: fc.boolean(),
  bom: fc.boolean(),
  open: fc.boolean(),
});

const newText = fc.oneof(
  word,
  fc.string({ unit: "grapheme", maxLength: 16 }),
  fc.constantFrom(
    "yes",
    "1.10",
    "a: b",
    "# x",
    "x #y",
    "it's",
    '"',
    "[x]",
    "- a",
    " a ",
    "---",
    "a\nb",
    "null",
    "",
    "{",
    "&a",
    "!t",
    "%",
  ),
);
const changes = fc.tuple(
  fc.constantFrom(
    "status",
    "title",
    "stage",
    "priority",
    "assignee",
    "labels",
    "depends_on",
    "related",
    "external_ref",
    "x-nimrod",
  ),
  fc.oneof<fc.Arbitrary<NewValue>[]>(
    newText,
    newText,
    fc.nat(4),
    fc.uniqueArray(newText, { maxLength: 4 }),
    fc.uniqueArray(word, { maxLength: 4 }),
    fc.constant(null),
  ),
);

test("over 3,000 generated files an edit changes its own key and not a byte elsewhere", {
  timeout: 120_000,
}, () => {
  const seen = { changed: 0, refused: new Map<string, number>(), files: new Set<string>() };
  fc.assert(
    fc.property(files, changes, ({ entries: own, gaps, body, crlf, bom, open }, [name, wanted]) => {
      const pieces = own.flatMap((piece, at) => [...(gaps[at] == null ? [] : [gaps[at]]), piece]);
      const eol = crlf ? "\r\n" : "\n";
      const written = pieces.map(({ key, text }) => ({ key, text: `${text}\n`.replaceAll("\n", eol) }));
      // A last fence without a line feed: the file ends with it.
      const tail = open && body === "" ? "---" : `---${eol}${body.replaceAll("\n", eol)}`;
      const head = `${bom ? "\ufeff" : ""}---${eol}`;
      const join = (all: readonly Piece[]) => all.map(({ text }) => text).join("");
      const before = head + join(written) + tail;
      seen.files.add(before);

      const at = written.findIndex(({ key }) => key !== null && groupOf(name).includes(key));
      const front = head + join(at === -1 ? written : written.slice(0, at));
      const back = (at === -1 ? "" : join(written.slice(at + 1))) + tail;
      let after: string;
      try {
        after = setFields(before, { [name]: wanted });
      } catch (error) {
        // Refusing is loud and changes nothing; how often, and for which reasons, is asserted below.
        if (!(error instanceof NimrodError)) throw error;
        seen.refused.set(error.message, (seen.refused.get(error.message) ?? 0) + 1);
        return;
      }
      seen.changed += 1;
      expect(after.startsWith(front)).toBe(true);
      expect(after.endsWith(back)).toBe(true);
      expect(after.length).toBeGreaterThanOrEqual(front.length + back.length);
      const piece = after.slice(front.length, after.length - back.length);
      if (crlf) expect(piece.replaceAll("\r\n", "")).not.toContain("\n");
      const key = written[at]?.key ?? name;
      const said: unknown = parse(piece, { schema: "failsafe", uniqueKeys: false }) ?? {};
      const expected = wanted === null ? {} : { [key]: typeof wanted === "number" ? String(wanted) : wanted };
      expect(said).toEqual(expected);
    }),
    { numRuns: 3_400, seed: 20_261_122 },
  );
  expect(seen.files.size).toBeGreaterThan(3_000);
  // The one honest reason: a comment stands inside the very value that is replaced.
  const others = [...seen.refused.keys()].filter(
    (message) => !/^a comment inside the value of/.test(message),
  );
  expect(others).toEqual([]);
  expect(seen.changed).toBeGreaterThan(3_000);
});
