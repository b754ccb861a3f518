import { projectCode, type Row } from "./row.ts";
import { changes } from "./subcommands.ts";

/** What provisioning tools have in common: options that are words with one dash, and what their verbs do. */

export function words(options: string, row: Row): Row {
  return { ...row, options, style: "word" };
}

export const act = changes("cluster", "remote", "changes infrastructure, or prints what may be secret");
export const prints = changes("credential-read", "remote", "prints credentials");
export const runsProject: Row = { options: "any", judge: (call) => [projectCode(call)] };
