// `npm test`: builds, then runs the tests on that build. The last line counts them. `npm test -- --all` adds the
// slow files, as CI does.
import { spawnSync } from "node:child_process";

await import("./build.mjs");
const given = process.argv.slice(2);
const env = given.includes("--all") ? { ...process.env, NIMROD_TEST: "all" } : process.env;
const args = ["run", ...given.filter((word) => word !== "--all")];
const vitest = spawnSync("vitest", args, { stdio: "inherit", env });
process.exit(vitest.status ?? 1);
