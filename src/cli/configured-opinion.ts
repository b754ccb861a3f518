import { join } from "node:path";
import { maxOpinionBytes, openSecondOpinion, type SecondOpinion } from "../authorization/second-opinion.ts";
import type { SecondOpinionEntry } from "../config/config.ts";
import type { Ports } from "../pipeline/ports.ts";
import { atRoot, type Operator } from "./create-adapter.ts";

/** The second opinion that the operator's configuration names. The program is loaded and started when it is first asked. */
export function configuredOpinion(
  entry: SecondOpinionEntry | null,
  operator: Pick<Operator, "env" | "root">,
  ports: Pick<Ports, "sandbox" | "stateFolder" | "clock" | "redact" | "signal">,
): { secondOpinion?: SecondOpinion } {
  if (entry === null) return {};
  const { seconds, hosts, env } = entry;
  const command = entry.command.map((word, index) => atRoot(operator.root, word, index));
  const secondOpinion = openSecondOpinion({
    for: entry.for,
    redact: ports.redact,
    now: () => performance.now(),
    run: async (stdin) => {
      const { askOnce } = await import("../agents/adapters/ask-once.ts");
      return askOnce(
        {
          command,
          hosts,
          env,
          hostEnv: operator.env,
          sandbox: ports.sandbox,
          folder: join(ports.stateFolder, "opinions"),
          timeoutMs: seconds * 1000,
          maxOutputBytes: maxOpinionBytes,
          signal: ports.signal,
          clock: ports.clock,
        },
        stdin,
      );
    },
  });
  return { secondOpinion };
}
