import { expect, test } from "vitest";
import { sign } from "../support/at-terminal.ts";
import { pageTicket, run, runJson } from "../support/sample-work.ts";
import { tempProject } from "../support/temp-project.ts";

const id = "nim-aaa111";
const criteria = "- [ ] it reads well\n  - attest: sara\n";
const scene = () => tempProject({ files: pageTicket({ id, criteria }) });
const why = ["--reason", "nobody reads it aloud"];

test("after the review: plan, review and the word for the old text are void; the close says who revised it", {
  timeout: 120_000,
}, async () => {
  const project = scene();
  expect(await runJson(project, "next")).toMatchObject({ result: "in_review" });
  const seen = ["attest", id, "AC2", "--evidence", "read it"];
  expect((await sign(project, seen, { first: true })).exitCode).toBe(0);
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
});
