import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { carriesRunCookie, runCookie } from "../../../src/authorization/run-cookie.ts";

/** Started by a parent with `env`, the child's own environment is empty. Both run until the test has ended. */
async function childOf(env: Record<string, string>): Promise<number> {
  const child = `setInterval(() => {}, 1000);`;
  const parent = `
    const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { env: {}, stdio: "ignore" });
    child.on("spawn", () => console.log(child.pid));
    process.stdin.resume().on("end", () => { child.kill("SIGKILL"); process.exit(); });
  `;
  const started = spawn(process.execPath, ["-e", parent], { env, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(started, "exit");
  onTestFinished(async () => {
    started.stdin.end();
    await ended;
  });
  const [line] = await once(createInterface(started.stdout), "line");
  return Number(line);
}

describe("a process speaks for a person", () => {
  test("when neither it nor an ancestor was started by a pass", async () => {
    const pid = await childOf({});
    expect(await carriesRunCookie({}, pid)).toBe(false);
  });
});

describe("a process does not speak for a person", () => {
  test.each(["P1", ""])("with the cookie %j in its environment", async (value) => {
    expect(await carriesRunCookie({ [runCookie]: value }, 1)).toBe(true);
  });

  test("whose parent was started by a pass, though its own environment is empty", async () => {
    const pid = await childOf({ [runCookie]: "P1" });
    expect(readFileSync(`/proc/${pid}/environ`, "latin1")).not.toContain(runCookie);
    expect(await carriesRunCookie({}, pid)).toBe(true);
  });

  test("but does with a variable that only looks like the cookie", async () => {
    const pid = await childOf({ [`${runCookie}_X`]: "P1", X: `${runCookie}=P1` });
    expect(await carriesRunCookie({}, pid)).toBe(false);
  });
});
