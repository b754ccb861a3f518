import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { clearPass, clearStoppedPasses } from "../../../src/pipeline/held-passes.ts";
import { makePassFolders } from "../../../src/pipeline/places.ts";

function world() {
  const stateFolder = mkdtempSync(join(tmpdir(), "nimrod-held-"));
  onTestFinished(() => rmSync(stateFolder, { recursive: true, force: true }));
  const notes: string[] = [];
  const progress = (event: { kind: string }) => void notes.push(JSON.stringify(event));
  return { ports: { stateFolder, progress }, notes };
}

/** A Nimrod that makes a pass's folders, lends a login, and is killed when it has said so. */
async function killedPass(stateFolder: string): Promise<void> {
  const places = new URL("../../../src/pipeline/places.ts", import.meta.url).href;
  const script = `
    import { writeFileSync } from "node:fs";
    import { makePassFolders } from ${JSON.stringify(places)};
    const folders = await makePassFolders({ stateFolder: ${JSON.stringify(stateFolder)} }, "nim-1", "R1", "P1");
    writeFileSync(folders.agentHome + "/auth.json", "a login");
    writeFileSync(folders.transcript, "talk");
    console.log("made");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.kill("SIGKILL");
  await ended;
}

test("what a killed pass leaves of its login is removed by the next run, its transcript is not", async () => {
  const { ports, notes } = world();
  await killedPass(ports.stateFolder);
  const root = join(ports.stateFolder, "passes/nim-1/R1/P1");
  expect(existsSync(join(root, "agent/home/auth.json"))).toBe(true);
  await clearStoppedPasses(ports);
  expect(readdirSync(root)).toEqual(["transcript.log"]);
  expect(readdirSync(join(ports.stateFolder, "held-passes"))).toEqual([]);
  expect(notes).toEqual([]);
});

test("a pass that somebody works in is left alone until it is cleared", async () => {
  const { ports } = world();
  const folders = await makePassFolders(ports, "nim-2", "R1", "P1");
  writeFileSync(join(folders.agentHome, "auth.json"), "a login");
  await clearStoppedPasses(ports);
  expect(existsSync(join(folders.agentHome, "auth.json"))).toBe(true);
  await clearPass(ports, { ticket: "nim-2", run: "R1", pass: "P1" });
  expect(readdirSync(folders.root)).toEqual([]);
  expect(readdirSync(join(ports.stateFolder, "held-passes"))).toEqual([]);
});

test("a file that names no pass removes nothing", async () => {
  const { ports } = world();
  mkdirSync(join(ports.stateFolder, "held-passes"));
  mkdirSync(join(ports.stateFolder, "agent"));
  for (const name of ["..~..~...lock", "a~b.lock", "a~b~..lock"])
    writeFileSync(join(ports.stateFolder, "held-passes", name), "");
  await clearStoppedPasses(ports);
  expect(existsSync(join(ports.stateFolder, "agent"))).toBe(true);
});
