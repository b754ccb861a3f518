import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** One import of one file, as written. `kind` says what it costs at run time: nothing, at the start, or when called. */
export type Import = {
  from: string;
  specifier: string;
  names: string[];
  kind: "type" | "static" | "dynamic";
};

/** Files under a folder with this ending, relative to it, with forward slashes. */
export function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

const statement = /^(?:import|export)\s+(type\s+)?(?:([^"';=]*?)\s*from\s+)?"([^"]+)"/gm;
const call = /\bimport\(\s*(?:"([^"]+)"|([^)"\s]+))/g;

/** Every import, re-export and import() of a source text. A formatter keeps the statements at the line's beginning. */
export function importsOf(from: string, text: string): Import[] {
  const found: Import[] = [];
  for (const [whole, typeOnly, clause = "", specifier = ""] of text.matchAll(statement)) {
    if (whole.startsWith("export") && clause === "") continue;
    const named =
      /\{([^}]*)\}/
        .exec(clause)?.[1]
        ?.split(",")
        .map((name) => name.trim())
        .filter(Boolean) ?? [];
    const outside = clause.replace(/\{[^}]*\}/, "").replaceAll(/[,\s]/g, "");
    const onlyTypes =
      typeOnly !== undefined ||
      (named.length > 0 && outside === "" && named.every((name) => name.startsWith("type ")));
    found.push({
      from,
      specifier,
      names: named.map((name) => name.split(" ")[0] ?? ""),
      kind: onlyTypes ? "type" : "static",
    });
  }
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  for (const [, literal, expression] of code.matchAll(call)) {
    found.push({ from, specifier: literal ?? `<${expression}>`, names: [], kind: "dynamic" });
  }
  return found;
}

/** All imports of a source folder, with relative specifiers resolved to paths inside it (`tickets/read.ts`). */
export function readImports(source: string): Import[] {
  return filesUnder(source, ".ts").flatMap((path) =>
    importsOf(path, readFileSync(join(source, path), "utf8")).map((one) =>
      one.specifier.startsWith(".")
        ? { ...one, specifier: normalize(join(dirname(path), one.specifier)) }
        : one,
    ),
  );
}

/** What is loaded at the start when `entry` is: files and packages reached by static imports of values. */
export function loadedWith(entry: string, imports: readonly Import[]): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const one of imports) if (one.from === path && one.kind === "static") visit(one.specifier);
  };
  visit(entry);
  return seen;
}
