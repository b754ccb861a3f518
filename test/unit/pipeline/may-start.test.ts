import { describe, expect, test } from "vitest";
import type { AgentAdapter, AgentProbe } from "../../../src/agents/adapter.ts";
import { describeAction } from "../../../src/authorization/describe.ts";
import { NimrodError } from "../../../src/errors.ts";
import {
  consentAction,
  consentDigest,
  judgeStart,
  mayStart,
  type StartFacts,
} from "../../../src/pipeline/may-start.ts";
import type { Ports, Progress } from "../../../src/pipeline/ports.ts";
import { tempFolder } from "../authorization/approval-world.ts";

const bwrap: StartFacts["sandbox"] = { kind: "bwrap", file: "/usr/bin/bwrap", version: "0.11.0" };
const none: StartFacts["sandbox"] = { kind: "none", why: "bwrap is not installed" };

const ready = (gate: "full" | "sandbox"): AgentProbe => ({
  kind: "ready",
  version: "1.0.0",
  tested: true,
  gate,
  ownTools: [],
});

describe("an agent is started", () => {
  type Row = [
    gate: "full" | "sandbox",
    probed: AgentProbe | null,
    sandbox: StartFacts["sandbox"],
    model: "model" | "no model",
    person: "person" | "nobody",
    answer: string,
  ];
  const hands = /^x has hands of its own, and there is no sandbox to tie them: bwrap is not installed/;
  const alone =
    /^x is driven by a model, there is no sandbox \(bwrap is not installed\) and nobody is at the/;
  const rows: Row[] = [
    ["full", null, bwrap, "no model", "nobody", "full"],
    ["full", null, bwrap, "model", "nobody", "full"],
    ["full", ready("full"), bwrap, "model", "nobody", "full"],
    // What was found can weaken what was declared, and never strengthen it.
    ["full", ready("sandbox"), bwrap, "model", "nobody", "sandbox"],
    ["sandbox", ready("full"), bwrap, "model", "nobody", "sandbox"],
    ["sandbox", null, bwrap, "model", "person", "sandbox"],
    // Without a sandbox: only what has no hands, and what a model drives only under somebody's eyes.
    ["full", null, none, "no model", "nobody", "full"],
    ["full", null, none, "model", "person", "full"],
    ["full", ready("full"), none, "model", "person", "full"],
    ["full", null, none, "model", "nobody", "alone"],
    ["full", ready("full"), none, "model", "nobody", "alone"],
    ["full", ready("sandbox"), none, "model", "person", "hands"],
    ["full", ready("sandbox"), none, "model", "nobody", "hands"],
    ["sandbox", null, none, "no model", "person", "hands"],
    ["sandbox", null, none, "model", "person", "hands"],
    ["sandbox", ready("full"), none, "model", "person", "hands"],
  ];

  test.each(rows)("gate %s, probe %j, %j, %s, %s: %s", (gate, probe, sandbox, model, person, answer) => {
    const judged = judgeStart({
      agent: "x",
      gate,
      probe,
      sandbox,
      leavesMachine: model === "model",
      attended: person === "person",
    });
    if (answer === "full" || answer === "sandbox") expect(judged).toEqual({ kind: "go", gate: answer });
    else {
      const message = expect.stringMatching(answer === "hands" ? hands : alone);
      expect(judged).toEqual({ kind: "refused", message });
    }
  });

  test("never when nobody looked although there is something to look at", () => {
    const facts = { agent: "x", gate: "full", leavesMachine: true, attended: true, sandbox: bwrap } as const;
    expect(judgeStart({ ...facts, probe: { kind: "unknown" } })).toMatchObject({ kind: "refused" });
  });

  test.each([bwrap, none])("never when the probe refused it, with what to install (%j)", (sandbox) => {
    const probe: AgentProbe = {
      kind: "refused",
      version: "9.9.9",
      why: "9.9.9 offers its model a shell",
      hint: "npm install --global x@1.0.0",
    };
    const facts = { agent: "x", gate: "full", leavesMachine: true, attended: true } as const;
    expect(judgeStart({ ...facts, probe, sandbox })).toEqual({
      kind: "refused",
      message: "x was not started: 9.9.9 offers its model a shell (npm install --global x@1.0.0)",
    });
  });
});

