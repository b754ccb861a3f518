import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];
afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** An empty folder of this test file's own, removed at its end. */
export function tempFolder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-test-")));
  made.push(path);
  return path;
}

/** An operator's repository with one commit, driven by the real git, and a state folder beside it. */
export function operatorRepository(files: Record<string, string> = { "README.md": "# Lab\n" }) {
  const base = tempFolder();
  const root = join(base, "lab");
  mkdirSync(root);
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"],
        HOME: base,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_AUTHOR_NAME: "Sara",
        GIT_AUTHOR_EMAIL: "sara@lab.lan",
        GIT_COMMITTER_NAME: "Sara",
        GIT_COMMITTER_EMAIL: "sara@lab.lan",
      },
    });
  const write = (path: string, content: string | Uint8Array, mode = 0o644): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  };
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  git("init", "-q", "-b", "main");
  for (const [path, content] of Object.entries(files)) write(path, content);
  git("add", "-A");
  git("commit", "-q", "-m", "First");
  return {
    root,
    stateFolder: join(base, "state", "nim-7k3f9q"),
    base,
    git,
    write,
    read,
    head: () => git("rev-parse", "HEAD").trim(),
  };
}
