import { NimrodError } from "../../errors.ts";
import { type Destination, parseAuthority } from "../../workspace/destinations.ts";
import type { AgentOptions } from "./agent-options.ts";
import type { EnclosedAgent } from "./enclosure.ts";

/**
 * The servers that an agent may reach: its row's, or the one of `baseUrl` in their place, and what `hosts` adds. What
 * the operator named may be in a private network. Throws `config` for an entry that names no server.
 */
export function endpointsOf({
  row,
  baseUrl,
  hosts,
}: Pick<AgentOptions, "baseUrl" | "hosts"> & { row: { endpoints: readonly Destination[] } }): Destination[] {
  return [...(baseUrl === null ? row.endpoints : [serverOf(baseUrl)]), ...hostsOf(hosts)];
}

/** What of the operator's an agent is given, the same for each CLI: its login, variables by name, and a way to its servers. */
export function lentTo(
  options: AgentOptions,
): Pick<EnclosedAgent, "login" | "passEnv" | "endpoints" | "operator"> {
  const { row, env, operator } = options;
  return { login: row.login, passEnv: env, endpoints: endpointsOf(options), operator };
}

/** `host` (port 443) or `host:port`, as in the configuration. */
function hostsOf(hosts: readonly string[]): Destination[] {
  return hosts.map((entry) => named(entry, parseAuthority(entry, 443)));
}

/** The server of an http or https address. */
function serverOf(baseUrl: string): Destination {
  const match = /^(https?):\/\/([^/?#]+)/i.exec(baseUrl);
  return named(baseUrl, parseAuthority(match?.[2] ?? "", match?.[1]?.toLowerCase() === "http" ? 80 : 443));
}

function named(entry: string, found: Destination | null): Destination {
  if (found !== null) return { ...found, private: true };
  throw new NimrodError("config", `${JSON.stringify(entry)} names no server that an agent could be let to`, {
    hint: "write host or host:port, for example 127.0.0.1:11434",
  });
}
