import { lstatSync } from "node:fs";
import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { sha256 } from "../platform/digest.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { PassLimits } from "./adapter.ts";
import { shippedRolesFolder } from "./package-root.ts";
import type { Role } from "./role-names.ts";

/** What a role may ask of the gate at all; the gate then judges each action. Submitting a result needs none. */
const capabilities = [
  "read", // read, list and search files of its worktree or checkout
  "run-none", // commands of tier none
  "run-in-copy", // any other check, in a throw-away copy
  "write", // write and edit files in the worktree
  "run", // commands that change the worktree
  "ask", // questions to a person
  "delegate", // questions to a sub-pass
] as const;
export type Capability = (typeof capabilities)[number];

/** What a role file may bound; absent ones are left to the configuration. */
export type RoleLimits = {
  turns?: number;
  minutes?: number;
  usd?: number;
  tokens?: number;
  /** Of all sections of its prompt together. */
  promptBytes?: number;
};
const limitNames = ["turns", "minutes", "usd", "tokens", "promptBytes"] as const;

export type RoleFile = {
  role: Role;
  /** Name of the agent definition, for example `nimrod-researcher`. */
  name: string;
  description: string;
  capabilities: Capability[];
  /** Of the configuration's agents; null: whatever the configuration chooses. */
  agent: string | null;
  /** As its CLI names it; null: whatever the configuration chooses. */
  model: string | null;
  limits: RoleLimits;
  /** The prompt template: the text below the front matter. */
  template: string;
  /** Where it was read. */
  path: string;
  /** Of the whole file, for trust and evidence. */
  sha256: string;
};

/** 256 kB: a role prompt is a page or two. */
const maxBytes = 262_144;
/** `name`, `description` and `model` are also what other agent CLIs read in the definition of a sub-agent. */
const keys = ["name", "description", "capabilities", "agent", "model", "limits"];

/**
 * The role's prompt: from the first of `folders` that has `<role>.md`, else the shipped one. Whether a
 * repository's folder may be in the list is a question of trust, and the caller's. A replacing file may leave every
 * key away, and may narrow capabilities and limits; wider ones are `broken`, with file and line.
 */
export async function loadRole(role: Role, folders: readonly string[] = []): Promise<RoleFile> {
  const shipped = await loadFrom(role, shippedRolesFolder(), null);
  if (shipped === null)
    throw new NimrodError("io", `the shipped prompt of the ${role} is missing`, {
      hint: "install nimrod again",
    });
  for (const folder of folders) {
    const own = await loadFrom(role, folder, shipped);
    if (own !== null) return own;
  }
  return shipped;
}

async function loadFrom(role: Role, folder: string, base: RoleFile | null): Promise<RoleFile | null> {
  const path = join(folder, `${role}.md`);
  // What a link leads to would be sent to a model, and nobody who reads the repository sees what that is.
  if (base !== null && isLinked(folder, path))
    throw brokenRole(path, 1, "a role file is no link, nor in a folder that is one");
  const text = await readTextIfExists(path, maxBytes);
  return text === null ? null : parseRoleFile({ role, path, text, base });
}

