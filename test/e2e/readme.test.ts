import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryStateFolder } from "../../src/platform/paths.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { steadyText } from "../support/steady-text.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const repository = join(import.meta.dirname, "..", "..");
const readme = readFileSync(join(repository, "README.md"), "utf8");

/** The README's runs: the command in the comment, and the output below the `$` line. */
const runs = [...readme.matchAll(/<!-- run: nimrod (.*?) -->\n```console\n\$ .*\n([\s\S]*?)```/g)].map(
  (match) => ({
    args: (match[1] ?? "").split(" "),
    output: match[2] ?? "",
  }),
);

describe("README", () => {
  test("its runs print what it shows, and leave nothing that docs/files.md does not list", async () => {
    expect(runs.map((run) => run.args[0])).toEqual(["next", "close", "run"]);
    const project = tempProject({ files: sampleFiles() });
    for (const { args, output } of runs) {
      const done = await nimrod(args, { cwd: project.root, env: project.env });
      expect(normalized(done.stderr + done.stdout)).toBe(normalized(output));
    }
    const page = readFileSync(join(repository, "docs", "files.md"), "utf8");
    const unlisted = leftBy(project).filter((name) => !page.includes(`| \`${name}\` |`));
    expect(unlisted).toEqual([]);
  }, 60_000);

  test("a repository of one's own starts with three commands", async () => {
    const block = /## In your own repository\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const words = block.split("\n").map((line) => line.replace(/ +#.*$/, ""));
    expect(words.slice(0, 3).map((line) => line.split(" ")[1])).toEqual(["init", "new", "next"]);
    const project = tempProject({ tickets: false });
    const at = { cwd: project.root, env: project.env };
    expect((await nimrod(["init"], at)).exitCode).toBe(0);
    const made = await nimrod(["new", "Write down how the vault is restored"], at);
    expect(made.stdout).toMatch(/^nim-[0-9a-z]{6}\n$/);
    const next = await nimrod(["next"], at);
    expect(next.exitCode).toBe(5);
    expect(next.stdout).toContain(`${made.stdout.trim()} waits for you`);
  }, 60_000);
});

/** What lies in the state folders, and in the folder that is Nimrod's own in the repository. */
function leftBy({ root, env, stateHome }: TempProject): string[] {
  const home = join(stateHome, "nimrod");
  const own = repositoryStateFolder(env, root);
  const namesIn = (folder: string) =>
    readdirSync(folder, { withFileTypes: true }).map(
      (entry) => `${entry.name}${entry.isDirectory() ? "/" : ""}`,
    );
  return [
    ...namesIn(home).filter((name) => name !== `${basename(own)}/`),
    ...namesIn(own),
    ...namesIn(join(root, ".nimrod")).map((name) => `.nimrod/${name}`),
  ];
}

/** Everything that a clone has, so that a search finds what it would find there. */
function sampleFiles(): Record<string, string> {
  const tracked = execFileSync(
    "git",
    ["ls-files", "-z", "--", "tickets", "docs", "agents", "nimrod.json", ".nimrod", "README.md"],
    { cwd: repository, encoding: "utf8" },
  );
  return Object.fromEntries(
    tracked
      .split("\0")
      .filter((path) => path !== "")
      .map((path) => [path, readFileSync(join(repository, path), "utf8")]),
  );
}

/** How much a search over growing docs finds differs too; everything else must not. */
function normalized(text: string): string {
  return steadyText(text).replaceAll(/\d+ (finding|read)s?/g, "N $1s");
}
