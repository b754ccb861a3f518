import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { sha256 } from "../platform/digest.ts";
import { readTextIfExists } from "../platform/files.ts";
import { shippedRolesFolder } from "./package-root.ts";
import type { Role } from "./roles.ts";

/** What a role may ask of the gate at all; the gate then judges each action. Submitting a result needs none. */
const capabilities = [
  "read", // read files of its worktree or checkout
  "run-none", // commands of tier none
  "run-in-copy", // any other check, in a throw-away copy
  "write", // write and edit files in the worktree
  "run", // commands that change the worktree
  "ask", // questions to a person
] as const;
export type Capability = (typeof capabilities)[number];

export type RoleFile = {
  role: Role;
  /** Name of the agent definition, for example `nimrod-researcher`. */
  name: string;
  description: string;
  capabilities: Capability[];
  /** The prompt template: the text below the front matter. */
  template: string;
  /** Where it was read. */
  path: string;
  /** Of the whole file, for trust and evidence. */
  sha256: string;
};

/** 256 kB: a role prompt is a page or two. */
const maxBytes = 262_144;
const keys = ["name", "description", "capabilities"];

/**
 * The role's prompt: from the first of `folders` that has `<role>.md`, else the shipped one. Whether a
 * repository's folder may be in the list is a question of trust, and the caller's. A replacing file may leave
 * `name`, `description` and `capabilities` away, and may narrow the capabilities; wider ones are `broken`.
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
  const text = await readTextIfExists(path, maxBytes);
  return text === null ? null : parseRoleFile({ role, path, text, base });
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
  const wanted = front.fields.get("capabilities");
  const granted = wanted === undefined ? base?.capabilities : readCapabilities(wanted, path);
  const name = front.fields.get("name")?.value ?? base?.name;
  const description = front.fields.get("description")?.value ?? base?.description;
  if (granted === undefined || !name || !description) {
    throw brokenRole(
      path,
      1,
      `front matter lacks ${!name ? "name" : !description ? "description" : "capabilities"}`,
    );
  }
  const wider = base === null ? [] : granted.filter((capability) => !base.capabilities.includes(capability));
  if (wider.length > 0) {
    throw brokenRole(
      path,
      wanted?.line ?? 1,
      `gives the ${role} ${wider.join(", ")}; a role file may only narrow`,
    );
  }
  const template = lines.slice(front.bodyFrom).join("\n").trim();
  if (template === "") throw brokenRole(path, lines.length, "there is no prompt below the front matter");
  return { role, name, description, capabilities: granted, template, path, sha256: sha256(from.text) };
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
    const match = /^([a-z]+):\s*(.*?)\s*$/.exec(line);
    const key = match?.[1];
    if (key === undefined || !keys.includes(key)) {
      throw brokenRole(path, index + 2, `expected one of ${keys.join(", ")}, each as \`key: value\``);
    }
    if (fields.has(key)) throw brokenRole(path, index + 2, `${key} occurs twice`);
    fields.set(key, { value: match?.[2] ?? "", line: index + 2 });
  }
  return { fields, bodyFrom: end + 1 };
}

function readCapabilities({ value, line }: Field, path: string): Capability[] {
  if (value === "none") return [];
  return value.split(",").map((word) => {
    const known = capabilities.find((capability) => capability === word.trim());
    if (known === undefined) {
      throw brokenRole(
        path,
        line,
        `capability "${word.trim()}" is not one of ${capabilities.join(", ")} (or none)`,
      );
    }
    return known;
  });
}

function brokenRole(path: string, line: number, message: string): NimrodError {
  return new NimrodError("broken", `${path}:${line}: ${message}`, { where: `${path}:${line}` });
}
