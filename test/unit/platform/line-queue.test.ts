import { expect, test } from "vitest";
import { startLineQueue } from "../../../src/platform/line-queue.ts";

const limits = { idleMs: 5_000, deadlineMs: 10_000, maxBytes: 20 };

function queue() {
  const source = { paused: false };
  const lines = startLineQueue({
    pause: () => {
      source.paused = true;
    },
    resume: () => {
      source.paused = false;
    },
  });
  return { lines, source, push: (text: string) => lines.push(Buffer.from(text)) };
}

test("lines come out as they went in, whatever the chunks, the last one also without its end", async () => {
  const { lines, push } = queue();
  for (const chunk of ["on", "e\ntwo\r\n", "\n", "thr", "ee"]) push(chunk);
  lines.end();
  const got: string[] = [];
  for (;;) {
    const answer = await lines.next(limits);
    if (answer.kind !== "line") break;
    got.push(answer.text);
  }
  expect(got).toEqual(["one", "two", "", "three"]);
  expect(await lines.next(limits)).toEqual({ kind: "eof" });
});

test("a character that two chunks share stays whole", async () => {
  const { lines } = queue();
  const bytes = Buffer.from("ä\n");
  lines.push(bytes.subarray(0, 1));
  lines.push(bytes.subarray(1));
  expect(await lines.next(limits)).toEqual({ kind: "line", text: "ä" });
});

test("a line that is too long is a flood, with or without its end", async () => {
  const whole = queue();
  whole.push(`${"x".repeat(21)}\n`);
  expect(await whole.lines.next(limits)).toEqual({ kind: "flood" });
  const open = queue();
  open.push("x".repeat(21));
  expect(await open.lines.next(limits)).toEqual({ kind: "flood" });
});

test("a source that nobody reads is paused, and resumed when somebody does", async () => {
  const { lines, source, push } = queue();
  const line = `${"x".repeat(1023)}\n`;
  for (let i = 0; i < 4096; i += 1) push(line);
  expect(source.paused).toBe(true);
  await lines.next({ ...limits, maxBytes: 2_000 });
  expect(source.paused).toBe(false);
});

test("silence, the deadline and a cancellation each end the wait", async () => {
  const { lines } = queue();
  expect(await lines.next({ ...limits, idleMs: 1 })).toEqual({ kind: "idle" });
  expect(await lines.next({ ...limits, deadlineMs: 1 })).toEqual({ kind: "timeout" });
  const abort = new AbortController();
  const waiting = lines.next({ ...limits, signal: abort.signal });
  abort.abort();
  expect(await waiting).toEqual({ kind: "cancelled" });
  expect(await lines.next({ ...limits, signal: abort.signal })).toEqual({ kind: "cancelled" });
});
