import { pathsOf } from "../paths.ts";
import { type Finding, harmless } from "./finding.ts";
import { type Call, projectCode, type Row, textOf, valuesOf } from "./row.ts";
import { subcommands } from "./subcommands.ts";
import { act, judgeOutput } from "./terraform-outputs.ts";

/** terragrunt, which runs the hooks of its file before it does anything at all. */

/** Terragrunt runs the hooks of its file before it does anything at all. */
const grunt: Row = {
  options: "any",
  judge: (call) =>
    call.args.some(
      (word) =>
        word.splits ||
        /^--?(chdir|terragrunt-(config|source|tfpath|iam|download-dir)|config|source|tf-path|iam|experiment|provider-cache-server|out-dir|auth)/.test(
          textOf(word),
        ),
    )
      ? act.judge(call)
      : [projectCode(call)],
};

function judgeAll(call: Call): Finding[] {
  const verb = call.args.find((word) => !/^-/.test(textOf(word)));
  return /^(plan|validate|init|graph|providers|version)$/.test(textOf(verb))
    ? grunt.judge(call)
    : act.judge(call);
}

const hclCheck: Row = {
  ...grunt,
  judge: (call) =>
    call.args.some((word) => /^--(terragrunt-)?check$/.test(textOf(word)))
      ? [harmless(call.rule, "only checks")]
      : grunt.judge(call),
};

export const terragrunt = subcommands(
  {
    "plan|validate|init|providers|graph|graph-dependencies|validate-inputs|find|list|dag": grunt,
    "hclfmt|hclvalidate": hclCheck,
    "hcl fmt|format|validate": hclCheck,
    "run-all|run": { ...grunt, judge: judgeAll },
    output: {
      ...grunt,
      judge: (call) =>
        judgeOutput({
          ...call,
          scan: {
            ...call.scan,
            given: new Map(
              call.args.flatMap((word) => (/^-?-(json|raw)$/.test(textOf(word)) ? [["json", []]] : [])),
            ),
          },
        }).map((one) => (one.tier === "none" ? projectCode(call) : one)),
    },
    "version|--version": { options: "any", judge: (call) => [harmless(call.rule)] },
  },
  act,
  "version help v h terragrunt-non-interactive non-interactive terragrunt-working-dir= working-dir= log-level= terragrunt-log-level= no-color",
  {
    before: (scan, place) => {
      const [folder] = valuesOf(scan, "working-dir", "terragrunt-working-dir");
      return {
        place:
          folder === undefined
            ? place
            : { ...place, cwds: pathsOf(place, folder), cwdKnown: folder.value !== null },
        findings: [],
      };
    },
  },
);
