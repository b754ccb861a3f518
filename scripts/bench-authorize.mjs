// `npm run bench:authorize`: how the classifier does on labelled commands, beside other gates on the same commands in the
// same run. No command is run. `NIMROD_CORPORA=folder` adds sets of one's own, as JSON lines with `id`, `command`, `gold`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPinned } from "./pinned-packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const peers = {
  "cc-safety-net": { packageName: "cc-safety-net", version: "2.4.5" },
  "gemini-cli-core": { packageName: "@google/gemini-cli-core", version: "0.61.0" },
};
const env = { ...process.env, NIMROD_TEST: "bench" };
const beside = join(root, "..", "shared", "corpora");
if (env["NIMROD_CORPORA"] === undefined && existsSync(beside)) env["NIMROD_CORPORA"] = beside;
for (const [name, pin] of Object.entries(peers)) {
  try {
    env[`NIMROD_PEER_${name.toUpperCase().replaceAll("-", "_")}`] = installPinned(name, pin);
  } catch (error) {
    process.stderr.write(
      `\n!!! SKIPPED: ${name} could not be installed, so it is not compared\n${error.message}\n\n`,
    );
  }
}
const vitest = spawnSync("vitest", ["run", "test/bench/authorize.test.ts"], { stdio: "inherit", env });
process.exit(vitest.status ?? 1);
