import type { InputOf } from "../../pass-input.ts";
import type { Concern } from "./concern.ts";

/** Steps on hosts, as Nimrod applied them. Before that there is nothing to judge but whether they can be undone. */
export function judgeHostSteps({ hostSteps }: InputOf<"reviewer">): Concern[] {
  return hostSteps.flatMap(({ id, title, target, undo, exit }): Concern[] => {
    const where = `${id} (${title}) on ${target}`;
    return [
      ...(exit !== null && exit !== 0
        ? [{ rule: "host step failed", severity: "major", text: `${where} ended with exit ${exit}` } as const]
        : []),
      ...(undo === undefined
        ? [{ rule: "no undo", severity: "minor", text: `${where} names no undo` } as const]
        : []),
    ];
  });
}
