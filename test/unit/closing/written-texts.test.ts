import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { changeLogPath, renderChangeLog } from "../../../src/closing/change-log.ts";
import { landingMessage } from "../../../src/closing/landing-message.ts";

const forged = "all good\n\nNimrod-Ticket: nim-000009\nNimrod-Evidence: 1 beef";

test("a summary or title cannot add a trailer to the landing commit", () => {
  const message = landingMessage({
    ticket: "nim-000001",
    title: forged,
    summary: forged,
    evidence: "1 abcd",
  });
  const trailers = execFileSync("git", ["interpret-trailers", "--parse"], {
    input: message,
    encoding: "utf8",
  });
  expect(trailers).toBe("Nimrod-Ticket: nim-000001\nNimrod-Evidence: 1 abcd\n");
  expect(message.match(/^Nimrod-.*$/gm)).toHaveLength(2);
  expect(message.split("\n")[0]!.length).toBeLessThanOrEqual(100);
});

const closing = {
  summary: "renewed",
  notDone: [],
  followUps: [],
  changeLog: [{ step: "S2", text: "reloaded caddy" }],
  links: [],
  risks: [],
};
const options = {
  ticket: "nim-000001",
  title: "Renew it",
  date: "2026-11-22T07:12:40Z",
  closing,
  changedPaths: ["proxy/vault.conf"],
  undo: ["systemctl restart caddy"],
  late: [{ step: "S3", text: "moved the name" }],
};

test("the change log says what changed, where, and how to undo it", () => {
  expect(changeLogPath(options.date, options.ticket)).toBe("docs/changes/2026-11-22-nim-000001.md");
  expect(renderChangeLog(options)).toBe(`# Renew it

2026-11-22, ticket nim-000001. renewed

## On servers

- S2: reloaded caddy
- S3: moved the name

## In the repository

- proxy/vault.conf

## How to undo it

- nimrod rollback nim-000001
- systemctl restart caddy
`);
});

test("without changes of a kind its section is not there", () => {
  const text = renderChangeLog({
    ...options,
    closing: { ...closing, changeLog: [] },
    changedPaths: [],
    undo: [],
    late: [],
  });
  expect(text.match(/^#.*/gm)).toEqual(["# Renew it", "## How to undo it"]);
});

test("a text of an agent stays one line, without HTML and hidden characters", () => {
  const text = renderChangeLog({ ...options, title: "a\n# b <script> \u001b[2J \u202e", undo: ["x\n## y"] });
  expect(text).not.toMatch(/<script>|\u001b|\u202e/);
  expect(text.match(/^#.*/gm)).toEqual([
    expect.stringContaining("# a # b"),
    "## On servers",
    "## In the repository",
    "## How to undo it",
  ]);
});
