import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  isSignedBy,
  loadMachineKey,
  readMachinePublicKey,
  readRepositoryKeys,
} from "../../../src/evidence/keys.ts";
import { readWitness, recordHead } from "../../../src/evidence/witness.ts";
import { makeWorld, removeWorld, ticket, type World, witnessOf } from "./ledger-fixture.ts";

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => removeWorld(world));

const keyFile = () => join(world.state, "keys", "machine.pem");
const load = (root = world.root) => loadMachineKey({ stateFolder: world.state, projectRoot: root });

test("the key is made once, private, and its public half is in every project that uses it", async () => {
  const second = join(world.folder, "second");
  const again = await load(second);
  expect(again.fingerprint).toBe(world.key.fingerprint);
  expect(again.redactionKey).toBe(world.key.redactionKey);
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(second, ".nimrod", "keys"))).toEqual([`${again.fingerprint}.pub`]);
  expect((await readRepositoryKeys(second)).keys).toEqual([
    { fingerprint: again.fingerprint, pem: again.pem },
  ]);
  expect(readFileSync(join(second, ".nimrod", "keys", `${again.fingerprint}.pub`), "utf8")).not.toContain(
    "PRIVATE",
  );
});

test("two that start at once use the same key", async () => {
  const stateFolder = join(world.folder, "fresh");
  const keys = await Promise.all(
    Array.from({ length: 6 }, () => loadMachineKey({ stateFolder, projectRoot: world.root })),
  );
  expect(new Set(keys.map((key) => key.fingerprint)).size).toBe(1);
});

test("looking for the public half makes no key", async () => {
  const stateFolder = join(world.folder, "fresh");
  expect(await readMachinePublicKey(stateFolder)).toBeNull();
  expect(await readMachinePublicKey(world.state)).toEqual({
    fingerprint: world.key.fingerprint,
    pem: world.key.pem,
  });
  expect(readdirSync(world.folder)).not.toContain("fresh");
});

test("a key that others can read, or that is none, is refused with what to do", async () => {
  chmodSync(keyFile(), 0o644);
  await expect(load()).rejects.toMatchObject({ code: "broken", hint: expect.stringContaining("chmod 600") });
  chmodSync(keyFile(), 0o600);
  writeFileSync(keyFile(), "not a key");
  await expect(load()).rejects.toMatchObject({ code: "broken", hint: expect.stringContaining("mv ") });
});

test("a signature is of one message and one spelling", () => {
  const signature = world.key.sign("head");
  expect(isSignedBy(world.key, "head", signature)).toBe(true);
  expect(isSignedBy(world.key, "heaD", signature)).toBe(false);
  expect(isSignedBy(world.key, "head", signature.replace(/==$/, ""))).toBe(false);
  expect(isSignedBy(world.key, "head", ` ${signature}`)).toBe(false);
  expect(isSignedBy(world.key, "head", "")).toBe(false);
});

test("the witness keeps repositories and tickets apart, and reports lines it cannot read", async () => {
  const entry = (head: string, about = ticket) => ({
    ts: "2026-11-22T07:12:40Z",
    ticket: about,
    head: head.repeat(64),
  });
  await recordHead(witnessOf(world), entry("a"));
  await recordHead({ ...witnessOf(world), repository: "another" }, entry("b"));
  await recordHead(witnessOf(world), entry("c", "nim-000002"));
  writeFileSync(join(world.state, "witness.jsonl"), "junk\n", { flag: "a" });
  await recordHead(witnessOf(world), { ...entry("d"), commit: "ef".repeat(20) });
  const { entries, unreadableLines } = await readWitness(witnessOf(world), ticket);
  expect(entries.map((each) => each.head[0])).toEqual(["a", "d"]);
  expect(entries[1]?.commit).toBe("ef".repeat(20));
  expect(unreadableLines).toEqual([4]);
  expect((await readWitness(witnessOf(world))).entries).toHaveLength(3);
  expect(statSync(join(world.state, "witness.jsonl")).mode & 0o777).toBe(0o600);
});

test("a witness line that a kill tore does not stop the next one", async () => {
  mkdirSync(world.state, { recursive: true });
  writeFileSync(join(world.state, "witness.jsonl"), '{"head":"aa', { mode: 0o600 });
  await recordHead(witnessOf(world), { ts: "2026-11-22T07:12:40Z", ticket, head: "d".repeat(64) });
  expect(await readWitness(witnessOf(world), ticket)).toMatchObject({
    entries: [{ head: "d".repeat(64) }],
    unreadableLines: [],
  });
});
