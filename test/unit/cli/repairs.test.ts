import { expect, test } from "vitest";
import { applyRepairs } from "../../../src/cli/health/repairs.ts";
import { openStore } from "../../../src/tickets/store.ts";
import { tempProject, ticketFile } from "../../support/temp-project.ts";

test("a second name that somebody saved since the plan was made stays", async () => {
  const [text = ""] = Object.values(ticketFile({ id: "nim-aaaaaa" }));
  const project = tempProject({ git: false });
  project.write("tickets/active/a.md", text);
  project.write("tickets/closed/a.md", `${text}- saved\n`);
  const store = openStore({ root: project.root, idPrefix: "nim", clock: { now: () => new Date() } });
  const repair = { kind: "second-name", path: "tickets/closed/a.md", kept: "tickets/active/a.md" } as const;
  await applyRepairs({ root: project.root, store }, [repair]);
  expect(project.read("tickets/closed/a.md")).toBe(`${text}- saved\n`);

  project.write("tickets/closed/a.md", text);
  await applyRepairs({ root: project.root, store }, [repair]);
  expect(() => project.read("tickets/closed/a.md")).toThrow();
  // The last name of a ticket is never a second one.
  await applyRepairs({ root: project.root, store }, [{ ...repair, path: repair.kept, kept: repair.path }]);
  expect(project.read("tickets/active/a.md")).toBe(text);
});
