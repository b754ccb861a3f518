// Exact versions of agent CLIs, installed for tests into a cache folder of their own: they are no dependencies of
// Nimrod, and a range would let npm pick whatever an older Node allows.
import { join } from "node:path";
import { catalog } from "../src/agents/catalog.ts";
import { installPinned } from "./pinned-packages.mjs";

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
  const folder = installPinned(name, pin);
  return { version: pin.version, program: join(folder, "node_modules", ".bin", pin.program) };
}
