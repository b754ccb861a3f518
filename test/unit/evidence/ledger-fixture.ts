import { generateKeyPairSync, sign } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anchorText, trailerText } from "../../../src/evidence/anchor.ts";
import { lineHash, sealMessage, toLink } from "../../../src/evidence/chain.ts";
import { loadMachineKey, type PublicKey, parsePublicKey, type SealKey } from "../../../src/evidence/keys.ts";
import { heads, type OpenSegment, openSegment, readSegments } from "../../../src/evidence/ledger.ts";
import { verifyEvidence } from "../../../src/evidence/verify.ts";
import { readWitness } from "../../../src/evidence/witness.ts";
import { type Clock, ulid } from "../../../src/platform/clock.ts";
import { canonicalJson } from "../../../src/platform/digest.ts";

export const clock: Clock = { now: () => new Date("2026-11-22T07:12:40Z") };
export const ticket = "nim-7k3f9q";
export const otherTicket = "nim-2ab9xx";

/** A machine with one project: its root, its state, its key, and what the ticket's front matter says. */
export type World = {
  folder: string;
  root: string;
  state: string;
  key: SealKey;
  anchor: string | null;
  trailers: string[];
};

export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "nimrod-evidence-"));
  const root = join(folder, "project");
  const state = join(folder, "state");
  const key = await loadMachineKey({ stateFolder: state, projectRoot: root });
  return { folder, root, state, key, anchor: null, trailers: [] };
}

export function copyWorld(world: World): World {
  const folder = mkdtempSync(join(tmpdir(), "nimrod-evidence-"));
  cpSync(world.folder, folder, { recursive: true });
  return {
    ...world,
    folder,
    root: join(folder, "project"),
    state: join(folder, "state"),
    trailers: [...world.trailers],
  };
}

export function removeWorld(world: World): void {
  rmSync(world.folder, { recursive: true, force: true });
}

export function witnessOf(world: World) {
  return { stateHome: world.state, repository: "project-0123abcd" };
}

export async function startSegment(world: World, pass: string, about = ticket): Promise<OpenSegment> {
  return await openSegment({
    root: world.root,
    ticket: about,
    run: `01RUN${pass}`,
    pass,
    ulid: ulid(clock),
    key: world.key,
    clock,
    redact: (text) => text,
    header: { ticketText: "ab".repeat(32), base: "cd".repeat(20), agent: "builtin", sandbox: "none" },
    witness: witnessOf(world),
  });
}

/** A sealed segment of a few records; returns its path. */
export async function addSegment(world: World, pass: string, about = ticket): Promise<string> {
  const segment = await startSegment(world, pass, about);
  await segment.append({ type: "action", actor: "agent:builtin", data: { argv: ["true"], tier: "none" } });
  await segment.append({ type: "outcome", actor: "nimrod", data: { exit: 0, ms: 12 } });
  await segment.append({ type: "check", actor: "nimrod", data: { ac: "AC1", exit: 0, passed: true } });
  await segment.seal({ verdict: "finished", tree: "5b".repeat(20) });
  return segment.path;
}

export async function fixAnchor(world: World): Promise<void> {
  const { segments } = await readSegments(world.root, ticket);
  world.anchor = anchorText(heads(segments));
}

/** Five segments: two in a row, two on parallel branches, and one that joins them. And one of another ticket. */
export async function makeLedger(): Promise<World> {
  const world = await makeWorld();
  await addSegment(world, "research");
  await addSegment(world, "plan");
  const branch = copyWorld(world);
  await addSegment(world, "implement");
  await addSegment({ ...branch, state: world.state }, "review");
  cpSync(evidenceOf(branch), evidenceOf(world), { recursive: true });
  removeWorld(branch);
  const { segments } = await readSegments(world.root, ticket);
  world.trailers = [trailerText(ticket, heads(segments))];
  await addSegment(world, "close");
  await addSegment(world, "other", otherTicket);
  await fixAnchor(world);
  return world;
}

export async function verifyWorld(
  world: World,
  options: { live?: string[]; trusted?: PublicKey[]; withoutWitness?: boolean } = {},
) {
  const { entries } = await readWitness(witnessOf(world), ticket);
  return await verifyEvidence({
    root: world.root,
    ticket,
    anchor: world.anchor,
    ticketPath: `tickets/active/${ticket}.md`,
    trailers: world.trailers,
    witness: options.withoutWitness === true ? [] : entries,
    trustedKeys: [world.key, ...(options.trusted ?? [])],
    live: options.live ?? [],
  });
}

export function evidenceOf(world: World, about = ticket): string {
  return join(world.root, ".nimrod", "evidence", about);
}

/** Full paths of the ticket's segments, oldest first. */
export function segmentFiles(world: World, about = ticket): string[] {
  const folder = evidenceOf(world, about);
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

export function readLines(path: string): string[] {
  return readFileSync(path, "utf8").slice(0, -1).split("\n");
}

export function writeLines(path: string, lines: readonly string[]): void {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
}

export function editRecord(
  line: string,
  change: (record: Record<string, unknown> & { data: Record<string, unknown> }) => void,
) {
  const record = JSON.parse(line);
  change(record);
  return canonicalJson(record);
}

/** What a forger has: a key of their own, whose public half they may commit. */
export function forgersKey(): SealKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const half = parsePublicKey(publicKey.export({ type: "spki", format: "pem" }).toString());
  if (half === null) throw new Error("no key");
  return {
    ...half,
    redactionKey: "",
    sign: (message) => sign(null, Buffer.from(message), privateKey).toString("base64"),
  };
}

export function publishKey(world: World, key: PublicKey): void {
  writeFileSync(join(world.root, ".nimrod", "keys", `${key.fingerprint}.pub`), key.pem);
}

/** Makes position, chain, seal and signature of a segment right again, signed with the given key. */
export function rehash(lines: readonly string[], key: SealKey): string[] {
  const done: string[] = [];
  for (const line of lines) {
    const before = done.at(-1);
    done.push(
      editRecord(line, (record) => {
        record["seq"] = done.length;
        record["prev"] = before === undefined ? null : toLink(lineHash(before));
        if (record["type"] === "seal") record.data["count"] = done.length;
        if (record["type"] === "sig" && before !== undefined) {
          const head = lineHash(before);
          record.data = {
            over: toLink(head),
            alg: "ed25519",
            key: key.fingerprint,
            sig: key.sign(sealMessage(head)),
          };
        }
      }),
    );
  }
  return done;
}
