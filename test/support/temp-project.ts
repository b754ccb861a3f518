import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { catalog } from "../../src/agents/catalog.ts";

/** A throw-away project with its own home, state and configuration folders. Gone when the test has ended. */
export type TempProject = {
  /** The repository's folder, real path. */
  root: string;
  home: string;
  /** `$XDG_STATE_HOME` and `$XDG_CONFIG_HOME`. */
  stateHome: string;
  configHome: string;
  env: Record<string, string>;
  read(path: string): string;
  write(path: string, content: string): void;
  git(...args: string[]): string;
  commit(message: string): string;
};

export type TempProjectOptions = {
  /** Path in the repository → content. */
  files?: Record<string, string>;
  /** False: a folder without git. */
  git?: boolean;
  /** False: without tickets/. */
  tickets?: boolean;
};

/** An agent CLI that a developer has installed must not be found, let alone started, by a test. */
function pathWithoutAgents(): string {
  const folders = (process.env["PATH"] ?? "/usr/bin:/bin").split(":");
  const programs = catalog.map((row) => row.command[0]);
  return folders.filter((folder) => !programs.some((program) => existsSync(join(folder, program)))).join(":");
}

const repository = realpathSync(join(import.meta.dirname, "..", ".."));

export function tempProject(options: TempProjectOptions = {}): TempProject {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-test-")));
  // A test that commits, resets or deletes must never do so in the repository it is part of.
  if (`${top}/`.startsWith(`${repository}/`))
    throw new Error(`the temporary folder ${top} is inside the repository`);
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));

  const home = join(top, "home");
  const project: TempProject = {
    root: join(top, "project"),
    home,
    stateHome: join(home, ".local", "state"),
    configHome: join(home, ".config"),
    env: {
      HOME: home,
      XDG_STATE_HOME: join(home, ".local", "state"),
      XDG_CONFIG_HOME: join(home, ".config"),
      XDG_CACHE_HOME: join(home, ".cache"),
      PATH: pathWithoutAgents(),
      LANG: "C.UTF-8",
      TZ: "UTC",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      NODE_COMPILE_CACHE: join(repository, "node_modules", ".cache", "nimrod-tests"),
    },
    read: (path) => readFileSync(join(project.root, path), "utf8"),
    write(path, content) {
      const full = join(project.root, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
    },
    git: (...args) =>
      execFileSync("git", ["-c", "user.name=Op", "-c", "user.email=op@example.org", ...args], {
        cwd: project.root,
        env: project.env,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      }).trim(),
    commit(message) {
      project.git("add", "-A");
      project.git("commit", "-q", "--allow-empty", "-m", message);
      return project.git("rev-parse", "HEAD");
    },
  };
  mkdirSync(project.root);
  mkdirSync(home);
  if (options.tickets !== false) {
    project.write("tickets/active/.gitkeep", "");
    project.write("tickets/closed/.gitkeep", "");
  }
  for (const [path, content] of Object.entries(options.files ?? {})) project.write(path, content);
  if (options.git !== false) {
    project.git("init", "-q", "-b", "main");
    project.git("config", "user.name", "Op");
    project.git("config", "user.email", "op@example.org");
    project.commit("Start");
  }
  return project;
}

export type TicketFields = {
  id: string;
  title?: string;
  status?: string;
  type?: string;
  priority?: number | string;
  /** More front matter lines, as they are to stand in the file. */
  more?: string;
  body?: string;
};

/** A ticket's file: its path and its text, to spread into `files`. */
export function ticketFile(fields: TicketFields): Record<string, string> {
  const {
    id,
    title = `Ticket ${fields.id}`,
    status = "open",
    type = "task",
    priority = 2,
    more = "",
    body,
  } = fields;
  const text = `---
id: ${id}
title: ${title}
status: ${status}
type: ${type}
priority: ${priority}
created: 2026-11-22T07:12:40Z
${more === "" ? "" : `${more}\n`}---

${body ?? "## Description\n\nSomething to do.\n\n## Acceptance Criteria\n\n- [ ] it is done\n  - verify: `true`\n"}`;
  return { [`tickets/${status === "closed" ? "closed" : "active"}/${id}-sample.md`]: text };
}
