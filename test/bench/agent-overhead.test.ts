import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bareArgs, cliScene, clis, honestly, writeGreeting } from "../agents/cli-scene.ts";
import { binary } from "../support/run-nimrod.ts";
import { kinds, type Timing, writeActingAgent } from "./acting-agent.ts";
import { bareStart, passStarts } from "./pass-start.ts";

/** What Nimrod adds to a pass and to an action, in one run beside the bare CLI. Milliseconds at the median. */

const perPass = 150;
const perAction = 15;
const runs = 3;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const ms = (value: number): string => value.toFixed(1).padStart(8);

for (const { name, cli } of clis) {
  if (cli === null || (name !== "claude" && name !== "codex")) continue;
  test(`a pass of ${name} begins`, { timeout: 300_000 }, async () => {
    const lab = await cliScene(cli, honestly({ implementer: [writeGreeting] }));
    const bare: number[] = [];
    const passes: number[] = [];
    const bench = { name, file: cli.file, args: bareArgs[name], basePath: "" };
    for (let run = 0; run < runs; run += 1) {
      for (let each = 0; each < 3; each += 1) bare.push(await bareStart(bench, lab.model));
      const scene = run === 0 ? lab : await cliScene(cli, honestly({ implementer: [writeGreeting] }));
      passes.push(
        ...(await passStarts(
          { args: [binary, "next"], cwd: scene.project.root, env: scene.project.env },
          scene.model,
        )),
      );
    }
    const [alone, within] = [median(bare), median(passes)];
    const added = within - alone;
    process.stdout.write(
      `${name}: bare ${ms(alone)} ms (${bare.length})  in a pass ${ms(within)} ms (${passes.length})  added ${ms(added)} ms  ratio ${(within / alone).toFixed(2)}  limit ${perPass}\n`,
    );
    expect(added).toBeLessThanOrEqual(perPass);
  });
}

test("an action", { timeout: 300_000 }, async () => {
  const lab = await cliScene(
    {
      name: "claude",
      adapter: "claude",
      file: process.execPath,
      args: [],
      version: "",
      agent: "lab",
      model: null,
      baseUrl: (url) => url,
    },
    (pass) => honestly()({ ...pass, results: [] }),
    {
      program: writeActingAgent,
      files: Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [`docs/page-${index}.md`, "line 1\nline 2\n"]),
      ),
    },
  );
  const next = await lab.run("next");
  const timings = readTimings(lab.project.stateHome);
  expect(timings.length, next.stderr).toBeGreaterThan(0);
  for (const kind of kinds) {
    const those = timings.filter((each) => each.kind === kind);
    const [tool, own] = [median(those.map(({ toolMs }) => toolMs)), median(those.map(({ ownMs }) => ownMs))];
    process.stdout.write(
      `${kind.padEnd(10)} by Nimrod ${ms(tool)} ms  by itself ${ms(own)} ms  added ${ms(tool - own)} ms\n`,
    );
  }
  const added = median(timings.map(({ toolMs, ownMs }) => toolMs - ownMs));
  process.stdout.write(`an action of this mix: added ${ms(added)} ms  limit ${perAction}\n`);
  expect(added).toBeLessThanOrEqual(perAction);
});

function readTimings(folder: string): Timing[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("transcript.log"))
    .flatMap((path) => readFileSync(join(folder, path), "utf8").split("\n"))
    .filter((line) => line.includes('\\"subtype\\":\\"bench\\"'))
    .flatMap((line) => JSON.parse(JSON.parse(line).text).timings);
}
