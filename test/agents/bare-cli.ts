import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type ModelScript, type ModelServer, startModelServer } from "../support/model-server.ts";
import type { Cli } from "./cli-scene.ts";

/** A CLI without Nimrod around it, in a throw-away home: what it would do by itself. */
export type Bare = {
  model: ModelServer;
  /** Lines of JSON on its stdout. */
  events: () => Record<string, unknown>[];
  stderr: () => string;
  kill: (signal: NodeJS.Signals) => void;
  /** Exit code, or the signal's name. */
  ended: Promise<number | string>;
};

export async function bare(
  cli: Cli,
  given: { args: readonly string[]; prompt?: string; files?: Record<string, string>; config?: string },
  script: ModelScript,
): Promise<Bare> {
  const model = await startModelServer(script);
  const top = mkdtempSync(join(tmpdir(), "nimrod-bare-"));
  onTestFinished(async () => {
    await model.close();
    rmSync(top, { recursive: true, force: true });
  });
  const [home, cwd] = [join(top, "home"), join(top, "work")];
  const config = `model_provider = "lab"\n${given.config ?? ""}\n[model_providers.lab]\nname = "lab"\nbase_url = "${model.url}/v1"\nwire_api = "responses"\n`;
  const files = { ...given.files, "../home/.codex/config.toml": config };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), content);
  }
  mkdirSync(cwd, { recursive: true });
  const child = spawn(cli.file, given.args, {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: "sk-made-up",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      // Whatever it would fetch from elsewhere is not there.
      HTTPS_PROXY: "http://127.0.0.1:9",
      NO_PROXY: "127.0.0.1",
    },
    timeout: 40_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => undefined);
  child.stdin.end(given.prompt ?? "Say hello.");
  return {
    model,
    events: () =>
      stdout
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line)),
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal ?? "gone"))),
  };
}
