// `npm run test:agents [name…]`: contract tests with the real agent CLIs and a scripted model on loopback. Without names
// claude and codex; NIMROD_TEST_AGENTS="gemini opencode" adds others. No key is needed and none is read.
import { spawnSync } from "node:child_process";
import { install, known, usual } from "./agent-clis.mjs";

await import("./build.mjs");
const given = process.argv.slice(2);
const named = given.filter((word) => known.includes(word));
const asked = (process.env["NIMROD_TEST_AGENTS"] ?? "").split(/[\s,]+/).filter(Boolean);
// `--bench`: the figures in place of the stories.
const bench = given.includes("--bench");
const env = { ...process.env, NIMROD_TEST: bench ? "bench" : "agents" };
const names = [...new Set([...(named.length > 0 ? named : usual), ...asked])];
env["NIMROD_TEST_ASKED"] = names.join(" ");
for (const name of names) {
  try {
    const { version, program } = install(name);
    env[`NIMROD_TEST_${name.toUpperCase().replaceAll("-", "_")}`] = `${version} ${program}`;
  } catch (error) {
    process.stderr.write(
      `\n!!! SKIPPED: ${name} could not be installed, so its contract is not tested\n${error.message}\n\n`,
    );
  }
}
const files = bench ? ["test/bench/agent-overhead.test.ts"] : [];
const args = ["run", ...files, ...given.filter((word) => word !== "--bench" && !known.includes(word))];
const vitest = spawnSync("vitest", args, { stdio: "inherit", env });
process.exit(vitest.status ?? 1);
