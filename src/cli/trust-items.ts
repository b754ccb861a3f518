import { join, relative, resolve } from "node:path";
import { loadRole } from "../agents/role-file.ts";
import { roles } from "../agents/roles.ts";
import type { Policy } from "../authorization/policy.ts";
import type { TrustItem } from "../authorization/trust.ts";
import type { LoadedConfig } from "../config/load.ts";
import { sha256 } from "../platform/digest.ts";
import { readTextIfExists } from "../platform/files.ts";

/** Everything that came with the repository and that Nimrod would run or obey: shown by `nimrod trust`, whole. */
export async function trustItems(root: string, config: LoadedConfig, policy: Policy): Promise<TrustItem[]> {
  const items: TrustItem[] = [];
  for (const [name, agent] of Object.entries(config.values.agents)) {
    if (config.origin(`agents.${name}`) !== "project" || agent.command.length === 0) continue;
    items.push({
      what: `agents.${name} in nimrod.json`,
      text: [`${agent.mode}: ${agent.command.join(" ")}`, ...(await filesOf(root, agent.command))].join("\n"),
    });
  }
  if (config.origin("workspace.setup") === "project" && config.values.workspace.setup.length > 0) {
    items.push({
      what: "workspace.setup in nimrod.json",
      text: (await withFiles(root, config.values.workspace.setup)).join("\n"),
    });
  }
  if (policy.egress.length > 0) {
    items.push({
      what: "egress in .nimrod/policy.json",
      text: `the network is opened to ${policy.egress.join(", ")}`,
    });
  }
  for (const role of roles) {
    const shipped = await loadRole(role);
    const own = await loadRole(role, [join(root, "agents")]);
    if (own.sha256 !== shipped.sha256)
      items.push({ what: relative(root, own.path), text: `sha256 ${own.sha256}` });
  }
  return items;
}

/** Set-up lines with the digests of the scripts that they name. */
async function withFiles(root: string, lines: readonly string[]): Promise<string[]> {
  return [
    ...lines,
    ...(await filesOf(
      root,
      lines.flatMap((line) => line.split(/[\s;&|()<>"'=]+/)),
    )),
  ];
}

/** A command is as trustworthy as the files it names: their content is part of what is confirmed. */
async function filesOf(root: string, command: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const word of command) {
    const path = resolve(root, word);
    if (!path.startsWith(`${root}/`)) continue;
    const text = await readTextIfExists(path).catch(() => null); // a folder, say: named by the command itself
    if (text !== null) lines.push(`${word} sha256 ${sha256(text)}`);
  }
  return lines;
}
