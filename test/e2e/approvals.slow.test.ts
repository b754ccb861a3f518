import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { sign, signByChallenge } from "../support/at-terminal.ts";
import { runInTerminal } from "../support/pty.ts";
import { binary, nimrod } from "../support/run-nimrod.ts";
import { evidenceOf, pageTicket, run, runJson } from "../support/sample-work.ts";
import { type ScriptedAgent, writeAgent } from "../support/scripted-agents.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const timeout = 120_000;

/** Puts the first card first, whatever the cards are. */
const triager = `await finish({
  pick: env.NIMROD_TICKET,
  order: [{ id: env.NIMROD_TICKET, reason: "the first" }],
  summary: "One ticket.",
  conflicts: [],
});`;

function configure(
  project: TempProject,
  role: string,
  agent: ScriptedAgent,
  more: Record<string, unknown> = {},
): void {
  const file = join(project.configHome, "nimrod", "config.json");
  mkdirSync(dirname(file), { recursive: true });
  const mine = { adapter: "plain", command: agent.command, mode: agent.mode, vendor: "Cloud of Others" };
  writeFileSync(file, JSON.stringify({ agents: { mine }, roles: { [role]: { agent: "mine" } }, ...more }));
}

type Approval = { id: string; state: string; kind: string; expires: string | null };
async function approvals(project: TempProject): Promise<Approval[]> {
  return (await runJson(project, "approvals"))["approvals"] as Approval[];
}

describe("who may be started", () => {
  test("an agent of somebody else's asks once for a repository, then never again", { timeout }, async () => {
    const project = tempProject({
      files: { ...pageTicket({ id: "nim-ccc111" }), ...pageTicket({ id: "nim-ccc222" }) },
    });
    configure(project, "triager", await writeAgent("once", triager));
    expect(await runJson(project, "next", "--until", "triage")).toMatchObject({
      exitCode: 5,
      ticket: null,
      result: "parked",
      waits: [{ kind: "approval", id: "A-1", what: "consent to Cloud of Others" }],
    });
    const signed = await sign(project, ["approve", "A-1"], { first: true });
    expect(signed.exitCode).toBe(0);
    expect(signed.shown).toContain("Cloud of Others is sent this repository's content, by mine");
    for (const id of ["nim-ccc111", "nim-ccc222"]) {
      expect(await runJson(project, "run", id, "--until", "triage")).toMatchObject({
        exitCode: 0,
        result: "until",
      });
    }
    expect(await approvals(project)).toMatchObject([
      { id: "A-1", kind: "consent", state: "approved", expires: null },
    ]);
    expect(project.read(evidenceOf(project, "nim-ccc222")[0] ?? "")).toContain('"actor":"agent:mine"');
  });

  test("consent in the user's own configuration is consent", { timeout }, async () => {
    const project = tempProject({ files: pageTicket({ id: "nim-ccc333" }) });
    configure(project, "triager", await writeAgent("once", triager), { consent: ["mine"] });
    expect(await runJson(project, "next", "--until", "triage")).toMatchObject({
      exitCode: 0,
      result: "until",
    });
    expect(await approvals(project)).toEqual([]);
  });

  test("what the repository brings is inert until trusted, and again after one byte of it changed", {
    timeout,
  }, async () => {
    const project = tempProject({ files: pageTicket({ id: "nim-ttt111" }) });
    const agent = await writeAgent("once", triager, { folder: project.root, name: "tool" });
    const mine = { adapter: "plain", command: ["node", "tool.mjs"], mode: "once" };
    project.write("nimrod.json", JSON.stringify({ agents: { mine }, roles: { triager: { agent: "mine" } } }));
    project.commit("An agent");
    const asked = { exitCode: 5, result: "parked", waits: [{ kind: "trust", command: "nimrod trust" }] };
    expect(await runJson(project, "next", "--until", "triage")).toMatchObject(asked);
    expect((await run(project, "trust")).exitCode).toBe(5);

    const trusted = await sign(project, ["trust"], { first: true });
    expect(trusted.exitCode).toBe(0);
    expect(trusted.shown).toMatch(/tool\.mjs sha256 [0-9a-f]{64}/);
    expect((await run(project, "trust")).stdout).toMatch(/^Trusted already/);
    // Trusted to be started; whether it may be sent the repository is another question.
    expect(await runJson(project, "next", "--until", "triage")).toMatchObject({
      waits: [{ what: "consent to mine" }],
    });
    expect((await sign(project, ["approve", "A-1"])).exitCode).toBe(0);
    expect(await runJson(project, "next", "--until", "triage")).toMatchObject({
      exitCode: 0,
      result: "until",
    });

    writeFileSync(agent.file, `${readFileSync(agent.file, "utf8")} `);
    expect(await runJson(project, "next")).toMatchObject(asked);
  });
});

