import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Action } from "../../../src/authorization/action.ts";
import { type GateOptions, openGate, presenceNeeded } from "../../../src/authorization/gate.ts";
import { defaultPolicy, type Policy, policyDigest } from "../../../src/authorization/policy.ts";
import { approvalWorld } from "./approval-world.ts";
import { context } from "./context.ts";

const run = (command: string): Action => ({ kind: "run", command });
const none = run("ls");
const brief: Action = { kind: "write", path: "notes.txt", content: "one\ntwo\n" };
const explicit: Action = { kind: "run", command: "systemctl restart caddy", target: "host" };
const deny: Action = { kind: "write", path: "tickets/active/nim-1.md", content: "x" };
const network = run("curl https://example.org/x");

async function gateWith(given: Partial<GateOptions> = {}, passphrase?: string) {
  const world = await approvalWorld(passphrase);
  const worktree = join(world.top, "worktree");
  mkdirSync(worktree);
  const records: Record<string, unknown>[] = [];
  const gate = openGate({
    context: context({
      worktree,
      project: join(world.top, "project"),
      home: join(world.top, "home"),
      state: world.stateHome,
    }),
    policy: defaultPolicy,
    approvals: world.approvals,
    bind: { worktree, env: { PATH: "/usr/bin:/bin" }, plan: "p", policy: "q", ticketText: "t" },
    ticket: "nim-000001",
    run: "R1",
    requester: "implementer/P1",
    inPlan: null,
    plannedHosts: [],
    record: async (data) => {
      records.push(data);
    },
    ...given,
  });
  const decide = async (action: Action) => {
    const answer = await gate.decide(action);
    return `${answer.kind} ${answer.decision.tier} ${answer.decision.rule}`;
  };
  return { ...world, worktree, gate, decide, records };
}

const ask: Policy = { ...defaultPolicy, brief: "ask" };
const open: Policy = { ...defaultPolicy, egress: ["example.org"] };

describe("the tiers", () => {
  test.each<[string, Action, Partial<GateOptions>, string]>([
    ["a read goes", none, {}, "go none"],
    ["a low-risk edit goes", brief, {}, "go brief"],
    ["a low-risk edit asks where the policy says so", brief, { policy: ask }, "parked brief"],
    ["a read never asks", none, { policy: ask }, "go none"],
    ["a change of the machine asks", explicit, {}, "parked explicit"],
    ["an unknown program asks", run("frobnicate"), {}, "parked explicit"],
    ["text that does not parse asks", run("ls '"), {}, "parked explicit"],
    ["the hard floor is never asked about", deny, {}, "denied deny"],
    ["a change that the plan covers goes", brief, { inPlan: () => true }, "go brief"],
    [
      "a change that the plan does not cover asks",
      brief,
      { inPlan: () => false },
      "parked explicit plan.deviation",
    ],
    ["a read is in every plan", none, { inPlan: () => false }, "go none"],
    ["the plan does not lift the hard floor", deny, { inPlan: () => true, policy: open }, "denied deny"],
    ["the plan does not lower what must be approved", explicit, { inPlan: () => true }, "parked explicit"],
    [
      "the hard floor is named as such beside a closed network",
      run("curl -o tickets/x https://example.org"),
      {},
      "denied deny (?!egress)",
    ],
    ["a host that nobody named asks", network, {}, "parked explicit egress.host"],
    [
      "a host beside the named one asks",
      network,
      { plannedHosts: ["www.example.org"] },
      "parked explicit egress.host",
    ],
  ])("%s", async (_, action, given, expected) => {
    const { decide } = await gateWith(given);
    expect(await decide(action)).toMatch(new RegExp(`^${expected}`));
  });

  test.each<[string, Partial<GateOptions>]>([
    ["the policy", { policy: open }],
    ["the plan", { plannedHosts: ["example.org"] }],
  ])("a host that %s names is no reason to ask", async (_, given) => {
    const { decide } = await gateWith(given);
    expect(await decide(network)).not.toContain("egress.host");
  });
});

