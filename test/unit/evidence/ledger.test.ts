import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anchorText, parseAnchor, parseTrailer, trailerText } from "../../../src/evidence/anchor.ts";
import { heads, openSegment, readSegments } from "../../../src/evidence/ledger.ts";
import { listEvidenceTickets } from "../../../src/evidence/place.ts";
import type { NewRecord } from "../../../src/evidence/record.ts";
import { makeRedactor } from "../../../src/evidence/redact.ts";
import { type CutSegment, sealCutSegments } from "../../../src/evidence/seal-cut.ts";
import { ulid } from "../../../src/platform/clock.ts";
import {
  addSegment,
  clock,
  editRecord,
  evidenceOf,
  fixAnchor,
  makeWorld,
  otherTicket,
  readLines,
  removeWorld,
  segmentFiles,
  startSegment,
  ticket,
  verifyWorld,
  type World,
  witnessOf,
  writeLines,
} from "./ledger-fixture.ts";

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => removeWorld(world));

const note = (data: Record<string, unknown>): NewRecord => ({ type: "note", actor: "nimrod", data });
const full = (path: string) => join(world.root, path);

describe("writing", () => {
  test("records that are appended at the same time are chained in the order of the calls", async () => {
    const segment = await startSegment(world, "plan");
    await Promise.all(Array.from({ length: 20 }, (_, index) => segment.append(note({ index }))));
    const end = await segment.seal({ verdict: "finished", tree: null });
    expect(end.count).toBe(21);
    await fixAnchor(world);
    expect(world.anchor).toBe(`1 ${end.head}`);
    expect((await verifyWorld(world)).problems).toEqual([]);
    const indexes = readLines(full(segment.path))
      .slice(1, 21)
      .map((line) => JSON.parse(line).data.index);
    expect(indexes).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test("the first line carries what the caller said, its own name and the heads it follows", async () => {
    await addSegment(world, "research");
    const { segments } = await readSegments(world.root, ticket);
    const segment = await startSegment(world, "plan");
    const open = JSON.parse(readLines(full(segment.path))[0]!);
    expect(open).toMatchObject({ v: 1, seq: 0, prev: null, type: "open", ticket, actor: "nimrod" });
    expect(open.data).toMatchObject({ agent: "builtin", sandbox: "none", base: "cd".repeat(20) });
    expect(open.data.parents).toEqual(heads(segments).heads.map((head) => `sha256:${head}`));
    expect(segment.path).toBe(`.nimrod/evidence/${ticket}/${open.data.segment}.jsonl`);
  });

  test("no secret reaches the disk, in whatever field it hides", async () => {
    const secret = "correct-horse/battery+staple";
    const segment = await openSegment({
      root: world.root,
      ticket,
      run: "01RUN",
      pass: "implement",
      ulid: ulid(clock),
      key: world.key,
      clock,
      redact: makeRedactor([secret], { fingerprintKey: world.key.redactionKey }),
      header: { agent: `cli --password ${secret}` },
    });
    await segment.append({
      type: "outcome",
      actor: `agent:${secret}`,
      data: { [secret]: [{ deep: `x${secret}x` }] },
    });
    await segment.append(note({ header: `Basic ${Buffer.from(`sara:${secret}`).toString("base64")}` }));
    await segment.append(note({ argv: ["mysql", "--password", "abc"], env: { DB_PASSWORD: "abc" } }));
    await segment.seal({ verdict: `failed: ${secret}`, tree: null });
    const text = readFileSync(full(segment.path), "utf8");
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString("base64").slice(4, 20));
    expect(text).not.toContain('"abc"');
    expect(text.match(/\[redacted:known:[0-9a-f]{8}\]/g)?.length).toBeGreaterThanOrEqual(4);
    await fixAnchor(world);
    expect((await verifyWorld(world, { withoutWitness: true })).problems).toEqual([]);
  });

  test("hostile strings are recorded, not obeyed and not fatal", async () => {
    const segment = await startSegment(world, "implement");
    await segment.append(note({ text: 'a\n{"seq":9}\r\n\u2028\ud800 \u0000\u202e' }));
    await segment.append(note(JSON.parse('{"__proto__":{"polluted":1},"constructor":"x","1":"a","0":"b"}')));
    await segment.seal({ verdict: "finished", tree: null });
    await fixAnchor(world);
    expect((await verifyWorld(world)).problems).toEqual([]);
  });

  test("what JSON cannot carry is refused, and the segment then takes nothing more", async () => {
    const segment = await startSegment(world, "implement");
    await expect(segment.append(note({ when: new Date(0) }))).rejects.toThrow(TypeError);
    await expect(segment.append(note({}))).rejects.toThrow(/failed; nothing can be added/);
    await expect(segment.seal({ verdict: "finished", tree: null })).rejects.toThrow(/failed/);
    expect(readLines(full(segment.path))).toHaveLength(1);
  });

  test("what is still waiting when a record fails, or behind the seal, is not written", async () => {
    const failing = await startSegment(world, "implement");
    const both = await Promise.allSettled([
      failing.append(note({ when: new Date(0) })),
      failing.append(note({})),
    ]);
    expect(both.map((each) => each.status)).toEqual(["rejected", "rejected"]);
    expect(readLines(full(failing.path))).toHaveLength(1);

    const sealing = await startSegment(world, "plan");
    const sealed = sealing.seal({ verdict: "finished", tree: null });
    await expect(sealing.append(note({}))).rejects.toThrow(/sealed/);
    await sealed;
    expect(readLines(full(sealing.path))).toHaveLength(3);
  });

  test("a sealed segment takes nothing more", async () => {
    const segment = await startSegment(world, "plan");
    await segment.seal({ verdict: "finished", tree: null });
    await expect(segment.append(note({}))).rejects.toThrow(/sealed; nothing can be added/);
  });

  test("a full disk is told to the caller, and what is there stays readable", async () => {
    const script = `
      import { openSegment } from ${JSON.stringify(join(import.meta.dirname, "../../../src/evidence/ledger.ts"))};
      import { loadMachineKey } from ${JSON.stringify(join(import.meta.dirname, "../../../src/evidence/keys.ts"))};
      process.on("SIGXFSZ", () => undefined);
      const key = await loadMachineKey({ stateFolder: ${JSON.stringify(world.state)}, projectRoot: ${JSON.stringify(world.root)} });
      const segment = await openSegment({ root: ${JSON.stringify(world.root)}, ticket: ${JSON.stringify(ticket)}, run: "01RUNplan",
        pass: "plan", ulid: "01ARZ3NDEKTSV4RRFFQ69G5FAV", key, clock: { now: () => new Date() }, redact: (text) => text, header: {} });
      try {
        for (let i = 0; i < 50; i += 1) await segment.append({ type: "note", actor: "nimrod", data: { text: "x".repeat(300) } });
        console.log("no error");
      } catch (error) { console.log(error.code); }`;
    const path = join(world.folder, "fill.mjs");
    writeFileSync(path, script);
    // A file size limit ends a write early, as a full disk does.
    const out = execFileSync("bash", [
      "-c",
      'ulimit -f 8; exec "$@"',
      "bash",
      process.execPath,
      path,
    ]).toString();
    expect(out.trim()).toBe("io");
    const lines = readFileSync(segmentFiles(world)[0]!, "utf8");
    expect(lines.endsWith("\n")).toBe(true);
    const [cut] = await sealCut(["01RUNplan"]);
    expect(cut).toMatchObject({ kind: "sealed", torn: null });
  });

  test.each(["../x", "a/b", ".hidden", "-o", "", "a;rm", "ab\n", "x".repeat(200)])(
    "%j is not taken as a ticket's folder",
    async (about) => {
      await expect(startSegment(world, "plan", about)).rejects.toMatchObject({ code: "usage" });
    },
  );

  test("nothing is written through a linked folder", async () => {
    const elsewhere = join(world.folder, "elsewhere");
    mkdirSync(elsewhere);
    mkdirSync(join(world.root, ".nimrod", "evidence"), { recursive: true });
    symlinkSync(elsewhere, evidenceOf(world));
    await expect(startSegment(world, "plan")).rejects.toMatchObject({ code: "broken" });
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

async function sealCut(runs: string[]): Promise<CutSegment[]> {
  return await sealCutSegments({
    root: world.root,
    ticket,
    key: world.key,
    clock,
    runs,
    tornFolder: join(world.state, "torn"),
    witness: witnessOf(world),
  });
}

describe("segments that a crash cut", () => {
  test("every length a crash can leave is sealed, verifies, and loses no complete record", async () => {
    const path = await addSegment(world, "implement");
    const whole = readFileSync(full(path));
    const lines = whole.toString().split("\n");
    rmSync(join(world.state, "witness.jsonl"));
    const ends = [...whole.keys()]
      .filter((end) => whole[end] === 0x0a)
      .flatMap((end) => [end - 7, end, end + 1]);
    for (const length of ends.slice(0, -1)) {
      if (length < lines[0]!.length + 1) continue; // without a first line: the next test
      writeFileSync(full(path), whole.subarray(0, length));
      const complete = readFileSync(full(path), "utf8").split("\n").slice(0, -1);
      const [cut] = await sealCut(["01RUNimplement"]);
      expect(cut, `cut at ${length}`).toMatchObject({ kind: "sealed", path });
      await fixAnchor(world);
      expect((await verifyWorld(world, { withoutWitness: true })).problems, `cut at ${length}`).toEqual([]);
      expect(readLines(full(path)).slice(0, complete.length)).toEqual(complete);
      const wasSealed = complete.some((line) => line.includes('"type":"seal"'));
      const { segments } = await readSegments(world.root, ticket);
      expect(segments[0]?.seal?.verdict).toBe(wasSealed ? "finished" : "cut");
    }
    expect((await sealCut(["01RUNimplement"])).filter((cut) => cut.kind !== "sealed")).toEqual([]);
  });

  test("the torn bytes are kept aside and a note says which", async () => {
    const segment = await startSegment(world, "implement");
    writeFileSync(full(segment.path), '{"actor":"nimrod","da', { flag: "a" });
    const [cut] = await sealCut(["01RUNimplement"]);
    if (cut?.kind !== "sealed" || cut.torn === null) throw new Error("not sealed");
    expect(readFileSync(cut.torn, "utf8")).toBe('{"actor":"nimrod","da');
    const said = JSON.parse(readLines(full(segment.path))[1]!);
    expect(said).toMatchObject({ type: "note", data: { what: "cut", torn: { bytes: 21 } } });
    expect(await sealCut(["01RUNimplement"])).toEqual([]);
  });

  test("a segment without a complete first line is set aside whole", async () => {
    const segment = await startSegment(world, "implement");
    truncateSync(full(segment.path), 10);
    const [cut] = await sealCut([]);
    expect(cut).toMatchObject({ kind: "set-aside", path: segment.path });
    expect(existsSync(full(segment.path))).toBe(false);
    if (cut?.kind === "set-aside") expect(readFileSync(cut.movedTo)).toHaveLength(10);
  });

  test("only what the journal knows to be cut is sealed: Nimrod signs nothing that it finds lying about", async () => {
    const segment = await startSegment(world, "implement");
    const before = readFileSync(full(segment.path), "utf8");
    expect(await sealCut(["01RUNother"])).toEqual([
      { kind: "foreign", path: segment.path, run: "01RUNimplement" },
    ]);
    expect(readFileSync(full(segment.path), "utf8")).toBe(before);
  });

  test("a segment that somebody edited after the crash is not sealed", async () => {
    const segment = await startSegment(world, "implement");
    await segment.append(note({ exit: 1 }));
    await segment.append(note({ exit: 1 }));
    const lines = readLines(full(segment.path));
    writeLines(
      full(segment.path),
      lines.with(
        1,
        editRecord(lines[1]!, (record) => Object.assign(record.data, { exit: 0 })),
      ),
    );
    const [cut] = await sealCut(["01RUNimplement"]);
    expect(cut).toMatchObject({ kind: "broken", problems: [{ kind: "chain", line: 3 }] });
  });

  test("the run that follows a cut segment names it as its parent", async () => {
    await startSegment(world, "implement");
    await sealCut(["01RUNimplement"]);
    await addSegment(world, "review");
    await fixAnchor(world);
    expect(world.anchor).toMatch(/^2 [0-9a-f]{64}$/);
    expect((await verifyWorld(world)).problems).toEqual([]);
  });
});

describe("anchors and trailers", () => {
  const [a, b] = ["a".repeat(64), "b".repeat(64)];

  test("what is written can be read", () => {
    const anchor = { count: 12, heads: [a, b] };
    expect(anchorText(anchor)).toBe(`12 ${a},${b}`);
    expect(parseAnchor(`12 ${a},${b}`)).toEqual(anchor);
    expect(parseTrailer(trailerText(ticket, anchor))).toEqual({ ticket, anchor });
    expect(anchorText({ count: 0, heads: [] })).toBeNull();
  });

  test.each([
    `12 ${b},${a}`,
    `12 ${a},${a}`,
    `012 ${a}`,
    `1 ${a} `,
    `1  ${a}`,
    `-1 ${a}`,
    "1",
    "",
    a,
    `1 ${a.toUpperCase()}`,
  ])("%j is no anchor", (text) => expect(parseAnchor(text)).toBeNull());

  test("tickets that have evidence are listed", async () => {
    await addSegment(world, "plan");
    await addSegment(world, "plan", otherTicket);
    expect(await listEvidenceTickets(world.root)).toEqual([otherTicket, ticket]);
  });
});
