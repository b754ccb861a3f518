import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importTable, renderImportTable } from "./support/import-table.ts";
import { filesUnder, importsOf, loadedWith, readImports } from "./support/source-imports.ts";

const root = join(import.meta.dirname, "..");
const source = join(root, "src");
const files = filesUnder(source, ".ts");
const imports = readImports(source);
const textOf = (path: string) => readFileSync(join(source, path), "utf8");
const folderOf = (path: string) => (path.includes("/") ? (path.split("/")[0] ?? "") : "");
const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

describe("imports point down", () => {
  test("every folder under src has a row, and every row a folder or a future", () => {
    const folders = new Set(files.map(folderOf).filter((folder) => folder !== ""));
    expect([...folders].filter((folder) => !importTable.some((row) => row.folder === folder))).toEqual([]);
  });

  test("no row allows a circle", () => {
    const below = (folder: string, trail: string[]): string[] => {
      if (trail.includes(folder)) return [...trail, folder];
      const row = importTable.find((one) => one.folder === folder);
      return (row?.may ?? []).flatMap((to) => below(to.folder, [...trail, folder]));
    };
    expect(importTable.flatMap((row) => below(row.folder, []))).toEqual([]);
  });

  for (const row of importTable) {
    test(`${row.folder} imports only what its row allows`, () => {
      const offences = imports
        .filter((one) => folderOf(one.from) === row.folder && one.specifier.endsWith(".ts"))
        .filter(({ specifier, kind }) => {
          const to = folderOf(specifier);
          if (specifier === "errors.ts" || to === row.folder) return false;
          const allowed = row.may.find((one) => one.folder === to);
          if (allowed === undefined) return true;
          if (allowed.only === undefined || kind === "type") return false;
          return allowed.only === "types" || !allowed.only.some((file) => specifier === `${to}/${file}`);
        });
      expect(offences.map((one) => `${one.from} → ${one.specifier}`)).toEqual([]);
    });
  }

  test("errors.ts imports nothing, and bin.ts only the command line", () => {
    expect(imports.filter((one) => one.from === "errors.ts")).toEqual([]);
    const fromBin = imports.filter((one) => one.from === "bin.ts" && one.specifier.endsWith(".ts"));
    expect(fromBin.filter((one) => folderOf(one.specifier) !== "cli" || one.kind !== "dynamic")).toEqual([]);
  });

  test("an outside package has one door", () => {
    const offences = imports
      .filter((one) => !one.specifier.endsWith(".ts") && !one.specifier.startsWith("node:"))
      .filter((one) => packageOf(one.specifier) !== "zod")
      .filter((one) => {
        const door = importTable.find((row) => row.folder === folderOf(one.from))?.packages[
          packageOf(one.specifier)
        ];
        return one.from !== `${folderOf(one.from)}/${door}`;
      });
    expect(offences.map((one) => `${one.from} → ${one.specifier}`)).toEqual([]);
  });

  test("no import() of something that only running can tell", () => {
    expect(imports.filter((one) => one.specifier.startsWith("<"))).toEqual([]);
  });

  test.skipIf(!existsSync(join(root, "docs/architecture.md")))(
    "docs/architecture.md shows this table",
    () => {
      const page = readFileSync(join(root, "docs/architecture.md"), "utf8").replaceAll(/ +/g, " ");
      for (const line of renderImportTable().split("\n")) expect(page).toContain(line);
    },
  );
});

