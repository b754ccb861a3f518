import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Action } from "../../../../src/authorization/action.ts";
import { openSigner } from "../../../../src/authorization/approval-key.ts";
import { decide, openGate } from "../../../../src/authorization/gate.ts";
import { type Policy, policyDigest } from "../../../../src/authorization/policy.ts";
import { context } from "../context.ts";
import { parse, reload, standingWorld } from "./standing-world.ts";

const action: Action = { kind: "run", command: "systemctl reload caddy", target: "host" };
const other: Action = { kind: "run", command: "systemctl reload nginx", target: "host" };
const day = 24 * 60 * 60;

async function signed(policy?: Policy, passphrase?: string) {
  const world = await standingWorld(policy, passphrase);
  for (const each of world.policy.standing) await world.standing.sign(each, world.signer, "what was shown");
  const files = () => readdirSync(join(world.folder, "standing")).sort();
  const gate = (given: Partial<Parameters<typeof world.open>[0]> = {}, place = context()) => {
    const worktree = join(world.top, "worktree");
    mkdirSync(worktree, { recursive: true });
    const records: Record<string, unknown>[] = [];
    const opened = openGate({
      context: { ...place, worktree },
      policy: given.policy ?? world.policy,
      approvals: world.approvals,
      standing: world.open(given),
      bind: { worktree, env: { PATH: "/usr/bin:/bin" }, plan: "p", policy: "q", ticketText: "t" },
      ticket: "nim-000001",
      run: "R1",
      requester: "implementer/P1",
      inPlan: null,
      plannedHosts: [],
      record: async (data) => {
        records.push(data);
      },
    });
    const ask = async (what: Action = action) => {
      const answer = await opened.decide(what);
      return `${answer.kind} ${answer.decision.tier} ${"approval" in answer ? answer.approval : ""}`;
    };
    return { ask, records };
  };
  return { ...world, files, gate };
}

describe("a signed standing approval", () => {
  test("lets its shape go, counted; the tier stays explicit, and the record names it", async () => {
    const { gate, setClock } = await signed();
    const { ask, records } = gate();
    expect(await ask()).toBe("go explicit standing:reload-proxy#1");
    expect(await ask(other)).toBe("go explicit standing:reload-proxy#2");
    expect(await ask()).toBe("parked explicit A-1");
    setClock(day);
    expect(await ask()).toBe("go explicit standing:reload-proxy#3");
    setClock(5 * day);
    expect(await ask()).toMatch(/^parked explicit A-/);
    expect(records.map(({ approval, answer, tier }) => [approval, answer, tier])[0]).toEqual([
      "standing:reload-proxy#1",
      "go",
      "explicit",
    ]);
  });

  test("says nothing of anything else", async () => {
    const { gate } = await signed();
    expect(await gate().ask({ kind: "run", command: "systemctl stop caddy", target: "host" })).toMatch(
      /^parked/,
    );
  });

  test("comes after a person's own yes or no to exactly this", async () => {
    const { gate, approvals, signer, files, open } = await signed();
    const { ask } = gate({ policy: parse({}) });
    expect(await ask()).toBe("parked explicit A-1");
    await approvals.approve("A-1", signer, "shown");
    expect(await gate().ask()).toBe("go explicit A-1");
    expect(files().filter((name) => name.includes("used"))).toEqual([]);
    await gate({ policy: parse({}) }).ask();
    await approvals.deny("A-2", "not tonight");
    expect(await gate().ask()).toMatch(/^denied/);
    expect(await open().stateOf(reloadOf(parse({ standing: [reload()] })))).toMatchObject({ used: 0 });
  });

  test("is used up before the answer: a kill after it costs a use, never gives one", async () => {
    const { standing, files, open } = await signed();
    const facts = { context: context(), digest: "d", ticket: "t", run: "r" };
    const decision = decide(action, {
      context: context(),
      policy: parse({}),
      inPlan: null,
      plannedHosts: [],
    });
    await standing.use(action, decision, facts);
    expect(files().filter((name) => name.endsWith(".1.used.json"))).toHaveLength(1);
    // A new process counts the same.
    expect(await open().use(action, decision, facts)).toBe("standing:reload-proxy#2");
  });

  test("is given to no more than its number, however many ask at once", async () => {
    const policy = parse({ standing: [reload({ uses: { total: 5, perDay: 7 } })] });
    const { open } = await signed(policy);
    const decision = decide(action, { context: context(), policy, inPlan: null, plannedHosts: [] });
    const facts = { context: context(), digest: "d", ticket: "t", run: "r" };
    const got = await Promise.all(Array.from({ length: 16 }, () => open().use(action, decision, facts)));
    expect(got.filter((each) => each !== null).sort()).toEqual(
      [1, 2, 3, 4, 5].map((number) => `standing:reload-proxy#${number}`),
    );
  });

  test("covers a plan's step without being used up", async () => {
    const { standing } = await signed();
    const decision = decide(action, {
      context: context(),
      policy: parse({}),
      inPlan: null,
      plannedHosts: [],
    });
    for (let turn = 0; turn < 5; turn += 1)
      expect(await standing.covers(action, decision, context())).toBe("standing:reload-proxy");
  });
});

