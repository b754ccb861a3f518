import type { Decision } from "../action.ts";
import { hostsIn, matchesHost, matchesPath } from "./match.ts";
import type { Policy, Resource } from "./schema.ts";

/** Protected resources that an action changes and that nobody has declared; names as the policy has them. */
export function undeclaredResources(
  policy: Pick<Policy, "resources">,
  decision: Pick<Decision, "effects" | "needs">,
  /** As written: ports and units are named there and nowhere else. */
  said: string,
  declared: readonly string[],
): string[] {
  return Object.entries(policy.resources).flatMap(([name, resource]) =>
    resource.protected && !isDeclared(name, resource, declared) && changes(resource, decision, said)
      ? [name]
      : [],
  );
}

/** A plan may name a resource by its name here, or one of its parts: `caddy.service`, `port 443`. */
function isDeclared(name: string, resource: Resource, declared: readonly string[]): boolean {
  const parts = [
    name,
    ...resource.units.flatMap((unit) => [unit, bareUnit(unit)]),
    ...resource.dns,
    ...resource.volumes,
    ...resource.ports.flatMap((port) => [
      `${port}`,
      `port ${port}`,
      `port:${port}`,
      `${port}/tcp`,
      `${port}/udp`,
    ]),
  ];
  return declared.some((each) => parts.includes(each.trim()));
}

function changes(
  resource: Resource,
  { effects, needs }: Pick<Decision, "effects" | "needs">,
  said: string,
): boolean {
  // Looking at it changes nothing.
  const changing = effects.filter(({ kind }) => kind !== "read" && kind !== "network-read");
  if (changing.length === 0) return false;
  const words = [...said.split(/[\s'"=,;|&()<>]+/), ...changing.flatMap(({ target }) => target.split(/\s+/))];
  const numbers = new Set(words.flatMap((word) => word.split(/[:/]/)));
  const units = new Set(resource.units.map(bareUnit));
  return (
    words.some((word) => units.has(bareUnit(word))) ||
    changing.some(({ target }) => matchesPath(resource.volumes.flatMap(below), target, null)) ||
    words.some((word) => matchesPath(resource.volumes.flatMap(below), word, null)) ||
    resource.ports.some((port) => numbers.has(String(port))) ||
    (resource.dns.length > 0 &&
      [...words, ...hostsIn({ effects: changing, ...(needs === undefined ? {} : { needs }) })].some((word) =>
        matchesHost(resource.dns, word, {}),
      ))
  );
}

function below(volume: string): string[] {
  const path = volume.replace(/\/+$/, "");
  return [path, `${path}/*`];
}

function bareUnit(unit: string): string {
  return unit.replace(/\.service$/, "");
}