describe("before the first pass of a run", () => {
  /** What `mayStart` looks at for an agent whose work stays on the machine. */
  function scene(probe: () => Promise<AgentProbe>, given: Partial<Ports> = {}) {
    const seen = { probes: 0, told: [] as string[] };
    const ports = {
      untrusted: null,
      sandbox: bwrap,
      stateHome: "/nowhere",
      confirm: undefined,
      progress: (event: Progress) => void seen.told.push(event.kind === "note" ? event.text : event.kind),
      ...given,
    } as Ports;
    const agent: AgentAdapter = {
      name: "x",
      vendor: null,
      gate: "full",
      identity: "i",
      probe() {
        seen.probes += 1;
        return probe();
      },
      run: () => Promise.reject(new Error("not in this test")),
    };
    const settings = { ports } as Parameters<typeof mayStart>[0];
    return { seen, start: () => mayStart(settings, agent) };
  }

  test("an agent is probed once, and a version that was not tested is told once", async () => {
    const { seen, start } = scene(async () => ({ ...ready("full"), tested: false }) as AgentProbe);
    expect(await start()).toEqual({ kind: "go", gate: "full" });
    expect(await start()).toEqual({ kind: "go", gate: "full" });
    expect(seen.probes).toBe(1);
    expect(seen.told).toEqual([expect.stringMatching(/^x 1\.0\.0 passed the probe; it is not a version/)]);
  });

  test("a tested version is not worth a word", async () => {
    const { seen, start } = scene(async () => ready("sandbox"));
    expect([await start(), seen.told]).toEqual([{ kind: "go", gate: "sandbox" }, []]);
  });

  test("nothing is started of what nobody trusts, nor where the sandbox that it needs is missing", async () => {
    const untrusted = scene(async () => ready("full"), { untrusted: "agents.x in nimrod.json" });
    expect(await untrusted.start()).toMatchObject({ kind: "parked", waits: [{ kind: "trust" }] });
    const alone = scene(async () => ready("sandbox"), { sandbox: none });
    expect(await alone.start()).toMatchObject({ kind: "failed", reason: "policy" });
    expect([untrusted.seen.probes, alone.seen.probes]).toEqual([0, 1]);
  });

  test("a probe that cannot look is a refusal, and a bug stays a bug", async () => {
    const missing = scene(() =>
      Promise.reject(new NimrodError("config", "it is gone", { hint: "install x" })),
    );
    expect(await missing.start()).toEqual({
      kind: "failed",
      reason: "policy",
      message: "x was not started: it is gone (install x)",
    });
    await expect(scene(() => Promise.reject(new TypeError("bug"))).start()).rejects.toThrow("bug");
  });
});

describe("consent is bound", () => {
  const hosts = ["api.anthropic.com:443", "console.anthropic.com:443"];
  const root = tempFolderOnce();

  test("to the vendor and to its hosts, in whatever order they are listed", async () => {
    const digest = await consentDigest(consentAction("Anthropic", hosts), root());
    expect(await consentDigest(consentAction("Anthropic", hosts.toReversed()), root())).toBe(digest);
    const others = [
      consentAction("OpenAI", hosts),
      consentAction("Anthropic", ["gateway.example.net:443"]),
      consentAction("Anthropic", [...hosts, "gateway.example.net:443"]),
      consentAction("Anthropic", hosts.slice(1)),
      consentAction("Anthropic", []),
    ];
    for (const other of others) expect(await consentDigest(other, root())).not.toBe(digest);
  });

  test("and says what is sent, to whom, and where", () => {
    expect(describeAction(consentAction("Anthropic", hosts))).toBe(
      "send Anthropic (api.anthropic.com:443, console.anthropic.com:443) what its passes need: tickets, files of this repository, output of commands",
    );
  });
});

function tempFolderOnce(): () => string {
  let folder: string | undefined;
  return () => {
    folder ??= tempFolder();
    return folder;
  };
}
