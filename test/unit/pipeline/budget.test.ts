import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Usage } from "../../../src/agents/adapter.ts";
import {
  addCharge,
  addReservation,
  chargeOf,
  countedUsd,
  nothingSpent,
  read,
  reserve,
  standing,
  unread,
} from "../../../src/pipeline/budget.ts";
import { openMeter } from "../../../src/pipeline/meter.ts";

const none: Usage = { model: null, inputTokens: 0, cachedTokens: 0, outputTokens: 0, usd: null, turns: 0 };
const usage = (given: Partial<Usage>): Usage => ({ ...none, ...given });
const reports = (...given: Partial<Usage>[]) => given.map(usage);
const prices = {
  "claude-": { input: 10, cached: 1, output: 20 },
  "claude-opus": { input: 100, cached: 10, output: 200 },
  "local-": { input: 0, cached: 0, output: 0 },
};
const charge = (usages: readonly Usage[], reserved = 2) =>
  chargeOf(
    usages.reduce((before, each) => read(before, each, prices), unread),
    reserved,
  );

describe("what a pass is billed with", () => {
  test.each<[what: string, reports: Usage[], usd: number, known: boolean]>([
    ["nothing at all", [], 2, false],
    ["zeros", reports({ usd: 0 }), 2, false],
    ["tokens of an unknown model", reports({ model: "gpt-9", inputTokens: 5, outputTokens: 5 }), 2, false],
    ["the CLI's own figure", reports({ usd: 0.25 }), 0.25, true],
    ["a figure that grows", reports({ usd: 0.25 }, { usd: 0.75 }), 0.75, true],
    ["a figure, then silence about it", reports({ usd: 0.25 }, { inputTokens: 9 }), 0.25, true],
    ["more than was reserved", reports({ usd: 3 }), 3, true],
    ["a negative figure", reports({ usd: -1 }), 2, false],
    ["NaN", reports({ usd: Number.NaN }), 2, false],
    ["infinity", reports({ usd: Number.POSITIVE_INFINITY }), 2, false],
    ["more than can be true", reports({ usd: 1e308 }), 2, false],
    ["a good figure, then NaN", reports({ usd: 0.25 }, { usd: Number.NaN }), 2, false],
    ["a figure that goes down", reports({ usd: 0.75 }, { usd: 0.25 }), 2, false],
    ["a figure that goes back to 0", reports({ usd: 0.75 }, { usd: 0 }), 2, false],
    ["a lot, then a refund", reports({ usd: 7 }, { usd: -5 }), 7, false],
    ["tokens that go down", reports({ usd: 0.1, inputTokens: 9 }, { usd: 0.2, inputTokens: 8 }), 2, false],
    ["a negative count beside money", reports({ usd: 0.25, outputTokens: -9 }), 2, false],
    [
      "the longest prefix of the price table",
      reports({ model: "claude-opus-5", inputTokens: 10_000, outputTokens: 1_000 }),
      1.2,
      true,
    ],
    [
      "cached input at its own price",
      reports({ model: "claude-5", inputTokens: 100_000, cachedTokens: 90_000 }),
      0.19,
      true,
    ],
    [
      "more cached than there was input",
      reports({ model: "claude-5", inputTokens: 100_000, cachedTokens: 1e8 }),
      0.1,
      true,
    ],
    ["a model that the operator prices at 0", reports({ model: "local-7b", inputTokens: 9 }), 0, true],
    [
      "an estimate by the table, then a lower own figure",
      reports({ model: "claude-5", inputTokens: 100_000 }, { usd: 0.4, inputTokens: 100_000 }),
      1,
      true,
    ],
  ])("%s", (_, usages, usd, known) => {
    expect(charge(usages)).toMatchObject({ usd, known });
  });

  test("what stays on the machine costs what it says, and nothing where it says nothing", () => {
    expect([charge([], 0).usd, charge(reports({ usd: 0.3 }), 0).usd]).toEqual([0, 0.3]);
  });

  const figure = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e308, 0.5),
    fc.double({ min: 0, max: 100, noNaN: true }),
  );
  const anyUsage = fc.record({
    model: fc.constantFrom(null, "claude-5", "local-7b", "other"),
    inputTokens: figure,
    cachedTokens: figure,
    outputTokens: figure,
    usd: fc.option(figure),
    turns: figure,
  });

  test("no further report ever makes a pass cheaper, and every bill is a figure", () => {
    fc.assert(
      fc.property(fc.array(anyUsage, { maxLength: 8 }), (usages) => {
        let reading = unread;
        let floor = 0;
        for (const each of usages) {
          reading = read(reading, each, prices);
          const billed = reading.usd ?? 0;
          expect(billed).toBeGreaterThanOrEqual(floor);
          floor = billed;
          const { usd, tokens, known } = chargeOf(reading, 2);
          expect(Number.isFinite(usd) && Number.isFinite(tokens)).toBe(true);
          expect(known ? usd : Math.max(2, usd)).toBe(usd);
        }
      }),
    );
  });

  test("what a run has spent never decreases, whatever its passes report", () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyUsage, { maxLength: 4 }), { maxLength: 6 }), (passes) => {
        let spent = nothingSpent;
        for (const usages of passes) {
          const before = spent.usd;
          spent = addReservation(spent, 2);
          expect(countedUsd(spent)).toBeCloseTo(before + 2, 5);
          spent = addCharge(spent, { ...charge(usages), reserved: 2 });
          expect(spent.usd).toBeGreaterThanOrEqual(before);
          expect(spent.reserved).toBe(0);
        }
      }),
    );
  });
});

