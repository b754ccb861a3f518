import { expect, onTestFinished, test } from "vitest";
import { openSegment } from "../../../src/evidence/ledger.ts";
import type { NewRecord } from "../../../src/evidence/record.ts";
import { earlierWork, filesAtHand } from "../../../src/pipeline/related.ts";
import { ulid } from "../../../src/platform/clock.ts";
import { cpuMs } from "../../support/cpu-time.ts";
import { planOf, planStep, reviewOf, runbookStep } from "../../support/pass-inputs.ts";
import { makeWorld, removeWorld, type World } from "../evidence/ledger-fixture.ts";

const ticket = (text: string, title = "Greet") => ({ title, text });
const tree = new Set(["proxy/vault.conf", "README.md", "Makefile", "src/a.ts", "docs/my page.md"]);

test.each([
  ["a path in backticks", "edit `proxy/vault.conf`", ["proxy/vault.conf"]],
  ["a path with a line", "see src/a.ts:12-40.", ["src/a.ts"]],
  ["a path at the end of a sentence", "It is in proxy/vault.conf.", ["proxy/vault.conf"]],
  ["a path from here", "(./README.md)", ["README.md"]],
  ["a link", "[the proxy](proxy/vault.conf)", ["proxy/vault.conf"]],
  ["a word that is a file", "the Makefile, too", ["Makefile"]],
  ["a file that is not there", "src/b.ts", []],
  ["part of a path", "vault.conf and proxy", []],
  ["a path outside", "../../etc/passwd /etc/passwd", []],
])("files at hand: %s", (_, text, files) => {
  const body = { runbook: [] };
  expect(filesAtHand(ticket(text), body, tree)).toEqual(files);
});

test("files at hand: what the Runbook writes, there or not, and each once", () => {
  const runbook = [
    runbookStep({ do: { kind: "write", path: "new.txt", content: "" } }),
    runbookStep({ do: { kind: "write", path: "README.md", content: "" } }),
  ];
  const files = filesAtHand(ticket("README.md", "About src/a.ts"), { runbook }, tree);
  expect(files).toEqual(["new.txt", "README.md", "src/a.ts"]);
});

test("files at hand: a word of a million dots takes no time", async () => {
  const hostile = ticket(`${".".repeat(1_000_000)}x ${":1".repeat(500_000)}`);
  const look = () => expect(filesAtHand(hostile, { runbook: [] }, tree)).toEqual([]);
  expect(await cpuMs(look)).toBeLessThan(2_000);
});

test("files at hand: no more than fifty", () => {
  const many = Array.from({ length: 80 }, (_, index) => `f${index}.txt`);
  const body = { runbook: [] };
  expect(filesAtHand(ticket(many.join(" ")), body, new Set(many))).toHaveLength(50);
});

async function world(): Promise<World> {
  const made = await makeWorld();
  onTestFinished(() => removeWorld(made));
  return made;
}

/** A sealed segment with one record, written at that minute. */
async function tell(
  lab: World,
  about: string,
  minute: number,
  record: Omit<NewRecord, "actor">,
): Promise<void> {
  const clock = { now: () => new Date(Date.UTC(2026, 10, 20, 7, minute)) };
  const segment = await openSegment({
    root: lab.root,
    ticket: about,
    run: "01RUN",
    pass: "any",
    ulid: ulid(clock),
    key: lab.key,
    clock,
    redact: (text) => text,
    header: {},
  });
  await segment.append({ actor: "nimrod", ...record });
  await segment.seal({ verdict: "finished", tree: null });
}

const result = (role: string, value: unknown) => ({ type: "result" as const, data: { role, result: value } });
const finding = {
  id: "F1",
  claim: "It listens twice",
  sources: [{ path: "a.conf", lines: "3" }, { command: "ls" }],
};
const research = { findings: [finding], constraints: [], links: [], questions: [] };
const review = reviewOf({
  verdict: "changes",
  findings: [
    { id: "RV1", severity: "major", path: "a.conf", text: "listens on all addresses", status: "new" },
    { id: "RV2", severity: "minor", path: "other.conf", text: "elsewhere", status: "new" },
  ],
});
const plan = planOf({
  steps: [planStep({ do: { agent: { paths: ["*.conf"], commands: [] } } })],
  risks: [{ id: "R1", text: "old clients are locked out" }],
});
const rollback = (paths: string[]) => ({
  type: "note" as const,
  data: { what: "rolled back", reason: "the vault was gone", paths },
});

test("earlier work: findings, risks, reviews and rollbacks of these files, with ticket and date, newest first", async () => {
  const lab = await world();
  await tell(lab, "nim-2", 1, result("researcher", research));
  await tell(lab, "nim-2", 2, result("planner", plan));
  await tell(lab, "nim-3", 3, result("reviewer", review));
  await tell(lab, "nim-4", 4, rollback(["a.conf", "b.conf"]));
  const about = { ticket: "nim-1", files: ["a.conf"], closed: new Set(["nim-2"]) };
  expect(await earlierWork(lab.root, about)).toEqual([
    {
      ticket: "nim-4",
      date: "2026-11-20T07:04:00Z",
      kind: "rollback",
      text: "rolled back: the vault was gone (a.conf)",
    },
    {
      ticket: "nim-3",
      date: "2026-11-20T07:03:00Z",
      kind: "review",
      text: "major, new: a.conf: listens on all addresses",
    },
    { ticket: "nim-2", date: "2026-11-20T07:02:00Z", kind: "risk", text: "old clients are locked out" },
    { ticket: "nim-2", date: "2026-11-20T07:01:00Z", kind: "finding", text: "It listens twice (a.conf)" },
  ]);
  expect(await earlierWork(lab.root, { ...about, files: [] })).toEqual([]);
  expect(await earlierWork(lab.root, { ...about, files: ["c.txt"] })).toEqual([]);
});

test.each([
  ["findings of a ticket that is still open", "nim-2", result("researcher", research)],
  ["risks of a ticket that is still open", "nim-2", result("planner", plan)],
  ["this ticket's own reviews", "nim-1", result("reviewer", review)],
  ["what a sub-pass answered", "nim-9", result("delegate", { ...research, answer: "", unknowns: [] })],
  ["a result of no known shape", "nim-9", result("researcher", { findings: "many" })],
  [
    "a rollback of no known shape",
    "nim-9",
    { type: "note" as const, data: { what: "rolled back", paths: "a.conf" } },
  ],
])("earlier work: not %s", async (_, about, record) => {
  const lab = await world();
  await tell(lab, about, 1, record);
  const closed = new Set(["nim-9"]);
  expect(await earlierWork(lab.root, { ticket: "nim-1", files: ["a.conf"], closed })).toEqual([]);
});

test("earlier work: this ticket's own rollback is news to it, and long texts and lists are cut", async () => {
  const lab = await world();
  await tell(lab, "nim-1", 1, rollback(["a.conf"]));
  const claims = Array.from({ length: 30 }, (_, index) => ({
    ...finding,
    id: `F${index}`,
    claim: "x".repeat(5_000),
  }));
  await tell(lab, "nim-2", 0, result("researcher", { ...research, findings: claims }));
  const earlier = await earlierWork(lab.root, {
    ticket: "nim-1",
    files: ["a.conf"],
    closed: new Set(["nim-2"]),
  });
  expect(earlier).toHaveLength(20);
  expect(earlier[0]).toMatchObject({ ticket: "nim-1", kind: "rollback" });
  expect(Math.max(...earlier.map(({ text }) => text.length))).toBe(500);
});
