import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { binary } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";
import { installed, type Peer, peerProject, peers } from "./peers.ts";

/**
 * CPU time (user and system) of commands, as ratios to an empty node of the same version in the same run. Each row is
 * the median of several starts, taken in turns, so that a busy machine is busy for all of them.
 */

type Row = { name: string; tickets: number; args: string[]; limit: number; megabytes?: number };

const rows: readonly Row[] = [
  { name: "--version", tickets: 100, args: ["--version"], limit: 2 },
  { name: "list", tickets: 100, args: ["list"], limit: 3 },
  { name: "show", tickets: 100, args: ["show", "nim-000005"], limit: 3 },
  { name: "completion bash", tickets: 100, args: ["completion", "bash"], limit: 3 },
  // An empty node takes 32 ms where the limits of 0.5 s and 0.6 s were set.
  { name: "list", tickets: 10_000, args: ["list"], limit: 500 / 32, megabytes: 150 },
  { name: "next --dry-run", tickets: 10_000, args: ["next", "--dry-run"], limit: 600 / 32, megabytes: 150 },
  { name: "show", tickets: 10_000, args: ["show", "nim-000005"], limit: 3, megabytes: 150 },
  { name: "new", tickets: 10_000, args: ["new", "One more"], limit: 3, megabytes: 150 },
];

const rounds = 9;

test("what the commands cost", { timeout: 900_000 }, () => {
  const projects = new Map([100, 10_000].map((count) => [count, projectOf(count)]));
  const small = projects.get(100);
  if (small === undefined) throw new Error("no project");
  const empty = join(small.home, "empty.mjs");
  writeFileSync(empty, "");
  const jobs = rows.map((row) => {
    const project = projects.get(row.tickets) ?? small;
    return { ...row, project, run: () => cpuOf(project, [process.execPath, binary, ...row.args]) };
  });
  // The first starts fill the compile cache and the index; files must be clearly older than the index for that.
  for (const { run } of jobs) run();
  const base: number[] = [];
  const taken = jobs.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    base.push(cpuOf(small, [process.execPath, empty]));
    for (const [index, { run }] of jobs.entries()) taken[index]?.push(run());
  }
  const reference = median(base);
  const measured = jobs.map((job, index) => {
    const cpu = median(taken[index] ?? []);
    return { ...job, cpu, ratio: cpu / reference, memory: memoryOf(job.project, job.args) };
  });
  const lines = [
    `Node ${process.versions.node}: an empty program takes ${reference.toFixed(0)} ms of CPU time`,
    "",
    "| command | tickets | CPU ms | × empty node | limit | MB |",
    "| --- | --- | --- | --- | --- | --- |",
    ...measured.map(
      ({ name, tickets, cpu, ratio, limit, memory }) =>
        `| \`${name}\` | ${tickets} | ${cpu.toFixed(0)} | ${ratio.toFixed(1)} | ${limit.toFixed(1)} | ${memory.toFixed(0)} |`,
    ),
    "",
    ...peers.flatMap((peer) => [...projects.keys()].map((count) => compared(peer, count, reference))),
  ];
  process.stdout.write(`\n${lines.join("\n")}\n\n`);
  const over = measured.filter(
    ({ ratio, limit, memory, megabytes = Infinity }) => ratio > limit || memory > megabytes,
  );
  expect(over.map(({ name, tickets, ratio, memory }) => ({ name, tickets, ratio, memory }))).toEqual([]);
});

function projectOf(count: number): TempProject {
  const files: Record<string, string> = {};
  for (let n = 0; n < count; n += 1) {
    const id = `nim-${n.toString(36).padStart(6, "0")}`;
    const more = n > 10 && n % 3 === 0 ? "labels: [a, b]\ndepends_on: [nim-000001]" : "labels: [a]";
    Object.assign(files, ticketFile({ id, title: `Ticket number ${n}`, priority: n % 5, more }));
  }
  return tempProject({ files, git: false });
}

/** Milliseconds, user and system, as bash's `time` counts them. */
function cpuOf({ root, env }: TempProject, command: readonly string[]): number {
  const script = 'TIMEFORMAT="%3U %3S"; { time "$@" >/dev/null 2>/dev/null </dev/null; } 2>&1';
  const told = execFileSync("bash", ["-c", script, "time", ...command], {
    cwd: root,
    env: { ...env, LC_ALL: "C" },
    encoding: "utf8",
  });
  const [user = 0, system = 0] = told.trim().split(" ").map(Number);
  return (user + system) * 1000;
}

/** Megabytes at most. */
function memoryOf({ root, env }: TempProject, args: readonly string[]): number {
  const told = 'process.on("exit", () => process._rawDebug("peak", process.resourceUsage().maxRSS))';
  const script = '"$@" 2>&1 >/dev/null | grep ^peak';
  const command = [
    process.execPath,
    "--import",
    `data:text/javascript,${encodeURIComponent(told)}`,
    binary,
    ...args,
  ];
  const out = execFileSync("bash", ["-c", script, "memory", ...command], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  return Number(out.trim().split(" ").at(-1)) / 1024;
}

function compared(peer: Peer, count: number, reference: number): string {
  const program = installed(peer);
  if (program === undefined) return `${peer.tool} is not installed here: not compared`;
  const project = peerProject(peer, count);
  // A tool that found nothing is fast. Into a file: some leave before a pipe has taken all.
  const shown = join(project.home, "shown");
  const [cwd, env, file] = [project.root, project.env, openSync(shown, "w")];
  execFileSync(program, peer.args, { cwd, env, stdio: ["ignore", file, "ignore"] });
  closeSync(file);
  const out = readFileSync(shown, "utf8");
  expect(out.match(/Ticket number/g)?.length, `${peer.tool}, tickets shown`).toBeGreaterThanOrEqual(count);
  const times = [1, 2, 3].map(() => cpuOf(project, [program, ...peer.args]));
  return `${[peer.tool, ...peer.args].join(" ")}, ${count} tickets: ${(median(times) / reference).toFixed(1)} × empty node`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
