import type { HouseRules } from "../agents/pass-input.ts";
import { sha256 } from "../platform/digest.ts";
import { readRegularFiles } from "../workspace/read-files.ts";
import type { GitPlace } from "../workspace/repository.ts";

/** What people write for those who work on the repository, agents or not; in the order of their weight. */
export const instructionFiles = [
  "AGENTS.md",
  "CLAUDE.md",
  "GEMINI.md",
  "CONTRIBUTING.md",
  ".github/copilot-instructions.md",
] as const;

/** Bytes shown of one file. More than that is a book, and the repository can be read. */
const mostBytes = 16 * 1024;

/**
 * The instruction files at a commit: regular files only, the same text once. They are the repository's words and give
 * no permission; settings of agent CLIs are not among them and are never honoured.
 */
export async function readHouseRules(place: GitPlace, commit: string): Promise<HouseRules[]> {
  const seen = new Set<string>();
  const rules: HouseRules[] = [];
  for (const { path, bytes } of await readRegularFiles(place, commit, instructionFiles)) {
    const digest = sha256(bytes);
    if (seen.has(digest) || bytes.length === 0) continue;
    seen.add(digest);
    const shown = bytes.subarray(0, mostBytes);
    // A character that the bound would cut in two is left out whole.
    const text = new TextDecoder("utf-8").decode(shown, { stream: bytes.length > mostBytes });
    rules.push({ path, text, leftOut: bytes.length - shown.length });
  }
  return rules;
}
