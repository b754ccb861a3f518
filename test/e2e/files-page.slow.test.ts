import { execFileSync } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pageTicket, runJson } from "../support/sample-work.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { fencedBlocks, textOf } from "../unit/docs/page.ts";

const recipe = (name: string) =>
  fencedBlocks(textOf("docs/files.md")).find(({ info }) => info === `sh ${name}`)?.text ?? "";
const type = ({ root, env }: TempProject, text: string) =>
  execFileSync("sh", ["-ec", text], { cwd: root, env, encoding: "utf8" });

test("work that has not landed is fetched as docs/files.md says, and the repository has no branch of it before", {
  timeout: 60_000,
}, async () => {
  const project = tempProject({ files: pageTicket({ id: "nim-7k3f9q", title: "A page" }) });
  expect(await runJson(project, "next")).toMatchObject({ result: "in_review" });
  const ownRefs = project.git("for-each-ref", "--format=%(refname)");
  expect(ownRefs.trim().split("\n")).toHaveLength(1);
  expect(project.git("worktree", "list").trim().split("\n")).toHaveLength(1);

  const shown = type(project, recipe("unlanded"));
  expect(shown).toContain("refs/heads/nimrod/7k3f9q");
  expect(project.git("show", "FETCH_HEAD:page.md")).toContain("hello");
  expect(project.git("for-each-ref", "--format=%(refname)")).toBe(ownRefs);
});

test("without the key that sealed it a ticket cannot go on, and with the backup it is begun anew", {
  timeout: 60_000,
}, async () => {
  const id = "nim-7k3f9q";
  const project = tempProject({ files: pageTicket({ id, title: "A page" }) });
  expect(await runJson(project, "next")).toMatchObject({ result: "in_review" });
  const [push = "", backup = ""] = recipe("backup").split("\n");
  expect(push).toBe("git push");
  type(project, backup);
  const archive = join(project.home, "nimrod-state.tar.gz");
  renameSync(join(project.root, "nimrod-state.tar.gz"), archive);

  rmSync(join(project.stateHome, "nimrod"), { recursive: true });
  expect(await runJson(project, "run", id)).toMatchObject({ exitCode: 8, kind: "error" });
  const verified = await runJson(project, "verify", id);
  expect(verified).toMatchObject({ exitCode: 8 });
  expect(JSON.stringify(verified["results"])).toContain('"untrusted-key"');

  rmSync(join(project.stateHome, "nimrod"), { recursive: true, force: true });
  execFileSync("tar", ["xzf", archive, "-C", project.stateHome]);
  // A working folder that Nimrod did not make itself is not worked in.
  expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 1, code: "failed" });
  expect(await runJson(project, "verify", id)).toMatchObject({ exitCode: 0, ok: true });
  expect(type(project, recipe("unlanded"))).toContain("write the page");
  expect(await runJson(project, "reopen", id)).toMatchObject({ exitCode: 0 });
  expect(await runJson(project, "run", id)).toMatchObject({ result: "in_review" });
  expect(await runJson(project, "close", id)).toMatchObject({ exitCode: 0, result: "closed" });
});