/** Everything that an agent without scruples would try, told in its result. */
const selfApproving = (project: TempProject) => `
import { execFileSync } from "node:child_process";
const tries = {
  plainly: ["node", [${JSON.stringify(binary)}, "approve", "A-1"]],
  "script -c": ["script", ["-qefc", "env -u NIMROD_PASS node ${binary} approve A-1", "/dev/null"]],
  setsid: ["setsid", ["-w", "env", "-u", "NIMROD_PASS", "node", ${JSON.stringify(binary)}, "deny", "A-1", "--reason", "x"]],
  answer: ["env", ["-u", "NIMROD_PASS", "node", ${JSON.stringify(binary)}, "answer", "nim-bbb111", "--set", "Q1=x"]],
};
const said = Object.entries(tries).map(([name, [file, args]]) => {
  try {
    const cwd = existsSync(${JSON.stringify(project.root)}) ? ${JSON.stringify(project.root)} : "/";
    const shown = execFileSync(file, args, { cwd, encoding: "utf8", stdio: "pipe", env: { ...env, HOME: ${JSON.stringify(project.home)}, XDG_STATE_HOME: ${JSON.stringify(project.stateHome)} } });
    return name + ": exit 0 " + shown;
  } catch (error) {
    return name + ": exit " + error.status + " " + error.stdout + error.stderr;
  }
});
said.push("key: " + existsSync(${JSON.stringify(join(project.stateHome, "nimrod", "keys"))}));
await finish({
  findings: said.map((claim, index) => ({ id: "F" + (index + 1), claim: claim.slice(0, 2000), sources: [{ path: "page.md" }] })),
  constraints: [], links: [], questions: [],
});`;

describe("an agent cannot speak for a person", () => {
  const waiting = `  - title: put it live\n    run: cp page.md /nowhere/live.md\n    target: host\n    undo: rm /nowhere/live.md\n`;

  test("by whatever way it calls, in the sandbox or beside it", { timeout }, async () => {
    const project = tempProject({
      files: { ...pageTicket({ id: "nim-bbb111", steps: waiting }), ...pageTicket({ id: "nim-bbb222" }) },
    });
    expect((await run(project, "run", "nim-bbb111")).exitCode).toBe(5);
    const agent = await writeAgent("once", selfApproving(project));
    // The program itself is shown to the agent, so that what stops it is not its absence.
    const command = [...agent.command, dirname(dirname(binary))];
    configure(project, "researcher", { ...agent, command }, { consent: ["mine"] });
    const research = ["run", "nim-bbb222", "--until", "research"];

    // Without a sandbox it is not even started: its hands are its own.
    const env = { ...project.env, NIMROD_SANDBOX: "none" };
    const refused = await nimrod(research, { cwd: project.root, env });
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("there is no sandbox")]);

    // In the sandbox nothing of the project or of Nimrod's state is there to be approved.
    expect((await run(project, ...research)).exitCode).toBe(0);
    const segment = evidenceOf(project, "nim-bbb222").findLast((path) => path.endsWith("-research.jsonl"));
    const records = project
      .read(segment ?? "")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const inside = claimsOf(records.find((record) => record.type === "result").data);
    for (const claim of inside.slice(0, -1)) {
      expect(claim).toMatch(/: exit (2 .*no tickets\/ folder|5 .*inside a pass)/s);
    }
    expect(inside.at(-1)).toBe("key: false");

    // And had it got out, it would still be a child of a pass, whatever it takes out of its environment.
    const told = execFileSync(process.execPath, [agent.file], {
      env: { ...project.env, NIMROD_PASS: "01ESCAPED", NIMROD_NONCE: "n" },
      input: "",
      encoding: "utf8",
    });
    const outside = claimsOf(JSON.parse(told));
    for (const claim of outside.slice(0, -1)) expect(claim).toMatch(/: exit 5 .*called from inside a pass/s);
    expect(outside.at(-1)).toBe("key: true");
    expect(await approvals(project)).toMatchObject([{ id: "A-1", state: "pending" }]);
  });
});

function claimsOf(answer: { result: { findings: { claim: string }[] } }): string[] {
  return answer.result.findings.map((finding) => finding.claim);
}

describe("without a sandbox", () => {
  test("worktree writes and reads do; a command asks, and only a passphrase is a person", {
    timeout,
  }, async () => {
    const made = "  - title: leave a mark\n    run: touch made.txt\n";
    const project = tempProject({
      files: {
        ...pageTicket({ id: "nim-sss111", more: "labels: [first]", priority: 1 }),
        ...pageTicket({ id: "nim-sss222", page: "other.md", steps: made }),
      },
    });
    project.env["NIMROD_SANDBOX"] = "none";
    const first = await run(project, "next");
    expect(first.exitCode).toBe(0);
    expect(first.stderr).toContain("no sandbox");
    expect(await runJson(project, "close", "nim-sss111")).toMatchObject({ exitCode: 0, result: "closed" });
    expect(project.read("page.md")).toBe("hello\n");

    const parked = {
      exitCode: 5,
      ticket: "nim-sss222",
      waits: [{ kind: "approval", id: "A-1", what: "S2 leave a mark" }],
    };
    expect(await runJson(project, "next")).toMatchObject(parked);
    const told = await runInTerminal(["approve", "A-1"], {
      cwd: project.root,
      env: project.env,
      answers: [{ when: "Passphrase (empty", type: "\r" }],
    });
    expect(told.exitCode).toBe(5);
    expect(told.shown).toContain("without a sandbox its word does not count");
    // Signed where there is a sandbox: typed characters are enough there, and only there.
    const sandboxed = { ...project, env: { ...project.env, NIMROD_SANDBOX: "" } };
    expect((await signByChallenge(sandboxed, ["approve", "A-1"])).exitCode).toBe(0);
    // A yes that proves too little is not waited on: it is asked for anew, and `next` is free for other tickets.
    expect(await runJson(project, "resume", "nim-sss222")).toMatchObject({
      exitCode: 5,
      ticket: "nim-sss222",
      waits: [{ kind: "approval", id: "A-2" }],
    });
    // In the sandbox the same key is enough.
    delete project.env["NIMROD_SANDBOX"];
    expect((await signByChallenge(project, ["approve", "A-2"])).exitCode).toBe(0);
    expect(await runJson(project, "run", "nim-sss222")).toMatchObject({ exitCode: 0, result: "in_review" });
  });
});
