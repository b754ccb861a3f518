import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { pageTicket, run } from "../support/sample-work.ts";
import { tempProject } from "../support/temp-project.ts";

/** Every path below a folder, but Node's own cache of compiled code. */
function everything(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return paths.filter((path) => !path.startsWith(".cache")).sort();
}

const ticket = pageTicket({ id: "nim-aaaaaa", title: "Write the page" });

test("prints what a first pass would be told, and makes nothing", async () => {
  const project = tempProject({ files: { ...ticket, "AGENTS.md": "Use tabs.\n", "README.md": "# Lab\n" } });
  const before = [everything(project.root), everything(project.home)];
  const shown = await run(project, "prompt", "aaaaaa", "researcher", "--protocol", "toolbox");
  expect([shown.exitCode, shown.stderr]).toEqual([0, expect.stringContaining("builtin")]);
  expect(shown.stdout).toContain("You are the researcher of Nimrod for ticket nim-aaaaaa.");
  expect(shown.stdout).toContain("Use tabs.");
  expect(shown.stdout).toContain(
    'calling the tool `submit` with {"nonce":"00000000000000000000000000000000"',
  );
  // By the name of its pass too.
  expect((await run(project, "prompt", "aaaaaa", "research", "--protocol", "toolbox")).stdout).toBe(
    shown.stdout,
  );
  expect((await run(project, "prompt", "aaaaaa", "triager")).stdout).toContain('"id": "nim-aaaaaa"');
  expect([everything(project.root), everything(project.home)]).toEqual(before);
  expect(project.git("status", "--porcelain")).toBe("");
});

test.each([
  ["planner", /the results of triage, research; there is no research yet/],
  ["implementer", /no research, no plan yet/],
  ["reviewer", /no plan, no implementation, no checks yet/],
  ["closer", /no review yet/],
])("says what the %s is missing", async (role, message) => {
  const project = tempProject({ files: ticket });
  const shown = await run(project, "prompt", "aaaaaa", role);
  expect(shown.exitCode).toBe(1);
  expect(shown.stdout).toBe("");
  expect(shown.stderr).toMatch(message);
  expect(shown.stderr).toContain("nimrod run nim-aaaaaa");
});

test("a role that is none is a usage error", async () => {
  const project = tempProject({ files: ticket });
  const shown = await run(project, "prompt", "aaaaaa", "reviewr");
  expect([shown.exitCode, shown.stderr]).toEqual([2, expect.stringContaining("did you mean reviewer?")]);
});

test("a role file with an unknown variable is told with its name", async () => {
  const files = { ...ticket, "agents/researcher.md": "Look into {{tikcet}}.\n" };
  const shown = await run(tempProject({ files }), "prompt", "aaaaaa", "researcher");
  expect(shown.exitCode).not.toBe(0);
  expect(shown.stderr).toContain("{{tikcet}}, which does not exist");
});
