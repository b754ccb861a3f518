import { describe, expect, test } from "vitest";
import { mergeAnchors } from "../../../src/evidence/anchor.ts";

const [a, b, c, d] = ["a", "b", "c", "d"].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
  string,
];

describe("the anchors of two branches", () => {
  test.each([
    ["both ran it for the first time", null, `2 ${a}`, `3 ${b}`, `5 ${a},${b}`],
    ["both went on from one head", `2 ${a}`, `3 ${c}`, `4 ${b}`, `5 ${b},${c}`],
    ["one joined two heads, the other added to one", `2 ${a},${b}`, `3 ${c}`, `3 ${b},${d}`, `4 ${c},${d}`],
    ["a head that nobody followed stays", `2 ${a},${b}`, `3 ${a},${c}`, `3 ${a},${d}`, `4 ${a},${c},${d}`],
    ["the same head by two ways", `1 ${a}`, `2 ${b}`, `2 ${b}`, `3 ${b}`],
  ])("%s", (_, base, ours, theirs, merged) => {
    expect(mergeAnchors({ base, ours, theirs })).toBe(merged);
    expect(mergeAnchors({ base, ours: theirs, theirs: ours })).toBe(merged);
  });

  test.each([
    ["one is no anchor", null, `2 ${a}`, "soon"],
    ["the ancestor's is none", "soon", `2 ${a}`, `2 ${b}`],
    ["one was taken away", `1 ${a}`, `2 ${b}`, null],
    ["both say less than the ancestor: somebody counted down", `9 ${a}`, `2 ${b}`, `2 ${c}`],
  ])("%s: nothing is made of them", (_, base, ours, theirs) => {
    expect(mergeAnchors({ base, ours, theirs })).toBeNull();
  });
});
