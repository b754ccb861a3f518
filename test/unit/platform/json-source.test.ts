import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePolicyText } from "../../../src/authorization/policy/parse.ts";
import { readSource } from "../../../src/platform/json-source.ts";

const path = ".nimrod/policy.json";

test("every value has its line, and what is not there has that of what is around it", () => {
  const source = readSource('{\n  "a": [\n    1,\n    { "b": "x\\n\\u00e9" }\n  ],\n\n  "c": null\n}\n');
  if (!("lineOf" in source)) throw new Error(source.message);
  const lines = [[], ["a"], ["a", 0], ["a", 1, "b"], ["a", 1, "z"], ["c"], ["z"]].map(source.lineOf);
  expect(lines).toEqual([1, 2, 3, 4, 4, 7, 1]);
  expect(source.value).toEqual({ a: [1, { b: "x\né" }], c: null });
});

test.each([
  ["", 1, "ends in the middle"],
  ['{\n "a": 1,\n}', 3, '"}" is not expected here'],
  ['{\n "a" 1}', 2, '"1" is not expected here'],
  ['["\n"]', 1, '"\\"" is not expected here'],
  ["{} {}", 1, '"{" is not expected here'],
  ["[01]", 1, '"1" is not expected here'],
  ["\ufeff{}", 1, '"\ufeff" is not expected here'],
  [`${"[".repeat(60)}${"]".repeat(60)}`, 1, "nested too deeply"],
])("%j is told with its line", (text, line, message) => {
  expect(readSource(text)).toEqual({ line, message });
});

test("it reads what JSON.parse reads, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json({ maxDepth: 5 }),
        fc.string(),
        fc
          .array(fc.constantFrom(...'{}[]:,"\\ 01-.eE+truefalsn\n'), { maxLength: 12 })
          .map((all) => all.join("")),
      ),
      (text) => {
        const source = readSource(text);
        let value: unknown;
        try {
          value = JSON.parse(text);
        } catch {
          expect(source).not.toHaveProperty("value");
          return;
        }
        expect("value" in source ? source.value : source).toEqual(value);
      },
    ),
    { numRuns: 2000 },
  );
});

const broken = (text: string) => {
  try {
    parsePolicyText(text, path);
  } catch (error) {
    return error as { code: string; where: string; message: string; lines: string[] };
  }
  throw new Error("not broken");
};

test("a broken policy says file and line of everything that is wrong", () => {
  const text = `{
  "version": 1,
  "rules": [
    { "match": { "command": ["git push*"] }, "tier": "deny" },
    {
      "match": { "command": ["ls*"] },
      "tier": "strict"
    }
  ],
  "egres": []
}`;
  expect(broken(text)).toMatchObject({
    code: "broken",
    where: `${path}:7`,
    lines: [expect.stringMatching(/^\.nimrod\/policy\.json:10: .*egres/)],
  });
});

test("an example that does not hold is told with its own line", () => {
  const text = `{
  "version": 1,
  "rules": [
    {
      "match": { "command": ["git push*"] },
      "tier": "deny",
      "examples": {
        "match": ["git push"],
        "notMatch": [
          "git status",
          "git push origin"
        ]
      }
    }
  ]
}`;
  expect(broken(text)).toMatchObject({
    where: `${path}:11`,
    message: expect.stringContaining('should not match "git push origin" and does'),
  });
});

test("a key that is there twice would hide the first: it is an error, not a choice", () => {
  const rule = '{ "match": { "command": ["git push*"] }, "tier": "deny" }';
  expect(broken(`{ "version": 1, "rules": [${rule}],\n "rules": [] }`)).toMatchObject({
    code: "broken",
    where: `${path}:2`,
    message: expect.stringContaining("rules is there twice"),
  });
});

test("text that is no JSON is told with its line", () => {
  expect(broken('{\n  "version": 1,\n}')).toMatchObject({ code: "broken", where: `${path}:3` });
});
