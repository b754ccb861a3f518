import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/cli/command-table.ts";
import { runInTerminal } from "../support/pty.ts";
import { binary, nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";

const at = (project: TempProject) => ({ cwd: project.root, env: project.env });

describe("usage", () => {
  test.each([
    [["lsit"], /unknown command 'lsit'\n {2}hint: did you mean list\?/],
    [["list", "--statsu", "open"], /unknown option '--statsu'\n {2}hint: did you mean --status\?/],
    [
      ["list", "--status", "opne"],
      /--status is "opne"; expected draft, open.*\n {2}hint: did you mean open\?/,
    ],
    [["list", "--limit", "few"], /--limit is "few"; expected a whole number/],
    [["-v"], /unknown option '-v'\n {2}hint: nimrod help\n/],
    [["-C"], /argument missing\n {2}hint: nimrod help\n/],
    [
      ["revise", "a b", "AC1", "x"],
      /\n {2}hint: nimrod revise 'a b' AC1 "what must hold now" --reason "why"/,
    ],
    [["show"], /missing required argument 'id'/],
    [["show", "a", "b"], /too many arguments/],
    [["authorize"], /either a command or --jsonl/],
    [["help", "nothing"], /no help about "nothing"/],
    [["-C", "nowhere", "list"], /no such folder/],
  ])("%j is exit 2", async (args, message) => {
    const done = await nimrod(args, at(tempProject()));
    expect(done.exitCode).toBe(2);
    expect(done.stdout).toBe("");
    expect(done.stderr).toMatch(message);
    expect(done.stderr).not.toContain("    at ");
  });

  test("with --json it is one document on stderr", async () => {
    const done = await nimrod(["lsit", "--json"], at(tempProject()));
    expect([done.exitCode, done.stdout]).toEqual([2, ""]);
    expect(JSON.parse(done.stderr)).toMatchObject({ schemaVersion: 1, kind: "error", code: "usage" });
  });

  test("outside a project the way in is named", async () => {
    const project = tempProject({ tickets: false });
    const done = await nimrod(["list"], at(project));
    expect(done.exitCode).toBe(2);
    expect(done.stderr).toMatch(/no tickets\/ folder.*\n {2}hint: nimrod init/);
  });

  test("a mistake in nimrod.json is exit 2 with file, line, key and the nearest name", async () => {
    const done = await nimrod(
      ["list"],
      at(tempProject({ files: { "nimrod.json": '{\n  "agnet": "x"\n}' } })),
    );
    expect(done.exitCode).toBe(2);
    expect(done.stderr).toMatch(/^nimrod\.json:2: unknown key "agnet".*\n {2}hint: did you mean agent\?/);
  });
});

describe("help", () => {
  test("every command has help with an example, and starts nothing", async () => {
    const project = tempProject({ tickets: false, git: false });
    for (const { usage } of commands) {
      const done = await nimrod([usage.split(" ")[0] ?? "", "--help"], at(project));
      expect(done.exitCode).toBe(0);
      expect(done.stdout).toMatch(/^Usage: nimrod /);
      expect(done.stdout).toMatch(/Examples?:\n {2}\$ .*nimrod /);
    }
  });

  test("with --json help and the version are a document too", async () => {
    const project = tempProject({ tickets: false, git: false });
    const plain = await nimrod(["list", "--help"], at(project));
    for (const args of [
      ["list", "--help"],
      ["help", "list"],
    ]) {
      const shown = await nimrodJson(args, at(project));
      expect(shown).toMatchObject({ exitCode: 0, kind: "help", text: plain.stdout });
    }
    expect(await nimrodJson(["--version"], at(project))).toMatchObject({
      kind: "version",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  test("exit-codes and --version", async () => {
    const project = tempProject();
    expect((await nimrod(["help", "exit-codes"], at(project))).stdout).toMatch(/^ +7 {2}busy/m);
    expect((await nimrod(["--version"], at(project))).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await nimrod(["help", "list"], at(project))).stdout).toContain("--assignee");
  });
});

describe("terminal and pipe", () => {
  const files = ticketFile({
    id: "nim-aaaaaa",
    title: "A title that is far longer than what a narrow terminal of a hundred columns can show in one row",
  });

  test("in a pipe there is no colour and nothing is cut; in a terminal there is, and it is", async () => {
    const project = tempProject({ files });
    const piped = await nimrod(["list"], at(project));
    expect(piped.stdout).not.toContain("\x1b");
    expect(piped.stdout).toContain("in one row");
    const shown = await runInTerminal(["list"], at(project));
    expect(shown.exitCode).toBe(0);
    expect(shown.raw).toContain("\x1b[1m");
    expect(shown.shown).toContain("…");
    for (const line of shown.shown.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    const plain = await runInTerminal(["list"], { ...at(project), env: { ...project.env, NO_COLOR: "1" } });
    expect(plain.raw).not.toContain("\x1b[1m");
  });

  test("a reader that goes away is no error", () => {
    const project = tempProject({
      files: Object.assign(
        {},
        ...Array.from({ length: 400 }, (_, i) => ticketFile({ id: `nim-${String(i).padStart(6, "0")}` })),
      ),
    });
    const line = `"${process.execPath}" "${binary}" list | head -n 1; echo "\${PIPESTATUS[0]}" >&2`;
    const done = spawnSync("bash", ["-c", line], { ...at(project), encoding: "utf8" });
    expect(done.stdout.split("\n")).toHaveLength(2);
    expect(done.stderr).toBe("0\n");
  });

  test("a full disk is exit 1", () => {
    const project = tempProject({ files });
    const full = openSync("/dev/full", "w");
    const done = spawnSync(process.execPath, [binary, "list"], {
      ...at(project),
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(/cannot write the output/);
  });

  test("init asks for a passphrase at a terminal, and never elsewhere", async () => {
    const project = tempProject();
    const run = await runInTerminal(["init"], {
      ...at(project),
      answers: [
        { when: "Passphrase", type: "correct horse\r" },
        { when: "The same again", type: "correct horse\r" },
      ],
    });
    expect(run.exitCode).toBe(0);
    expect(run.shown).not.toContain("correct horse");
    expect(existsSync(join(project.stateHome, "nimrod/keys/approval.pem"))).toBe(true);

    for (const [args, env] of [
      [["init"], { CI: "1" }],
      [["init", "--no-input"], {}],
      [["init"], { NIMROD_NO_INPUT: "1" }],
    ] as const) {
      const silent = tempProject();
      const done = await runInTerminal(args, { cwd: silent.root, env: { ...silent.env, ...env } });
      expect(done.exitCode).toBe(0);
      expect(existsSync(join(silent.stateHome, "nimrod/keys/approval.pem"))).toBe(false);
    }
  });

  test("Control-C at a question is exit 130 and makes nothing of it", async () => {
    const project = tempProject();
    const run = await runInTerminal(["init"], {
      ...at(project),
      answers: [{ when: "Passphrase", type: "\x03" }],
    });
    expect(run.exitCode).toBe(130);
    expect(existsSync(join(project.stateHome, "nimrod/keys/approval.pem"))).toBe(false);
  });

  test("new --edit opens the person's editor at a terminal", async () => {
    const project = tempProject();
    const editor = "sed -i 's/^status: open/status: draft/'";
    const run = await runInTerminal(["new", "Draft me", "--edit"], {
      ...at(project),
      env: { ...project.env, EDITOR: editor },
    });
    expect(run.exitCode).toBe(0);
    expect((await nimrod(["show", "@"], at(project))).stdout).toMatch(/status +draft/);
  });
});

describe("Node", () => {
  const older = findOlderNode();

  test("a list loads none of the slow packages", () => {
    const project = tempProject({ files: ticketFile({ id: "nim-aaaaaa" }) });
    const trace = join(project.home, "trace.mjs");
    writeFileSync(
      trace,
      `import { registerHooks } from "node:module";
       registerHooks({ load(url, context, next) { process.stderr.write(url + "\\n"); return next(url, context); } });`,
    );
    const done = spawnSync(process.execPath, ["--import", trace, binary, "list"], {
      ...at(project),
      encoding: "utf8",
    });
    expect(done.status).toBe(0);
    const loaded = done.stderr.split("\n").filter((url) => url.startsWith("file://"));
    const sources = loaded.flatMap(
      (url) => JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, "utf8")).sources,
    );
    expect(sources.some((path) => path.endsWith("src/tickets/store.ts"))).toBe(true);
    expect(
      sources.filter((path) =>
        /node_modules\/(?:execa|simple-git|pino|yaml|gray-matter|@clack)\//.test(path),
      ),
    ).toEqual([]);
  });

  test.skipIf(older === undefined)(
    `an older Node${older === undefined ? " is not installed here: nothing was tested" : ` (${older.version})`} hands over to the package node, exit code and all`,
    async () => {
      const project = tempProject();
      const ok = await nimrod(["--version"], { ...at(project), node: older!.path });
      expect([ok.exitCode, ok.stderr]).toEqual([0, ""]);
      const wrong = await nimrod(["lsit"], { ...at(project), node: older!.path });
      expect(wrong.exitCode).toBe(2);
      expect(wrong.stderr).toMatch(/^unknown command 'lsit'/);
    },
  );

  test.skipIf(older === undefined)(
    "an older Node without that package says in one line what is needed",
    () => {
      const project = tempProject();
      const folder = join(project.home, "elsewhere");
      mkdirSync(folder);
      execFileSync("cp", ["-r", join(binary, ".."), join(folder, "dist")]);
      writeFileSync(join(folder, "package.json"), '{"type":"module"}');
      const done = spawnSync(older!.path, [join(folder, "dist/bin.js"), "list"], {
        ...at(project),
        encoding: "utf8",
      });
      expect(done.status).toBe(1);
      expect(done.stderr).toMatch(/^nimrod needs Node 22\.12 or newer; this is \d+\..*\n$/);
    },
  );

  test.skipIf(older === undefined)("SIGTERM to the older Node ends the newer one too", async () => {
    const project = tempProject();
    const child = spawn(older!.path, [binary, "authorize", "--jsonl"], {
      ...at(project),
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.write('{"id":1,"command":"ls"}\n');
    // The first answer says that the newer one runs; it then waits for more lines.
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const ended = new Promise((resolve) => child.on("close", (code) => resolve(code)));
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
  });

  test("works through a symbolic link, as npm makes one", () => {
    const project = tempProject();
    const link = join(project.home, "nimrod");
    symlinkSync(binary, link);
    const done = spawnSync(process.execPath, [link, "--version"], { ...at(project), encoding: "utf8" });
    expect([done.status, done.stderr]).toEqual([0, ""]);
  });
});

function findOlderNode(): { path: string; version: string } | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "node");
    if (!existsSync(path)) continue;
    const version = spawnSync(path, ["--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
    const major = Number(/^v(\d+)/.exec(version)?.[1] ?? 99);
    if (major >= 18 && major < 22) return { path, version };
  }
  return undefined;
}
