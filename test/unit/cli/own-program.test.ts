import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isStartable, ownProgram } from "../../../src/cli/own-program.ts";
import { tempProject } from "../../support/temp-project.ts";

/** A folder with programs in it: an installed one, a project's own one, and a script that cannot be executed. */
function programs() {
  const project = tempProject({
    git: false,
    files: { "bin/nimrod": "", "it's/node_modules/.bin/nimrod": "", "src/bin.ts": "" },
  });
  const [installed, own] = ["bin/nimrod", "it's/node_modules/.bin/nimrod"].map((path) =>
    join(project.root, path),
  );
  for (const path of [installed, own]) chmodSync(path ?? "", 0o755);
  return { root: project.root, own: own ?? "", script: join(project.root, "src/bin.ts") };
}

describe("the program that git is told", () => {
  test("is a name where nimrod is installed, and else a path", () => {
    const { root, own, script } = programs();
    const node = process.execPath;
    expect(ownProgram({ path: `/usr/bin:${root}/bin`, script: own, node })).toBe("nimrod");
    const quotedOwn = `'${root}/it'\\''s/node_modules/.bin/nimrod'`;
    // npx puts the project's own programs on PATH, and git at a terminal does not have them there.
    expect(ownProgram({ path: `${root}/it's/node_modules/.bin:bin`, script: own, node })).toBe(quotedOwn);
    expect(ownProgram({ path: "/usr/bin", script, node })).toBe(`'${node}' '${script}'`);
  });

  test("can be started as long as all of it is there", () => {
    const { root, own, script } = programs();
    expect(isStartable("nimrod", `${root}/bin`)).toBe(true);
    expect(isStartable("nimrod", "/nowhere")).toBe(false);
    for (const one of [own, script]) {
      expect(isStartable(ownProgram({ path: "", script: one, node: process.execPath }), "")).toBe(true);
    }
    expect(isStartable(`'${process.execPath}' '${root}/gone.js'`, "")).toBe(false);
    expect(isStartable("rm -rf", "/usr/bin")).toBe(false);
  });
});
