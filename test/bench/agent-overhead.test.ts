import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Role } from "../../src/agents/role-names.ts";
import { bareArgs, cliScene, clis, honestly, writeGreeting } from "../agents/cli-scene.ts";
import { startModelServer } from "../support/model-server.ts";
import { binary } from "../support/run-nimrod.ts";
import { kinds, type Timing, writeActingAgent } from "./acting-agent.ts";
import { bareStart, passStarts } from "./pass-start.ts";

/** What Nimrod adds to a pass and to an action, in one run beside the bare CLI. Milliseconds at the median. */

const perPass = 150;
const perAction = 15;
const runs = 4;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const ms = (value: number): string => value.toFixed(1).padStart(8);

for (const { name, cli } of clis) {
  if (cli === null || (name !== "claude" && name !== "codex")) continue;
  test(`a pass of ${name} begins`, { timeout: 600_000 }, async () => {
    const bare = { name, file: cli.file, args: bareArgs[name], basePath: "" };
    const pairs: { alone: number; within: number }[] = [];
    for (let run = 0; run < runs; run += 1) {
      const quiet = await startModelServer(() => ({ say: "hello" }));
      onTestFinished(() => quiet.close());
      const alone = new Map<Role, number>();
      const scene = await cliScene(cli, async (pass) => {
        // The machine's mood changes by the second: the same CLI starts alone while this pass waits for its model.
        if (!alone.has(pass.role)) alone.set(pass.role, await bareStart(bare, quiet));
        return honestly({ implementer: [writeGreeting] })(pass);
      });
      const next = { args: [binary, "next"], cwd: scene.project.root, env: scene.project.env };
      for (const [role, within] of await passStarts(next, scene.model))
        pairs.push({ alone: alone.get(role) ?? Number.NaN, within });
    }
    const [alone, within] = [
      median(pairs.map((pair) => pair.alone)),
      median(pairs.map((pair) => pair.within)),
    ];
    const added = median(pairs.map((pair) => pair.within - pair.alone));
    process.stdout.write(
      `${name}: alone ${ms(alone)} ms  in a pass ${ms(within)} ms  added ${ms(added)} ms (median of ${pairs.length} pairs)  ratio ${(within / alone).toFixed(2)}  limit ${perPass}\n`,
    );
    expect(pairs.length).toBe(6 * runs);
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
  const addedBy = (those: readonly Timing[]): number =>
    median(those.map(({ toolMs, ownMs }) => toolMs - ownMs));
  const [paced, atOnce] = [timings.filter((each) => each.paced), timings.filter((each) => !each.paced)];
  for (const kind of kinds) {
    const those = paced.filter((each) => each.kind === kind);
    const rest = atOnce.filter((each) => each.kind === kind);
    const own = median(those.map(({ ownMs }) => ownMs));
    process.stdout.write(
      `${kind.padEnd(10)} added ${ms(addedBy(those))} ms  without a pause before it ${ms(addedBy(rest))} ms  by itself ${ms(own)} ms\n`,
    );
  }
  const added = addedBy(paced);
  process.stdout.write(
    `an action, each kind as often: added ${ms(added)} ms  without pauses ${ms(addedBy(atOnce))} ms  limit ${perAction}\n`,
  );
  expect(added).toBeLessThanOrEqual(perAction);
});

function readTimings(folder: string): Timing[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("transcript.log"))
    .flatMap((path) => readFileSync(join(folder, path), "utf8").split("\n"))
    .filter((line) => line.includes('\\"subtype\\":\\"bench\\"'))
    .flatMap((line) => JSON.parse(JSON.parse(line).text).timings);
}
