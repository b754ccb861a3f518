import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEditor } from "../../../src/cli/editor.ts";
import { tempProject } from "../../support/temp-project.ts";

test("an editor is a shell line, and the file's name an argument: no name is ever run", async () => {
  const { root } = tempProject({ git: false, tickets: false });
  const file = join(root, `a b'"; touch ${"$"}(echo ran).md`);
  writeFileSync(file, "x");
  await openEditor(file, { VISUAL: "", EDITOR: `sh -c 'cp "$1" "$1.seen"' editor` });
  expect(existsSync(`${file}.seen`)).toBe(true);
  expect(readdirSync(root)).toHaveLength(2);
  await expect(openEditor(file, { EDITOR: "exit 3 #" })).rejects.toThrow("ended with exit 3");
});
