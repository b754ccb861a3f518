import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { honest, id } from "../support/scripted-roles.ts";
import { cliScene, writeGreeting } from "./cli-scene.ts";

/** pi has no adapter: it is a text program, tied by the sandbox, that answers by the plain protocol. */

const [version = "", file = ""] = (process.env["NIMROD_TEST_PI"] ?? "").split(" ");
const isAsked = (process.env["NIMROD_TEST_ASKED"] ?? "").split(" ").includes("pi");
const why = isAsked ? "not installed" : "not asked for";

/** A page of set-up in the fresh home, and then pi in its place, without tools, extensions or files of its own. */
const wrapper = (url: string) => `#!/bin/sh
mkdir -p "$HOME/.pi/agent"
cat > "$HOME/.pi/agent/models.json" <<'END'
{ "providers": { "lab": { "baseUrl": "${url}/v1", "api": "openai-completions", "apiKey": "made-up",
  "models": [ { "id": "scripted" } ] } } }
END
exec "${file}" -p --offline --no-session --no-tools --no-extensions --no-skills --no-prompt-templates \\
  --no-context-files --provider lab --model scripted
`;

test.skipIf(file === "")(
  `pi ${version} as a text program takes a ticket to review, in all six roles${file === "" ? ` (SKIPPED: ${why})` : ""}`,
  { timeout: 300_000 },
  async () => {
    const cli = {
      name: "opencode" as const,
      adapter: "plain" as const,
      file,
      version,
      baseUrl: (url: string) => url,
      args: [dirname(dirname(file))],
      agent: "pi",
      model: null,
    };
    const lab = await cliScene(cli, ({ text, role, nonce }) => {
      const { args } = writeGreeting;
      const acts = role === "implementer" && !text.includes("# Outcomes of round 1");
      const body = acts
        ? { actions: [{ kind: "write", ...args }] }
        : { result: honest[role as keyof typeof honest] };
      return {
        say: `So be it.\n\n\`\`\`json\n${JSON.stringify({ protocol: "nimrod-pass/1", nonce, ...body })}\n\`\`\``,
      };
    });
    const script = join(lab.project.home, "ask-pi");
    writeFileSync(script, wrapper(lab.model.url));
    chmodSync(script, 0o755);
    const path = join(lab.project.configHome, "nimrod", "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    config.agents.pi.command[0] = script;
    writeFileSync(path, JSON.stringify(config));

    const next = await lab.run("next");
    expect([next.exitCode, lab.status()], next.stderr).toEqual([0, "in_review"]);
    const results = lab.evidence().filter(({ type }) => type === "result");
    expect(results.map(({ actor }) => actor)).toEqual(Array(6).fill("agent:pi"));
    expect(lab.model.requests.flatMap(({ tools }) => tools)).toEqual([]);
    expect((await lab.run("close", id)).exitCode).toBe(0);
    expect(lab.project.read("greeting.txt")).toBe("hello\n");
  },
);
