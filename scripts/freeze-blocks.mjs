// `node scripts/freeze-blocks.mjs`: adds to test/unit/authorization/blocked.jsonl what the labelled commands say needs
// approval and the classifier blocks. Rows are only ever added: a reviewed block never becomes an allow.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labelledCommands } from "../test/support/labelled-commands.ts";
import { run } from "../test/unit/authorization/context.ts";

const file = join(import.meta.dirname, "..", "test", "unit", "authorization", "blocked.jsonl");
const text = existsSync(file) ? readFileSync(file, "utf8") : "";
const frozen = new Map(
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .map(({ command, tier }) => [command, tier]),
);
const before = frozen.size;
for (const { command, gold } of [...labelledCommands().values()].flat()) {
  const { tier } = run(command);
  if (gold === "explicit" && !frozen.has(command) && (tier === "explicit" || tier === "deny"))
    frozen.set(command, tier);
}
const lines = [...frozen].map(([command, tier]) => JSON.stringify({ command, tier }));
writeFileSync(file, `${lines.sort().join("\n")}\n`);
process.stdout.write(`${frozen.size} blocks, ${frozen.size - before} of them new\n`);
