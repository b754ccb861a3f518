import { existsSync } from "node:fs";
import { join } from "node:path";
import { NimrodError } from "../../errors.ts";
import {
  createExclusive,
  ensureFolder,
  listFolder,
  readTextIfExists,
  writeAtomic,
} from "../../platform/files.ts";
import type { Context } from "../context.ts";
import { flagOption, type Options } from "../options.ts";
import { prepareApprovalKey } from "../prepare-approval-key.ts";

const standard = join("docs", "verification-and-definition-of-done.md");

/**
 * git must neither translate nor merge evidence: its lines are hashed as they are, and each file has one writer.
 */
const evidenceAttribute = ".nimrod/evidence/** -text -merge";

export async function init(context: Context, _args: readonly string[], options: Options): Promise<number> {
  const root = context.projectRoot ?? context.cwd;
  refuseInsideRepository(root);
  const merging = flagOption(options, "git") ? await openMergeSetup(root) : null;
  const files = await filesToMake(context, flagOption(options, "agents"));
  const made: string[] = [];
  for (const { path, content } of files) {
    const full = join(root, path);
    await ensureFolder(join(full, ".."));
    if (await createExclusive(full, content)) made.push(path);
  }
  const attributes = [evidenceAttribute, ...(merging === null ? [] : [merging.attribute])];
  if (await addAttributes(join(root, ".gitattributes"), attributes)) made.push(".gitattributes");
  for (const name of (await merging?.install()) ?? []) made.push(`git config ${name}`);

  const { output } = context;
  // Told before the question: who stops there should know what was made.
  for (const path of made) output.line(`made  ${path}`);
  if (await prepareApprovalKey(context)) {
    made.push("your approval key");
    output.line("made  your approval key");
  }
  output.document("init", { root, made });
  if (made.length === 0) output.line("nothing to do: everything is there already");
  else if (existsSync(join(root, ".git"))) output.say('  next: nimrod new "What is to be done"');
  else output.say("  next: git init      (a ticket's work is done on a branch)");
  return 0;
}

/** A worktree is made per ticket from the top of the repository, so the tickets must be there too. */
function refuseInsideRepository(root: string): void {
  if (existsSync(join(root, ".git"))) return;
  for (let folder = join(root, ".."); ; folder = join(folder, "..")) {
    if (existsSync(join(folder, ".git"))) {
      throw new NimrodError(
        "usage",
        `${root} is inside the repository ${folder}; tickets/ belongs at its top`,
        {
          hint: `nimrod -C ${folder} init`,
        },
      );
    }
    if (folder === join(folder, "..")) return;
  }
}

type NewFile = { path: string; content: string };

async function filesToMake(context: Context, withAgents: boolean): Promise<NewFile[]> {
  const { defaultPolicy } = await import("../../authorization/policy.ts");
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const files: NewFile[] = [
    { path: "tickets/active/.gitkeep", content: "" },
    { path: "tickets/closed/.gitkeep", content: "" },
    // No agent: which one is there is a matter of the machine and its user, and a project's word would win over theirs.
    { path: "nimrod.json", content: json({ idPrefix: "nim" }) },
    { path: ".nimrod/policy.json", content: json(defaultPolicy) },
  ];
  const text = await readTextIfExists(join(context.packageRoot, standard));
  if (text === null) throw new NimrodError("io", `${standard} is missing from the installed package`);
  files.push({ path: standard, content: text });
  return withAgents ? [...files, ...(await rolePrompts(context.packageRoot))] : files;
}

async function rolePrompts(packageRoot: string): Promise<NewFile[]> {
  const folder = join(packageRoot, "agents");
  const names = (await listFolder(folder)).map((entry) => entry.name).filter((name) => name.endsWith(".md"));
  const files: NewFile[] = [];
  for (const name of names) {
    files.push({ path: `agents/${name}`, content: (await readTextIfExists(join(folder, name))) ?? "" });
  }
  return files;
}

async function addAttributes(path: string, wanted: readonly string[]): Promise<boolean> {
  const text = (await readTextIfExists(path)) ?? "";
  const present = new Set(text.split(/\r?\n/).map((line) => line.trim()));
  const missing = wanted.filter((line) => !present.has(line));
  if (missing.length === 0) return false;
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  await writeAtomic(path, `${text}${separator}${missing.join("\n")}\n`);
  return true;
}

/** Asked before anything is made: without a repository nothing of `--git` can be done. */
async function openMergeSetup(root: string) {
  const { installMergeDriver, mergeAttribute, mergeSettings, readMergeSetup } = await import(
    "../../workspace/merge-driver.ts"
  );
  const { ownProgram } = await import("../own-program.ts");
  const setup = await readMergeSetup(root);
  if (setup === null) throw new NimrodError("usage", `${root} is no git repository`, { hint: "git init" });
  return {
    attribute: mergeAttribute,
    install: () => installMergeDriver(setup, mergeSettings(ownProgram())),
  };
}
