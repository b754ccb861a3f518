import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createApprovalKey, openSigner } from "../../../src/authorization/approval-key.ts";
import { openApprovals } from "../../../src/authorization/approvals.ts";
import { boundDigest } from "../../../src/authorization/bind.ts";
import { approvalWorld, asking, item, tempFolder, type World } from "./approval-world.ts";

const day = 24 * 60 * 60;
const consume = (world: World, digest = "d1") => world.approvals.consume(digest, "challenge");

function edit(world: World, file: string, change: (record: Record<string, unknown>) => void): void {
  const path = join(world.folder, file);
  const record = JSON.parse(readFileSync(path, "utf8"));
  change(record);
  writeFileSync(path, JSON.stringify(record));
}

describe("a yes", () => {
  test("lets exactly its digest through, once", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    expect(await consume(world, "d2")).toMatchObject({
      kind: "missing",
      why: "nobody has approved exactly this",
    });
    expect(await consume(world)).toMatchObject({
      kind: "granted",
      id: "A-1",
      approver: world.signer.fingerprint,
    });
    expect(await consume(world)).toEqual({ kind: "missing", why: "A-1 was used already" });
    expect((await world.approvals.get("A-1")).state).toBe("spent");
  });

  test("goes to one of many who ask at the same time", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    const other = openApprovals(world);
    const grants = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? other : world.approvals).consume("d1", "challenge"),
      ),
    );
    expect(grants.filter((grant) => grant.kind === "granted")).toHaveLength(1);
  });

  test("can be looked at without being used", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    for (let i = 0; i < 3; i++) expect((await world.approvals.check("d1", "challenge")).kind).toBe("granted");
    await consume(world);
    expect((await world.approvals.check("d1", "challenge")).kind).toBe("missing");
  });

  test("to several steps is used step by step", async () => {
    const world = await approvalWorld();
    await world.approved("d1", "d2");
    expect((await consume(world, "d2")).kind).toBe("granted");
    expect((await world.approvals.get("A-1")).state).toBe("approved");
    expect((await consume(world, "d1")).kind).toBe("granted");
    expect((await consume(world, "d2")).kind).toBe("missing");
    expect((await world.approvals.get("A-1")).state).toBe("spent");
  });

  test("to a consent stands until it is taken back", async () => {
    const world = await approvalWorld();
    const request = await world.approvals.request(asking({ kind: "consent" }));
    await world.approvals.approve(request.id, world.signer, "shown");
    world.setClock(400 * day);
    for (let i = 0; i < 3; i++) expect((await consume(world)).kind).toBe("granted");
  });

  test("is recorded where nobody else can read it", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    await consume(world);
    const modes = readdirSync(world.folder).map((name) => [
      name,
      statSync(join(world.folder, name)).mode & 0o777,
    ]);
    expect(modes.sort()).toEqual([
      ["A-1.0.spent.json", 0o600],
      ["A-1.approval.json", 0o600],
      ["A-1.request.json", 0o600],
    ]);
    expect(statSync(world.folder).mode & 0o777).toBe(0o700);
  });
});

describe("time", () => {
  test.each([
    ["in the last second of its day", day - 1, "granted", ""],
    ["a day after it was signed", day, "missing", "expired"],
    ["with the clock set back by an hour", -3600, "missing", "clock was set back"],
    ["with the clock a second off", -1, "granted", ""],
  ])("%s", async (_, seconds, kind, why) => {
    const world = await approvalWorld();
    await world.approved("d1");
    world.setClock(seconds);
    const grant = await consume(world);
    expect(grant.kind).toBe(kind);
    if (grant.kind === "missing") expect(grant.why).toContain(why);
  });

  test("the day begins with the signature, not with the question", async () => {
    const world = await approvalWorld();
    const request = await world.approvals.request(asking());
    world.setClock(5 * day);
    await world.approvals.approve(request.id, world.signer, "shown");
    expect((await consume(world)).kind).toBe("granted");
  });

  test("an expired yes is asked for anew, under a new name", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    world.setClock(day);
    expect((await world.approvals.get("A-1")).state).toBe("expired");
    expect((await world.approvals.request(asking())).id).toBe("A-2");
    await expect(world.approvals.approve("A-1", world.signer, "shown")).rejects.toMatchObject({
      code: "failed",
    });
  });
});

