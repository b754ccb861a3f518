import { mkdtemp, realpath } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { NimrodError } from "../errors.ts";

/** What fits into `sun_path` of Linux, without its NUL. State folders are longer than that. */
const longestPath = 107;
/** Room for a slash and the name of a socket. */
const nameBytes = 16;

/**
 * An empty folder of this user alone (0700) whose path is short enough for unix sockets. Its maker removes it.
 * Throws `io` where neither the runtime folder nor /tmp will do.
 */
export async function makeSocketFolder(
  env: Record<string, string | undefined> = process.env,
): Promise<string> {
  let cause: unknown;
  for (const place of [env["XDG_RUNTIME_DIR"], "/tmp"]) {
    if (place === undefined || !isAbsolute(place)) continue;
    try {
      const parent = await realpath(place);
      if (Buffer.byteLength(join(parent, "nimrod-XXXXXX")) + nameBytes > longestPath) continue;
      return await mkdtemp(join(parent, "nimrod-"));
    } catch (error) {
      cause = error;
    }
  }
  throw new NimrodError("io", "no folder for unix sockets: neither XDG_RUNTIME_DIR nor /tmp can be written", {
    cause,
  });
}
