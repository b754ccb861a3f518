import type { Progress } from "../pipeline/ports.ts";
import type { Output, Part } from "./output.ts";

/** One line on stderr for each thing that happens, so that a long run is never silent. */
export function progressPrinter(output: Output): (event: Progress) => void {
  return (event) => output.say(...partsOf(event));
}

const tierStyle = { none: "green", brief: "cyan", explicit: "yellow", deny: "red" } as const;

function partsOf(event: Progress): Part[] {
  switch (event.kind) {
    case "selected":
      return [{ text: `${event.ticket}  ${event.title}`, style: "bold" }, `  (${event.why})`];
    case "pass": {
      const round = event.round > 1 ? `, round ${event.round}` : "";
      return [{ text: `▸ ${event.pass}`, style: "bold" }, { text: `  ${event.agent}, sandbox ${event.sandbox}${round}`, style: "dim" }];
    }
    case "action": {
      const style = tierStyle[event.tier as keyof typeof tierStyle] ?? "red";
      const exit = event.exit === null ? "" : ` exit ${event.exit}`;
      return [`  ${event.what.split("\n")[0]?.slice(0, 100) ?? ""}  `, { text: event.tier, style }, ` ${event.status}${exit}`];
    }
    case "pass-done":
      return [{ text: "  ✓ ", style: "green" }, `${event.pass}${event.summary === "" ? "" : `: ${event.summary}`}  `, { text: `${(event.ms / 1000).toFixed(1)} s`, style: "dim" }];
    case "check":
      return [`  check ${event.ac} on ${event.on}: `, { text: event.passed ? "green" : "red", style: event.passed ? "green" : "red" }, `  ${event.command.split("\n")[0]?.slice(0, 100) ?? ""}`];
    case "note":
      return [`  ${event.text}`];
  }
}
