import { expect, test } from "vitest";
import { type Tier, tiers } from "../../../src/authorization/action.ts";
import { chained, junkOf, respelled, wrapped } from "../../support/command-mutations.ts";
import { labelledCommands } from "../../support/labelled-commands.ts";
import { pick, seeded } from "../../support/seeded.ts";
import { run } from "./context.ts";

// 100,000 texts in all, the same ones each time.
const seed = 20_261_122;
const rounds = { junk: 55_000, respelled: 15_000, wrapped: 15_000, chained: 15_000 };
/** Far beyond the slowest on a loaded machine; a regular expression gone wild takes minutes. */
const slowMs = 2_000;

const pool = [...labelledCommands().values()].flat().map(({ command }) => command);
const rank = (tier: Tier): number => tiers.indexOf(tier);
const known = new Map<string, Tier>();
function tierOf(command: string): Tier {
  const found = known.get(command) ?? run(command).tier;
  known.set(command, found);
  return found;
}

test("junk made of commands gets a decision in time, and the classifier never fails on it", {
  timeout: 300_000,
}, () => {
  const random = seeded(seed);
  const bad: string[] = [];
  for (let round = 0; round < rounds.junk; round += 1) {
    const text = junkOf(pick(random, pool), pool, random);
    const began = performance.now();
    const decision = run(text);
    const ms = performance.now() - began;
    if (decision.rule === "gate.failed" || ms > slowMs)
      bad.push(`${JSON.stringify(text)}: ${decision.reason}, ${Math.round(ms)} ms`);
  }
  expect(bad).toEqual([]);
});

test("other quotes and white space change nothing", { timeout: 120_000 }, () => {
  const random = seeded(seed + 1);
  const bad = new Set<string>();
  for (let round = 0; round < rounds.respelled; round += 1) {
    const command = pick(random, pool);
    const other = respelled(command, random);
    if (other !== null && run(other).tier !== tierOf(command))
      bad.add(
        `${command} (${tierOf(command)}) as ${JSON.stringify(other)}: ${run(other).tier} by ${run(other).rule}`,
      );
  }
  expect([...bad]).toEqual([]);
});

test("a wrapper never lowers a tier", { timeout: 120_000 }, () => {
  const random = seeded(seed + 2);
  const bad = new Set<string>();
  for (let round = 0; round < rounds.wrapped; round += 1) {
    const command = pick(random, pool);
    const other = wrapped(command, random);
    if (other !== null && rank(run(other).tier) < rank(tierOf(command)))
      bad.add(`${command} (${tierOf(command)}) as ${JSON.stringify(other)}: ${run(other).tier}`);
  }
  expect([...bad]).toEqual([]);
});

test("a chain is as strict as its strictest part", { timeout: 120_000 }, () => {
  const random = seeded(seed + 3);
  const bad = new Set<string>();
  for (let round = 0; round < rounds.chained; round += 1) {
    const [first, second] = [pick(random, pool), pick(random, pool)];
    const both = chained(first, second);
    if (both !== null && rank(run(both).tier) < Math.max(rank(tierOf(first)), rank(tierOf(second))))
      bad.add(`${JSON.stringify(both)}: ${run(both).tier}`);
  }
  expect([...bad]).toEqual([]);
});
