/** `alone`: after every earlier call, with nothing beside it. `together`: beside its like. `apart`: whenever it comes. */
export type Lane = "alone" | "together" | "apart";

/** Calls of one pass may come at once, on several connections. What changes something is done in the order of arrival. */
export function openLanes(): <T>(lane: Lane, work: () => Promise<T>) => Promise<T> {
  let lastAlone: Promise<unknown> = Promise.resolve();
  let sinceThen: Promise<unknown>[] = [];
  return (lane, work) => {
    if (lane === "apart") return work();
    if (lane === "together") {
      const done = lastAlone.then(work);
      sinceThen.push(done.catch(() => undefined));
      return done;
    }
    const done = Promise.all([lastAlone, ...sinceThen]).then(work);
    lastAlone = done.catch(() => undefined); // told to the caller of this call
    sinceThen = [];
    return done;
  };
}
