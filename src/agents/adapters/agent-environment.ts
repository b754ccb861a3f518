import { delimiter, dirname, isAbsolute } from "node:path";
import type { HostEnv } from "./agent-process.ts";

/** What every agent process has; nothing else of the operator's environment gets in unasked. */
export function baseEnvironment(
  { home, tmp }: { home: string; tmp: string },
  host: HostEnv,
): Record<string, string> {
  return {
    PATH: searchPath(host["PATH"]),
    LANG: host["LANG"] ?? "C.UTF-8",
    ...(host["TZ"] === undefined ? {} : { TZ: host["TZ"] }),
    HOME: home,
    TMPDIR: tmp,
  };
}

/** Which of the named variables the operator has. */
export function handedOn(names: readonly string[], host: HostEnv): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = host[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Nimrod's own Node first, so that `node agent.mjs` is the Node that was tested; relative entries never. */
export function searchPath(path: string | undefined): string {
  const entries = (path ?? "/usr/local/bin:/usr/bin:/bin").split(delimiter).filter(isAbsolute);
  return [...new Set([dirname(process.execPath), ...entries])].join(delimiter);
}
