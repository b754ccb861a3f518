import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLog } from "../../../src/platform/log.ts";
import { tempFolder } from "../../support/operator-repository.ts";

test("lines carry the fields, are only the owner's to read, and hold no secret", async () => {
  const file = join(tempFolder(), "logs", "run.jsonl");
  const log = await openLog(file, { ticket: "nim-7k3f9q", pass: "review" });
  log.info({ exit: 0, token: "hunter2", request: { password: "hunter2", env: { A: "hunter2" } } }, "ran");
  log.warn({ prompt: "hunter2 and a whole prompt" }, "long");
  log.error({}, "failed");
  await log.flush();
  const text = readFileSync(file, "utf8");
  const lines = text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([
    { level: 30, ticket: "nim-7k3f9q", pass: "review", exit: 0, token: "[redacted]", msg: "ran" },
    { level: 40, prompt: "[redacted]" },
    { level: 50, msg: "failed" },
  ]);
  expect(text).not.toContain("hunter2");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
