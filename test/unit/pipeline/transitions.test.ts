import { expect, test } from "vitest";
import { lifecycleCommands, statusAt, transition } from "../../../src/pipeline/transitions.ts";
import { statuses } from "../../../src/tickets/ticket.ts";

// Written out from the design, not taken from the code: "go", "already", or the error code of a refusal.
const written = `
  command   draft    open     in_progress  blocked  in_review  closed
  run       usage    go       go           go       already    usage
  resume    usage    usage    go           go       already    already
  close     go       go       go           go       go         already
  close-as  go       go       go           go       go         already
  reopen    already  already  usage        go       go         go
  rollback  already  go       go           go       go         go
`;

const [header, ...lines] = written
  .trim()
  .split("\n")
  .map((line) => line.trim().split(/\s+/));
const cells = lines.flatMap(([command = "", ...expected]) =>
  expected.map((what, index) => ({ command, status: header![index + 1]!, what })),
);

test("the table names every command and every status", () => {
  expect(lines.map(([command]) => command)).toEqual([...lifecycleCommands]);
  expect(header!.slice(1)).toEqual([...statuses]);
  expect(cells).toHaveLength(36);
});

test.each(cells)("$command a ticket that is $status: $what", ({ command, status, what }) => {
  const done = transition(
    lifecycleCommands.find((name) => name === command)!,
    statuses.find((name) => name === status)!,
  );
  expect(done.kind === "refuse" ? done.code : done.kind).toBe(what);
  if (done.kind === "refuse") expect(done.hint).not.toBe("");
});

test("the statuses of a ticket's moments", () => {
  expect(statusAt).toEqual({
    claim: "in_progress",
    waiting: "in_progress",
    "rounds exhausted": "blocked",
    "rolled back": "blocked",
    "closer done": "in_review",
    close: "closed",
    reopen: "open",
  });
});
