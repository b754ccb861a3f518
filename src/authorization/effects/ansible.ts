import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  type Call,
  explicit,
  has,
  named,
  projectCode,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";
import { changes, fetched, query, subcommands, switches, written } from "./subcommands.ts";

/** Ansible loads plugins, inventories and roles from where it runs: reading its answers is running the project. */

const act = changes("remote-exec", "remote", "runs code on other machines");

// Not here: what runs a program for a password, or is one on the command line.
const playOptions = switches(
  "i= inventory= inventory-file= l= limit= t= tags= skip-tags= e= extra-vars= C check D diff syntax-check list-hosts list-tasks list-tags v verbose f= forks= b become become-user= become-method= u= user= c= connection= T= timeout= flush-cache force-handlers start-at-task= step version h help private-key= key-file= K ask-become-pass k ask-pass J ask-vault-pass ask-vault-password m= module-name= a= args= o one-line playbook-dir=",
);

/** Lists and syntax run nothing elsewhere; a dry run asks the other machines what would change. */
function judgePlay(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "version", "h", "help")) return [harmless(call.rule, "prints help")];
  const files = [...valuesOf(scan, "i", "inventory", "inventory-file"), ...scan.operands].filter(
    (word) => call.rule !== "ansible" || !scan.operands.includes(word),
  );
  const extra = valuesOf(scan, "e", "extra-vars").filter((word) => textOf(word).startsWith("@"));
  const seen = [
    ...readAll(
      call,
      files.filter((word) => !textOf(word).includes(",")),
    ),
  ];
  if (extra.some((word) => /vault|secret/i.test(textOf(word)))) return act.judge(call);
  if (has(scan, "syntax-check", "list-hosts", "list-tasks", "list-tags")) return [projectCode(call), ...seen];
  const isDry = has(scan, "C", "check") && call.rule === "ansible-playbook";
  if (!isDry || has(scan, "K", "k", "J")) return act.judge(call);
  return [
    projectCode(call),
    {
      ...finding("brief", `${call.rule}-check`, "asks the machines of the inventory what would change", [
        effect("network-read", "inventory", "remote"),
      ]),
      needs: ["remote:inventory"],
    },
    ...seen,
  ];
}

const play: Row = { options: playOptions, judge: judgePlay };

/** Into the project: a list of requirements or a folder of it. Else it is the home of whoever runs it. */
const install: Row = {
  options: switches(
    "r= role-file= requirements-file= p= collections-path= roles-path= f force force-with-deps n no-deps U upgrade pre v verbose s= server= ignore-errors i c ignore-certs timeout= no-cache offline",
  ),
  judge: (call) => {
    const { scan } = call;
    const isProject = has(scan, "r", "role-file", "requirements-file", "p", "collections-path", "roles-path");
    if (!isProject || has(scan, "s", "server")) return act.judge(call);
    return [
      fetched(call.rule, "roles and collections", "package"),
      ...valuesOf(scan, "p", "collections-path", "roles-path").flatMap((word) => written(call.place, word)),
    ];
  },
};

const projectRead: Row = {
  options: switches(
    "i= inventory= list host= graph vars export y yaml toml playbook-dir= l= limit= v verbose e= extra-vars= only-changed t= type= f= format= c= config= version h help",
  ),
  judge: (call) => [projectCode(call), ...readAll(call, valuesOf(call.scan, "i", "inventory"))],
};

const doc = query(
  "t= type= l list F list_files s snippet j json e= entry-point= r= roles-path= playbook-dir= M= module-path= v verbose metadata-dump version h help",
);

const refused = changes("remote-exec", "remote", "changes machines");

export const ansible = (): Table => ({
  "ansible-playbook": play,
  ansible: play,
  "ansible-inventory": projectRead,
  "ansible-config": subcommands(
    {
      "dump|list|view|validate": {
        options: "any",
        judge: (call) => [harmless(call.rule, "prints settings")],
      },
    },
    refused,
    "version h help v",
  ),
  "ansible-doc": { ...doc, judge: (call) => [harmless(call.rule, "prints documentation")] },
  "ansible-galaxy": subcommands(
    {
      "list|info|search": query("any"),
      "role list|info|search": query("any"),
      "collection list|verify": query("any"),
      install,
      "role install": install,
      "collection install|download": install,
      "init|role|collection init": { options: "any", judge: (call) => [projectCode(call)] },
      "collection build": { options: "any", judge: (call) => [projectCode(call)] },
    },
    refused,
    "v version h help",
  ),
  molecule: { options: "any", judge: (call) => [projectCode(call)] },
  ...named("ansible-console ansible-pull salt-call chef-client fab", refused),
  "ansible-community": query("any"),
  "ansible-navigator": subcommands(
    {
      "doc|collections|config|images|inventory|lint": {
        options: "any",
        judge: (call) => [projectCode(call)],
      },
    },
    refused,
  ),
  salt: {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.length > 1 &&
      /^(test\.(ping|version)|grains\.(items|get|ls)|status\.\w+)$/.test(textOf(call.args[1]))
        ? [finding("none", `${call.rule}.read`, "asks minions", [effect("read", "minions", "remote")])]
        : [explicit(call, "", "runs code on other machines", "remote-exec", "remote")],
  },
  puppet: subcommands(
    {
      "parser validate": { options: "any", judge: (call) => [harmless(call.rule, "only checks")] },
      "module list|search": query("any"),
      "config print": query("any"),
      "describe|doc": query("any"),
      // Facts of its own are programs.
      facts: { options: "any", judge: (call) => [projectCode(call)] },
    },
    refused,
    "version help h V",
  ),
});
