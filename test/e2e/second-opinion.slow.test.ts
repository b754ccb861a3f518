import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { evidenceOf, pageTicket, runJson } from "../support/sample-work.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const id = "nim-ddd111";
const timeout = 60_000;

/** A model that the operator configured: a Node program outside of the repository, with `prompt` in scope. */
function projectWith(body: string): TempProject {
  const project = tempProject({ files: pageTicket({ id, page: "page.txt" }) });
  const folder = join(project.configHome, "nimrod");
  mkdirSync(folder, { recursive: true });
  const model = join(project.home, "model.mjs");
  writeFileSync(
    model,
    `import { readFileSync } from "node:fs";\nconst prompt = readFileSync(0, "utf8");\n${body}\n`,
  );
  const secondOpinion = { command: ["node", model], seconds: 20 };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ agent: "builtin", secondOpinion }));
  return project;
}

type Shown = { items: { rule: string; reason: string; tier: string }[] };
const asked = async (project: TempProject) =>
  ((await runJson(project, "approvals"))["approvals"] as Shown[]).flatMap(({ items }) => items);

describe("a second opinion", () => {
  test("that agrees lets the work go on, and is in the evidence", { timeout }, async () => {
    const project = projectWith(`
      if (!prompt.includes('"path":"page.txt"')) throw new Error("not shown the action");
      if (prompt.includes("hello") || prompt.includes("Acceptance")) throw new Error("shown content");
      console.log(JSON.stringify({ tier: "brief", reason: "one file" }));`);
    expect(await runJson(project, "run", id)).toMatchObject({ exitCode: 0, result: "in_review" });
    expect(evidenceOf(project, id).map(project.read).join("")).toContain(
      '"opinion":{"counted":false,"reason":"one file","tier":"brief"}',
    );
  });

  test("that objects makes the step one that the plan asks for, and its yes is enough", {
    timeout,
  }, async () => {
    const project = projectWith(`console.log(JSON.stringify({ tier: "explicit", reason: "I would not" }));`);
    expect(await runJson(project, "run", id)).toMatchObject({ exitCode: 5, result: "parked" });
    expect(await asked(project)).toMatchObject([
      {
        tier: "explicit",
        rule: "opinion.raised",
        reason: "the second opinion: I would not (changes a file of the worktree)",
      },
    ]);
  });

  test("that is broken asks for the very same", { timeout }, async () => {
    const project = projectWith("process.exit(1);");
    expect(await runJson(project, "run", id)).toMatchObject({ exitCode: 5, result: "parked" });
    expect(await asked(project)).toMatchObject([
      { rule: "opinion.failed", reason: "the second opinion failed: exit 1" },
    ]);
  });
});