describe("asking", () => {
  test("parks until a person says yes, then lets the very action go, once", async () => {
    const { gate, approvals, signer } = await gateWith();
    const parked = await gate.decide(explicit);
    expect(parked).toMatchObject({ kind: "parked", approval: "A-1" });
    expect(await gate.decide(explicit)).toMatchObject({ kind: "parked", approval: "A-1" });
    await approvals.approve("A-1", signer, "shown");
    expect((await gate.decide({ ...explicit, command: "systemctl restart caddy " } as Action)).kind).toBe(
      "parked",
    );
    expect(await gate.decide(explicit)).toMatchObject({ kind: "go", approval: "A-1", assumption: null });
    expect((await gate.decide(explicit)).kind).toBe("parked");
  });

  test("a yes does not count once an input has changed", async () => {
    const { gate, approvals, signer, worktree } = await gateWith();
    const reload: Action = { kind: "run", argv: ["nft", "-f", "rules.nft"], target: "host" };
    writeFileSync(join(worktree, "rules.nft"), "accept");
    await gate.decide(reload);
    await approvals.approve("A-1", signer, "shown");
    writeFileSync(join(worktree, "rules.nft"), "accept all");
    expect((await gate.decide(reload)).kind).toBe("parked");
    writeFileSync(join(worktree, "rules.nft"), "accept");
    expect((await gate.decide(reload)).kind).toBe("go");
  });

  test("a yes given under another policy does not count", async () => {
    const rule = { match: { command: ["reboot*"] }, tier: "deny" as const };
    const policies = [defaultPolicy, { ...defaultPolicy, rules: [rule] }];
    const world = await gateWith();
    const { approvals, signer, worktree } = world;
    const decideUnder = (policy: Policy) => {
      const bind = { worktree, env: {}, plan: "p", policy: policyDigest(policy), ticketText: "t" };
      const rest = { context: context({ worktree }), ticket: "nim-000001", run: "R1", requester: "x/y" };
      const more = { inPlan: null, plannedHosts: [], record: async () => undefined };
      return openGate({ ...rest, ...more, policy, approvals, bind }).decide(explicit);
    };
    const [before, after] = policies as [Policy, Policy];
    expect(await decideUnder(before)).toMatchObject({ kind: "parked", approval: "A-1" });
    await approvals.approve("A-1", signer, "shown");
    expect(await decideUnder(after)).toMatchObject({ kind: "parked", approval: "A-2" });
    // What nobody has trusted yet is written all the same: trusting it voids nothing.
    expect(await decideUnder({ ...before, untrusted: true })).toMatchObject({ kind: "go", approval: "A-1" });
  });

  test("a no is told with its reason", async () => {
    const { gate, approvals } = await gateWith();
    await gate.decide(explicit);
    await approvals.deny("A-1", "not on a Friday");
    const answer = await gate.decide(explicit);
    expect(answer).toMatchObject({
      kind: "denied",
      decision: { rule: "person.denied", reason: "A-1 was denied: not on a Friday" },
    });
  });

  test("shows the whole content that would be written, and both sides of an edit", async () => {
    const { gate, approvals } = await gateWith({ policy: ask });
    await gate.decide(brief);
    await gate.decide({ kind: "edit", path: "notes.txt", old: "one", new: "1\n2" });
    const shown = (await approvals.list()).map(({ request }) => request.items[0]!.runs);
    expect(shown).toEqual([
      ["write notes.txt (8 bytes)", "one", "two", ""],
      ["edit notes.txt (3 → 3 bytes)", "- one", "+ 1", "+ 2"],
    ]);
  });

  test("without a sandbox only a passphrase counts", async () => {
    expect([presenceNeeded("none"), presenceNeeded("bwrap")]).toEqual(["passphrase", "challenge"]);
    const weak = await gateWith({ context: context({ sandbox: "none" }) }, "");
    expect(await weak.gate.decide(explicit)).toMatchObject({ kind: "parked", approval: "A-1" });
    await weak.approvals.approve("A-1", weak.signer, "shown");
    expect(await weak.gate.decide(explicit)).toMatchObject({ kind: "parked", approval: "A-2" });
  });
});

describe("doubt closes the door", () => {
  test("what cannot be bound is denied, and nobody is asked (a read is bound to nothing)", async () => {
    const { gate, approvals, worktree } = await gateWith();
    const env = new Proxy(
      {},
      {
        get: () => {
          throw new Error("gone");
        },
        ownKeys: () => {
          throw new Error("gone");
        },
      },
    );
    const broken = await gateWith({ bind: { worktree, env, plan: null, policy: "q", ticketText: "t" } });
    for (const action of [brief, explicit]) {
      expect(await broken.gate.decide(action)).toMatchObject({
        kind: "denied",
        digest: "",
        decision: { rule: "gate.unbound" },
      });
    }
    expect(await broken.approvals.list()).toEqual([]);
    expect((await gate.decide(none)).kind).toBe("go");
    expect(await approvals.list()).toEqual([]);
  });

  test("a plan's scope that throws lets nothing through", async () => {
    const inPlan = () => {
      throw new Error("no plan");
    };
    const { gate } = await gateWith({ inPlan });
    await expect(gate.decide(brief)).rejects.toThrow("no plan");
  });

  test("what the classifier chokes on asks", async () => {
    const realPath = () => {
      throw new Error("the disk is gone");
    };
    const { decide } = await gateWith({ context: context({ realPath }) });
    expect(await decide(brief)).toMatch(/^(parked explicit|denied deny)/);
  });

  test("an action that cannot be recorded does not go", async () => {
    const { gate } = await gateWith({ record: () => Promise.reject(new Error("disk full")) });
    await expect(gate.decide(none)).rejects.toThrow("disk full");
  });

  test("an approval that cannot be read is an error, not a yes", async () => {
    const { gate, approvals, signer, folder } = await gateWith();
    await gate.decide(explicit);
    await approvals.approve("A-1", signer, "shown");
    writeFileSync(join(folder, "A-1.approval.json"), "{");
    await expect(gate.decide(explicit)).rejects.toMatchObject({ code: "broken" });
  });
});

test("every answer is on record before it is given: what, tier, rule, approval or assumption", async () => {
  const { gate, records, approvals, signer } = await gateWith();
  await gate.decide(none);
  await gate.decide(brief);
  await gate.decide(explicit);
  await approvals.approve("A-1", signer, "shown");
  await gate.decide(explicit);
  await gate.decide(deny);
  const row = ({ action, answer, tier, approval, target }: Record<string, unknown>) => [
    action,
    answer,
    tier,
    approval,
    target,
  ];
  expect(records.map(row)).toEqual([
    ["ls", "go", "none", null, "worktree"],
    ["write notes.txt (8 bytes)", "go", "brief", null, "worktree"],
    ["systemctl restart caddy", "parked", "explicit", "A-1", "host"],
    ["systemctl restart caddy", "go", "explicit", "A-1", "host"],
    ["write tickets/active/nim-1.md (1 bytes)", "denied", "deny", null, "worktree"],
  ]);
  expect(records.map(({ assumption }) => assumption !== null)).toEqual([false, true, false, false, false]);
});
