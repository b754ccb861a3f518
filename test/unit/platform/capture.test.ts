import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { startCapture } from "../../../src/platform/capture.ts";

function capture(maxBytes: number, ...chunks: (string | Buffer)[]) {
  const taken = startCapture(maxBytes);
  for (const chunk of chunks) taken.push(Buffer.from(chunk));
  return taken.done();
}

test("what fits is kept whole", () => {
  expect(capture(10, "abc", "", "defghij")).toMatchObject({
    text: "abcdefghij",
    bytes: 10,
    truncated: false,
  });
  expect(capture(10)).toMatchObject({ text: "", bytes: 0, truncated: false });
});

test("what does not fit keeps its ends and says how much is missing", () => {
  expect(capture(10, "aaaaabbb", "bbbbbcc", "ccc").text).toBe("aaaaa\n[… 8 bytes cut …]\nccccc");
});

test("a cut through a character makes no invalid one, an invalid one stays visible", () => {
  expect(capture(10, "ääääääääää").text).toBe("ää\n[… 10 bytes cut …]\nää");
  expect(capture(10, Buffer.from([0x61, 0xff, 0x62]))).toMatchObject({ text: "a\uFFFDb", bytes: 3 });
});

test("length and hash are those of all bytes, and the ends are the true ends, however it was chunked", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.integer({ min: 0, max: 30 }),
      (chunks, limit) => {
        const all = Buffer.concat(chunks);
        const latin = Buffer.from(all.map((byte) => 0x61 + (byte % 26)));
        const taken = startCapture(limit);
        let at = 0;
        for (const chunk of chunks) {
          taken.push(latin.subarray(at, at + chunk.length));
          at += chunk.length;
        }
        const { text, bytes, sha256, truncated } = taken.done();
        expect(bytes).toBe(latin.length);
        expect(sha256).toBe(createHash("sha256").update(latin).digest("hex"));
        expect(truncated).toBe(latin.length > limit);
        const half = Math.ceil(limit / 2);
        const tail = latin.subarray(latin.length - (limit - half)).toString();
        const cut = `${latin.subarray(0, half)}\n[… ${latin.length - limit} bytes cut …]\n${tail}`;
        expect(text).toBe(truncated ? cut : latin.toString());
      },
    ),
  );
});
