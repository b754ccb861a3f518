import { expect, test } from "vitest";
import { until } from "../support/kill.ts";
import { bare } from "./bare-cli.ts";
import { describeCli } from "./cli-scene.ts";

/** What makes the adapters' flags necessary, for the pinned versions. One that turns red here may be obsolete. */

const done = () => ({ say: "done" });
const never = { ended: new Promise<never>(() => undefined) };

describeCli(
  "by itself",
  (cli) => {
    const words = ["-p", "--output-format", "stream-json", "--verbose"];

    test("offers its model hands of its own", { timeout: 120_000 }, async () => {
      const run = await bare(cli, { args: words }, done);
      await run.ended;
      expect(run.model.requests[0]?.tools).toEqual(
        expect.arrayContaining(["Bash", "Agent", "Edit", "Write"]),
      );
    });

    test("starts an agent of its own without asking anybody", { timeout: 120_000 }, async () => {
      const run = await bare(cli, { args: words }, ({ text, results }) => {
        if (text.includes("sub-agent-canary") || results.length > 0) return { say: "done" };
        const args = { description: "d", prompt: "sub-agent-canary", subagent_type: "general-purpose" };
        return { calls: [{ name: "Agent", args }] };
      });
      await run.ended;
      const prompted = run.model.requests.filter(({ body }) => /"role":"user".*sub-agent-canary/.test(body));
      expect(prompted.length).toBeGreaterThan(0);
    });

    test("reads files that a prompt mentions, beside any gate", { timeout: 120_000 }, async () => {
      const files = { "peach.txt": "peach-content-9921\n" };
      const run = await bare(
        cli,
        { args: [...words, "--tools", ""], prompt: "See @peach.txt.", files },
        done,
      );
      await run.ended;
      expect(run.model.requests[0]?.body).toContain("peach-content-9921");
    });

    test("runs the hooks that a folder brings", { timeout: 120_000 }, async () => {
      const hook = { hooks: [{ type: "command", command: "echo hook-canary" }] };
      const settings = JSON.stringify({ hooks: { UserPromptSubmit: [hook] } });
      const run = await bare(cli, { args: words, files: { ".claude/settings.json": settings } }, done);
      await run.ended;
      expect(run.model.requests[0]?.body).toContain("hook-canary");
    });

    test("says 0 when it was interrupted", { timeout: 120_000 }, async () => {
      const run = await bare(cli, { args: words }, () => ({ fault: "hang" }));
      await until(never, () => run.model.requests.length > 0);
      run.kill("SIGINT");
      expect(await run.ended).toBe(0);
      expect(run.events().find(({ type }) => type === "result")).toMatchObject({ is_error: true });
    });

    test("tries a refused key again and again", { timeout: 120_000 }, async () => {
      const run = await bare(cli, { args: words }, () => ({ status: 401, message: "invalid x-api-key" }));
      await until(never, () => run.model.requests.length > 2);
      run.kill("SIGKILL");
      await run.ended;
      expect(run.events()).toContainEqual(
        expect.objectContaining({ subtype: "api_retry", error_status: 401 }),
      );
    });

    test("calls a failure a success in one field of two", { timeout: 120_000 }, async () => {
      const run = await bare(cli, { args: words }, () => ({ status: 400, message: "no" }));
      expect(await run.ended).toBe(1);
      const result = run.events().find(({ type }) => type === "result");
      expect([result?.["subtype"], result?.["is_error"]]).toEqual(["success", true]);
    });
  },
  ["claude"],
);

describeCli(
  "by itself",
  (cli) => {
    const words = ["exec", "--json", "--skip-git-repo-check", "-s", "read-only"];
    const off = ["shell_tool", "unified_exec", "multi_agent", "goals"].flatMap((name) => ["--disable", name]);

    test("offers hands of its own whatever is disabled, unless its list of models says otherwise", {
      timeout: 120_000,
    }, async () => {
      const run = await bare(cli, { args: [...words, ...off, "-"] }, done);
      await run.ended;
      const tools = run.model.requests.find(({ method }) => method === "POST")?.tools;
      expect(tools).toEqual(expect.arrayContaining(["functions.exec", "collaboration.spawn_agent"]));
    });

    test("takes a folder's AGENTS.md for instructions", { timeout: 120_000 }, async () => {
      const files = { "AGENTS.md": "orange-otter-4417\n" };
      const run = await bare(cli, { args: [...words, "-"], files }, done);
      await run.ended;
      expect(run.model.requests.map(({ body }) => body).join()).toContain("orange-otter-4417");
    });

    test("asks its model without the tools of a server that starts slowly", {
      timeout: 120_000,
    }, async () => {
      const server = `setTimeout(() => require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, method, params } = JSON.parse(line);
      const result = method === "initialize"
        ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } }
        : { tools: [{ name: "late_tool", inputSchema: { type: "object" } }] };
      if (id !== undefined) process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n");
    }), 4_000)`;
      const config = (more: string) =>
        `[mcp_servers.slow]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ["-e", ${JSON.stringify(server)}]\n${more}`;
      const seen = async (more: string): Promise<string> => {
        const run = await bare(cli, { args: [...words, "-m", "lab", "-"], config: config(more) }, done);
        await run.ended;
        return run.model.requests.map(({ body }) => body).join();
      };
      const [without, required] = await Promise.all([seen(""), seen("required = true")]);
      expect(without).not.toContain("late_tool");
      expect(required).toContain("late_tool");
    });
  },
  ["codex"],
);
