import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary, nimrod } from "./run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "./temp-project.ts";

/** A clone of one bare repository, with the files of the first commit. */
type Clone = {
  root: string;
  env: Record<string, string>;
  read(path: string): string;
  /** Changes a file by what stands in it. */
  change(path: string, edit: (text: string) => string): void;
  git(...args: string[]): string;
  /** Commits everything and sends it to the others. */
  publish(): void;
  /** Commits everything and takes in what the others sent; whether git could merge it. */
  merge(env?: Record<string, string>): { clean: boolean; said: string };
};

/** Two people's clones. `nimrod` is on the PATH of both, as an installed program is. */
export function twoClones(files: Record<string, string>): { project: TempProject; a: Clone; b: Clone } {
  const project = tempProject({ files });
  const bin = join(project.home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "nimrod"), `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n`);
  chmodSync(join(bin, "nimrod"), 0o755);
  const env = { ...project.env, PATH: `${bin}:${project.env["PATH"]}` };
  const hub = join(project.home, "hub.git");
  project.git("clone", "-q", "--bare", project.root, hub);
  const clone = (name: string) => {
    const root = join(project.home, name);
    project.git("clone", "-q", hub, root);
    return openClone(root, env, name);
  };
  return { project, a: clone("a"), b: clone("b") };
}

function openClone(root: string, env: Record<string, string>, name: string): Clone {
  const run = (args: string[], more: Record<string, string> = {}) =>
    execFileSync("git", args, { cwd: root, env: { ...env, ...more }, encoding: "utf8", stdio: "pipe" });
  run(["config", "user.name", name]);
  run(["config", "user.email", `${name}@example.org`]);
  const commit = () => {
    run(["add", "-A"]);
    run(["commit", "-q", "--allow-empty", "-m", `What ${name} did`]);
  };
  return {
    root,
    env,
    read: (path) => readFileSync(join(root, path), "utf8"),
    change(path, edit) {
      const full = join(root, path);
      writeFileSync(full, edit(readFileSync(full, "utf8")));
    },
    git: (...args) => run(args).trim(),
    publish() {
      commit();
      run(["push", "-q", "origin", "HEAD"]);
    },
    merge(more) {
      commit();
      run(["fetch", "-q"]);
      try {
        return { clean: true, said: run(["merge", "-q", "--no-edit", "origin/main"], more) };
      } catch (error) {
        const said = error as { stdout?: string; stderr?: string };
        return { clean: false, said: `${said.stdout}${said.stderr}` };
      }
    },
  };
}

/** Where a command runs. */
export const at = (place: { root: string; env: Record<string, string> }) => ({
  cwd: place.root,
  env: place.env,
});

/** The one ticket of `ticketClones`. */
export const ticketPath = "tickets/active/nim-aaaaaa-sample.md";

/** Two clones with one ticket in them; with the driver installed in both when `driver` is set. */
export async function ticketClones({ driver }: { driver: boolean }): Promise<ReturnType<typeof twoClones>> {
  const body = "## Description\n\nSomething.\n\n## Notes\n\n- the first note\n";
  const clones = twoClones({
    ".gitattributes": "/tickets/**/*.md merge=nimrod\n",
    ...ticketFile({ id: "nim-aaaaaa", more: "labels: [tls]", body }),
  });
  for (const clone of driver ? [clones.a, clones.b] : []) {
    const done = await nimrod(["init", "--git"], at(clone));
    if (done.exitCode !== 0) throw new Error(done.stderr);
  }
  return clones;
}

export function addLine(clone: Clone, line: string): void {
  clone.change(ticketPath, (text) => `${text}${line}\n`);
}
