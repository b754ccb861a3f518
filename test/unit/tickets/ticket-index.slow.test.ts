import { expect, test } from "vitest";
import { anyFile, edits, expectTheSame, indexedProject, seeded } from "./behind-its-back.ts";

test("after each of 500 edits behind its back the index says what the files say", async () => {
  const world = await indexedProject();
  const names = Object.keys(edits);
  const pick = seeded(20_261_122);
  const done: string[] = [];
  for (let n = 0; n < 500; n += 1) {
    const name = names[pick(names.length)] ?? "";
    // More is taken away than comes: what is missing is added.
    const edit = edits[n % 3 === 0 ? "added" : name];
    edit?.(world.project.root, anyFile(world.project.root, pick), pick);
    done.push(name);
    await expectTheSame(world, `${n}: ${name}`);
  }
  expect(new Set(done).size).toBe(names.length);
}, 300_000);
