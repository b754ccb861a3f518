import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { plainSha256 } from "./plain-sha256.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_STATE_HOME/nimrod`, else `~/.local/state/nimrod`. Keys, journals, worktrees; never shown to an agent. */
export function stateHome(env: Environment): string {
  return join(base(env, "XDG_STATE_HOME", join(".local", "state")), "nimrod");
}

/** `$XDG_CONFIG_HOME/nimrod`, else `~/.config/nimrod`: the user's own configuration, which needs no trust. */
export function configHome(env: Environment): string {
  return join(base(env, "XDG_CONFIG_HOME", ".config"), "nimrod");
}

/**
 * This repository's folder under the state home: `<slug>-<8 hex of sha256 of its real path>`. The hash keeps
 * two clones of one name apart; the slug is for the person who looks.
 */
export function repositoryStateFolder(env: Environment, projectRoot: string): string {
  const real = realpathSync(projectRoot);
  return join(stateHome(env), `${slug(basename(real))}-${plainSha256(real).slice(0, 8)}`);
}

// The base directory specification says that a relative value is invalid and must be ignored.
function base(env: Environment, name: string, fallback: string): string {
  const value = env[name];
  if (value !== undefined && isAbsolute(value)) return value;
  const home = env["HOME"];
  return join(home !== undefined && isAbsolute(home) ? home : homedir(), fallback);
}

function slug(name: string): string {
  const text = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, "");
  return text === "" ? "root" : text;
}
