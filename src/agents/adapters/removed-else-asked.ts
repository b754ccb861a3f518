import type { AgentAdapter } from "../adapter.ts";

export type ProbedAdapter = AgentAdapter & Required<Pick<AgentAdapter, "probe">>;

/**
 * One CLI with two ways to tie its hands: its own tools removed, or kept and asked about at each call. It begins with
 * the first; where the probe says that this does not work, and that the second does, it goes on with the second.
 */
export function removedElseAsked(removed: ProbedAdapter, asked: ProbedAdapter): ProbedAdapter {
  let chosen = removed;
  return {
    ...removed,
    async probe(place) {
      const first = await removed.probe(place);
      if (first.kind !== "refused") return first;
      const second = await asked.probe(place);
      if (second.kind !== "ready") return first;
      chosen = asked;
      return second;
    },
    run: (request, toolbox) => chosen.run(request, toolbox),
  };
}
