import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sign } from "../support/at-terminal.ts";
import { evidenceOf, field, journal, pageTicket, run, runJson, ticketPath } from "../support/sample-work.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const id = "nim-hhh222";
const active = ticketPath(id);

/** A ticket that also changes this machine: each time the host step runs, the live file gets one line more. */
function hostProject(): TempProject & { live: string; lines: () => number } {
  const project = tempProject();
  const live = join(project.home, "live", "page.md");
  mkdirSync(join(project.home, "live"));
  const steps = `  - title: put it live
    run: cat page.md >> ${live}
    target: host
    verify: grep -q hello ${live}
    undo: rm ${live}
`;
  const criteria = `- [ ] it is live\n  - verify: \`grep -q hello ${live}\`\n  - target: host\n`;
  for (const [path, text] of Object.entries(pageTicket({ id, steps, criteria }))) project.write(path, text);
  project.commit("A ticket");
  const lines = () => (existsSync(live) ? readFileSync(live, "utf8").trimEnd().split("\n").length : 0);
  return { ...project, live, lines };
}

type Approval = {
  id: string;
  state: string;
  kind: string;
  items: { digest: string; title: string; runs: string[] }[];
};
async function approvals(project: TempProject): Promise<Approval[]> {
  return (await runJson(project, "approvals"))["approvals"] as Approval[];
}
const states = async (project: TempProject) =>
  Object.fromEntries((await approvals(project)).map((each) => [each.id, each.state]));

const change = (project: TempProject, from: string, to: string) =>
  project.write(active, project.read(active).replaceAll(from, to));

test("a host step waits for a signed yes to exactly it, runs once, and is undone by another yes", {
  timeout: 180_000,
}, async () => {
  const project = hostProject();
  expect(await runJson(project, "next")).toMatchObject({
    exitCode: 5,
    result: "parked",
    ticket: id,
    waits: [{ kind: "approval", id: "A-1", what: "S2 put it live", command: "nimrod approve A-1" }],
  });
  expect(field(project, active, "status")).toBe("in_progress");
  expect(await runJson(project, "next")).toMatchObject({
    exitCode: 3,
    skipped: [{ command: "nimrod approve A-1" }],
  });
  expect((await run(project, "resume")).exitCode).toBe(3);

  // Without a terminal nobody is there; with one, only the right passphrase is a person.
  const alone = await run(project, "approve", "A-1");
  expect([alone.exitCode, alone.stdout]).toEqual([5, ""]);
  expect(alone.stderr).toContain(`cat page.md >> ${project.live}`);
  const signed = await sign(project, ["approve", "A-1"], { first: true });
  expect(signed.exitCode).toBe(0);
  expect(signed.shown).toContain(`undo        rm ${project.live}`);
  expect(signed.shown).toContain(`next: nimrod resume ${id}`);
  expect((await run(project, "approve", "A-1")).exitCode).toBe(0);

  // Other content than what was signed: the yes does not count, and a no is a question.
  change(project, "      hello", "      hello there");
  expect(await runJson(project, "resume", id)).toMatchObject({
    exitCode: 5,
    waits: [{ kind: "approval", id: "A-2" }],
  });
  const [first, second] = await approvals(project);
  expect(first?.items[0]?.runs).toEqual(second?.items[0]?.runs);
  expect(first?.items[0]?.digest).not.toBe(second?.items[0]?.digest);
  expect((await sign(project, ["approve", "A-2"], { typed: "wrong" })).exitCode).toBe(5);
  expect((await run(project, "deny", "A-2")).exitCode).toBe(2);
  expect((await run(project, "deny", "A-2", "--reason", "not tonight")).exitCode).toBe(0);
  expect((await run(project, "deny", "A-2", "--reason", "not tonight")).exitCode).toBe(0);
  expect(await runJson(project, "resume", id)).toMatchObject({
    exitCode: 5,
    waits: [
      {
        kind: "answer",
        questions: [
          { text: expect.stringContaining("A-2 was denied: not tonight. How should the plan change?") },
        ],
      },
    ],
  });
  expect(project.lines()).toBe(0);

  change(project, "hello there", "hello again");
  expect(await runJson(project, "next")).toMatchObject({
    exitCode: 5,
    waits: [{ kind: "approval", id: "A-3" }],
  });
  expect((await sign(project, ["approve", "A-3"])).exitCode).toBe(0);
  expect(await runJson(project, "resume", id)).toMatchObject({ exitCode: 0, result: "in_review" });
  expect(readFileSync(project.live, "utf8")).toBe("hello again\n");
  expect(await states(project)).toMatchObject({ "A-2": "denied", "A-3": "spent" });
  const steps = journal(project, id).flatMap((line) => (line.type === "outcome" ? [line.step] : []));
  expect(steps.slice(-7)).toEqual([
    "implement",
    "verify",
    "review",
    "apply",
    "live-verify",
    "live-review",
    "close",
  ]);
  const applied = evidenceOf(project, id)
    .filter((path) => path.endsWith("-apply.jsonl"))
    .map(project.read);
  expect(applied).toHaveLength(1);
  expect(applied[0]).toContain('"vantage":"host"');
  expect(applied[0]).toContain('"approval":"A-3"');

  expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 0, result: "closed" });
  const logged = project.git("ls-files", "docs/changes");
  expect(project.read(logged)).toContain(`S2: rm ${project.live}`);
  expect(project.lines()).toBe(1);

  const asked = await run(project, "rollback", id);
  expect(asked.exitCode).toBe(5);
  expect(asked.stdout).toContain(`next: nimrod approve A-4      then: nimrod rollback ${id}`);
  expect(project.read("page.md")).toBe("hello again\n");
  expect((await sign(project, ["approve", "A-4"])).shown).toContain(`next: nimrod rollback ${id}`);
  expect(await runJson(project, "rollback", id)).toMatchObject({ exitCode: 0, undone: ["S2"] });
  expect([existsSync(project.live), existsSync(join(project.root, "page.md"))]).toEqual([false, false]);
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });

  // The yes was used up: the same Runbook asks again.
  await run(project, "answer", id, "--set", "Q60=nothing");
  expect(await runJson(project, "resume", id)).toMatchObject({
    exitCode: 5,
    waits: [{ kind: "approval", id: "A-5" }],
  });
  expect(project.lines()).toBe(0);
});

test("a yes is void under another policy", { timeout: 120_000 }, async () => {
  const project = hostProject();
  expect((await run(project, "next")).exitCode).toBe(5);
  expect((await sign(project, ["approve", "A-1"], { first: true })).exitCode).toBe(0);
  const rule = { match: { command: ["reboot*"] }, tier: "deny" };
  project.write(".nimrod/policy.json", JSON.stringify({ version: 1, brief: "assume", rules: [rule] }));
  expect(await runJson(project, "resume", id)).toMatchObject({
    exitCode: 5,
    waits: [{ kind: "approval", id: "A-2" }],
  });
  expect(project.lines()).toBe(0);
});
