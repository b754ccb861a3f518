import { describe, expect, test } from "vitest";
import { sign } from "../support/at-terminal.ts";
import { evidenceOf, field, pageTicket, run, runJson, ticketPath } from "../support/sample-work.ts";
import { tempProject } from "../support/temp-project.ts";

const id = "nim-aaa111";
const path = ticketPath(id);
const criteria = "- [ ] it reads well\n  - attest: sara\n";
const scene = () => tempProject({ files: pageTicket({ id, criteria }) });
const why = ["--reason", "nobody reads it aloud"];

describe("revise", () => {
  test("before any run: signed, in evidence and ticket, and the evidence still verifies", async () => {
    const project = scene();
    const done = await sign(project, ["revise", id, "ac2", "it reads well on paper", ...why], {
      first: true,
    });
    expect(done.exitCode).toBe(0);
    expect(done.shown).toContain("AC2 says  it reads well\n");
    expect(done.shown).toMatch(/AC2 of nim-aaa111 revised by \S+@\S+;/);
    const text = project.read(path);
    expect(text).toContain("- [ ] it reads well on paper\n  - attest: sara\n");
    expect(text).toMatch(/- \S+Z \S+: revised AC2 because nobody reads it aloud; it said: it reads well\n/);
    expect(text).toMatch(/- AC2 revised by .* because nobody reads it aloud: it reads well on paper\n/);
    expect(project.read(evidenceOf(project, id)[0] ?? "")).toMatch(/"actor":"person:.*"what":"revised"/);
    expect(await runJson(project, "verify", id)).toMatchObject({
      exitCode: 0,
      ok: true,
      results: [
        { revisions: [{ ac: "AC2", reason: "nobody reads it aloud", text: "it reads well on paper" }] },
      ],
    });

    // Repeating it is nothing to sign, so that nobody has to be there.
    expect(await runJson(project, "revise", "@", "AC2", "it reads well on paper", ...why)).toMatchObject({
      exitCode: 0,
      kind: "revise",
      criterion: "AC2",
      changed: false,
    });
    const again = ["revise", id, "AC1", "the page greets", "--verify", "grep -q hello page.md", ...why];
    expect((await sign(project, again)).exitCode).toBe(0);
    expect(project.read(path)).toContain("- [ ] the page greets\n  - verify: `grep -q hello page.md`\n");
    expect(await runJson(project, "verify", id)).toMatchObject({ ok: true, results: [{ count: 2 }] });
    expect((await runJson(project, "run", id, "--until", "plan"))["exitCode"]).toBe(0);
  });

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