function isLinked(...paths: string[]): boolean {
  return paths.some((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true);
}

/** Pure. `base` is the shipped file that this one replaces; null for the shipped one itself. */
export function parseRoleFile(from: {
  role: Role;
  path: string;
  text: string;
  base: RoleFile | null;
}): RoleFile {
  const { role, path, base } = from;
  const lines = from.text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const front = readFrontMatter(lines, path);
  const name = front.fields.get("name")?.value || base?.name;
  const description = front.fields.get("description")?.value || base?.description;
  if (!name || !description)
    throw brokenRole(path, 1, `front matter lacks ${!name ? "name" : "description"}`);
  const template = lines.slice(front.bodyFrom).join("\n").trim();
  if (template === "")
    throw brokenRole(path, lines.length, "there is no prompt below the front matter; expected text");
  return {
    role,
    name,
    description,
    capabilities: readCapabilities(front.fields.get("capabilities"), from),
    agent: chosen(front.fields.get("agent"), base?.agent),
    model: chosen(front.fields.get("model"), base?.model),
    limits: readLimits(front.fields.get("limits"), from),
    template,
    path,
    sha256: sha256(from.text),
  };
}

type Place = { role: Role; path: string; base: RoleFile | null };

function chosen(field: Field | undefined, base: string | null | undefined): string | null {
  if (field === undefined) return base ?? null;
  // The word that other CLIs use for "as whoever starts it".
  return field.value === "" || field.value === "inherit" ? null : field.value;
}

type Field = { value: string; line: number };

/** Flat `key: value` lines between two lines that are exactly `---`; nothing else of YAML. */
function readFrontMatter(lines: string[], path: string): { fields: Map<string, Field>; bodyFrom: number } {
  const fields = new Map<string, Field>();
  if (lines[0] !== "---") return { fields, bodyFrom: 0 };
  const end = lines.indexOf("---", 1);
  if (end < 0) throw brokenRole(path, 1, "the front matter is not closed with ---");
  for (const [index, line] of lines.slice(1, end).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const match = /^([a-z]+):(.*)$/.exec(line);
    const key = match?.[1];
    if (key === undefined || !keys.includes(key)) {
      throw brokenRole(path, index + 2, `expected one of ${keys.join(", ")}, each as \`key: value\``);
    }
    if (fields.has(key)) throw brokenRole(path, index + 2, `${key} occurs twice`);
    fields.set(key, { value: match?.[2]?.trim() ?? "", line: index + 2 });
  }
  return { fields, bodyFrom: end + 1 };
}

function readCapabilities(field: Field | undefined, { role, path, base }: Place): Capability[] {
  if (field === undefined) {
    if (base === null) throw brokenRole(path, 1, "front matter lacks capabilities");
    return base.capabilities;
  }
  const words = field.value === "none" ? [] : field.value.split(",").map((word) => word.trim());
  const granted = words.map((word) => {
    const known = capabilities.find((capability) => capability === word);
    if (known !== undefined) return known;
    const all = capabilities.join(", ");
    throw brokenRole(path, field.line, `capability "${word}" is not one of ${all} (or none)`);
  });
  const wider = granted.filter((capability) => base !== null && !base.capabilities.includes(capability));
  if (wider.length > 0) {
    throw brokenRole(path, field.line, `gives the ${role} ${wider.join(", ")}; a role file may only narrow`);
  }
  return granted;
}

/** `turns=40 minutes=15 usd=1.5`; what a replacing file leaves out stays as it was. */
function readLimits(field: Field | undefined, { role, path, base }: Place): RoleLimits {
  const limits: RoleLimits = {};
  for (const word of field?.value.split(/[\s,]+/).filter((each) => each !== "") ?? []) {
    const [, key, figure] = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(word) ?? [];
    const name = limitNames.find((each) => each === key);
    const line = field?.line ?? 1;
    if (name === undefined) {
      throw brokenRole(path, line, `limit "${word}" is not one of ${limitNames.join(", ")}, as \`turns=40\``);
    }
    const value = Number(figure);
    if (limits[name] !== undefined) throw brokenRole(path, line, `${name} occurs twice`);
    const isWhole = name === "usd" || name === "minutes" || Number.isSafeInteger(value);
    if (!isWhole || (value <= 0 && name !== "usd"))
      throw brokenRole(path, line, `${word} is not a number that ${name} can have`);
    const most = base?.limits[name];
    if (most !== undefined && value > most) {
      throw brokenRole(
        path,
        line,
        `${word} is above the ${most} of the ${role}; a role file may only narrow`,
      );
    }
    limits[name] = value;
  }
  return { ...base?.limits, ...limits };
}

/** The stricter of the configuration's limits and the role's. Minutes of a role bound the whole pass. */
export function narrowLimits<L extends PassLimits>(configured: L, role: RoleLimits): L {
  const least = (value: number, bound: number | undefined) => Math.min(value, bound ?? value);
  return {
    ...configured,
    turns: least(configured.turns, role.turns),
    wallSeconds: least(configured.wallSeconds, role.minutes && role.minutes * 60),
    tokens: least(configured.tokens, role.tokens),
    usd: least(configured.usd, role.usd),
  };
}

function brokenRole(path: string, line: number, message: string): NimrodError {
  return new NimrodError("broken", `${path}:${line}: ${message}`, {
    where: `${path}:${line}`,
    hint: "correct the file; where a project has none, the shipped one is used",
  });
}
