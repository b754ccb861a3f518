import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Where Node keeps compiled code between runs. Its own default is a folder under the shared temporary directory,
 * where somebody else could lie in wait; this one is the user's.
 */
export function compileCacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const configured = env["XDG_CACHE_HOME"];
  const base =
    configured !== undefined && isAbsolute(configured)
      ? configured
      : join(env["HOME"] || homedir(), ".cache");
  return join(base, "nimrod", "compiled");
}
