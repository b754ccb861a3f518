import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/platform/clock.ts";
import { scanTickets } from "../../../src/tickets/scan.ts";
import { readIndex } from "../../../src/tickets/ticket-index.ts";
import { tempProject, ticketFile } from "../../support/temp-project.ts";
import { anyFile, edits, expectTheSame, indexedProject, seeded } from "./behind-its-back.ts";

test("what was read once comes from the index, and is the same", async () => {
  const world = await indexedProject();
  const { project, place } = world;
  const index = readIndex(place.file, project.root);
  const folder = index?.folders.get("tickets/active");
  const at = folder?.names.indexOf("nim-000007-sample.md") ?? -1;
  const stat = statSync(join(project.root, "tickets/active/nim-000007-sample.md"));
  expect(index?.foundAt(folder?.find(at, stat) ?? -1)).toMatchObject({
    kind: "ticket",
    ticket: { id: "nim-000007", title: "Zähler 7 漢字", labels: ["a", "b1"], assignee: "Zoë" },
  });
  expect(statSync(place.file).mode & 0o777).toBe(0o600);
  await expectTheSame(world, "untouched");
});

test("a small project has none", async () => {
  const project = tempProject({ files: ticketFile({ id: "nim-aaaaaa" }), git: false });
  const file = join(project.stateHome, "tickets.index");
  await scanTickets(project.root, { file, clock: systemClock });
  expect(existsSync(file)).toBe(false);
});

test.each(Object.entries(edits))("a file that is edited behind its back: %s", async (name, edit) => {
  const world = await indexedProject();
  const { root } = world.project;
  const pick = seeded(name.length);
  for (const _ of [1, 2]) {
    edit(root, name === "repaired" ? join(root, "tickets/active/broken.md") : anyFile(root, pick), pick);
    await expectTheSame(world, name);
  }
});

// The index was taken in the same moment, so no time can tell the two texts apart.
test("a file that is edited within one tick of the clock is read again", async () => {
  const world = await indexedProject(systemClock);
  const pick = seeded(1);
  for (let n = 0; n < 10; n += 1) {
    edits["in place, of the same size"]?.(world.project.root, anyFile(world.project.root, pick), pick);
    await expectTheSame(world, `edit ${n}`);
  }
});

test("a damaged index is none, wherever it is damaged", async () => {
  const { project, place } = await indexedProject();
  const whole = readFileSync(place.file);
  const pick = seeded(7);
  for (let n = 0; n < 300; n += 1) {
    const bytes = Buffer.from(whole);
    const at = n < 40 ? n : pick(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 + pick(255));
    writeFileSync(place.file, bytes);
    expect(readIndex(place.file, project.root), `byte ${at}`).toBeNull();
  }
  for (const length of [0, 4, 8, 100, whole.length - 8, whole.length - 1]) {
    writeFileSync(place.file, whole.subarray(0, length));
    expect(readIndex(place.file, project.root), `${length} bytes`).toBeNull();
  }
  writeFileSync(place.file, whole);
  expect(readIndex(place.file, project.root)).not.toBeNull();
  expect(readIndex(place.file, "/elsewhere")).toBeNull();
});

test("an index that cannot be read or written costs nothing but time", async () => {
  const world = await indexedProject();
  truncateSync(world.place.file, 100);
  await expectTheSame(world, "torn");
  rmSync(world.place.file);
  mkdirSync(world.place.file);
  await expectTheSame(world, "a folder in its place");
  const place = { ...world.place, file: join(world.project.root, "tickets/README.md/tickets.index") };
  await expectTheSame({ ...world, place }, "no folder to write to");
});