function reloadOf(policy: Policy) {
  const [first] = policy.standing;
  if (first === undefined) throw new Error("no standing approval");
  return first;
}

describe("a standing approval is void", () => {
  const expired = parse({ standing: [reload({ expires: "2026-11-23T00:00:00+01:00" })] });
  test("without a signature", async () => {
    const { standing } = await standingWorld();
    expect(await standing.stateOf(reloadOf(parse({ standing: [reload()] })))).toMatchObject({
      state: "unsigned",
      why: "nobody has signed it",
    });
  });

  test("from its end on, to the second, whatever its offset", async () => {
    const { gate, setClock } = await signed(expired);
    setClock((Date.parse("2026-11-22T22:59:59Z") - Date.parse("2026-11-22T07:12:40Z")) / 1000);
    expect(await gate().ask()).toMatch(/^go/);
    setClock((Date.parse("2026-11-22T23:00:00Z") - Date.parse("2026-11-22T07:12:40Z")) / 1000);
    expect(await gate().ask()).toMatch(/^parked/);
  });

  test.each<[string, object]>([
    ["its name", { standing: [reload({ name: "another" })] }],
    ["its words", { standing: [reload({ parts: { unit: ["caddy", "nginx", "vault"] } })] }],
    ["its number", { standing: [reload({ uses: { total: 30, perDay: 2 } })] }],
    ["its end", { standing: [reload({ expires: "2027-01-02" })] }],
    ["its reason", { standing: [reload({ reason: "because" })] }],
    [
      "another rule of the policy",
      { standing: [reload()], rules: [{ match: { path: ["x"] }, tier: "deny" }] },
    ],
    ["an opened host", { standing: [reload()], egress: ["example.org"] }],
  ])("when %s has changed", async (_, changed) => {
    const { gate, open } = await signed();
    const policy = parse(changed);
    expect(await gate({ policy }).ask()).toMatch(/^parked/);
    expect(await open({ policy }).stateOf(reloadOf(policy))).toMatchObject({ state: "unsigned" });
  });

  test.each<[string, object]>([
    ["on another machine", { machine: "laptop" }],
    ["under another digest of the policy", { policyDigest: "x" }],
  ])("%s", async (_, given) => {
    const { gate } = await signed();
    expect(await gate(given).ask()).toMatch(/^parked/);
  });

  test("in another repository, with the same files", async () => {
    const { folder, gate, top } = await signed();
    const elsewhere = join(top, "elsewhere");
    mkdirSync(join(elsewhere, "standing"), { recursive: true });
    for (const name of readdirSync(join(folder, "standing")))
      writeFileSync(join(elsewhere, "standing", name), readFileSync(join(folder, "standing", name)));
    expect(await gate({ stateFolder: elsewhere }).ask()).toMatch(/^parked/);
    expect(await gate().ask()).toMatch(/^go/);
  });

  test("when one byte of its signature record has changed, or its signer is none", async () => {
    const { folder, files, gate, stateHome } = await signed();
    const path = join(folder, "standing", files()[0] ?? "");
    const text = readFileSync(path, "utf8");
    for (const [from, to] of [
      ['"issued": "2026', '"issued": "2025'],
      ['"machine": "lab"', '"machine": "Lab"'],
      ['"presence": "passphrase"', '"presence": "challenge"'],
    ] as const) {
      expect(text).toContain(from);
      writeFileSync(path, text.replace(from, to));
      expect(await gate().ask(), from).toMatch(/^parked/);
    }
    writeFileSync(path, text);
    expect(await gate().ask()).toMatch(/^go/);
    rmSync(join(stateHome, "keys", "allowed-signers.json"));
    expect(await gate().ask()).toMatch(/^parked/);
  });

  test("when the clock was set back behind its signature or its last use", async () => {
    const { gate, setClock } = await signed();
    setClock(-3600);
    expect(await gate().ask()).toMatch(/^parked/);
    setClock(2 * day);
    expect(await gate().ask()).toMatch(/^go/);
    setClock(day);
    expect(await gate().ask()).toMatch(/^parked/);
  });

  test("when a use was taken away: what cannot be counted is used up", async () => {
    const { folder, files, gate, setClock } = await signed();
    await gate().ask();
    await gate().ask();
    rmSync(join(folder, "standing", files().find((name) => name.endsWith(".1.used.json")) ?? ""));
    setClock(2 * day);
    expect(await gate().ask()).toMatch(/^parked/);
  });

  test("outside its window", async () => {
    const night = { zone: "UTC", from: "07:00", to: "08:00" };
    const policy = parse({ windows: { early: night }, standing: [reload({ during: "early" })] });
    const { gate, setClock } = await signed(policy);
    expect(await gate().ask()).toMatch(/^go/);
    setClock(3600);
    expect(await gate().ask()).toMatch(/^parked/);
  });

  test("without a sandbox, unless a passphrase opened the key", async () => {
    const place = context({ sandbox: "none" });
    expect(await (await signed()).gate({}, place).ask()).toMatch(/^go/);
    const weak = await signed(undefined, "");
    expect(await weak.gate().ask()).toMatch(/^go/);
    expect(await weak.gate({}, place).ask()).toMatch(/^parked/);
  });
});

