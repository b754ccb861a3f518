import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { lookAtEach, readNow } from "../../../src/platform/read-at-once.ts";
import { tempFolder } from "../../support/operator-repository.ts";

const start = process.cwd();
afterEach(() => process.chdir(start));

function seen(folder: string, names: string[]): (string | null)[] {
  const found: (string | null)[] = [];
  lookAtEach(folder, names, (at, stat) => {
    found[at] = stat === undefined ? null : stat.isSymbolicLink() ? "link" : `${stat.size}`;
  });
  return found;
}

describe("lookAtEach", () => {
  test("sees each name of the folder, links as links, and is back where it was", () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "a.md"), "four");
    symlinkSync("a.md", join(folder, "b.md"));
    expect(seen(folder, ["a.md", "b.md", "gone.md"])).toEqual(["4", "link", null]);
    expect(process.cwd()).toBe(start);
  });

  test("is back where it was when what it tells throws", () => {
    const folder = tempFolder();
    expect(() =>
      lookAtEach(folder, ["a.md"], () => {
        throw new Error("enough");
      }),
    ).toThrow("enough");
    expect(process.cwd()).toBe(start);
  });

  test("works from a folder that is gone, where there is no way back", () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "a.md"), "four");
    const lost = join(tempFolder(), "lost");
    mkdirSync(lost);
    process.chdir(lost);
    rmSync(lost, { recursive: true });
    expect(seen(folder, ["a.md", "gone.md"])).toEqual(["4", null]);
    expect(() => process.cwd()).toThrow();
  });

  test("a folder that is gone has none of them", () => {
    expect(seen(join(tempFolder(), "none"), ["a.md"])).toEqual([null]);
    expect(process.cwd()).toBe(start);
  });
});

test("readNow gives bytes that the next reading does not change", () => {
  const folder = tempFolder();
  for (const name of ["a", "b"]) writeFileSync(join(folder, name), `text ${name}`);
  const [a, b] = ["a", "b"].map((name) => readNow(join(folder, name), 100));
  expect([a, b].map((read) => (read?.kind === "bytes" ? Buffer.from(read.bytes).toString() : read))).toEqual([
    "text a",
    "text b",
  ]);
});
