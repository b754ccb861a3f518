// `npm test`: builds, then runs the tests on that build. The last line counts them.
import { spawnSync } from "node:child_process";

await import("./build.mjs");
const vitest = spawnSync("vitest", ["run", ...process.argv.slice(2)], { stdio: "inherit" });
process.exit(vitest.status ?? 1);
