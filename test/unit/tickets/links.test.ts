import fc from "fast-check";
import { expect, test } from "vitest";
import { buildGraph, isSatisfied, renderLinks } from "../../../src/tickets/links.ts";
import type { StoredTicket, Ticket } from "../../../src/tickets/ticket.ts";

function ticket(
  id: string,
  links: Partial<Ticket["links"]> = {},
  over: Partial<StoredTicket> = {},
): StoredTicket {
  return {
    id,
    title: id,
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
      ...links,
    },
    externalRef: null,
    created: null,
    deferUntil: null,
    stage: null,
    branch: null,
    closed: null,
    closeReason: null,
    evidence: null,
    path: `tickets/active/${id}.md`,
    archived: false,
    text: `---\nid: ${id}\n---\n`,
    ...over,
  };
}

test("only done, or closed by a tool without reasons, satisfies a dependent", () => {
  expect(isSatisfied(ticket("a", {}, { status: "closed", closeReason: "done" }))).toBe(true);
  expect(isSatisfied(ticket("a", {}, { status: "closed" }))).toBe(true);
  for (const closeReason of ["wontfix", "duplicate", "superseded", "abandoned"] as const) {
    expect(isSatisfied(ticket("a", {}, { status: "closed", closeReason }))).toBe(false);
  }
  expect(isSatisfied(ticket("a", {}, { status: "in_review" }))).toBe(false);
});

test("a ticket is blocked by what is open, unknown or given up", () => {
  const all = [
    ticket("a", { depends_on: ["OPEN", "done", "gone", "wontfix"] }),
    ticket("open"),
    ticket("done", {}, { status: "closed", closeReason: "done" }),
    ticket("wontfix", {}, { status: "closed", closeReason: "wontfix" }),
  ];
  const graph = buildGraph(all);
  expect(graph.blockedBy(all[0]!)).toEqual(["OPEN", "gone", "wontfix"]);
  expect(graph.unknown).toEqual([{ id: "a", kind: "depends_on", to: "gone" }]);
  expect(graph.dependents("open")).toEqual(["a"]);
});

test("unblocks counts what waits through others, each once, and no closed ones", () => {
  const graph = buildGraph([
    ticket("a"),
    ticket("b", { depends_on: ["a"] }),
    ticket("c", { depends_on: ["a", "b"] }),
    ticket("d", { depends_on: ["c"] }, { status: "closed" }),
    ticket("e", { depends_on: ["d"], related: ["a"] }),
  ]);
  expect(["a", "b", "c", "d", "e"].map((id) => graph.unblocksCount(id))).toEqual([3, 2, 1, 1, 0]);
});

test("circles of dependencies are found, other links make none", () => {
  const graph = buildGraph([
    ticket("a", { depends_on: ["c"] }),
    ticket("b", { depends_on: ["a"] }),
    ticket("c", { depends_on: ["b"], related: ["d"] }),
    ticket("d", { depends_on: ["a"], related: ["c"] }),
    ticket("self", { depends_on: ["self"] }),
  ]);
  expect(graph.cycles).toEqual([["a", "b", "c"], ["self"]]);
  expect(graph.unblocksCount("a")).toBe(3);
});

test("a chain of 10,000 does not end the stack", () => {
  const chain = Array.from({ length: 10_000 }, (_, i) =>
    ticket(`t${i}`, { depends_on: i === 0 ? [] : [`t${i - 1}`] }),
  );
  const graph = buildGraph(chain);
  expect(graph.cycles).toEqual([]);
  expect(graph.unblocksCount("t0")).toBe(9999);
});

test("ten thousand tickets in front of one long chain are counted in one walk of it", () => {
  const chain = Array.from({ length: 10_000 }, (_, i) =>
    ticket(`t${i}`, {
      depends_on: i === 0 ? Array.from({ length: 10_000 }, (_, n) => `r${n}`) : [`t${i - 1}`],
    }),
  );
  const ready = Array.from({ length: 10_000 }, (_, n) => ticket(`r${n}`));
  const graph = buildGraph([...ready, ...chain]);
  const before = process.cpuUsage();
  expect(new Set(ready.map(({ id }) => graph.unblocksCount(id)))).toEqual(new Set([10_000]));
  const { user, system } = process.cpuUsage(before);
  // A walk for each takes minutes.
  expect((user + system) / 1e6).toBeLessThan(5);
});

test("counts are those of a plain walk, whatever the graph, in whatever order they are asked for", () => {
  const ids = fc.integer({ min: 0, max: 7 }).map((n) => `t${n}`);
  const some = fc.array(
    fc.record({ depends_on: fc.uniqueArray(ids, { maxLength: 3 }), closed: fc.boolean() }),
    {
      minLength: 8,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(some, fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7]), (rows, order) => {
      const tickets = rows.map(({ depends_on, closed }, n) =>
        ticket(`t${n}`, { depends_on }, closed ? { status: "closed" } : {}),
      );
      const graph = buildGraph(tickets);
      for (const n of order) {
        const reached = new Set<string>();
        for (let size = -1; size !== reached.size; ) {
          size = reached.size;
          for (const { id, links } of tickets) {
            if (links.depends_on.some((to) => to === `t${n}` || reached.has(to))) reached.add(id);
          }
        }
        const open = tickets.filter(
          ({ id, status }) => id !== `t${n}` && reached.has(id) && status !== "closed",
        );
        expect(graph.unblocksCount(`t${n}`)).toBe(open.length);
      }
    }),
    { numRuns: 300 },
  );
});

test("a link that the other side does not know is one-way", () => {
  const mention = (body: string) => ({ text: `---\nid: x\n---\n${body}` });
  const tickets = [
    ticket("a-1", { depends_on: ["b"], related: ["c", "d"], part_of: ["e"] }),
    ticket("b", {}, mention("## Links\n- needed by A-1.\n")),
    ticket("c", { related: ["a-1"] }),
    ticket("d", {}, mention("## Notes\n- a-1\n")),
    ticket("e", {}, mention("## Links\n- needed by a-12\n")),
  ];
  const textOf = ({ id }: Ticket) => tickets.find((one) => one.id === id)?.text ?? "";
  expect(buildGraph(tickets).oneWay(textOf)).toEqual([
    { from: "a-1", kind: "part_of", to: "e" },
    { from: "a-1", kind: "related", to: "d" },
  ]);
});

test("links are rendered in both directions, the same for every order of files", () => {
  const all = [
    ticket("a", { depends_on: ["c"], related: ["b"] }),
    ticket("b", { related: ["a"], depends_on: ["a"] }),
    ticket("c", { conflicts_with: ["a"] }),
  ];
  const expected = "- needed by b\n- depends on c\n- conflicts with c\n- related to b";
  expect(renderLinks(all[0]!, buildGraph(all))).toBe(expected);
  expect(renderLinks(all[0]!, buildGraph(all.toReversed()))).toBe(expected);
});
