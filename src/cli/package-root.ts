import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export type PackageFacts = {
  /** Absolute folder of the installed package: `agents/`, `docs/` and `dist/` are in it. */
  root: string;
  version: string;
};

let facts: PackageFacts | undefined;

/** Found by walking up: the same from `src/` and from a bundled chunk in `dist/`. */
export function packageFacts(): PackageFacts {
  facts ??= find(dirname(fileURLToPath(import.meta.url)));
  return facts;
}

function find(folder: string): PackageFacts {
  const path = join(folder, "package.json");
  if (existsSync(path)) {
    const content: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof content === "object" && content !== null && "name" in content && content.name === "nimrod") {
      return { root: folder, version: "version" in content ? String(content.version) : "unknown" };
    }
  }
  if (folder === dirname(folder)) throw new Error("the package's own package.json is missing");
  return find(dirname(folder));
}
