import { statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { loadRole } from "../agents/role-file.ts";
import { promptRoles } from "../agents/role-names.ts";
import type { TrustItem } from "../authorization/trust.ts";
import type { AgentEntry, Price } from "../config/config.ts";
import type { LoadedConfig } from "../config/load.ts";
import { sha256 } from "../platform/digest.ts";
import { readFileBounded } from "../platform/files.ts";
import { quoteWord } from "../platform/shell-word.ts";

/**
 * Everything that came with the repository and that Nimrod would run or obey: shown by `nimrod trust`, whole. What the
 * policy loosens is trusted beside it (load-policy.ts): without that a run goes on, only more strictly.
 */
export async function trustItems(root: string, config: LoadedConfig): Promise<TrustItem[]> {
  const items: TrustItem[] = [];
  for (const [name, agent] of Object.entries(config.values.agents)) {
    if (agent.adapter === "builtin") continue;
    if (config.origin(`agents.${name}`) === "project") {
      items.push({
        what: `agents.${name} in nimrod.json`,
        text: [...describeAgent(agent), ...(await filesOf(root, agent.command))].join("\n"),
      });
      continue;
    }
    // The user's own entry needs no trust, but a file of the repository that it names is still the repository's.
    const files = await filesOf(root, agent.command);
    if (files.length > 0)
      items.push({ what: `files that your agents.${name} names`, text: files.join("\n") });
  }
  const asked = await filesOf(root, config.values.secondOpinion?.command ?? []);
  if (asked.length > 0) items.push({ what: "files that your secondOpinion names", text: asked.join("\n") });
  const prices = Object.entries(config.values.prices).filter(
    ([model]) => config.origin(`prices.${model}`) === "project",
  );
  if (prices.length > 0) {
    items.push({
      what: "prices in nimrod.json",
      text: prices.map(([model, price]) => describePrice(model, price)).join("\n"),
    });
  }
  if (config.loosened.length > 0) {
    items.push({
      what: "limits in nimrod.json",
      text: config.loosened
        .map(({ key, from, to }) => `limits.${key} is ${to}, and ${from} without it`)
        .join("\n"),
    });
  }
  if (config.origin("workspace.setup") === "project" && config.values.workspace.setup.length > 0) {
    items.push({
      what: "workspace.setup in nimrod.json",
      text: (await withFiles(root, config.values.workspace.setup)).join("\n"),
    });
  }
  for (const role of promptRoles) {
    const shipped = await loadRole(role);
    const own = await loadRole(role, [join(root, "agents")]);
    if (own.sha256 !== shipped.sha256)
      items.push({ what: relative(root, own.path), text: `sha256 ${own.sha256}` });
  }
  return items;
}

/** Every field: what is started, where the repository goes, and what is handed over. */
function describeAgent(agent: AgentEntry): string[] {
  const { adapter, mode, command, vendor, model, baseUrl, hosts, env } = agent;
  const program = command.length === 0 ? [] : [`starts ${command.map(quoteWord).join(" ")}`];
  return [
    adapter === "plain" ? `adapter plain, ${mode}` : `adapter ${adapter}`,
    ...program,
    ...(vendor === null ? [] : [`calls its vendor ${JSON.stringify(vendor)}`]),
    ...(model === null ? [] : [`asks for the model ${model}`]),
    ...(baseUrl === null ? [] : [`sends the repository to ${baseUrl}`]),
    ...(hosts.length === 0 ? [] : [`may also reach ${hosts.join(", ")}`]),
    ...(env.length === 0 ? [] : [`is handed your ${env.map((name) => `$${name}`).join(", ")}`]),
  ];
}

function describePrice(model: string, { input, cached, output }: Price): string {
  return `${JSON.stringify(model)} costs ${input} in, ${cached} cached, ${output} out (US dollars for a million tokens)`;
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
    // What is there but no file is a folder, say: named by the command itself.
    const facts = path.startsWith(`${root}/`) ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (!facts?.isFile()) continue;
    lines.push(
      facts.size > hashedBytes
        ? `${word} of ${facts.size} bytes, changed ${facts.mtime.toISOString()}`
        : `${word} sha256 ${sha256(await readFileBounded(path, { maxBytes: hashedBytes }))}`,
    );
  }
  return lines;
}

/** Larger programs are bound by size and time, as the gate does it. */
const hashedBytes = 64 * 1024 * 1024;
