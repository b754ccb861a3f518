import { cloudInit } from "./cloud-init.ts";
import { effect, finding, harmless } from "./finding.ts";
import { act, prints, runsProject, words } from "./provisioning-actions.ts";
import { has, named, projectCode, type Table, writeAll } from "./row.ts";
import { consul, nomad } from "./schedulers.ts";
import { checks, fetched, query, subcommands, switches } from "./subcommands.ts";

/** Machines, jobs and services from files: pulumi, packer, vagrant, nomad, consul, cloud-init. */

const pulumi = subcommands(
  {
    "preview|pre": {
      options: switches(
        "s= stack= diff json p= parallel= refresh=? target= replace= expect-no-changes m= message= show-config show-reads show-sames suppress-outputs suppress-permalink config-file= policy-pack= target-dependents j",
      ),
      judge: (call) => [projectCode(call), fetched(call.rule, "the state of providers")],
    },
    stack: query(
      "a all o= organization= p= project= j json s= stack= i show-ids u show-urls page= page-size= full-dates",
    ),
    "stack ls|history|output": query(
      "a all o= organization= p= project= j json s= stack= shell page= page-size= full-dates t= tag=",
    ),
    "stack tag ls|get": query("j json s= stack="),
    config: query("j json s= stack="),
    "about|whoami|version|logs|history": query(
      "j json v verbose f follow since= s= stack= r= resource= t transitive page= page-size=",
    ),
    "plugin|policy|org|schema ls|get|check": query("j json project"),
    "config get|env": prints,
  },
  act,
  "C= cwd= color= e emoji non-interactive v= verbose= s= stack= logtostderr h help",
);

const packer = subcommands(
  {
    validate: words(
      "syntax-only var= var-file= except= only= machine-readable evaluate-datasources=? no-warn-undeclared-var warn-on-undeclared-var use-sequential-evaluation",
      checks(),
    ),
    inspect: words("var= var-file= machine-readable", checks()),
    fmt: words("check diff recursive write=?", {
      options: "",
      judge: (call) =>
        has(call.scan, "check")
          ? [harmless(call.rule)]
          : [
              finding("brief", call.rule, "formats files", [effect("write", "*.pkr.hcl", "worktree")]),
              ...call.scan.operands
                .filter((word) => word.value !== ".")
                .flatMap((word) => writeAll(call, [word])),
            ],
    }),
    init: words("upgrade force=?", {
      options: "",
      judge: (call) => [fetched(call.rule, "plugins", "package")],
    }),
    "plugins installed|required": query(""),
    version: query(""),
  },
  act,
  "version help v h machine-readable",
  { style: "first-word" },
);

/** A Vagrantfile is a program, and every question about its machines runs it. */
const vagrant = subcommands(
  {
    "global-status|version": query("machine-readable"),
    "status|port|validate|ssh-config": {
      options: "machine-readable host= guest= p ignore-provider",
      judge: (call) => [projectCode(call)],
    },
    "snapshot list": runsProject,
    "box|plugin list": query("i box-info local machine-readable"),
    "box outdated": runsProject,
  },
  act,
  "machine-readable v version h help color no-color timestamp debug debug-timestamp",
);

export const provisioning = (): Table => ({
  pulumi,
  packer,
  vagrant,
  nomad,
  consul,
  "cloud-init": cloudInit,
  "cloud-id": query("l long j json"),
  levant: subcommands({ "render|plan|version": runsProject }, act),
  ...named("waypoint boundary", act),
  "nomad-pack": subcommands({ "render|info|list|plan|status": runsProject, "registry list": query("") }, act),
});