describe("money set aside before a pass", () => {
  const limits = { usd: 2, ticketUsd: 5 };

  test.each<[what: string, vendor: string | null, usd: number, reserved: number, answer: number | "refused"]>(
    [
      ["the first pass", "Acme", 0, 0, 2],
      ["the last that fits", "Acme", 3, 0, 2],
      ["one that does not fit", "Acme", 3.01, 0, "refused"],
      ["beside one that was killed", "Acme", 2, 2, "refused"],
      ["for what stays on the machine", null, 99, 0, 0],
    ],
  )("%s", (_, vendor, usd, reserved, answer) => {
    const reservation = reserve({ vendor }, limits, { ...nothingSpent, usd, reserved });
    expect(reservation.kind === "refused" ? "refused" : reservation.usd).toBe(answer);
  });

  test("a program that pays nobody reserves nothing, although it asks for consent", () => {
    const reservation = reserve({ vendor: "ollama", free: true }, limits, { ...nothingSpent, usd: 99 });
    expect(reservation).toEqual({ kind: "reserved", usd: 0 });
  });

  test("a refusal names the figures, what was only assumed, and the key to raise", () => {
    const refused = reserve({ vendor: "Acme" }, limits, { usd: 4, tokens: 0, unknown: 2, reserved: 0 });
    expect(refused).toEqual({
      kind: "refused",
      message:
        "this run counts as US$ 4.00 of US$ 5.00, 2 of its passes counted as US$ 2.00 each, and a pass may take US$ 2.00: raise limits.ticketUsd, or lower limits.usd",
    });
  });

  test("a limit of 0 is for agents that cost nothing", () => {
    expect(reserve({ vendor: "Acme" }, { usd: 0, ticketUsd: 0 }, nothingSpent)).toEqual({
      kind: "reserved",
      usd: 0,
    });
    expect(standing({ usd: 0, tokens: 1, turns: 1 }, { usd: 0, tokens: 10, turns: 10 }).kind).toBe("go");
    expect(standing({ usd: 0.01, tokens: 1, turns: 1 }, { usd: 0, tokens: 10, turns: 10 }).kind).toBe("stop");
  });
});

describe("a pass that goes on", () => {
  const limits = { usd: 2, tokens: 1000, turns: 10 };

  test.each<[usd: number, tokens: number, turns: number, kind: string, says: string]>([
    [1.59, 0, 0, "go", ""],
    [1.6, 0, 0, "warn", "US$ 1.60 of US$ 2.00"],
    [2, 0, 0, "stop", "limits.usd"],
    [0, 799, 0, "go", ""],
    [0, 800, 0, "warn", "800 of 1000 tokens"],
    [0, 1000, 0, "stop", "limits.tokens"],
    [0, 0, 10, "warn", "10 of 10 turns"],
    [0, 0, 11, "stop", "limits.turns"],
    [1.7, 2000, 0, "stop", "limits.tokens"],
  ])("US$ %d, %d tokens, %d turns: %s", (usd, tokens, turns, kind, says) => {
    const state = standing({ usd, tokens, turns }, limits);
    expect([state.kind, state.kind === "go" ? "" : state.message]).toEqual([
      kind,
      expect.stringContaining(says),
    ]);
  });

  function meter(reserved = 2) {
    const notes: string[] = [];
    const tell = (event: { kind: string; text?: string }) =>
      void (event.kind === "note" ? notes.push(event.text ?? "") : undefined);
    return { notes, ...openMeter({ limits, reserved, prices: {}, model: null, tell }) };
  }

  test("is warned once at 80 %, stopped at 100 %, and stays stopped", () => {
    const { notes, report, stopped } = meter();
    const answers = [0.5, 1.7, 1.8, 2.1, 0.1].map((usd) => report(usage({ usd })));
    expect([answers, notes.length, stopped()]).toEqual([
      ["go", "go", "go", "stop", "stop"],
      1,
      expect.stringContaining("raise limits.usd"),
    ]);
  });

  test("shares its budget with its sub-passes: an open part counts in full, a closed one as its own bill", () => {
    const parent = meter();
    parent.report(usage({ usd: 0.5 }));
    const part = parent.slice(0.25);
    expect([part?.limits.usd, parent.charge().usd]).toEqual([0.5, 1]);
    expect(part?.report(usage({ usd: 0.2 }))).toBe("go");
    part?.close();
    const other = parent.slice(1);
    expect([other?.limits.usd, parent.slice(0.1), parent.report(usage({ usd: 0.5 }))]).toEqual([
      1.3,
      null,
      "go",
    ]);
    expect([other?.report(usage({ usd: 1.3 })), parent.report(usage({ usd: 0.5 }))]).toEqual([
      "stop",
      "stop",
    ]);
  });

  test("is billed in millionths of a dollar, however it is added up", () => {
    const parent = meter();
    parent.report(usage({ usd: 0.1 }));
    const part = parent.slice(0.25);
    part?.report(usage({ usd: 0.2 }));
    part?.close();
    expect(parent.charge().usd).toBe(0.3);
  });

  test("a sub-pass that tells nothing costs the whole of its part", () => {
    const parent = meter();
    parent.slice(0.25)?.close();
    parent.report(usage({ usd: 1 }));
    expect(parent.charge()).toMatchObject({ usd: 1.5, known: false });
    expect(parent.slice(0.25)?.limits.usd).toBe(0.5);
    expect(parent.slice(0.25)).toBeNull();
  });
});
