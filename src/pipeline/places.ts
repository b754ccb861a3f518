import { join } from "node:path";
import { runCookie } from "../authorization/run-cookie.ts";
import { ulid } from "../platform/clock.ts";
import { ensureFolder, removeTree } from "../platform/files.ts";
import type { Place } from "../toolbox/perform.ts";
import { cleanCheckout } from "../workspace/checkout.ts";
import type { Workspace } from "../workspace/worktree.ts";
import { holdPass } from "./held-passes.ts";
import { passesFolder, transcriptFile } from "./pass-folder.ts";
import type { Ports } from "./ports.ts";

/** Where the parts of a ticket's work live under the repository's state folder. */

/** One run has one workspace: a reopened ticket starts on a fresh branch in a fresh folder. */
export function ticketFolder(ports: Pick<Ports, "stateFolder">, ticket: string, run: string): string {
  return join(ports.stateFolder, "work", ticket, run);
}

export type PassFolders = {
  root: string;
  /** Of the commands that Nimrod runs for the pass. */
  home: string;
  tmp: string;
  /** Of the agent process: what it logged in with, and its way to the toolbox, are for no command to see. */
  agentHome: string;
  agentTmp: string;
  transcript: string;
};

/** Folders of one pass attempt, empty at its start: no pass sees another one's home or scratch. */
export async function makePassFolders(
  ports: Pick<Ports, "stateFolder">,
  ticket: string,
  run: string,
  pass: string,
): Promise<PassFolders> {
  const root = join(passesFolder(ports, ticket, run), pass);
  const folders = {
    root,
    home: join(root, "home"),
    tmp: join(root, "tmp"),
    agentHome: join(root, "agent", "home"),
    agentTmp: join(root, "agent", "tmp"),
    transcript: transcriptFile(ports, { ticket, run, pass }),
  };
  await holdPass(ports, { ticket, run, pass });
  for (const folder of [folders.home, folders.tmp, folders.agentHome, folders.agentTmp]) {
    await ensureFolder(folder, { mode: 0o700 });
  }
  return folders;
}

/** A throw-away copy for one check that has to write: nothing done there is ever looked at again. */
export async function makeScratch(
  ports: Ports,
  options: { workspace: Workspace; commit: string; ticket: string; run: string },
): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = join(
    ticketFolder(ports, options.ticket, options.run),
    "checkouts",
    `copy-${ulid(ports.clock)}`,
  );
  const { path } = await cleanCheckout({ workspace: options.workspace, commit: options.commit, folder });
  return { path, remove: () => removeTree(folder) };
}

/** The longest that one command may take, whoever asked for it. */
const commandMinutes = 10;

export function placeFor(
  ports: Ports,
  options: {
    root: string;
    pass: string;
    folders: Pick<PassFolders, "home" | "tmp">;
    workspace: Workspace | null;
    writable: boolean;
    contested?: boolean;
    mounts: Place["mounts"];
    /** The ticket's worktree has no `.git`: git finds the pinned one through the environment. */
    pinnedGit: boolean;
  },
): Place {
  const { workspace, folders } = options;
  return {
    root: options.root,
    sandbox: ports.sandbox,
    writable: options.writable,
    contested: options.contested ?? false,
    home: folders.home,
    tmp: folders.tmp,
    // A checkout has the objects of its own history; the ticket's object store holds lost attempts too.
    readable: workspace ? [...workspace.objectFolders, ...(options.pinnedGit ? [workspace.gitDir] : [])] : [],
    mounts: options.mounts,
    env: {
      ...ports.env,
      HOME: folders.home,
      TMPDIR: folders.tmp,
      [runCookie]: options.pass,
      ...(options.pinnedGit && workspace ? workspace.gitEnv : {}),
    },
    commandTimeoutMs: commandMinutes * 60_000,
  };
}
