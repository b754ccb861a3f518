import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { canMountReadOnly, nimrodWithReadOnly } from "../support/read-only.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

/** What Nimrod keeps to be quick is never needed: whatever is in its place, the commands answer as without it. */

const at = (project: TempProject) => ({ cwd: project.root, env: project.env });

/** More tickets than are read without an index, what `list` says of them, and where the index is then. */
async function indexed() {
  const files = Object.assign(
    {},
    ...Array.from({ length: 230 }, (_, n) => ticketFile({ id: `nim-${n.toString(36).padStart(6, "0")}` })),
  );
  const project = tempProject({ files, git: false });
  const { stdout } = await nimrod(["list"], at(project));
  expect(stdout.split("\n").length).toBeGreaterThan(230);
  const top = join(project.stateHome, "nimrod");
  const name = readdirSync(top, { recursive: true, encoding: "utf8" }).find((each) =>
    each.endsWith(".index"),
  );
  if (name === undefined) throw new Error("no index was made");
  return { project, said: stdout, file: join(top, name) };
}

const places: [string, (file: string) => void][] = [
  ["rubbish", (file) => writeFileSync(file, Buffer.alloc(100_000, "\u001b[31mrubbish\0"))],
  ["nothing", (file) => writeFileSync(file, "")],
  ["a folder", (file) => mkdirSync(join(file, "in it"), { recursive: true })],
  ["a named pipe that nobody writes to", (file) => execFileSync("mkfifo", [file])],
  ["a link to what never ends", (file) => symlinkSync("/dev/zero", file)],
];

test("with rubbish in the place of the index list says the same, quietly, and leaves nothing beside it", async () => {
  const { project, said, file } = await indexed();
  for (const [what, put] of places) {
    rmSync(file, { recursive: true });
    put(file);
    expect(await nimrod(["list"], at(project)), what).toMatchObject({
      exitCode: 0,
      stdout: said,
      stderr: "",
    });
  }
  expect((await nimrod(["show", "nim-000007"], at(project))).stdout).toContain("nim-000007");
  const found = readdirSync(dirname(file)).filter((name) => name.includes(".index"));
  expect(found).toHaveLength(1);
});

test.skipIf(!canMountReadOnly)("in a state folder that cannot be written, the same", async () => {
  const { project, said, file } = await indexed();
  rmSync(file);
  const folder = join(project.stateHome, "nimrod");
  for (const command of [
    ["list"],
    ["list", "--json"],
    ["show", "nim-000007"],
    ["next", "--dry-run"],
    ["status"],
  ]) {
    const done = nimrodWithReadOnly(project, folder, command);
    expect(done, command.join(" ")).toMatchObject({ exitCode: 0, stderr: "" });
    if (command.join() === "list") expect(done.stdout).toBe(said);
  }
  const whole = nimrodWithReadOnly(project, project.home, ["list"]);
  expect(whole).toMatchObject({ exitCode: 0, stdout: said, stderr: "" });
});
