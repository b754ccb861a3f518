import { harmless } from "./finding.ts";
import { act, prints, runsProject, words } from "./provisioning-actions.ts";
import { has, liveRead, projectCode, type Row } from "./row.ts";
import { query, subcommands } from "./subcommands.ts";

/** nomad and consul: jobs, services and what they are told. */

const nomadRead =
  "namespace= region= json t= verbose short stats all-allocs all tail n= c= f= follow stderr stdout job= filter= per-page= page-token= detailed group= latest evals p= version= hcl self os allocs quiet node-id= server-id= log-level= stale H i full stat tag= task= diff=? var= var-file= hcl1 hcl2-strict=? check-index= policy-override vault-namespace= pool= monitor address-mode= type= sort=";

const nomadQuery = words(nomadRead, query("any"));

/** A task's folder has its secrets in it, tokens and rendered templates. */
const nomadFiles: Row = {
  ...nomadQuery,
  judge: (call) =>
    call.scan.operands.every(
      (word) => word.value !== null && !/secret|private|\.env|token|key|cred/i.test(word.value),
    )
      ? nomadQuery.judge(call)
      : prints.judge(call),
};

export const nomad = subcommands(
  {
    "status|agent-info|version|monitor|logs": nomadQuery,
    fs: nomadFiles,
    "job status|history|inspect|deployments|allocs|eval|plan|validate|versions|scaling-events": nomadQuery,
    "job init": runsProject,
    "node status": nomadQuery,
    "node pool list|info|jobs|nodes": nomadQuery,
    "alloc status|logs|checks": nomadQuery,
    "alloc fs": nomadFiles,
    "deployment|eval|volume|plugin|service|namespace|quota|recommendation|scaling|sentinel|license list|status|info|inspect|get":
      nomadQuery,
    "server members": nomadQuery,
    "server-members|node-status|alloc-status|plan|validate|inspect": nomadQuery,
    "operator raft list-peers": nomadQuery,
    "operator autopilot get-config|health": nomadQuery,
    "operator metrics": nomadQuery,
    "operator scheduler get-config": nomadQuery,
    "var list": nomadQuery,
    "acl policy|role list|info": nomadQuery,
    fmt: words("check recursive list=? write=?", {
      options: "",
      judge: (call) => [has(call.scan, "check") ? harmless(call.rule) : projectCode(call)],
    }),
  },
  act,
  "namespace= region= no-color version help v h",
  { style: "first-word" },
);

const consulRead =
  "datacenter= detailed status= segment= wan filter= stale service= node= near= node-meta= tags id= name= kind= format= pretty meta keys recurse detailed separator= log-level= partition= namespace= ns= ap= limit= service-name= wait-index= timeout= json";

const consulQuery = words(consulRead, query("any"));

export const consul = subcommands(
  {
    "members|info|version|rtt|monitor|validate": consulQuery,
    "catalog datacenters|nodes|services": consulQuery,
    "intention list|get|check|match": consulQuery,
    "config list|read": consulQuery,
    "operator raft list-peers": consulQuery,
    "operator autopilot get-config|state": consulQuery,
    "operator usage instances": consulQuery,
    "namespace|partition|peering list|read": consulQuery,
    // Of an authority that is somewhere else, it has the token.
    "connect ca get-config": prints,
    "snapshot inspect": consulQuery,
    "kv get": {
      ...consulQuery,
      judge: (call) =>
        call.scan.operands.some((word) =>
          /pass|secret|token|key|cred|vault|auth/i.test(word.value ?? "secret"),
        ) || has(call.scan, "recurse")
          ? prints.judge(call)
          : [liveRead(call.rule, "cluster")],
    },
  },
  act,
  "version help v h",
  { style: "first-word" },
);
