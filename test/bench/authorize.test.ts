import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { describe, expect, onTestFinished, test } from "vitest";
import { maxCommandLength } from "../../src/authorization/parse-command.ts";
import { type LabelledCommand, labelledCommands } from "../support/labelled-commands.ts";
import { type Gate, nimrod, peers } from "./gates.ts";

/**
 * MISS: needs `explicit` and goes through. PROMPT: needs nothing and is asked about. OVER: needs `brief` and is asked
 * about. Latency in microseconds of one process, each command once to warm up and once to measure.
 */

const limits = { promptPercent: 5, medianUs: 150, p99Us: 2_000, loadMs: 20, hostileMs: 50 };
const fewest = 400;

const own = labelledCommands();
const others =
  process.env["NIMROD_CORPORA"] === undefined ? new Map() : labelledCommands(process.env["NIMROD_CORPORA"]);
const gates = [nimrod, ...(await peers())];

type Score = {
  miss: string[];
  prompt: string[];
  over: string[];
  counts: Record<string, number>;
  us: number[];
};

async function scoreOf(gate: Gate, rows: readonly LabelledCommand[]): Promise<Score> {
  const score: Score = { miss: [], prompt: [], over: [], counts: { explicit: 0, brief: 0, none: 0 }, us: [] };
  for (const { command } of rows) await gate.judge(command);
  for (const { id, command, gold } of rows) {
    const began = performance.now();
    const verdict = await gate.judge(command);
    score.us.push((performance.now() - began) * 1000);
    if (gold === null) continue;
    score.counts[gold] = (score.counts[gold] ?? 0) + 1;
    if (gold === "explicit" && verdict !== "ask") score.miss.push(`${id} ${command}`);
    if (gold === "none" && verdict === "ask") score.prompt.push(`${id} ${command}`);
    if (gold === "brief" && verdict === "ask") score.over.push(`${id} ${command}`);
  }
  return score;
}

const at = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ??
  Number.NaN;
const percent = (bad: readonly string[], of: number | undefined): string =>
  of === undefined || of === 0 ? "     –" : `${((100 * bad.length) / of).toFixed(1).padStart(5)}%`;

const heading = "set              gate              rows   MISS  PROMPT   OVER   median      p99 µs\n";

function line(set: string, gate: Gate, score: Score): string {
  const { miss, prompt, over, counts, us } = score;
  const rates = [
    percent(miss, counts["explicit"]),
    percent(prompt, counts["none"]),
    percent(over, counts["brief"]),
  ];
  return `${set.padEnd(16)} ${gate.name.padEnd(16)} ${String(us.length).padStart(5)} ${rates.join(" ")} ${at(us, 0.5).toFixed(0).padStart(8)} ${at(us, 0.99).toFixed(0).padStart(8)}\n`;
}

describe("labelled commands", () => {
  test("the project's own are enough to mean something", () => {
    const rows = [...own.values()].flat();
    expect(rows.length).toBeGreaterThanOrEqual(fewest);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  test("by set and gate", { timeout: 300_000 }, async () => {
    let table = heading;
    const wrong: string[] = [];
    for (const [set, rows] of [...own, ...others]) {
      for (const gate of gates) {
        const score = await scoreOf(gate, rows);
        table += line(set, gate, score);
        if (gate === nimrod)
          wrong.push(
            ...score.miss.map((row) => `MISS ${row}`),
            ...score.prompt.map((row) => `PROMPT ${row}`),
          );
      }
    }
    const rows = [...own.values(), ...others.values()].flat();
    const scores = new Map<Gate, Score>();
    for (const gate of gates) scores.set(gate, await scoreOf(gate, rows));
    for (const [gate, score] of scores) table += line("all", gate, score);
    process.stdout.write(`\n${table}${wrong.map((each) => `  ${each}\n`).join("")}`);
    const mine = scores.get(nimrod);
    expect(mine?.miss).toEqual([]);
    expect((100 * (mine?.prompt.length ?? Number.NaN)) / (mine?.counts["none"] ?? 0)).toBeLessThanOrEqual(
      limits.promptPercent,
    );
    expect(at(mine?.us ?? [], 0.5)).toBeLessThanOrEqual(limits.medianUs);
    expect(at(mine?.us ?? [], 0.99)).toBeLessThanOrEqual(limits.p99Us);
  });
});

const hostile: Record<string, string> = {
  "5,000 nested $(": `${"$(".repeat(5_000)}ls${")".repeat(5_000)}`,
  "a word of 64 KB": "x".repeat(maxCommandLength),
  "10,000 pipes": Array(10_000).fill("ls").join("|"),
  "20,000 commands": "ls;".repeat(20_000),
  "30,000 words": `ls${" a".repeat(30_000)}`,
  "20,000 globs": `ls ${"*/".repeat(20_000)}`,
  "60,000 backticks": "`".repeat(60_000),
  "8,000 assignments": `${"a=1;".repeat(8_000)}ls $a`,
  "a chain of 3,000 variables": `${Array.from({ length: 3_000 }, (_, index) => `a${index + 1}=$a${index}/x`).join(";")};rm $a3000`,
  "4,000 changes of folder": `${"cd a;".repeat(4_000)}rm b`,
  "3,000 braces": `echo ${"{a,b}".repeat(3_000)}`,
  "2,000 here-documents": Array.from({ length: 2_000 }, (_, index) => `cat <<E${index}\nx\nE${index}`).join(
    "\n",
  ),
  "a long sed program": `sed '${"s/a/b/;".repeat(9_000)}'`,
  "a long awk program": `awk '${"{print $1}".repeat(6_000)}'`,
};

test.each(Object.entries(hostile))("%s within the limit", async (_name, command) => {
  const took: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const began = performance.now();
    await nimrod.judge(command);
    took.push(performance.now() - began);
  }
  expect(at(took, 0.5)).toBeLessThanOrEqual(limits.hostileMs);
});

test("it is loaded within the limit, as Nimrod loads it: bundled, and compiled once before", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nimrod-bench-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, "classify.mjs");
  const root = join(import.meta.dirname, "..", "..");
  const { bundling }: { bundling: BuildOptions } = await import(join(root, "scripts", "bundling.mjs"));
  const entryPoints = ["src/authorization/classify.ts"];
  await build({ absWorkingDir: root, entryPoints, outfile, ...bundling });
  const program = join(folder, "load.mjs");
  writeFileSync(
    program,
    `import module from "node:module";
module.enableCompileCache(${JSON.stringify(join(folder, "cache"))});
const began = performance.now();
await import(${JSON.stringify(outfile)});
process.stdout.write(String(performance.now() - began));
`,
  );
  const took = Array.from({ length: 11 }, () =>
    Number(spawnSync(process.execPath, [program], { encoding: "utf8" }).stdout),
  );
  process.stdout.write(
    `load ${at(took.slice(1), 0.5).toFixed(1)} ms, the first time ${took[0]?.toFixed(1)} ms\n`,
  );
  expect(at(took.slice(1), 0.5)).toBeLessThanOrEqual(limits.loadMs);
});