describe("a yes is void", () => {
  const approvalFile = "A-1.approval.json";
  test.each<[string, string, (record: Record<string, unknown>) => void]>([
    [
      "when the request says it would run something else",
      "A-1.request.json",
      (r) => (r["items"] = [item({ runs: ["rm -rf /"] })]),
    ],
    [
      "when the request is given another digest",
      "A-1.request.json",
      (r) => (r["items"] = [item({ title: "x" })]),
    ],
    ["when the request is of another ticket", "A-1.request.json", (r) => (r["ticket"] = "nim-000002")],
    ["when the request becomes a consent", "A-1.request.json", (r) => (r["kind"] = "consent")],
    ["when it is made standing", approvalFile, (r) => (r["scope"] = "standing")],
    ["when it is made to last", approvalFile, (r) => (r["expires"] = "2036-11-22T07:12:40Z")],
    ["when its day of issue is moved", approvalFile, (r) => (r["issued"] = "2026-11-22T07:12:41Z")],
    ["when its nonce is another", approvalFile, (r) => (r["nonce"] = "0".repeat(32))],
    ["when what was shown is another", approvalFile, (r) => (r["shown"] = "0".repeat(64))],
    ["when it claims the word of somebody unknown", approvalFile, (r) => (r["approver"] = "0".repeat(16))],
    [
      "when its signature is another",
      approvalFile,
      (r) => (r["signature"] = Buffer.alloc(64).toString("base64")),
    ],
    [
      "when its signature is spelled differently",
      approvalFile,
      (r) => (r["signature"] = `${String(r["signature"])}\n`),
    ],
    ["when its signature is missing", approvalFile, (r) => (r["signature"] = "")],
  ])("%s, and is then asked for anew", async (_, file, change) => {
    const world = await approvalWorld();
    await world.approved("d1");
    edit(world, file, change);
    expect(await consume(world)).toMatchObject({ kind: "missing" });
    // The damaged yes must neither be waited on nor stand in the way of a good one.
    expect(await world.approvals.get("A-1")).toMatchObject({ state: "void" });
    const again = await world.approvals.request(asking());
    expect(again.id).toBe("A-2");
    await world.approvals.approve(again.id, world.signer, "shown");
    expect(await consume(world)).toMatchObject({ kind: "granted", id: "A-2" });
  });

  test("when it says, even over a good signature, that more presence was proved than its key gives", async () => {
    const world = await approvalWorld("");
    const request = await world.approvals.request(asking());
    await world.approvals.approve(request.id, { ...world.signer, presence: "passphrase" }, "shown");
    expect(await world.approvals.consume("d1", "passphrase")).toEqual({
      kind: "missing",
      why: "A-1 is void: it claims another proof of presence than its key gives",
    });
  });

  test("when its signer is no longer, or never was, an allowed one", async () => {
    const world = await approvalWorld();
    const mallory = tempFolder();
    await createApprovalKey(mallory, "x", "2026-11-22T07:00:00Z");
    const request = await world.approvals.request(asking());
    await world.approvals.approve(request.id, await openSigner(mallory, "x"), "shown");
    expect(await consume(world)).toMatchObject({
      kind: "missing",
      why: "A-1 is void: its signature is not that of an allowed signer",
    });
  });

  test("when it was signed for another request", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    await world.approvals.request(asking({ ticket: "nim-000002", items: [item({ digest: "d2" })] }));
    writeFileSync(join(world.folder, "A-2.approval.json"), readFileSync(join(world.folder, approvalFile)));
    expect((await consume(world, "d2")).kind).toBe("missing");
  });

  test("when a used request and its yes come back under another name", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    await consume(world);
    for (const part of ["request", "approval"]) {
      writeFileSync(
        join(world.folder, `A-7.${part}.json`),
        readFileSync(join(world.folder, `A-1.${part}.json`)),
      );
    }
    expect((await consume(world)).kind).toBe("missing");
  });

  test.each(["A-1.request.json", approvalFile, "A-1.denial.json"])(
    "%s that is no record is an error, never a yes",
    async (name) => {
      const world = await approvalWorld();
      await world.approved("d1");
      writeFileSync(join(world.folder, name), "{");
      await expect(consume(world)).rejects.toMatchObject({ code: "broken" });
    },
  );
});

describe("presence", () => {
  test("without a passphrase it is no proof that somebody is there", async () => {
    const world = await approvalWorld("");
    await world.approved("d1");
    const refused = await world.approvals.consume("d1", "passphrase");
    expect(refused).toMatchObject({ kind: "missing", why: expect.stringContaining("passphrase") });
    expect(await world.approvals.consume("d1", "challenge")).toMatchObject({
      kind: "granted",
      presence: "challenge",
    });
  });

  test("that is not enough is asked for anew, instead of handing back the yes that does not count", async () => {
    const world = await approvalWorld("");
    await world.approved("d1");
    expect((await world.approvals.request(asking(), "challenge")).id).toBe("A-1");
    expect((await world.approvals.request(asking(), "passphrase")).id).toBe("A-2");
  });

  test("a passphrase is proof enough for everything", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    expect(await world.approvals.consume("d1", "passphrase")).toMatchObject({
      kind: "granted",
      presence: "passphrase",
    });
  });
});

describe("a no", () => {
  test("holds for this very digest and gives its reason, until a person says yes after all", async () => {
    const world = await approvalWorld();
    await world.approvals.request(asking());
    await world.approvals.deny("A-1", "not on a Friday");
    expect(await consume(world)).toEqual({ kind: "denied", id: "A-1", reason: "not on a Friday" });
    await world.approvals.approve("A-1", world.signer, "shown");
    expect(await world.approvals.get("A-1")).toMatchObject({ state: "approved", reason: null });
    expect((await consume(world)).kind).toBe("granted");
  });

  test("cannot be given after a yes", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    await expect(world.approvals.deny("A-1", "too late")).rejects.toMatchObject({ code: "failed" });
    expect((await consume(world)).kind).toBe("granted");
  });
});

