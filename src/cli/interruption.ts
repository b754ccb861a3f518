import type { Output } from "./output.ts";
import type { Interruption } from "./report-error.ts";

export type InterruptionListener = {
  signal: () => AbortSignal;
  by: () => Interruption | undefined;
};

/** First signal: `signal()` aborts and the command winds down. Second: the process ends as the signal says. */
export function listenForInterruption(output: Output): InterruptionListener {
  let controller: AbortController | undefined;
  let by: Interruption | undefined;

  const listen = (): AbortController => {
    const abort = new AbortController();
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.on(name, () => {
        if (by === undefined) {
          by = name;
          output.say("Stopping: no new steps. Once more ends it now.");
          abort.abort();
          return;
        }
        process.removeAllListeners(name);
        process.kill(process.pid, name);
      });
    }
    return abort;
  };

  return {
    signal() {
      controller ??= listen();
      return controller.signal;
    },
    by: () => by,
  };
}
