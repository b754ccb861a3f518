import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Wait } from "../../../src/pipeline/journal.ts";
import {
  type Considered,
  cardOf,
  commandFor,
  isProcessOnly,
  type RunState,
  selectTicket,
} from "../../../src/pipeline/select-ticket.ts";
import { type StoredTicket, statuses, types } from "../../../src/tickets/ticket.ts";

const now = new Date("2026-11-22T12:00:00Z");

function stored(given: Partial<StoredTicket> = {}): StoredTicket {
  return {
    id: "nim-000001",
    title: "Greet",
    status: "open",
    type: "task",
    priority: 2,
    labels: [],
    assignee: null,
    links: {
      depends_on: [],
      bootstraps: [],
      part_of: [],
      local_variant_of: [],
      conflicts_with: [],
      related: [],
    },
    externalRef: null,
    created: "2026-11-01T00:00:00Z",
    deferUntil: null,
    stage: null,
    branch: null,
    closed: null,
    closeReason: null,
    evidence: null,
    path: "tickets/active/nim-000001-greet.md",
    archived: false,
    text: "",
    ...given,
  };
}

function considered(
  given: Partial<StoredTicket> = {},
  more: Partial<Omit<Considered, "ticket">> = {},
): Considered {
  return { ticket: stored(given), blockedBy: [], unblocks: 0, run: { kind: "none" }, ...more };
}

const approval: Wait = { kind: "approval", id: "A-1", digest: null, what: "reload" };
const parked = (satisfied: boolean, waits: Wait[] = [approval]): RunState => ({
  kind: "parked",
  waits,
  satisfied,
});

const chosen = (all: Considered[]) => {
  const { selection } = selectTicket(all, now);
  if (selection.kind === "resume") return selection.chosen.ticket.id;
  return selection.kind === "start" ? selection.ranked[0]!.ticket.id : selection.kind;
};

describe("the order: the first difference decides", () => {
  // `a` wins over `b` although everything further down the list speaks for `b`.
  const rows: [why: string, a: Considered, b: Considered][] = [
    [
      "a cut run before a parked run whose waits are over",
      considered({ id: "a", priority: 4 }, { run: { kind: "cut" } }),
      considered({ id: "b", priority: 0 }, { run: parked(true) }),
    ],
    [
      "a parked run whose waits are over before a ready ticket",
      considered({ id: "a", priority: 4 }, { run: parked(true) }),
      considered({ id: "b", priority: 0, status: "in_progress" }),
    ],
    [
      "in progress before everything that is not, process or no process",
      considered({
        id: "a",
        status: "in_progress",
        labels: ["process"],
        priority: 4,
        created: "2026-11-09T00:00:00Z",
      }),
      considered({ id: "b", priority: 0 }, { unblocks: 9 }),
    ],
    [
      "what finishes something before what only adds process",
      considered({ id: "a", priority: 4, created: "2026-11-09T00:00:00Z" }),
      considered({ id: "b", labels: ["Process"], priority: 0 }, { unblocks: 9 }),
    ],
    [
      "the higher priority before the one that unblocks more",
      considered({ id: "a", priority: 1, created: "2026-11-09T00:00:00Z" }),
      considered({ id: "b", priority: 2 }, { unblocks: 9 }),
    ],
    [
      "the one that unblocks more before the older",
      considered({ id: "b", created: "2026-11-09T00:00:00Z" }, { unblocks: 2 }),
      considered({ id: "a" }, { unblocks: 1 }),
    ],
    [
      "the older before the smaller id",
      considered({ id: "b" }),
      considered({ id: "a", created: "2026-11-09T00:00:00Z" }),
    ],
    ["an age before none", considered({ id: "b" }), considered({ id: "a", created: null })],
    ["the smaller id at last", considered({ id: "a" }), considered({ id: "b" })],
  ];
  test.each(rows)("%s", (_, a, b) => {
    expect(chosen([a, b])).toBe(a.ticket.id);
    expect(chosen([b, a])).toBe(a.ticket.id);
  });
});

describe("the triager's choice", () => {
  test("is among those that only age and id tell apart", () => {
    const all = [
      considered({ id: "a" }),
      considered({ id: "b", created: "2026-11-09T00:00:00Z" }),
      considered({ id: "c", priority: 3 }),
      considered({ id: "d" }, { unblocks: 1 }),
    ];
    const { selection } = selectTicket(
      all.filter(({ ticket }) => ticket.id !== "d"),
      now,
    );
    expect(selection.kind === "start" && selection.equals.map(({ ticket }) => ticket.id)).toEqual(["a", "b"]);
    const one = selectTicket(all, now).selection;
    expect(one.kind === "start" && one.equals.map(({ ticket }) => ticket.id)).toEqual(["d"]);
  });

  test.each([
    [["process"], true],
    [["META"], true],
    [["tls", "workflow"], true],
    [["processing"], false],
    [[], false],
  ])("labels %j: adds only process %s", (labels, process) => {
    expect(isProcessOnly({ labels })).toBe(process);
    expect(cardOf(considered({ labels })).processOnly).toBe(process);
  });

  test("sees a card, not the body", () => {
    expect(Object.keys(cardOf(considered({ text: "secret" })))).not.toContain("text");
    expect(JSON.stringify(cardOf(considered({ text: "secret" })))).not.toContain("secret");
  });
});