describe("asking", () => {
  test("twice for the same is one request, while it is open and while its yes is good", async () => {
    const world = await approvalWorld();
    const first = await world.approvals.request(asking());
    expect(await world.approvals.request(asking())).toEqual(first);
    await world.approvals.approve("A-1", world.signer, "shown");
    expect(await world.approvals.request(asking())).toEqual(first);
    await consume(world);
    expect((await world.approvals.request(asking())).id).toBe("A-2");
  });

  test("in other words for the same digest is the same request, and its yes still matches", async () => {
    const world = await approvalWorld();
    await world.approved("d1");
    const reworded = asking({
      items: [item({ title: "Kindly reload", reason: "a better reason", rule: "other" })],
    });
    expect((await world.approvals.request(reworded)).id).toBe("A-1");
    expect((await consume(world)).kind).toBe("granted");
  });

  test("for something else voids what the ticket still asked for, and nothing of other tickets", async () => {
    const world = await approvalWorld();
    await world.approvals.request(asking());
    await world.approvals.request(asking({ ticket: "nim-000002", items: [item({ digest: "d2" })] }));
    await world.approvals.request(asking({ items: [item({ digest: "d3" })] }));
    const states = (await world.approvals.list()).map(({ request, state }) => `${request.id} ${state}`);
    expect(states).toEqual(["A-1 void", "A-2 pending", "A-3 pending"]);
    await expect(world.approvals.approve("A-1", world.signer, "shown")).rejects.toMatchObject({
      code: "failed",
    });
  });

  test("by many at the same time gives every one a name of its own", async () => {
    const world = await approvalWorld();
    const requests = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        world.approvals.request(
          asking({ ticket: `nim-00000${index}`, items: [item({ digest: `d${index}` })] }),
        ),
      ),
    );
    expect(new Set(requests.map(({ id }) => id)).size).toBe(8);
    expect(await world.approvals.list()).toHaveLength(8);
  });

  test("for an approval by name finds it in any case, and says so where there is none", async () => {
    const world = await approvalWorld();
    await world.approvals.request(asking());
    expect((await world.approvals.get("a-1")).request.id).toBe("A-1");
    for (const id of ["A-2", "../A-1", "A-1.request", ""]) {
      await expect(world.approvals.get(id)).rejects.toMatchObject({ code: "not_found" });
    }
  });
});

describe("what a yes is bound to", () => {
  const bound = {
    action: { kind: "run" as const, argv: ["systemctl", "reload", "caddy"], target: "host" as const },
    executables: [{ path: "/usr/bin/systemctl", sha256: "a".repeat(64) }],
    cwd: "/home/ann/lab",
    env: { PATH: "b".repeat(64) },
    inputs: [{ path: "Caddyfile", sha256: "c".repeat(64) }],
    target: "host",
    plan: "d".repeat(64),
    policy: "e".repeat(64),
    ticketText: "f".repeat(64),
  };
  /** Every place where a text stands in it. */
  const places: string[][] = [];
  (function walk(value: unknown, path: string[]) {
    if (typeof value === "string") places.push(path);
    else if (value !== null && typeof value === "object")
      for (const [key, each] of Object.entries(value)) walk(each, [...path, key]);
  })(bound, []);

  function changed(path: string[], change: (text: string) => string): typeof bound {
    const copy = structuredClone(bound);
    let holder: Record<string, unknown> = copy;
    for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, unknown>;
    const last = path.at(-1)!;
    holder[last] = change(String(holder[last]));
    return copy;
  }

  test.each(places.map((path) => [path.join("."), path] as const))("one byte of %s", async (_, path) => {
    const world = await approvalWorld();
    await world.approved(boundDigest(bound));
    const flipped = changed(path, (text) => `${text.slice(0, -1)}${text.endsWith("x") ? "y" : "x"}`);
    expect((await consume(world, boundDigest(flipped))).kind).toBe("missing");
    expect((await consume(world, boundDigest(changed(path, (text) => `${text} `)))).kind).toBe("missing");
    expect((await consume(world, boundDigest(structuredClone(bound)))).kind).toBe("granted");
  });

  test("words cannot be moved over the border of a word", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (one, other) => {
        const digest = (argv: string[]) => boundDigest({ ...bound, action: { kind: "run", argv } });
        expect(digest(one) === digest(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  test("an env name more, an input more, an executable more", () => {
    const digests = [
      bound,
      { ...bound, env: { ...bound.env, LD_PRELOAD: "x" } },
      { ...bound, inputs: [] },
      { ...bound, executables: [] },
      { ...bound, plan: null },
    ].map(boundDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});
