import { expect, test } from "vitest";
import { families } from "../../src/authorization/effects/families.ts";
import { nimrod } from "../support/run-nimrod.ts";
import { tempProject } from "../support/temp-project.ts";
import { run } from "../unit/authorization/context.ts";

test("the bundle, which runs the file of a family when asked, knows a tool of each as the source does", async () => {
  const { root, env } = tempProject();
  const names = families.map((family) => Object.keys(family()).at(-1) ?? "");
  const commands = [...names.toReversed(), "no-such-tool"].map((name) => `${name} --no-such-option`);
  const lines = commands.map((command, id) => `${JSON.stringify({ id, command })}\n`);
  const { stdout } = await nimrod(["authorize", "--jsonl"], {
    cwd: root,
    env,
    stdin: lines.join(""),
  });
  const rules = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).rule);
  expect(rules).toEqual(commands.map((command) => run(command).rule));
  expect(rules.filter((rule) => rule === "command.unknown")).toHaveLength(1);
});
