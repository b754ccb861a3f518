/** Time that a child was not itself the one to be waited for. */
export type Excuse = {
  /** Somebody works for the child right now: it may be silent. */
  isBusy: () => boolean;
  /** Milliseconds since the clocks were started that do not count. */
  excusedMs: () => number;
};

const noExcuse: Excuse = { isBusy: () => false, excusedMs: () => 0 };

/** One clock for silence (null: none) and one in all. At most one of them is told, once. Times in milliseconds. */
export function startChildClocks(clocks: {
  idleMs: number | null;
  wallMs: number;
  excuse: Excuse | undefined;
  over: (which: "idle" | "timeout") => void;
}): { moved: () => void; stop: () => void } {
  const { idleMs, wallMs, excuse = noExcuse, over } = clocks;
  const stop = (): void => {
    clearTimeout(idle);
    clearTimeout(wall);
  };
  const tell = (which: "idle" | "timeout"): void => {
    stop();
    over(which);
  };
  let granted = 0;
  const wallOver = (): void => {
    const more = excuse.excusedMs() - granted;
    granted += more;
    if (more > 0) wall = setTimeout(wallOver, more);
    else tell("timeout");
  };
  let wall = setTimeout(wallOver, wallMs);
  const idle =
    idleMs === null
      ? undefined
      : setTimeout(() => (excuse.isBusy() ? idle?.refresh() : tell("idle")), idleMs);
  return { moved: () => void idle?.refresh(), stop };
}
