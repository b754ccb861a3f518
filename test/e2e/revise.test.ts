import { describe, expect, test } from "vitest";
import { field, pageTicket, run, ticketPath } from "../support/sample-work.ts";
import { tempProject } from "../support/temp-project.ts";

const id = "nim-aaa111";
const path = ticketPath(id);
const criteria = "- [ ] it reads well\n  - attest: sara\n";
const why = ["--reason", "nobody reads it aloud"];

describe("revise", () => {
  test.each<[string, string[], number, RegExp]>([
    ["nobody at a terminal", [id, "AC2", "other words", ...why], 5, /Only a person at a terminal can say so/],
    ["no reason", [id, "AC2", "other words"], 2, /--reason is missing/],
    ["no words", [id, "AC2", " ", ...why], 2, /the new text is missing/],
    ["words on two lines", [id, "AC2", "a\n- [ ] b", ...why], 2, /no text on one line/],
    [
      "words that would be read otherwise",
      [id, "AC2", "#7 x", ...why],
      2,
      /would not be read as the text of AC2/,
    ],
    ["no such criterion", [id, "AC7", "x", ...why], 4, /has no criterion AC7\n {2}AC1 the page says hello/],
    ["a waived one", [id, "AC3", "x", ...why], 2, /AC3 is waived: too dear/],
    ["no such ticket", ["zzz", "AC1", "x", ...why], 4, /no ticket has an id with "zzz"/],
  ])("%s: one clear message, and nothing is written", async (_, args, exit, message) => {
    const waived = `${criteria}- [~] it sings\n  - waived: too dear\n`;
    const project = tempProject({ files: pageTicket({ id, criteria: waived }) });
    const before = project.read(path);
    const done = await run(project, "revise", ...args);
    expect(done.exitCode).toBe(exit);
    expect(done.stderr).toMatch(message);
    expect(project.read(path)).toBe(before);
    expect(field(project, path, "evidence")).toBeUndefined();
  });
});