test("a record that cannot be read is an error, not a yes", async () => {
  const { folder, files, gate } = await signed();
  await gate().ask();
  const used = join(folder, "standing", files().find((name) => name.endsWith(".used.json")) ?? "");
  writeFileSync(used, "{");
  await expect(gate().ask()).rejects.toMatchObject({ code: "broken" });
});

test("who signs again begins a new count, and nothing is signed for more than a year", async () => {
  const { gate, standing, policy, stateHome, setClock } = await signed();
  await gate().ask();
  await gate().ask();
  expect(await gate().ask()).toMatch(/^parked/);
  setClock(60);
  await standing.sign(reloadOf(policy), await openSigner(stateHome, "correct horse"), "shown");
  expect(await gate().ask()).toBe("go explicit standing:reload-proxy#1");
  const long = parse({ standing: [reload({ expires: "2028-01-01" })] });
  const world = await standingWorld(long);
  await expect(world.standing.sign(reloadOf(long), world.signer, "x")).rejects.toThrow(/more than a year/);
  setClock(400 * day);
  await expect(standing.sign(reloadOf(policy), world.signer, "x")).rejects.toThrow(/expired/);
});

test("trust is no signature, and a signature needs no trust", async () => {
  const policy = parse({ standing: [reload()] });
  const { gate } = await signed(policy);
  expect(policyDigest({ ...policy, untrusted: true })).toBe(policyDigest(policy));
  expect(await gate().ask()).toMatch(/^go/);
});
