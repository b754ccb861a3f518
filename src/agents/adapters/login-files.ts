import { lstatSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { NimrodError } from "../../errors.ts";
import { sha256 } from "../../platform/digest.ts";
import { ensureFolder, readFileBounded, writeAtomic } from "../../platform/files.ts";

const maxBytes = 256 * 1024;

export type LoginCopy = {
  /** Below both homes, as the catalog has it. */
  path: string;
  /** The operator's real file. */
  original: string;
  bytes: Uint8Array;
};

/**
 * Copies what a CLI logs in with into the pass's fresh home (0600). Missing files are left out: any one of several ways
 * to log in will do. Throws `refused` for a path that is not a regular file below the operator's home.
 */
export async function lendLoginFiles(
  paths: readonly string[],
  operatorHome: string,
  home: string,
  hide: (values: string[]) => void = () => undefined,
): Promise<LoginCopy[]> {
  const lent: LoginCopy[] = [];
  for (const path of paths) {
    const original = realPathOrNull(join(operatorHome, path));
    if (original === null) continue;
    const root = realPathOrNull(operatorHome);
    if (root === null || !original.startsWith(`${root}/`) || !lstatSync(original).isFile()) {
      throw new NimrodError(
        "refused",
        `~/${path} is not a regular file in your home folder, so no agent is given it`,
        {
          hint: "log in again with the agent's own command",
        },
      );
    }
    const bytes = await readFileBounded(original, { maxBytes });
    hide(secretsIn(bytes));
    await putInHome(home, path, bytes);
    lent.push({ path, original, bytes });
  }
  return lent;
}

/** Writes a file (0600) below a pass's home. Throws `refused` where a link of an agent would lead it elsewhere. */
export async function putInHome(home: string, path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(join(home, path));
  await ensureFolder(folder, { mode: 0o700 });
  if (realpathSync(folder) !== dirname(join(realpathSync(home), path)))
    throw new NimrodError("refused", `${folder} leads out of the pass's own home`);
  await writeAtomic(join(home, path), content, { mode: 0o600 });
}

/**
 * CLIs swap their tokens for fresh ones while they run, and the old ones are void then: if the fresh ones were
 * thrown away with the pass's home, the operator would find themselves logged out. So a file that changed inside
 * replaces the original, but only when it can be nothing more than that: JSON of the very same shape in which only
 * tokens and their times differ (an agent that has hands could otherwise write another account, address or command
 * into the operator's home), a regular file where it was put, and an original that still holds the bytes that were
 * lent. Everything else is left alone.
 *
 * Returns paths and what became of them, for the pass's notes; never a value.
 */
export async function returnLoginFiles(
  lent: readonly LoginCopy[],
  home: string,
  hide: (values: string[]) => void = () => undefined,
): Promise<{ path: string; outcome: "returned" | "left"; why?: string }[]> {
  const told: { path: string; outcome: "returned" | "left"; why?: string }[] = [];
  for (const copy of lent) {
    const { path } = copy;
    const why = await returnOne(copy, join(home, path), hide).catch(() => "it could not be read or written");
    if (why === "unchanged") continue;
    told.push(why === null ? { path, outcome: "returned" } : { path, outcome: "left", why });
  }
  return told;
}

async function returnOne(
  { path, original, bytes }: LoginCopy,
  inside: string,
  hide: (values: string[]) => void,
): Promise<string | null> {
  const present = lstatSync(inside, { throwIfNoEntry: false });
  if (present === undefined) return "the agent removed its copy";
  // A link that the agent made would be followed out here, with the operator's rights.
  const expected = join(realpathSync(inside.slice(0, -path.length)), path);
  if (!present.isFile() || realpathSync(inside) !== expected) return "its copy is no longer a regular file";
  const now = await readFileBounded(inside, { maxBytes });
  if (sha256(now) === sha256(bytes)) return "unchanged";
  hide(secretsIn(now));
  if (!isRefreshed(parse(bytes), parse(now))) return "it differs in more than tokens and their times";
  try {
    await writeAtomic(original, now, { expect: sha256(bytes) });
    return null;
  } catch (error) {
    if (error instanceof NimrodError && error.code === "conflict") return "yours was changed meanwhile";
    throw error;
  }
}

/** What a login file holds that must be written nowhere: strings under names of secrets, or all of it where it is no JSON. */
export function secretsIn(bytes: Uint8Array): string[] {
  const value = parse(bytes);
  if (value === undefined) return [new TextDecoder().decode(bytes).trim()];
  return secretStrings(value, "");
}

function secretStrings(value: unknown, name: string): string[] {
  if (typeof value === "string") return value.length >= 8 && secretName.test(name) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    secretStrings(member, Array.isArray(value) ? name : key),
  );
}

const secretName = /token|refresh|access|secret|key|password|code/i;

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined; // not JSON: never the same shape as anything
  }
}

/** But not where a token is fetched, or by what. */
const refreshable =
  /^(?!.*(?:ur[il]|endpoint|host|command|helper|type|file|path)).*(?:token|expir|refresh)|^access$/i;

/** Same members, same types, and no value differs but of members that are named like tokens and times. */
export function isRefreshed(before: unknown, after: unknown, name = ""): boolean {
  if (before === undefined || typeof before !== typeof after) return false;
  if (Array.isArray(before) || Array.isArray(after)) return JSON.stringify(before) === JSON.stringify(after);
  if (before === null || after === null || typeof before !== "object" || typeof after !== "object")
    return before === after || (before !== null && after !== null && refreshable.test(name));
  const [old, fresh] = [Object.entries(before), new Map<string, unknown>(Object.entries(after))];
  return (
    old.length === fresh.size &&
    old.every(([key, value]) => fresh.has(key) && isRefreshed(value, fresh.get(key), key))
  );
}

function realPathOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
