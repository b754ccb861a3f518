// Exact versions of agent CLIs, installed for tests into a cache folder of their own: they are no dependencies of
// Nimrod, and a range would let npm pick whatever an older Node allows.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { catalog } from "../src/agents/catalog.ts";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "nimrod-test-agents");

/** Name → package, pinned version, program. Those of the catalog are the versions it calls tested. */
const pins = Object.fromEntries([
  ...catalog.map(({ name, install, command }) => {
    const [, packageName, version] = /(\S+)@([^@\s]+)$/.exec(install) ?? [];
    return [name, { packageName, version, program: command[0] }];
  }),
  ["pi", { packageName: "@mariozechner/pi-coding-agent", version: "0.73.1", program: "pi" }],
]);
export const known = Object.keys(pins);
/** Installed unless others are named. */
export const usual = ["claude", "codex"];

/** The program of an installed CLI. Throws, with npm's own words, where it cannot be installed. */
export function install(name) {
  const pin = pins[name];
  if (pin === undefined) throw new Error(`no agent is called ${name}; known: ${known.join(", ")}`);
  const folder = join(cache, `${name}-${pin.version}`);
  const program = join(folder, "node_modules", ".bin", pin.program);
  if (!existsSync(program)) installInto(folder, pin);
  const manifest = join(folder, "node_modules", pin.packageName, "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  if (version !== pin.version) throw new Error(`npm installed ${version} in place of ${pin.version}`);
  return { version, program };
}

/** In place at once or not at all: a killed run leaves nothing that looks installed. */
function installInto(folder, { packageName, version }) {
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), '{"private":true}\n');
  const words = ["install", "--no-audit", "--no-fund", "--save-exact", `${packageName}@${version}`];
  const npm = spawnSync("npm", words, { cwd: partial, encoding: "utf8", timeout: 300_000 });
  if (npm.status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(npm.stderr?.trim().split("\n").slice(-5).join("\n") || String(npm.error ?? npm.signal));
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}
