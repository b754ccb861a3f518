import { installedProgram, mergeAttribute, readMergeSetup } from "../../workspace/merge-driver.ts";
import { isStartable } from "../own-program.ts";
import type { Check } from "./check.ts";

/** `.gitattributes` comes with every clone, git's configuration with none: the two can be apart. */
export async function checkMerging(root: string, path: string | undefined): Promise<Check[]> {
  const setup = await readMergeSetup(root);
  if (setup === null) return [];
  const program = installedProgram(setup);
  const isThere = program !== null && isStartable(program, path);
  if (setup.hasAttribute && isThere) {
    return [{ area: "project", level: "ok", text: `git merges tickets by ${program} merge-driver` }];
  }
  const text = problemOf({ hasAttribute: setup.hasAttribute, program });
  return text === null ? [] : [{ area: "project", level: "note", text, hint: "nimrod init --git" }];
}

function problemOf({
  hasAttribute,
  program,
}: {
  hasAttribute: boolean;
  program: string | null;
}): string | null {
  if (!hasAttribute) {
    return program === null
      ? null
      : `git merges tickets as plain text: .gitattributes lacks the line ${mergeAttribute}`;
  }
  return program === null
    ? "git merges tickets as plain text: .gitattributes names Nimrod, and this clone's configuration does not"
    : `git merges tickets as plain text: ${program}, which this clone's configuration names, is not there`;
}
