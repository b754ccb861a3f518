import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readIndex } from "../../../src/tickets/ticket-index.ts";
import { expectTheSame, indexedProject } from "./behind-its-back.ts";

/** Two processes that write the index of one project at once. */

const rounds = 20;

// Each edits files of its own, and takes the index away so that every scan writes one. A reader that met half an index,
// or one of other files, would find another ticket than the file says.
const script = `
  const { existsSync, readFileSync, rmSync, writeFileSync } = await import("node:fs");
  const { scanTickets } = await import(process.env.SCAN);
  const [file, root, name] = process.argv.slice(1);
  // Ten seconds ahead: what was just edited counts as clearly older, so that the index is believed.
  const place = { file, clock: { now: () => new Date(Date.now() + 10_000) } };
  let wrong = 0;
  for (let n = 0; n < ${rounds}; n += 1) {
    const id = "nim-" + (n * 8 + (name === "a" ? 1 : 2)).toString(36).padStart(6, "0");
    const path = ["active", "closed"].map((f) => "tickets/" + f + "/" + id + "-sample.md").find(existsSync);
    writeFileSync(path, readFileSync(path, "utf8").replace(/^title: /m, "title: Seen by " + name + ", "));
    if (n % 2 === 0) rmSync(file, { force: true });
    const own = (await scanTickets(root, place)).tickets.find((ticket) => ticket.id === id);
    if (!own?.title.startsWith("Seen by " + name)) wrong += 1;
  }
  console.log(JSON.stringify({ wrong }));`;

test("two processes write it at once, over and over: it is never wrong, and nothing is left lying about", async () => {
  const world = await indexedProject();
  const { project, place } = world;
  const env = { ...process.env, SCAN: new URL("../../../src/tickets/scan.ts", import.meta.url).href };
  const run = (name: string) =>
    promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", script, place.file, project.root, name],
      {
        cwd: project.root,
        env,
      },
    );
  const both = Promise.all([run("a"), run("b")]);
  let isDone = false;
  void both.finally(() => {
    isDone = true;
  });
  let seen = 0;
  while (!isDone) {
    // Whoever looks in between has the whole of one of the two, or none.
    if (readIndex(place.file, project.root)?.count === 252) seen += 1;
    await setTimeout(3);
  }
  expect((await both).map(({ stdout }) => JSON.parse(stdout))).toEqual([{ wrong: 0 }, { wrong: 0 }]);
  expect(seen).toBeGreaterThan(0);
  expect(readdirSync(join(place.file, ".."))).toEqual(["tickets.index"]);
  expect(statSync(place.file).mode & 0o777).toBe(0o600);
  await expectTheSame(world, "after both");
});
