import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Role, roles } from "../../src/agents/role-names.ts";
import type { ModelServer } from "../support/model-server.ts";

/** Milliseconds from a start to the first request to the model: of the CLI alone, and of passes of Nimrod. */

export type BenchCli = { name: "claude" | "codex"; file: string; args: readonly string[]; basePath: string };

/** The CLI as a person would start it in a script: no toolbox, no sandbox. */
export async function bareStart(cli: BenchCli, model: ModelServer): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), "nimrod-bench-"));
  try {
    mkdirSync(join(home, ".codex"));
    writeFileSync(
      join(home, ".codex", "config.toml"),
      `model_provider = "lab"\n[model_providers.lab]\nname = "lab"\nbase_url = "${model.url}/v1"\nwire_api = "responses"\n[analytics]\nenabled = false\n[features]\nplugins = false\n`,
    );
    const before = model.requests.length;
    const started = performance.now();
    const child = spawn(cli.file, cli.args, {
      cwd: home,
      env: {
        PATH: process.env["PATH"],
        HOME: home,
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: "sk-made-up",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        DISABLE_AUTOUPDATER: "1",
      },
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.stdin.end("Say hello.");
    await new Promise((done) => child.on("close", done));
    const first = model.requests.slice(before).find(({ method }) => method === "POST");
    if (first === undefined) throw new Error(`${cli.name} asked no model`);
    return first.atMs - started;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Of each pass of one `nimrod next`: from the line that says it begins to the first request of its model. */
export async function passStarts(
  next: { args: readonly string[]; cwd: string; env: Record<string, string> },
  model: ModelServer,
): Promise<Map<Role, number>> {
  const began = new Map<Role, number>();
  const before = model.requests.length;
  const child = spawn(process.execPath, next.args, {
    cwd: next.cwd,
    env: next.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let talk = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    talk += text;
    for (const [, pass = ""] of text.matchAll(/^▸ (\w+)/gm)) {
      const role = roles.find((each) => each.startsWith(pass === "triage" ? "triag" : pass.slice(0, 4)));
      if (role !== undefined) began.set(role, performance.now());
    }
  });
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) throw new Error(`nimrod next ended with ${code}\n${talk}`);
  const asked = model.requests.slice(before);
  return new Map(
    [...began].flatMap(([role, startedMs]) => {
      const first = asked.find(({ body }) => body.includes(`You are the ${role} of Nimrod`));
      return first === undefined ? [] : [[role, first.atMs - startedMs] as const];
    }),
  );
}
