import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claudeAdapter } from "../../src/agents/adapters/claude.ts";
import { catalog } from "../../src/agents/catalog.ts";
import { openToolboxSession } from "../../src/toolbox/server.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { startModelServer } from "../support/model-server.ts";
import { closing, passWorld } from "../support/pass-request.ts";
import { type Cli, describeCli } from "./cli-scene.ts";

/** The second way of claude, for a version whose own tools cannot be removed: it asks before each use. */

const sandbox = await probeSandbox();
const row = catalog.find(({ name }) => name === "claude");

function adapterOf(cli: Cli, baseUrl: string | null) {
  if (row === undefined) throw new Error("claude is not in the catalog");
  const operator = {
    env: { PATH: process.env["PATH"], ANTHROPIC_API_KEY: "sk-made-up" },
    home: "/nonexistent",
  };
  const options = {
    name: "lab",
    row,
    command: [cli.file],
    vendor: "lab",
    model: null,
    hosts: [],
    env: [],
    operator,
  };
  return claudeAdapter({ ...options, baseUrl }, "asked");
}

describeCli(
  "that keeps a tool of its own",
  (cli) => {
    test("is found to ask before it reads", { timeout: 60_000 }, async () => {
      const { folder } = await passWorld();
      const probe = await adapterOf(cli, null).probe({ sandbox, cache: join(folder, "cache") });
      expect(probe).toMatchObject({ kind: "ready", gate: "full", ownTools: ["Read"] });
    });

    test("reads what the gate allows, and nothing else", { timeout: 60_000 }, async () => {
      const { request, worktree } = await passWorld({ sandbox }).then((world) => ({
        ...world,
        worktree: world.request.worktree,
      }));
      writeFileSync(join(worktree, "open.txt"), "open-4471\n");
      writeFileSync(join(worktree, "shut.txt"), "shut-4471\n");
      const paths = [join(worktree, "open.txt"), join(worktree, "shut.txt"), "open.txt"];
      let results: string[] = [];
      const model = await startModelServer((seen) => {
        results = seen.results;
        const path = paths[seen.results.length];
        if (path !== undefined) return { calls: [{ name: "Read", args: { file_path: path } }] };
        if (seen.results.length > paths.length) return { say: "done" };
        return { calls: [{ name: "submit", args: { nonce: request.nonce, result: closing } }] };
      });
      const judged: unknown[] = [];
      const toolbox = {
        perform: async () => ({ kind: "read" as const, status: "denied" as const, tier: "deny" }),
        judge: async (action: unknown) => {
          judged.push(action);
          const allowed = JSON.stringify(action).includes("open.txt");
          return { allowed, reason: "ask read_file for that" };
        },
      };
      const openSession: typeof request.openSession = ({ submit }) =>
        openToolboxSession({
          toolbox,
          submit,
          role: "closer",
          nonce: request.nonce,
          capabilities: [],
          maxCalls: 10,
          watch: () => null,
          signal: request.signal,
        });
      const outcome = await adapterOf(cli, model.url).run({ ...request, openSession }, toolbox);
      await model.close();
      expect(outcome).toMatchObject({ kind: "finished" });
      // What it calls by a relative path lies in the empty folder that it starts in.
      expect(judged).toMatchObject([
        { path: paths[0] },
        { path: paths[1] },
        { path: expect.stringMatching(/start\/open/) },
      ]);
      expect(results[0]).toContain("open-4471");
      expect(results[1]).toContain("ask read_file for that");
      expect(results[2]).not.toContain("4471");
    });
  },
  ["claude"],
);
