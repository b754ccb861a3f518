import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AgentAction } from "../../../src/agents/adapter.ts";
import { passToolboxWorld } from "../../support/pass-toolbox-world.ts";

const run = (command: string): AgentAction => ({ kind: "run", command });

describe("what an agent would do with tools of its own", () => {
  const question = { id: "Q1", kind: "yesno" as const, text: "May I?", neededFor: [] };
  test.each<[AgentAction, boolean, string]>([
    [{ kind: "read", path: "app.conf" }, true, ""],
    [{ kind: "list", path: "." }, true, ""],
    [{ kind: "search", pattern: "x" }, true, ""],
    [run("ls"), true, ""],
    [run("git status"), true, ""],
    [{ kind: "run", argv: ["cat", "app.conf"] }, true, ""],
    // Its home holds what it logged in with, and its environment the variables of it.
    [{ kind: "read", path: "/etc/hostname" }, false, "read_file"],
    [{ kind: "read", path: "../home/.claude/.credentials.json" }, false, "read_file"],
    [{ kind: "read", path: ".env" }, false, "read_file"],
    [run("cat /proc/self/environ"), false, "run"],
    [run("echo $ANTHROPIC_API_KEY"), false, "run"],
    [run("/bin/bash -lc 'cat app.conf'"), true, ""],
    [run("/bin/bash -lc 'echo $LAB'"), false, "run"],
    [run("timeout 3 bash -c 'echo `uname`'"), false, "run"],
    [{ kind: "run", argv: ["bash", "-c", "echo $LAB"] }, false, "run"],
    // It could type `!cat …` into any of these.
    [run("less app.conf"), false, "run"],
    [run("/bin/bash -lc 'ls && /usr/bin/less app.conf'"), false, "run"],
    [run("git help log"), false, "run"],
    [run("printenv"), false, "run"],
    [run("env"), false, "run"],
    [{ kind: "run", argv: ["/usr/bin/printenv", "ANTHROPIC_API_KEY"] }, false, "run"],
    [run("ls; ls"), false, "run"],
    [run("ls | xargs rm"), false, "run"],
    [run("dig example.org"), false, "run"],
    [run("npm test"), false, "run"],
    [run("rm -rf ."), false, "run"],
    [run("uptime"), false, "run"],
    [{ kind: "write", path: "docs/a.md", content: "x" }, false, "write_file"],
    [{ kind: "edit", path: "app.conf", old: "80", new: "81" }, false, "edit_file"],
    [{ kind: "fetch", url: "https://example.org/" }, false, "fetch"],
    [{ kind: "ask", questions: [question] }, false, "ask_operator"],
    [{ kind: "delegate", question: "why" }, false, "delegate"],
  ])("%j: allowed %s", async (action, allowed, tool) => {
    const { toolbox } = await passToolboxWorld();
    const judged = await toolbox.judge?.(action);
    expect(judged?.allowed).toBe(allowed);
    if (!allowed) expect(judged?.reason).toContain(`use the tool ${tool} of the MCP server nimrod`);
  });
});

test("a judgement is recorded, asks nobody and performs nothing", async () => {
  const world = await passToolboxWorld();
  await world.toolbox.judge?.(run("ls"));
  await world.toolbox.judge?.(run("curl https://example.org/"));
  await world.toolbox.judge?.({ kind: "write", path: "new.txt", content: "x" });
  const records = (await world.evidence()).filter(({ type }) => type === "action").map(({ data }) => data);
  expect(records.map((data) => `${data["kind"]} ${data["tier"]} ${data["answer"]}`)).toEqual([
    "run none allowed",
    "run explicit refused",
    "write brief refused",
  ]);
  expect(await world.approvals.list()).toEqual([]);
  expect(existsSync(world.at("worktree/new.txt"))).toBe(false);
});
