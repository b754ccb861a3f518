import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { binary } from "../support/run-nimrod.ts";
import { tempProject, ticketFile } from "../support/temp-project.ts";

const dist = pathToFileURL(dirname(binary)).href;
const slow =
  /node_modules\/(?:execa|simple-git|pino|yaml|js-yaml|gray-matter|zod|@clack|@modelcontextprotocol)\//;

/** What the program loads on its second start, and the end of it. */
function traced(args: readonly string[]) {
  const files = {
    ...ticketFile({ id: "nim-aaaaaa", more: "depends_on: [nim-bbbbbb]" }),
    ...ticketFile({ id: "nim-bbbbbb" }),
    "nimrod.json": '{ "idPrefix": "lab", "limits": { "turns": 40 } }\n',
  };
  const project = tempProject({ files });
  const trace = join(project.home, "trace.mjs");
  writeFileSync(
    trace,
    `import { registerHooks } from "node:module";
     registerHooks({ load(url, context, next) { process._rawDebug(url); return next(url, context); } });
     process.on("exit", () => process._rawDebug(process.moduleLoadList.join("\\n")));`,
  );
  const start = () =>
    spawnSync(process.execPath, ["--import", trace, binary, ...args], {
      cwd: project.root,
      env: project.env,
      encoding: "utf8",
    });
  start();
  const done = start();
  expect(done.status).toBe(0);
  const told = done.stderr.split("\n");
  return { told, chunks: told.filter((line) => line.startsWith(dist)), stdout: done.stdout };
}

// The second start, which finds a configuration that was checked before.
test.each([
  [["--version"]],
  [["list"]],
  [["list", "--json"]],
  [["show", "nim-aaaaaa"]],
  [["next", "--dry-run"]],
  [["new", "Something"]],
  [["completion", "bash"]],
])("nimrod %j loads nothing heavy and could not start a process", (args) => {
  const { told, chunks } = traced(args);
  const sources: string[] = chunks.flatMap(
    (url) => JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, "utf8")).sources,
  );
  expect(sources.some((path) => path.endsWith("src/cli/program.ts"))).toBe(true);
  expect(sources.filter((path) => slow.test(path))).toEqual([]);
  expect(told).toContain("NativeModule fs");
  expect(told.filter((line) => /^NativeModule (?:child_process|worker_threads|http)$/.test(line))).toEqual(
    [],
  );
});

test("a tab loads one file beside the door, and nothing of what the commands need", () => {
  const { chunks, stdout } = traced(["__complete", "zsh", "9", "--", "show", "nim-b"]);
  expect(stdout).toBe("nim-bbbbbb\tTicket nim-bbbbbb\n");
  expect(chunks.map((url) => url.slice(dist.length + 1))).toEqual(["bin.js", "complete.js"]);
});