describe("what is not taken says why, and what to type", () => {
  const rows: [what: string, one: Considered, reason: string | null, command: string | null][] = [
    [
      "live",
      considered({}, { run: { kind: "live", owner: "nimrod run", pid: 7 } }),
      "held by a live run (pid 7)",
      null,
    ],
    [
      "parked",
      considered({}, { run: parked(false) }),
      "waits for approval A-1 (reload)",
      "nimrod approve A-1",
    ],
    [
      "parked on an answer",
      considered({}, { run: parked(false, [{ kind: "answer", questions: [], why: "which port" }]) }),
      "needs 0 answers: which port",
      "nimrod answer nim-000001",
    ],
    [
      "parked on trust",
      considered({}, { run: parked(false, [{ kind: "trust", what: "agents.scripted" }]) }),
      "needs your trust: agents.scripted",
      "nimrod trust",
    ],
    [
      "failed",
      considered({ status: "in_progress" }, { run: { kind: "failed", step: "plan", reason: "timeout" } }),
      "its plan pass failed (timeout)",
      "nimrod resume nim-000001",
    ],
    ["in review", considered({ status: "in_review" }), "is in review", "nimrod close nim-000001"],
    ["draft", considered({ status: "draft" }), "is a draft", null],
    ["blocked", considered({ status: "blocked" }), "is marked blocked", "nimrod show nim-000001"],
    ["dependent", considered({}, { blockedBy: ["nim-2", "nim-3"] }), "waits on nim-2, nim-3", null],
    ["epic", considered({ type: "epic" }), "is an epic: its parts are worked on instead", null],
    [
      "deferred",
      considered({ deferUntil: "2026-11-23T00:00:00Z" }),
      "is deferred until 2026-11-23T00:00:00Z",
      null,
    ],
    ["deferred until now", considered({ deferUntil: "2026-11-22T12:00:00Z" }), null, null],
    ["cut", considered({}, { run: { kind: "cut" } }), null, null],
    ["ready", considered(), null, null],
  ];
  test.each(rows)("%s", (_, one, reason, command) => {
    const { skipped, selection } = selectTicket([one], now);
    expect(skipped).toMatchObject(
      reason === null ? [] : [{ id: "nim-000001", title: "Greet", reason, command }],
    );
    expect(["resume", "start"].includes(selection.kind)).toBe(reason === null);
  });

  test("closed and archived tickets are no rows at all", () => {
    expect(selectTicket([considered({ status: "closed" }), considered({ archived: true })], now)).toEqual({
      selection: { kind: "nothing" },
      skipped: [],
    });
  });

  test("a parked or failed run is not started a second time beside itself", () => {
    const all = [
      considered({ id: "a" }, { run: parked(false) }),
      considered({ id: "b" }, { run: { kind: "failed", step: "plan", reason: "x" } }),
    ];
    expect(selectTicket(all, now).selection).toEqual({ kind: "nothing" });
  });

  test("only where live runs hold everything is everything held", () => {
    const live = considered({ id: "a" }, { run: { kind: "live", owner: "nimrod run", pid: 7 } });
    expect(selectTicket([live], now).selection.kind).toBe("held");
    expect(chosen([live, considered({ id: "b", priority: 4 })])).toBe("b");
  });

  test("no wait, no command", () => {
    expect(commandFor([], "nim-1")).toBeNull();
  });
});

const anyRun: fc.Arbitrary<RunState> = fc.constantFrom<RunState>(
  { kind: "none" },
  { kind: "live", owner: "x", pid: 1 },
  { kind: "cut" },
  parked(true),
  parked(false),
  { kind: "failed", step: "plan", reason: "x" },
  { kind: "ended", how: "in_review" },
);
const anyConsidered = fc
  .record({
    status: fc.constantFrom(...statuses),
    type: fc.constantFrom(...types),
    priority: fc.integer({ min: 0, max: 4 }),
    labels: fc.subarray(["process", "tls"]),
    created: fc.constantFrom(null, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
    unblocks: fc.integer({ min: 0, max: 2 }),
    blockedBy: fc.subarray(["nim-x"]),
    run: anyRun,
  })
  .map(({ unblocks, blockedBy, run, ...fields }) => considered(fields, { unblocks, blockedBy, run }));

const anyFrontier = fc
  .array(anyConsidered, { maxLength: 12 })
  .map((all) => all.map((each, index) => ({ ...each, ticket: { ...each.ticket, id: `nim-${index}` } })));

describe("whatever the tickets are", () => {
  test("the order does not depend on the order of the files", () => {
    fc.assert(
      fc.property(
        anyFrontier.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          const ids = (list: readonly Considered[]) => list.map(({ ticket }) => ticket.id);
          const one = selectTicket(all, now).selection;
          const other = selectTicket(shuffled, now).selection;
          expect(chosen(shuffled)).toBe(chosen(all));
          if (one.kind === "start" && other.kind === "start") {
            expect(ids(other.ranked)).toEqual(ids(one.ranked));
            expect(ids(other.equals)).toEqual(ids(one.equals));
          }
        },
      ),
    );
  });

  test("every ticket that is not closed is either startable or a row with a reason", () => {
    fc.assert(
      fc.property(anyFrontier, (all) => {
        const { skipped } = selectTicket(all, now);
        for (const each of all) {
          const alone = selectTicket([each], now).selection.kind;
          const isRow = skipped.some((row) => row.id === each.ticket.id);
          const isTaken = alone === "start" || alone === "resume";
          expect(isRow || isTaken || each.ticket.status === "closed").toBe(true);
          expect(isRow && isTaken).toBe(false);
        }
      }),
    );
  });
});
