import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/platform/digest.ts";
import { plainSha256 } from "../../../src/platform/plain-sha256.ts";

test("it is SHA-256", () => {
  assert(
    property(string({ unit: "grapheme", maxLength: 300 }), (text) => plainSha256(text) === sha256(text)),
    { numRuns: 500 },
  );
});

// Where the padding needs a block more.
test.each([0, 54, 55, 56, 63, 64, 119, 120])("of %i bytes", (length) => {
  expect(plainSha256("x".repeat(length))).toBe(sha256("x".repeat(length)));
});
