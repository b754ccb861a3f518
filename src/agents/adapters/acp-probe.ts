import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { startLines } from "../../platform/exec.ts";
import { removeTree } from "../../platform/files.ts";
import type { AgentAdapter, AgentProbe, ProbePlace } from "../adapter.ts";
import { probeAgent, probeRequest } from "../probe.ts";
import { acpAgentOf } from "./acp-agents.ts";
import { streamsOf } from "./acp-lines.ts";
import type { AgentOptions } from "./agent-options.ts";
import { nothingLent, openEnclosure } from "./enclosure.ts";
import { startClocks } from "./pass-clocks.ts";

/** An agent that is known to have no tools of its own has to prove it; any other has to speak the protocol. */
export async function probeAcp(
  place: ProbePlace,
  options: AgentOptions,
  create: (options: AgentOptions) => AgentAdapter,
): Promise<AgentProbe> {
  const { probed, harmless } = acpAgentOf(options);
  if (probed === null) return greet(place, options);
  return probeAgent(place, {
    options,
    identity: create(options).identity,
    isNimrods: (tool) => tool.startsWith(probed.toolPrefix),
    harmless,
    login: probed.login,
    ...(probed.basePath === undefined ? {} : { basePath: probed.basePath }),
    create,
  });
}

/** Starts it without network or login, and hears its name. What tools it has stays unknown: the sandbox ties them. */
async function greet(place: ProbePlace, options: AgentOptions): Promise<AgentProbe> {
  const folder = join(place.cache, `greeting-${randomUUID().slice(0, 8)}`);
  const refused = (why: string): AgentProbe => ({
    kind: "refused",
    version: null,
    why,
    hint: options.row.install,
  });
  try {
    const request = await probeRequest(folder, place);
    const enclosure = await openEnclosure(request, {
      ...nothingLent,
      command: options.command,
      operator: options.operator,
    });
    const child = startLines(enclosure.process);
    try {
      const session = { activity: () => ({ calls: 0, inFlight: 0, lastMs: 0 }) };
      const clocks = startClocks(request.limits, { toolbox: {}, session });
      const { input, output, ended } = streamsOf(child, { request, clocks });
      const { connectAcp } = await import("./acp-connection.ts");
      const deny = async () => ({ outcome: { outcome: "cancelled" as const }, reason: "" });
      const peer = connectAcp({ input, output }, { permission: deny, update: () => undefined });
      try {
        const hello = await Promise.race([peer.initialize(), ended.then(() => null)]);
        if (hello === null)
          return refused(`it ended without an answer: ${child.stderrTail().trim().slice(-300)}`);
        const version = hello.version ?? "unknown";
        const tested = options.row.tested.includes(version);
        return { kind: "ready", version, tested, gate: "sandbox", ownTools: [] };
      } finally {
        peer.close();
      }
    } finally {
      await child.stop();
      await enclosure.close();
    }
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  } finally {
    await removeTree(folder);
  }
}
