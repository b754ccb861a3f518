import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFields } from "../../../../src/tickets/front-matter.ts";
import { mergeTickets } from "../../../../src/tickets/merge/merge-tickets.ts";
import { readTicket } from "../../../../src/tickets/read.ts";
import { edit, edits, models, render } from "./random-tickets.ts";

/** Random edits of both sides to random tickets. */

const runs = { numRuns: 300 };

describe("a merge of what both sides did to a ticket", () => {
  test("keeps every change of both sides, brings back nothing, invents nothing", async () => {
    let clean = 0;
    await eachMerge(async ({ base, ours, theirs }) => {
      const merge = await mergeTickets({ base, ours, theirs });
      const [b, o, t] = [bodyLines(base), bodyLines(ours), bodyLines(theirs)];
      const merged = bodyLines(merge.content);
      const expected = [...new Set([...o, ...t])].filter(
        (line) => (o.has(line) && t.has(line)) || !b.has(line),
      );
      expect(expected.filter((line) => !merged.has(line))).toEqual([]);
      if (merge.kind === "conflict") {
        expect([...merged].filter((line) => !o.has(line) && !t.has(line) && !isMark(line))).toEqual([]);
        return;
      }
      clean += 1;
      expect([...merged].sort()).toEqual(expected.sort());
      expectFields(merge.content, { base, ours, theirs });
    });
    // The generator must not make conflicts only.
    expect(clean).toBeGreaterThan(runs.numRuns / 4);
  });

  test("is a ticket, or says aloud that it is none, with the line of a mark", async () => {
    await eachMerge(async (texts) => {
      const merge = await mergeTickets(texts);
      const read = await readTicket({ path: "t.md", bytes: Buffer.from(merge.content), archived: false });
      if (merge.kind === "merged") {
        expect(read.kind).toBe("ticket");
        return;
      }
      expect(read).toMatchObject({ kind: "broken", problems: [{ found: "a git conflict marker" }] });
      const lines = merge.content.split("\n");
      for (const { line } of merge.where) expect(lines[line - 1]).toMatch(/^(?:\ufeff)?<<<<<<< ours\r?$/);
      expect(lines.filter((line) => line.startsWith("<<<<<<<")).length).toBe(merge.where.length);
    });
  });

  test("comes to the same from both sides, but for the order and the form of what is equal", async () => {
    await eachMerge(async ({ base, ours, theirs }) => {
      const one = await mergeTickets({ base, ours, theirs });
      const other = await mergeTickets({ base, ours: theirs, theirs: ours });
      expect(one.kind).toBe(other.kind);
      const content = (text: string) => [...bodyLines(text)].filter((line) => !isMark(line)).sort();
      expect(content(one.content)).toEqual(content(other.content));
      if (one.kind === "merged") expect(fieldsOf(one.content)).toEqual(fieldsOf(other.content));
    });
  });

  test("is the other side, byte for byte, where one side did nothing", async () => {
    await eachMerge(async ({ base, ours, theirs }) => {
      expect(await mergeTickets({ base, ours, theirs: base })).toEqual({ kind: "merged", content: ours });
      expect(await mergeTickets({ base, ours: base, theirs })).toEqual({ kind: "merged", content: theirs });
    });
  });

  test("has no mark in it, and nothing of a side that is not there, where git merges ancestors", async () => {
    await eachMerge(async (texts) => {
      const merge = await mergeTickets(texts, { onConflict: "base" });
      expect(merge.kind).toBe("merged");
      expect(merge.content).not.toMatch(/^(?:<{7}|={7}|>{7})/m);
    });
  });
});

type Texts = { base: string; ours: string; theirs: string };

async function eachMerge(check: (texts: Texts) => Promise<void>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(models, edits, edits, (model, mine, yours) =>
      check({
        base: render(model),
        ours: render(edit(model, mine, "ours")),
        theirs: render(edit(model, yours, "theirs")),
      }),
    ),
    runs,
  );
}

/** A key that only one side changed has that side's value, a list what both made of it, another one what both say. */
function expectFields(merged: string, texts: Texts): void {
  const [base, ours, theirs] = [fieldsOf(texts.base), fieldsOf(texts.ours), fieldsOf(texts.theirs)];
  const result = fieldsOf(merged);
  for (const key of new Set([...Object.keys(base), ...Object.keys(ours), ...Object.keys(theirs)])) {
    const [b, o, t] = [base[key], ours[key], theirs[key]];
    const same = (x: unknown, y: unknown) => JSON.stringify(x) === JSON.stringify(y);
    if (same(o, t) || same(t, b)) expect(result[key], key).toEqual(o);
    else if (same(o, b)) expect(result[key], key).toEqual(t);
    else {
      const [inBase, inOurs, inTheirs] = [list(b), list(o), list(t)];
      const kept = [...new Set([...inOurs, ...inTheirs])].filter(
        (item) => (inOurs.includes(item) && inTheirs.includes(item)) || !inBase.includes(item),
      );
      expect([...list(result[key])].sort(), key).toEqual(kept.sort());
    }
  }
}

function list(value: unknown): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error(`${JSON.stringify(value)} was merged and is no list`);
  return value;
}

function fieldsOf(text: string): Record<string, unknown> {
  const parsed = parseFields(text);
  if (parsed.kind === "broken") throw new Error(JSON.stringify(parsed.problems));
  return Object.fromEntries(
    [...parsed.fields].map(([key, { value }]) => [
      key,
      value.kind === "list"
        ? value.items.map((item) => item.text).sort()
        : value.kind === "scalar" && value.text,
    ]),
  );
}

function bodyLines(text: string): Set<string> {
  const body = text.slice(text.indexOf("---", 5));
  const lines = body.split(/\r?\n/).slice(1);
  return new Set(lines.filter((line) => line.trim() !== ""));
}

function isMark(line: string): boolean {
  return /^(?:<{7} ours|={7}|>{7} theirs)$/.test(line);
}
