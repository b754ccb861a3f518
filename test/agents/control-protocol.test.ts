import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claudeAdapter } from "../../src/agents/adapters/claude.ts";
import { codexAdapter } from "../../src/agents/adapters/codex.ts";
import { catalog } from "../../src/agents/catalog.ts";
import { openToolboxSession } from "../../src/toolbox/server.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { startModelServer } from "../support/model-server.ts";
import { closing, passWorld } from "../support/pass-request.ts";
import { type Cli, describeCli } from "./cli-scene.ts";

/** The second way of claude and codex, for a version whose own tools cannot be removed: it asks before each use. */

const sandbox = await probeSandbox();

type Kept = {
  own: string;
  /** A use of the tool that it keeps, which looks at a file. */
  use: (path: string) => { name: string; args: Record<string, unknown>; own: true };
};
const kept: Record<string, Kept> = {
  claude: { own: "Read", use: (path) => ({ name: "Read", args: { file_path: path }, own: true }) },
  codex: {
    own: "exec_command",
    use: (path) => ({ name: "exec_command", args: { cmd: `cat ${path}` }, own: true }),
  },
};

function adapterOf(cli: Cli, url: string | null) {
  const row = catalog.find(({ name }) => name === cli.name);
  if (row === undefined) throw new Error(`${cli.name} is not in the catalog`);
  const env = { PATH: process.env["PATH"], ANTHROPIC_API_KEY: "sk-made-up", OPENAI_API_KEY: "sk-made-up" };
  const operator = { env, home: "/nonexistent" };
  const baseUrl = url === null ? null : cli.baseUrl(url);
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
  return (cli.name === "codex" ? codexAdapter : claudeAdapter)({ ...options, baseUrl }, "asked");
}

describeCli(
  "that keeps a tool of its own",
  (cli) => {
    const { own, use } = kept[cli.name] ?? { own: "", use: () => ({ name: "", args: {}, own: true }) };

    test("is found to ask before it uses it", { timeout: 120_000 }, async () => {
      const { folder } = await passWorld();
      const probe = await adapterOf(cli, null).probe({ sandbox, cache: join(folder, "cache") });
      expect(probe).toMatchObject({ kind: "ready", gate: "full" });
      expect("ownTools" in probe && probe.ownTools.join()).toContain(own);
    });

    test("does with it what the gate allows, and nothing else", { timeout: 120_000 }, async () => {
      const { request } = await passWorld({ sandbox });
      const limits = { ...request.limits, wallSeconds: 60, startSeconds: 60, idleSeconds: 30 };
      const paths = ["open.txt", "shut.txt"].map((name) => join(request.worktree, name));
      for (const path of paths) writeFileSync(path, `content of ${path}-4471\n`);
      let results: string[] = [];
      const model = await startModelServer((seen) => {
        results = seen.results;
        const path = paths[seen.results.length];
        if (path !== undefined) return { calls: [use(path)] };
        if (seen.results.length > paths.length) return { say: "done" };
        return { calls: [{ name: "submit", args: { nonce: request.nonce, result: closing } }] };
      });
      const judged: string[] = [];
      const toolbox = {
        perform: async () => ({ kind: "read" as const, status: "denied" as const, tier: "deny" }),
        judge: async (action: unknown) => {
          judged.push(JSON.stringify(action));
          return { allowed: JSON.stringify(action).includes("open.txt"), reason: "not that one" };
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
      const outcome = await adapterOf(cli, model.url).run({ ...request, limits, openSession }, toolbox);
      await model.close();
      expect(judged, JSON.stringify([outcome, results])).toHaveLength(2);
      expect(outcome).toMatchObject({ kind: "finished" });
      expect(results[0]).toContain("open.txt-4471");
      expect(results[1]).not.toContain("-4471");
    });
  },
  ["claude", "codex"],
);
