import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { sign } from "../support/at-terminal.ts";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { pageTicket } from "../support/sample-work.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

/** Programs with the names of agent CLIs: found on a PATH of the test's own, each says so when it is started. */

type Machine = {
  project: TempProject;
  /** A folder on PATH. */
  bin: string;
  env: Record<string, string>;
  started: () => string[];
};

function machine(names: string[], files: Record<string, string> = {}): Machine {
  const project = tempProject({ files: { ...pageTicket({ id: "nim-aaa111" }), ...files } });
  const bin = join(dirname(project.home), "bin");
  const log = join(dirname(project.home), "started");
  mkdirSync(bin);
  for (const name of names) fake(join(bin, name), log);
  const env = { ...project.env, PATH: `${bin}:/usr/bin:/bin` };
  return {
    project,
    bin,
    env,
    started: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
  };
}

function fake(path: string, log: string, version = "9.9.9"): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "$(basename "$0") $*" >> ${log}\necho "fake ${version}"\n`);
  chmodSync(path, 0o755);
}

const doctor = ({ project, env }: Machine, ...args: string[]) =>
  nimrod(["doctor", ...args], { cwd: project.root, env });
const lineOf = (text: string, name: string) =>
  text.split("\n").find((line) => new RegExp(`^  [✓!] ${name}\\b`).test(line)) ?? "";

describe("doctor", () => {
  test("shows each CLI with its place, version and login by name, and what to do about it", async () => {
    const one = machine(["claude", "codex", "gemini"]);
    mkdirSync(join(one.project.home, ".codex"));
    writeFileSync(join(one.project.home, ".codex", "auth.json"), '{"token":"do-not-show"}');
    one.env["ANTHROPIC_API_KEY"] = "sk-do-not-show";
    const { stdout, stderr, exitCode } = await doctor(one);
    expect(exitCode).toBe(0);
    expect(lineOf(stdout, "claude")).toContain(
      `claude 9.9.9, ${one.bin}/claude: Anthropic; login $ANTHROPIC_API_KEY;`,
    );
    expect(lineOf(stdout, "claude")).toContain("not a tested version");
    expect(lineOf(stdout, "claude")).toContain("npm install --global @anthropic-ai/claude-code@");
    expect(lineOf(stdout, "codex")).toContain("login ~/.codex/auth.json; not probed yet");
    expect(lineOf(stdout, "gemini")).toContain("no login found");
    expect(stdout).toContain("not on PATH: claude-agent-acp, opencode");
    expect(stdout).toContain(
      "chosen: codex (OpenAI) for reviewer: auto: another vendor than the implementer's",
    );
    expect(stdout + stderr).not.toContain("do-not-show");
    // Nobody was started as an agent.
    expect(one.started().sort()).toEqual(["claude --version", "codex --version", "gemini --version"]);
  });

  test("has the same for scripts", async () => {
    const one = machine(["codex"]);
    const json = await nimrodJson(["doctor"], {
      cwd: one.project.root,
      env: { ...one.env, CODEX_API_KEY: "x" },
    });
    expect(json["agents"]).toEqual([
      expect.objectContaining({ name: "builtin", vendor: null, gate: "full" }),
      {
        name: "codex",
        vendor: "OpenAI",
        program: join(one.bin, "codex"),
        version: "9.9.9",
        tested: null,
        gate: null,
        probed: false,
        login: ["$CODEX_API_KEY"],
      },
    ]);
  });

  test("takes no program from the repository: not by PATH, not by a link, not from a relative folder", async () => {
    const one = machine([]);
    const log = join(dirname(one.project.home), "started");
    const inside = join(one.project.root, "node_modules", ".bin");
    fake(join(inside, "codex"), log);
    fake(join(inside, "claude"), log);
    symlinkSync(join(inside, "claude"), join(one.bin, "claude"));
    const env = {
      ...one.env,
      PATH: `${inside}:node_modules/.bin:${one.env["PATH"]}`,
      ANTHROPIC_API_KEY: "x",
      OPENAI_API_KEY: "x",
    };
    const { stdout } = await doctor({ ...one, env });
    expect(stdout).toContain("not on PATH: claude, codex");
    expect(stdout).toContain("chosen: builtin for every role");
    expect(one.started()).toEqual([]);
  });

  test("starts nothing that the project's configuration names", async () => {
    const one = machine([]);
    const log = join(dirname(one.project.home), "started");
    fake(join(one.project.root, "tools", "codex"), log);
    fake(join(one.bin, "elsewhere"), log);
    const agents = {
      codex: { adapter: "codex", command: ["tools/codex"] },
      claude: { adapter: "claude", command: [join(one.bin, "elsewhere")] },
      tool: { adapter: "plain", command: ["tools/x"] },
    };
    one.project.write("nimrod.json", JSON.stringify({ agents }));
    const { stdout } = await doctor(one, "--probe");
    expect(lineOf(stdout, "codex")).toContain("inert until nimrod trust");
    expect(lineOf(stdout, "claude")).toContain("inert until nimrod trust");
    expect(lineOf(stdout, "tool")).toContain("tools/x is not found");
    expect(one.started()).toEqual([]);
  });
});

describe("next --dry-run", () => {
  test("says which agent does what and why, and starts none of them", async () => {
    const one = machine(["claude", "codex"]);
    const at = { cwd: one.project.root, env: { ...one.env, ANTHROPIC_API_KEY: "x", OPENAI_API_KEY: "x" } };
    const done = await nimrod(["next", "--dry-run"], at);
    expect(done.stdout).toMatch(
      /agents +claude \(Anthropic\) for triager, .*closer: auto: the first agent CLI/,
    );
    expect(done.stdout).toMatch(
      / +codex \(OpenAI\) for reviewer: auto: another vendor than the implementer's/,
    );
    const { agents } = await nimrodJson(["next", "--explain", "--agent", "codex"], at);
    const all = ["triager", "researcher", "planner", "implementer", "reviewer", "closer"];
    expect(agents).toEqual(
      all.map((role) => ({ role, agent: "codex", vendor: "OpenAI", model: null, why: "--agent" })),
    );
    expect(one.started()).toEqual([]);
  });

  test("says what is wrong with a name, and a run does not start", async () => {
    const { project, env } = machine([]);
    const at = { cwd: project.root, env };
    const said = await nimrod(["next", "--dry-run", "--agent", "cluade"], at);
    expect([said.exitCode, said.stdout]).toEqual([0, expect.stringContaining('no agent is called "cluade"')]);
    const run = await nimrod(["next", "--agent", "cluade"], at);
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining("did you mean claude?")]);
  });
});

describe("a run", () => {
  test("stops before its first pass where a later role has no agent; doctor warns of it", async () => {
    const config = { agent: "builtin", roles: { reviewer: { agent: "cdex" } } };
    const one = machine([], { "nimrod.json": JSON.stringify(config) });
    const at = { cwd: one.project.root, env: one.env };
    const run = await nimrod(["next"], at);
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining("did you mean codex?")]);
    expect(run.stderr).not.toContain("triage");
    expect(one.project.read("tickets/active/nim-aaa111-sample.md")).toContain("status: open");
    const { stdout } = await doctor(one);
    expect(stdout).toContain('! chosen: no agent for reviewer: no agent is called "cdex"');
  });

  test("goes on after the consent that its triage asked for by the command that approve names", async () => {
    const { project, env } = machine([]);
    mkdirSync(join(project.configHome, "nimrod"), { recursive: true });
    const agents = { mine: { adapter: "plain", command: ["false"], vendor: "Cloud" } };
    const config = { agent: "mine", agents, limits: { tries: 1 } };
    writeFileSync(join(project.configHome, "nimrod", "config.json"), JSON.stringify(config));
    const at = { cwd: project.root, env };
    const parked = await nimrod(["next"], at);
    expect(parked.stdout).toContain("next: nimrod approve A-1      then: nimrod next\n");
    const signed = await sign(project, ["approve", "A-1"], { first: true, env: { PATH: env["PATH"] ?? "" } });
    expect(signed.shown).toMatch(/next: nimrod next\s/);
    const gone = await nimrod(["next"], at);
    expect([gone.exitCode, gone.stderr]).toEqual([1, expect.stringContaining("triage failed (crash)")]);
  });

  test("does not start a CLI that fails its probe, and says what to install", async () => {
    const one = machine(["codex"]);
    const at = { cwd: one.project.root, env: { ...one.env, OPENAI_API_KEY: "sk-do-not-show" } };
    const { exitCode, stderr } = await nimrod(["run", "nim-aaa111", "--until", "research"], at);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/failed \(policy\): codex( [\d.]+)? was not started: /),
    ]);
    expect(stderr).toContain("npm install --global @openai/codex@");
    expect(one.project.read("tickets/active/nim-aaa111-sample.md")).not.toContain("do-not-show");
  });

  test("asks for consent again when the same vendor's agent would send the repository elsewhere", async () => {
    const { project, env } = machine([]);
    const folder = join(project.configHome, "nimrod");
    mkdirSync(folder, { recursive: true });
    const withHosts = (hosts: string[]) =>
      writeFileSync(
        join(folder, "config.json"),
        JSON.stringify({
          agent: "mine",
          agents: { mine: { adapter: "plain", command: ["true"], vendor: "Cloud", hosts } },
        }),
      );
    const parked = async () => {
      const json = await nimrodJson(["run", "nim-aaa111"], { cwd: project.root, env });
      return (json["waits"] as { id: string; what: string }[]).map(({ id, what }) => `${id} ${what}`);
    };
    withHosts(["models.example.net"]);
    expect(await parked()).toEqual(["A-1 consent to Cloud"]);
    expect(await parked()).toEqual(["A-1 consent to Cloud"]);
    withHosts(["models.example.net", "elsewhere.example.net:8443"]);
    expect(await parked()).toEqual(["A-2 consent to Cloud"]);
    const { approvals } = await nimrodJson(["approvals"], { cwd: project.root, env });
    expect(JSON.stringify(approvals)).toContain("elsewhere.example.net:8443, models.example.net:443");
  });
});
