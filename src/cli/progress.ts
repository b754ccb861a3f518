import type { Progress } from "../pipeline/ports.ts";
import type { Output, Part } from "./output.ts";

/** One line on stderr for each thing that happens, so that a long run is never silent. Reads are only counted. */
export function progressPrinter(output: Output): (event: Progress) => void {
  let reads = 0;
  return (event) => {
    if (isPlainRead(event)) {
      reads++;
      return;
    }
    if (event.kind === "pass") reads = 0;
    const parts = partsOf(event, reads);
    if (parts.length > 0) output.say(...parts);
  };
}

function isPlainRead(event: Progress): boolean {
  return (
    event.kind === "action" &&
    event.tier === "none" &&
    !/^(write|edit) /.test(event.what) &&
    event.status !== "denied"
  );
}

const tierStyle = { none: "green", brief: "cyan", explicit: "yellow", deny: "red" } as const;
/** Characters of a command on one line; the evidence has the whole of it. */
const shownLength = 80;

function partsOf(event: Progress, reads: number): Part[] {
  switch (event.kind) {
    case "selected":
      return [{ text: `${event.ticket}  ${event.title}`, style: "bold" }, `  (${event.why})`];
    case "pass": {
      const round = event.round > 1 ? `, round ${event.round}` : "";
      const sandbox = event.sandbox === "none" ? "no sandbox" : `sandbox ${event.sandbox}`;
      return [
        { text: `▸ ${event.pass.padEnd(10)}`, style: "bold" },
        { text: ` ${event.agent} · own context · ${sandbox}${round}`, style: "dim" },
      ];
    }
    case "action": {
      const style = tierStyle[event.tier as keyof typeof tierStyle] ?? "red";
      const exit = event.exit === null ? "" : ` exit ${event.exit}`;
      return [`  ${shortened(event.what)}  `, { text: event.tier, style }, ` ${event.status}${exit}`];
    }
    case "pass-done": {
      const parts = [event.summary, reads > 0 ? counted(reads, "read") : ""].filter((part) => part !== "");
      return [
        { text: "  ✓ ", style: "green" },
        parts.join(" · ") || "done",
        { text: `  ${(event.ms / 1000).toFixed(1)} s`, style: "dim" },
      ];
    }
    case "check": {
      const color = event.passed ? "green" : "red";
      return [
        `  ${event.ac} on ${event.on}: `,
        { text: color, style: color },
        `  ${shortened(event.command)}`,
      ];
    }
    case "note":
      return [`  ${event.text}`];
    case "doing":
    case "heard":
    case "usage":
    case "pass-over":
      return [];
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function shortened(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length > shownLength ? `${line.slice(0, shownLength - 1)}…` : line;
}
