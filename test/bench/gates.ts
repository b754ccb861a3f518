import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { classify } from "../../src/authorization/classify.ts";
import type { ClassifyContext } from "../../src/authorization/context.ts";
import { defaultPolicy } from "../../src/authorization/policy.ts";

/** A gate asked about one command; it must not run it. */
export type Gate = {
  name: string;
  /** `ask` stands for everything that does not go through: asking, blocking. `brief` is a gate's own middle. */
  judge: (command: string) => "allow" | "brief" | "ask" | Promise<"allow" | "brief" | "ask">;
};

/** As the labels assume: a worktree made for one ticket, an operator who is not root. */
const context: ClassifyContext = {
  worktree: "/home/op/repo",
  role: null,
  mayWrite: true,
  sandbox: "bwrap",
  realPath: (path) => path,
  frozen: () => false,
  home: "/home/op",
  state: "/home/op/.local/state/nimrod",
  host: "lab",
};

export const nimrod: Gate = {
  name: "nimrod",
  judge(command) {
    const { tier } = classify({ kind: "run", command }, context, defaultPolicy);
    return tier === "none" ? "allow" : tier === "brief" ? "brief" : "ask";
  },
};

/** Those that scripts/bench-authorize.mjs could install. */
export async function peers(): Promise<Gate[]> {
  const found: Gate[] = [];
  const net = process.env["NIMROD_PEER_CC_SAFETY_NET"];
  if (net !== undefined) {
    const { checkCommand } = await load(net, "cc-safety-net/dist/api.js");
    found.push({
      name: "cc-safety-net",
      judge: (command) => (checkCommand({ command, cwd: "/tmp" }).kind === "allow" ? "allow" : "ask"),
    });
  }
  const gemini = process.env["NIMROD_PEER_GEMINI_CLI_CORE"];
  if (gemini !== undefined) {
    const { isStrictlyApproved } = await load(
      gemini,
      "@google/gemini-cli-core/dist/src/sandbox/utils/commandSafety.js",
    );
    found.push({
      name: "gemini-cli-core",
      // It throws on some texts; whoever embeds it has to ask then.
      judge: async (command) => {
        const approved = await isStrictlyApproved(command, [], []).catch(() => false);
        return approved === true ? "allow" : "ask";
      },
    });
  }
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: what a package exports is its own business; it is called once, above
async function load(folder: string, file: string): Promise<any> {
  const path = join(folder, "node_modules", file);
  if (!existsSync(path)) throw new Error(`${path} is gone; another version is installed`);
  return import(pathToFileURL(path).href);
}
