import { join } from "node:path";
import type { Destination } from "../../workspace/destinations.ts";
import type { PassRequest } from "../adapter.ts";
import { packageRoot, runsFromSource } from "../package-root.ts";

/** How an agent reaches the servers it may reach, and no other. */
export type AgentNetwork = {
  /** What its process is told: proxy variables. */
  env: Record<string, string>;
  /** To be shown inside. */
  readable: readonly string[];
  /** The argv that starts `command` behind the bridge; `beside` it, for one that asks nothing in its first moments. */
  wrap: (command: readonly string[], beside?: boolean) => string[];
  refused: () => readonly string[];
  unreached: () => readonly string[];
  close: () => Promise<void>;
};

/** No network at all, as an agent without endpoints has it. */
export const noNetwork: AgentNetwork = {
  env: {},
  readable: [],
  wrap: (command) => [...command],
  refused: () => [],
  unreached: () => [],
  close: async () => undefined,
};

/**
 * The bridge listens before the agent starts, so that its first request finds a server. The shell then becomes the
 * agent: signals, exit code and stdin are the agent's own, and the bridge is nobody's child but the sandbox's, which
 * ends it. It is given no environment, because that of an agent holds keys.
 */
const launcher = `
ready=$(/usr/bin/env -i "$1" "$2" "$3" </dev/null 2>/dev/null &)
if [ "$ready" != ready ]; then echo "nimrod: no way to the model's server: $ready" >&2; exit 70; fi
shift 3
exec "$@"`;

/** Not waited for: a tenth of a second of every pass. What finds no server yet tries again. */
const launcherBeside = `
/usr/bin/env -i "$1" "$2" "$3" </dev/null >/dev/null 2>&1 &
shift 3
exec "$@"`;

/**
 * Without a sandbox nothing holds an agent to the proxy: it is told of it, programs that heed it keep to the listed
 * servers, and everything else of this machine's network stays open to it.
 */
export async function openAgentNetwork(
  request: Pick<PassRequest, "sandbox" | "signal">,
  endpoints: readonly Destination[],
): Promise<AgentNetwork> {
  if (endpoints.length === 0) return noNetwork;
  const sandboxed = request.sandbox.kind === "bwrap";
  const { openEgress } = await import("../../workspace/egress.ts"); // builtin and programs without hosts need none of it
  const egress = await openEgress({ allow: endpoints, sandboxed, signal: request.signal });
  const { file, readable } = bridgeProgram();
  const routes = egress.bridged.map(({ port, socket }) => `${port}=${socket}`).join(",");
  return {
    env: proxyVariables(`http://127.0.0.1:${egress.proxyPort}`),
    readable: egress.folder === null ? [] : [egress.folder, ...readable],
    wrap: (command, beside = false) =>
      sandboxed
        ? [
            "/bin/sh",
            "-c",
            beside ? launcherBeside : launcher,
            "nimrod",
            process.execPath,
            file,
            routes,
            ...command,
          ]
        : [...command],
    refused: egress.refused,
    unreached: egress.unreached,
    close: egress.close,
  };
}

function proxyVariables(url: string): Record<string, string> {
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    http_proxy: url,
    https_proxy: url,
    NO_PROXY: "",
    no_proxy: "",
    // Node's own fetch reads the variables above only when it is told to.
    NODE_USE_ENV_PROXY: "1",
  };
}

/** The bundle's own entry; from source, the file itself. package.json tells Node that it is a module. */
function bridgeProgram(): { file: string; readable: string[] } {
  const root = packageRoot();
  if (!runsFromSource())
    return { file: join(root, "dist/bridge.mjs"), readable: [join(root, "dist/bridge.mjs")] };
  const file = join(root, "src/workspace/bridge.ts");
  return { file, readable: [file, join(root, "package.json")] };
}
