import type { Progress } from "../pipeline/ports.ts";
import type { Output, Part } from "./output.ts";
import {
  follow,
  isRead,
  type PassView,
  standingOf,
  statusLine,
  styleOf,
  used,
  withoutPause,
} from "./pass-view.ts";

/** Tells a person what happens, on stderr, so that a long run is never silent. */
export type ProgressTeller = {
  tell: (event: Progress) => void;
  /** Takes the bottom line away while somebody is asked, and stops the clocks that are shown. */
  paused: <T>(ask: () => Promise<T>) => Promise<T>;
};

export type ProgressOptions = {
  /** A terminal that can redraw a line: then the bottom line shows the pass as it runs. */
  live: boolean;
  /** Wall-clock time, for the lines that stay. */
  time: () => Date;
  /** Milliseconds that only grow. */
  now: () => number;
  /** Calls `act` every so many milliseconds until the returned function is called; must not keep the process alive. */
  every: (ms: number, act: () => void) => () => void;
};

/** Four redraws a second are as many as an eye follows. */
const redrawMs = 250;
/** Without a terminal, a word after so much silence. */
const heartbeatMs = 60_000;

/** One line for each thing that happens; on a terminal one more, redrawn in place. Reads are only counted. */
export function tellProgress(output: Output, options: ProgressOptions): ProgressTeller {
  const { live, now } = options;
  let view: PassView | null = null;
  let stop: (() => void) | null = null;
  let printedMs = now();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let pausedSinceMs: number | null = null;

  const draw = (): void => {
    if (!live || stop === null || view === null || pausedSinceMs !== null) return;
    if (now() - drawnMs < redrawMs) return;
    drawnMs = now();
    output.status((width) => (view === null ? [] : statusLine(view, now(), width)));
  };
  const beat = (): void => {
    if (view === null || pausedSinceMs !== null || now() - printedMs < heartbeatMs) return;
    const doing = view.doing === null ? "thinking" : shortened(view.doing.what);
    print([`  … ${[doing, ...standingOf(view, now())].join(" · ")}`]);
  };
  const print = (parts: Part[]): void => {
    printedMs = now();
    output.say(...parts);
  };

  return {
    tell(event) {
      view = follow(view, event, now());
      if (event.kind === "pass") {
        printedMs = now();
        stop ??= options.every(live ? redrawMs : 1_000, live ? draw : beat);
      }
      if (event.kind === "pass-over") {
        stop?.();
        stop = null;
        output.status(null);
      }
      const parts = partsOf(event, view, live ? `${hours(options.time())}  ` : "");
      if (parts.length > 0) print(parts);
      draw();
    },
    async paused(ask) {
      const since = now();
      pausedSinceMs = since;
      output.status(null);
      try {
        return await ask();
      } finally {
        pausedSinceMs = null;
        if (view !== null) view = withoutPause(view, now() - since);
        draw();
      }
    },
  };
}

/** Characters of a command on one line; the evidence has the whole of it. */
const shownLength = 80;

/** The line that stays; empty for events that only change the bottom line. */
function partsOf(event: Progress, view: PassView | null, time: string): Part[] {
  switch (event.kind) {
    case "selected":
      return [{ text: `${event.ticket}  ${event.title}`, style: "bold" }, `  (${event.why})`];
    case "pass": {
      const round = event.round > 1 ? `, round ${event.round}` : "";
      const sandbox = event.sandbox === "none" ? "no sandbox" : `sandbox ${event.sandbox}`;
      const model = event.model === null ? "" : ` · ${event.model}`;
      return [
        { text: `▸ ${event.pass.padEnd(10)}`, style: "bold" },
        { text: ` ${event.agent}${model} · own context · ${sandbox}${round}`, style: "dim" },
      ];
    }
    case "action": {
      if (isRead(event)) return [];
      const exit = event.exit === null ? "" : ` exit ${event.exit}`;
      const tier = { text: event.tier, style: styleOf(event.tier) };
      return [`  ${time}${shortened(event.what)}  `, tier, ` ${event.status}${exit}`];
    }
    case "pass-done": {
      const reads = view?.reads ?? 0;
      const read = reads > 0 ? `${reads} ${reads === 1 ? "read" : "reads"}` : "";
      const parts = [event.summary, read, ...(view === null ? [] : used(view, null))];
      return [
        event.objects ? { text: "  ! ", style: "yellow" } : { text: "  ✓ ", style: "green" },
        parts.filter((part) => part !== "").join(" · ") || "done",
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

function hours(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

function shortened(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length > shownLength ? `${line.slice(0, shownLength - 1)}…` : line;
}
