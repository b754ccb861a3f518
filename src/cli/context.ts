import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { packageRoot } from "../agents/package-root.ts";
import type { LoadedConfig } from "../config/load.ts";
import { NimrodError } from "../errors.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { configHome, repositoryStateFolder, stateHome } from "../platform/paths.ts";
import type { Scan, Store } from "../tickets/store.ts";
import type { StoredTicket } from "../tickets/ticket.ts";
import { listenForInterruption } from "./interruption.ts";
import type { Output } from "./output.ts";
import { findProjectRoot, isFolder } from "./project-root.ts";
import { canPage, canRedraw, createPrompts, type Prompts } from "./prompts.ts";
import type { Interruption } from "./report-error.ts";
import { ownVersion } from "./version.ts";

export type Globals = { directory: string | undefined; input: boolean };

/**
 * The composition root: the one place where real adapters are chosen. Everything costly is behind a function and
 * made when it is first asked for, so that `list` pays for nothing it does not use.
 */
export type Context = {
  /** Absolute; `-C` is already in it. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  output: Output;
  prompts: Prompts;
  /** Whether a line on stderr may be redrawn in place. */
  live: boolean;
  /** Whether what is printed may be handed to a pager. */
  canPage: boolean;
  clock: Clock;
  /** `$XDG_STATE_HOME/nimrod` and `$XDG_CONFIG_HOME/nimrod`. */
  stateHome: string;
  configHome: string;
  packageRoot: string;
  version: string;
  /** The folder that holds `tickets/`, from here upwards; null outside a project. */
  projectRoot: string | null;
  /** Throws `usage` outside a project. `flags` count in the first call only. */
  project(flags?: { agent?: string | undefined }): Promise<Project>;
  /**
   * Aborts at the first SIGINT or SIGTERM; a second signal ends the process at once. Until it is asked for, a signal
   * ends the process as for any program.
   */
  interruption(): AbortSignal;
  interruptedBy: () => Interruption | undefined;
};

export type Project = {
  root: string;
  config: LoadedConfig;
  store: Store;
  /** This repository's folder in the state home; made by whoever writes there first. */
  stateFolder: string;
  /** By id, part of an id, `@` or path. Throws `not_found`, `ambiguous` or `broken`. A scan at hand saves another. */
  findTicket(query: string, scan?: Scan): Promise<StoredTicket>;
  /** The same, with the tickets that it is linked with in either direction and all files that are broken. */
  findWithLinked(query: string): Promise<{ ticket: StoredTicket; scan: Scan }>;
  /** Makes this ticket the one that `@` means. Where that cannot be noted, it says so: what was done is done. */
  touch(id: string): Promise<void>;
};

export function createContext(globals: Globals, output: Output): Context {
  const { env } = process;
  const cwd = resolve(globals.directory ?? ".");
  if (globals.directory !== undefined && !isFolder(cwd)) {
    throw new NimrodError("usage", `-C ${globals.directory}: no such folder`);
  }
  const projectRoot = findProjectRoot(cwd);
  const listener = listenForInterruption(output);
  let project: Promise<Project> | undefined;

  const base = {
    cwd,
    env,
    home: env["HOME"] || homedir(),
    output,
    clock: systemClock,
    stateHome: stateHome(env),
    configHome: configHome(env),
    packageRoot: packageRoot(),
    version: ownVersion(),
    projectRoot,
    interruption: listener.signal,
    interruptedBy: listener.by,
  };
  const { stdout, stderr } = process;
  const input = globals.input && !output.json;
  return {
    ...base,
    prompts: createPrompts({ stdin: lateStdin, stdout, stderr, env, input }),
    live: canRedraw({ stderr, env, input }),
    canPage: canPage({ stdout, env, input }),
    project(flags) {
      project ??= openProject(base, flags ?? {});
      return project;
    },
  };
}

const lateStdin = {
  get isTTY() {
    return process.stdin.isTTY;
  },
};

async function openProject(
  context: Pick<Context, "projectRoot" | "cwd" | "env" | "output" | "configHome" | "stateHome" | "clock">,
  flags: { agent?: string | undefined },
): Promise<Project> {
  const { projectRoot: root, cwd, env } = context;
  if (root === null) {
    throw new NimrodError("usage", `no tickets/ folder in ${cwd} or above`, { hint: "nimrod init" });
  }
  const { loadConfig } = await import("../config/load.ts");
  const { openStore } = await import("../tickets/store.ts");
  const config = await loadConfig({
    projectRoot: root,
    configHome: context.configHome,
    env,
    flags,
    checkedFile: join(context.stateHome, "checked-configurations"),
  });
  const stateFolder = repositoryStateFolder(env, root);
  const store = openStore({
    root,
    idPrefix: config.values.idPrefix,
    clock: context.clock,
    lockFolder: join(stateFolder, "locks"),
    indexFile: join(stateFolder, "tickets.index"),
  });
  const lastFile = join(stateFolder, "last-ticket");

  /** What the store knows a ticket by: `@` and paths are meant from where the person stands. */
  const meant = async (query: string): Promise<string> => {
    if (query === "@") {
      const { readTextIfExists } = await import("../platform/files.ts");
      const last = (await readTextIfExists(lastFile, 4096))?.trim();
      if (last) return last;
      throw new NimrodError("not_found", "@ means the last ticket touched, and there is none yet", {
        hint: "nimrod list",
      });
    }
    const asPath = resolve(cwd, query);
    return query.endsWith(".md") && existsSync(asPath) ? relative(root, asPath) : query;
  };

  return {
    root,
    config,
    store,
    stateFolder,
    findTicket: async (query, scan) => store.find(await meant(query), scan),
    async findWithLinked(query) {
      const word = await meant(query);
      const scan = await store.scanAround(word);
      return { ticket: await store.find(word, scan), scan };
    },
    async touch(id) {
      const { ensureFolder, writeAtomic } = await import("../platform/files.ts");
      try {
        await ensureFolder(stateFolder, { mode: 0o700 });
        await writeAtomic(lastFile, `${id}\n`);
      } catch (error) {
        if (!(error instanceof NimrodError)) throw error;
        context.output.say({ text: `@ does not mean ${id}: ${error.message}`, style: "yellow" });
      }
    },
  };
}
