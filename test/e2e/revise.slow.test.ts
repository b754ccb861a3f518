import { expect, test } from "vitest";
import { sign } from "../support/at-terminal.ts";
import { evidenceOf, pageTicket, run, runJson, ticketPath } from "../support/sample-work.ts";
import { tempProject } from "../support/temp-project.ts";

const id = "nim-aaa111";
const path = ticketPath(id);
const criteria = "- [ ] it reads well\n  - attest: sara\n";
const scene = () => tempProject({ files: pageTicket({ id, criteria }) });
const why = ["--reason", "nobody reads it aloud"];

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

test("after the review: plan, review and the word for the old text are void; the close says who revised it", {
  timeout: 120_000,
}, async () => {
  const project = scene();
  expect(await runJson(project, "next")).toMatchObject({ result: "in_review" });
  const shown = await run(project, "show", id, "--evidence");
  expect(shown.stdout).toContain(
    `  no command shows it: sara attests it\n     → nimrod attest ${id} AC2 --evidence "what you saw, and where"\n`,
  );
  const seen = ["attest", id, "AC2", "--evidence", "read it"];
  expect((await sign(project, seen, { first: true })).exitCode).toBe(0);
  expect((await run(project, "show", id, "--evidence")).stdout).toMatch(
    /AC2 {2}met {2}.*\n {5}attested by .*\n {5}\d{4}-\S+Z\n(?! {5}→)/,
  );
  const tree = /tree ([0-9a-f]{10})/.exec((await run(project, "verify", id, "--rerun")).stdout)?.[1];

  const revised = await sign(project, ["revise", id, "AC2", "it reads well on paper", ...why]);
  expect(revised.exitCode).toBe(0);
  expect(revised.shown).toContain(`next: nimrod run ${id}`);
  const early = await runJson(project, "close", id);
  expect(early).toMatchObject({ exitCode: 6, result: "unmet" });

  expect(await runJson(project, "run", id)).toMatchObject({ exitCode: 0, result: "in_review" });
  // The same tree as before: still, the word was for other words.
  expect((await run(project, "verify", id, "--rerun")).stdout).toContain(`tree ${tree}`);
  const refused = await run(project, "close", id);
  expect(refused.exitCode).toBe(6);
  expect(refused.stdout).toMatch(
    /AC2 has no command, and nobody attested it, revised by .* because nobody reads/,
  );

  expect((await sign(project, seen)).exitCode).toBe(0);
  const closed = await run(project, "close", id);
  expect(closed.exitCode).toBe(0);
  expect(closed.stdout).toMatch(/AC2 attested by \S+, revised by \S+ because nobody reads it aloud\n/);
  expect((await run(project, "verify", id)).stdout).toMatch(
    /AC2 revised by \S+ because nobody reads it aloud, /,
  );
  expect((await run(project, "show", id, "--evidence")).stdout).toMatch(
    /AC2 {2}revised {2}by \S+ because nobody/,
  );
  expect(await run(project, "revise", id, "AC2", "x", ...why)).toMatchObject({ exitCode: 2 });
  // What ran it lies in the repository now, and its worktree nowhere.
  expect(await run(project, "verify", id, "--rerun")).toMatchObject({
    exitCode: 1,
    stderr: `${id} is closed, and its worktree is gone with its run\n  hint: nimrod show ${id} --evidence\n`,
  });
});
