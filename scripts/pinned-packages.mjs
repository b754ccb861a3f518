// Packages of exact versions, installed for tests and benchmarks into a cache folder of their own: they are no
// dependencies of Nimrod, and a range would let npm pick whatever an older Node allows.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "nimrod-test-agents");

/** The folder that holds it in `node_modules`. Throws, with npm's own words, where it cannot be installed. */
export function installPinned(name, { packageName, version }) {
  const folder = join(cache, `${name}-${version}`);
  const manifest = join(folder, "node_modules", packageName, "package.json");
  if (!existsSync(manifest)) installInto(folder, `${packageName}@${version}`);
  const installed = JSON.parse(readFileSync(manifest, "utf8")).version;
  if (installed !== version) throw new Error(`npm installed ${installed} in place of ${version}`);
  return folder;
}

/** In place at once or not at all: a killed run leaves nothing that looks installed. */
function installInto(folder, what) {
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), '{"private":true}\n');
  const words = ["install", "--no-audit", "--no-fund", "--save-exact", what];
  const npm = spawnSync("npm", words, { cwd: partial, encoding: "utf8", timeout: 300_000 });
  if (npm.status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(npm.stderr?.trim().split("\n").slice(-5).join("\n") || String(npm.error ?? npm.signal));
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}
