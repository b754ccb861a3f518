import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { acquireLock, readLock } from "../../../src/platform/locks.ts";
import { tempFolder } from "../../support/operator-repository.ts";

const locksModule = join(import.meta.dirname, "../../../src/platform/locks.ts");

async function acquire(path: string) {
  const lock = await acquireLock(path, { owner: "nimrod run 7k3f9q" });
  if (lock.kind !== "acquired") throw new Error(`held by ${lock.pid}`);
  return lock;
}

/** The lock file as a process with these facts would have left it. */
function leave(path: string, change: Record<string, unknown>, text = readFileSync(path, "utf8")): void {
  writeFileSync(path, `${JSON.stringify({ ...JSON.parse(text), ...change })}\n`);
}

test("a live holder's lock is reported, and free after release", async () => {
  const path = join(tempFolder(), "lock");
  const lock = await acquire(path);
  const second = await acquireLock(path, { owner: "other" });
  expect(second).toMatchObject({ kind: "held", pid: process.pid, owner: "nimrod run 7k3f9q" });
  expect(await readLock(path)).toMatchObject({ pid: process.pid, owner: "nimrod run 7k3f9q" });
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
  expect(existsSync(path)).toBe(false);
  expect(await readLock(path)).toBeNull();
});

test.each([
  ["whose process ended", { pid: Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" })) }],
  ["whose pid belongs to a later process now", { started: "1" }],
  ["from before a restart of the machine", { boot: "another" }],
])("a lock %s is taken over at once", async (_, change) => {
  const path = join(tempFolder(), "lock");
  await acquire(path);
  leave(path, change);
  expect(await readLock(path)).toBeNull();
  const lock = await acquire(path);
  expect(await lock.isHeld()).toBe(true);
});

test("what is no lock file protects nobody", async () => {
  const path = join(tempFolder(), "lock");
  writeFileSync(path, "half a lo");
  expect(await readLock(path)).toBeNull();
  await acquire(path);
});

test("a holder that was replaced is told, and its release leaves the other's lock alone", async () => {
  const path = join(tempFolder(), "lock");
  const lock = await acquire(path);
  leave(path, { nonce: "another" });
  expect(await lock.isHeld()).toBe(false);
  await lock.release();
  expect(existsSync(path)).toBe(true);
});

test("a dead lock is broken once, however the steps of its racers fall between each other", async () => {
  const folder = tempFolder();
  for (let round = 0; round < 40; round += 1) {
    const path = join(folder, `lock-${round}`);
    await acquire(path);
    leave(path, { boot: "another" });
    const racers = Array.from({ length: 8 }, () => acquireLock(path, { owner: "racer" }));
    expect((await Promise.all(racers)).filter((each) => each.kind === "acquired")).toHaveLength(1);
  }
});

test("of many racers for a dead lock one wins, every round, also when one died while breaking it", async () => {
  const folder = tempFolder();
  const script = join(folder, "race.mts");
  writeFileSync(
    script,
    `import { acquireLock } from ${JSON.stringify(locksModule)};
     process.stdin.once("data", async () => {
       const lock = await acquireLock(process.argv[2], { owner: "racer" });
       process.stdout.write(lock.kind === "acquired" ? "won\\n" : "lost\\n");
     });
     process.stdout.write("ready\\n");
     setTimeout(() => process.exit(), 20000);`,
  );
  for (let round = 0; round < 3; round += 1) {
    const path = join(folder, `lock-${round}`);
    await acquire(path);
    leave(path, { boot: "another" });
    if (round > 0) writeFileSync(`${path}.breaking`, readFileSync(path));
    const racers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [script, path], { stdio: "pipe" }),
    );
    const said = (racer: (typeof racers)[number]): Promise<string> =>
      new Promise((resolve) => racer.stdout!.once("data", (data: Buffer) => resolve(data.toString().trim())));
    await Promise.all(racers.map(said));
    const results = Promise.all(racers.map(said));
    for (const racer of racers) racer.stdin!.write("go");
    // The winners of all are still alive here, so a second one would have had to break a live lock.
    expect((await results).sort()).toEqual(["lost", "lost", "lost", "won"]);
    await Promise.all(
      racers.map((racer) => {
        const gone = new Promise((resolve) => racer.once("exit", resolve));
        racer.kill("SIGKILL");
        return gone;
      }),
    );
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp") || name.endsWith(".breaking"))).toEqual(
      [],
    );
  }
});
