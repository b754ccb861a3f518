import type { Place } from "../context.ts";
import { isInWorktree, pathsOf, runsInWorktree } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import type { Scan } from "./options.ts";
import {
  explicit,
  type Group,
  has,
  liveRead,
  named,
  projectCode,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { fetched, subcommands } from "./subcommands.ts";

import { act, judgeOutput, judgeShow, secretName } from "./terraform-outputs.ts";
import { terragrunt } from "./terragrunt.ts";

/** terraform, tofu and terragrunt. */

function words(options: string, judge: Row["judge"]): Row {
  return { options, style: "word", judge };
}

const reads = (options: string): Row => words(options, (call) => [harmless(call.rule, "only reads")]);

const planOptions =
  "out= var= var-file= target= exclude= refresh=? refresh-only destroy lock=? input=? no-color compact-warnings detailed-exitcode json parallelism= replace= lock-timeout= generate-config-out= concise show-sensitive=? state=";

const fmt = words("check=? diff=? recursive=? list=? no-color write=?", (call) => {
  const isCheck = has(call.scan, "check") || textOf(valuesOf(call.scan, "write")[0]) === "false";
  return isCheck || call.scan.operands.some((word) => word.value === "-")
    ? [harmless(call.rule)]
    : [
        finding("brief", call.rule, "formats files", [effect("write", "*.tf", "worktree")]),
        ...call.scan.operands
          .filter((word) => !isInWorktree(call.place, word))
          .flatMap((word) => writeAll(call, [word])),
        ...(runsInWorktree(call.place) || call.scan.operands.length > 0
          ? []
          : [explicit(call, "outside", "formats files elsewhere", "write", "host")]),
      ];
});

const plan = words(planOptions, (call) => [
  has(call.scan, "show-sensitive")
    ? explicit(call, "sensitive", "prints secrets", "credential-read", "remote")
    : {
        ...finding("brief", call.rule, "asks providers what would change", [
          effect("network-read", "providers", "remote"),
        ]),
        needs: ["remote:providers"],
      },
  ...(runsInWorktree(call.place) ? [] : [projectCode(call)]),
  ...writeAll(call, valuesOf(call.scan, "out", "generate-config-out")),
  ...readAll(call, valuesOf(call.scan, "var-file")),
]);

const init = words(
  "backend=? backend-config= reconfigure upgrade=? input=? no-color get=? lock=? lock-timeout= lockfile= json test-directory= ignore-remote-version compact-warnings var= var-file=",
  (call) => [
    {
      ...finding("brief", call.rule, "installs providers", [effect("package", "providers", "worktree")]),
      needs: ["registry.terraform.io", "releases.hashicorp.com"],
    },
    ...(runsInWorktree(call.place) ? [] : [projectCode(call)]),
    ...readAll(call, valuesOf(call.scan, "var-file", "backend-config")),
  ],
);

const rows: Readonly<Record<string, Row>> = {
  validate: words("json no-color no-tests test-directory= var= var-file= compact-warnings", (call) => [
    harmless(call.rule, "only checks"),
  ]),
  fmt,
  plan,
  init,
  get: words("update=? no-color test-directory= json", init.judge),
  "version|graph|modules|metadata": reads("json no-color plan= type= draw-cycles module-depth="),
  "metadata functions": reads("json"),
  providers: reads("test-directory= no-color"),
  "providers schema": reads("json no-color"),
  "providers lock": words("platform= fs-mirror= net-mirror= enable-plugin-cache", init.judge),
  output: words("json raw no-color state= show-sensitive=? var= var-file=", judgeOutput),
  show: words("json no-color compact-warnings show-sensitive=? var= var-file= concise", judgeShow),
  "state list": words("state= id= no-color", (call) => [liveRead(call.rule, "state")]),
  "state show": words("state= no-color show-sensitive=?", (call) =>
    call.scan.operands.some((word) => secretName.test(word.value ?? "secret")) ||
    has(call.scan, "show-sensitive")
      ? [explicit(call, "secret", "may print a secret", "credential-read", "remote")]
      : [liveRead(call.rule, "state")],
  ),
  "workspace list|show": words("no-color", (call) => [liveRead(call.rule, "state")]),
};

/** `-chdir` is where everything else happens. */
function moved(scan: Scan, place: Place): { place: Place; findings: Finding[] } {
  const [folder] = valuesOf(scan, "chdir");
  if (folder === undefined) return { place, findings: [] };
  return { place: { ...place, cwds: pathsOf(place, folder), cwdKnown: folder.value !== null }, findings: [] };
}

const terraform: Group = subcommands(rows, act, "chdir= version help v h", {
  style: "first-word",
  before: moved,
});

/** Linters that read the files and load no provider. */
const staticCheck: Row = {
  options:
    "d= directory= f= file= o= output= format= framework= check= skip-check= c= quiet compact s soft-fail no-color download-external-modules= minimum-severity= m= exclude= e= include-passed verbose tfvars-file= concise-output code-theme= i= t= v= no-fail var-file= skip-path= external-checks-dir= l list b= output-file-path= minimal",
  judge: (call) =>
    has(call.scan, "external-checks-dir")
      ? [explicit(call, "checks", "runs checks of its own", "execute-opaque", "host")]
      : [
          harmless(call.rule, "only checks"),
          ...readAll(call, call.scan.operands),
          ...writeAll(call, valuesOf(call.scan, "output-file-path")),
        ],
};

export const terraformTools = (): Table => ({
  ...named("terraform tofu", terraform),
  terragrunt,
  tfsec: staticCheck,
  terrascan: {
    ...staticCheck,
    judge: (call) => {
      const verb = textOf(call.scan.operands[0]);
      if (verb === "server") return [explicit(call, "server", "opens a port", "expose", "host")];
      return [...staticCheck.judge(call), ...(verb === "init" ? [fetched(call.rule, "policies")] : [])];
    },
  },
  "terraform-docs": {
    options: "any",
    judge: (call) => [
      call.args.some((word) => /^(--output-(file|mode|template)|-c|--config)/.test(textOf(word)))
        ? projectCode(call)
        : harmless(call.rule, "prints documentation"),
    ],
  },
  // Estimates are made by a service that is sent the resources.
  infracost: {
    options: "any",
    judge: (call) => (/^output$/.test(textOf(call.args[0])) ? [projectCode(call)] : act.judge(call)),
  },
  ...named(
    "cdk cdktf",
    subcommands(
      {
        "list|ls|synth|synthesize|diff|doctor|get|notices|metadata": {
          options: "any",
          judge: (call) => [projectCode(call)],
        },
      },
      act,
      "c= context= profile= v verbose version h help",
    ),
  ),
});