describe("one door to each outside thing", () => {
  const starters: Record<string, string> = {
    "platform/exec.ts": "the door",
    "cli/older-node.ts": "starts Nimrod itself again, before anything of the door may be loaded",
    "cli/editor.ts": "hands the terminal to the person's editor",
    "cli/pager.ts": "hands the terminal to the person's pager",
  };

  test("only platform/exec.ts starts processes, with the exceptions named above", () => {
    const users = imports.filter((one) => one.specifier === "node:child_process" && one.kind !== "type");
    expect(users.map((one) => one.from).filter((path) => starters[path] === undefined)).toEqual([]);
  });

  const makers: Record<string, string> = {
    "toolbox/file-actions.ts":
      "makes the folders of a file that an agent writes, after a look at every link on the way",
    "workspace/bridge.ts": "a process of its own in the sandbox: says ready on stdout and closes it",
  };

  test("only platform/ writes files, with the exceptions named above", () => {
    const reading =
      /^(?:type|existsSync|stat|statSync|lstat|lstatSync|realpath|realpathSync|readFile|readFileSync|readdir|readdirSync|readlink|readlinkSync|access|accessSync|constants|opendir)$/;
    const offences = imports
      .filter((one) => /^node:fs(?:\/promises)?$/.test(one.specifier) && one.kind !== "type")
      .filter((one) => folderOf(one.from) !== "platform" && makers[one.from] === undefined)
      .filter((one) => one.names.length === 0 || one.names.some((name) => !reading.test(name)));
    expect(
      offences.map((one) => `${one.from} imports ${one.names.join(", ") || "all"} of ${one.specifier}`),
    ).toEqual([]);
  });

  test("process.exit is nowhere: the exit code is set, and output gets out", () => {
    expect(files.filter((path) => /\bprocess\.(?:exit|abort|reallyExit)\(/.test(textOf(path)))).toEqual([]);
  });

  test("only cli/output.ts writes to stdout and stderr", () => {
    const writers: Record<string, string> = {
      "cli/output.ts": "the door",
      "cli/program.ts": "hands the streams to the door",
      "cli/context.ts": "hands the streams to the prompts",
      "cli/prompts.ts": "questions go to stderr",
      "cli/older-node.ts": "an older Node cannot load the door",
      "cli/completion/main.ts": "answers a shell at every tab, in less time than loading the door takes",
      "agents/adapters/builtin/main.ts": "a subprocess of its own, whose stdout is the agent protocol",
      "agents/probe.ts": "the text of a subprocess, whose stdout is MCP",
      "toolbox/stdio.ts": "a subprocess of its own, whose stdout is MCP",
    };
    const offences = files.filter((path) =>
      /(?<!")\bconsole\.|\bprocess\.(?:stdout|stderr)\b/.test(textOf(path)),
    );
    expect(offences.filter((path) => writers[path] === undefined)).toEqual([]);
  });
});

describe("pure files start nothing and read nothing", () => {
  const pure = [
    "authorization/classify.ts",
    "pipeline/select-ticket.ts",
    "pipeline/next-step.ts",
    "pipeline/passes.ts",
    "closing/definition-of-done.ts",
    "tickets/links.ts",
    "tickets/merge/merge-sections.ts",
    "workspace/diff-facts.ts",
    "pipeline/budget.ts",
    "pipeline/meter.ts",
    "pipeline/retry.ts",
    "pipeline/story.ts",
    "cli/pass-view.ts",
  ].filter((path) => files.includes(path));

  test.each(pure)("%s", (path) => {
    const reached = [...loadedWith(path, imports)];
    expect(
      reached.filter((one) => /^node:(?:fs|child_process|net|http|https|os|worker_threads)/.test(one)),
    ).toEqual([]);
  });
});

describe("what a quick command loads", () => {
  const slow = [
    "execa",
    "simple-git",
    "pino",
    "yaml",
    "gray-matter",
    "@clack/prompts",
    "@modelcontextprotocol/server",
    "@agentclientprotocol/sdk",
  ];
  const quick = [
    "cli/program.ts",
    "cli/context.ts",
    "cli/commands/list.ts",
    "cli/commands/show.ts",
    "cli/commands/show-transcript.ts",
    "cli/commands/log.ts",
    "cli/commands/next.ts",
    "cli/choice-facts.ts",
    "tickets/store.ts",
    "config/load.ts",
  ];

  test.each(quick.filter((path) => files.includes(path)))("%s loads none of the slow packages", (path) => {
    const reached = loadedWith(path, imports);
    expect(slow.filter((name) => reached.has(name))).toEqual([]);
  });
});

describe("shape", () => {
  const lengths = files.map((path) => ({ path, lines: textOf(path).split("\n").length - 1 }));
  const share = (limit: number) => lengths.filter(({ lines }) => lines < limit).length / lengths.length;

  test("no file has more than 500 lines, nine of ten stay under 350, half of them under 110", () => {
    expect(lengths.filter(({ lines }) => lines > 500)).toEqual([]);
    expect(share(350)).toBeGreaterThanOrEqual(0.9);
    expect(share(110)).toBeGreaterThanOrEqual(0.5);
  });

  test("no barrel, no default export, no name that says nothing", () => {
    expect(
      files.filter((path) => /(?:^|\/)(?:index|utils|helpers|common|types|manager)\.ts$/.test(path)),
    ).toEqual([]);
    expect(files.filter((path) => /^export default\b/m.test(textOf(path)))).toEqual([]);
    expect(files.filter((path) => !/^[a-z0-9-]+\.ts$/.test(path.split("/").at(-1) ?? ""))).toEqual([]);
  });
});

describe("the reader of imports", () => {
  test.each([
    ['import { a, type B } from "./x.ts";', "static", "./x.ts"],
    ['import { type A, type B } from "./x.ts";', "type", "./x.ts"],
    ['import type { A } from "./x.ts";', "type", "./x.ts"],
    ['import {\n  a,\n  b,\n} from "./x.ts";', "static", "./x.ts"],
    ['import x, { type B } from "x";', "static", "x"],
    ['import * as x from "x";', "static", "x"],
    ['import "./x.ts";', "static", "./x.ts"],
    ['export { a } from "./x.ts";', "static", "./x.ts"],
    ['export * from "./x.ts";', "static", "./x.ts"],
    ['  const { a } = await import("./x.ts");', "dynamic", "./x.ts"],
    ["  await import(name);", "dynamic", "<name>"],
  ])("%s", (text, kind, specifier) => {
    expect(importsOf("a.ts", text)).toMatchObject([{ kind, specifier }]);
  });

  test.each(['export const a = "./x.ts";', '// see import("./x.ts")', 'const a = "import";'])(
    "nothing in %s",
    (text) => {
      expect(importsOf("a.ts", text)).toEqual([]);
    },
  );
});
