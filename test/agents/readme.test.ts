import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cliScene, describeCli, honestly, writeGreeting } from "./cli-scene.ts";

const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
const shown =
  /<!-- run with claude: nimrod next -->\n```console\n\$ .*\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";

/** Reads, tries something that it may not, writes, and looks at what it wrote. */
const script = honestly({
  researcher: [
    { name: "search", args: { pattern: "hello|greeting" } },
    { name: "run", args: { command: "git log --oneline -3" } },
  ],
  implementer: [{ name: "write_file", args: { path: ".nimrod/policy.json", content: "{}" } }, writeGreeting],
  reviewer: [{ name: "run", args: { command: "grep -q hello greeting.txt" } }],
});

describeCli(
  "in the README",
  (cli) => {
    test("prints what is shown there", { timeout: 120_000 }, async () => {
      const { run } = await cliScene({ ...cli, agent: "claude" }, script, {
        only: ["researcher", "planner", "implementer", "reviewer"],
      });
      const done = await run("next");
      expect(normalized(done.stderr + done.stdout)).toBe(normalized(shown));
    });
  },
  ["claude"],
);

/** Times differ from run to run; tokens, with the length of a prompt. */
function normalized(text: string): string {
  return text
    .replaceAll(/\d+\.\d s\b/g, "T s")
    .replaceAll(/tokens [\d.]+k?/g, "tokens N")
    .replaceAll(/\$\d+\.\d+/g, "$N")
    .replaceAll(/sandbox bwrap|no sandbox/g, "SANDBOX");
}
