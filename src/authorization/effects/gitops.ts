import { switcher } from "./context-switcher.ts";
import { act, configured, kustomizeBuild, prints, withKubeconfig } from "./kubectl.ts";
import { projectCode, type Table, textOf } from "./row.ts";
import { changes, checks, fetches, query, queryOfFiles, subcommands, unlessDry } from "./subcommands.ts";

/** What brings a cluster to the state that a repository describes. */

const fluxList = "A all-namespaces w watch l= label-selector= status-selector= no-header n= o= output=";

const exported = unlessDry(act, /^--export$/, false, /^(secret|--(token|kubeconfig|as)\b)/);

const flux = subcommands(
  withKubeconfig({
    "get *": query(fluxList),
    "logs|events|stats|trace|version|check": query(
      `${fluxList} f follow level= kind= name= since= since-time= tail= timestamps flux-namespace= for= types= pre components= components-extra= client kind= api-version= path= compact`,
    ),
    "tree kustomization|ks": query("compact o= output="),
    "diff|build kustomization|ks|artifact": queryOfFiles(
      "path= kustomization-file= progress-bar ignore-paths= dry-run recursive local-sources= strict-substitute in-memory-build",
    ),
    "export *": query("all"),
    envsubst: checks("strict"),
    "list artifacts": query("filter-semver= filter-regex="),
    "pull artifact": fetches("o= output=", "an artifact", { into: ["o", "output"] }),
    "create|install|bootstrap": exported,
  }),
  act,
  "n= namespace= context= timeout= verbose kubeconfig= cluster= h help v version",
  { before: (scan, place) => ({ place, findings: configured(scan, place, "kubeconfig") }) },
);

const argoOutput =
  "o= output= refresh hard-refresh show-operation show-params N= app-namespace= grpc-web core p= project= l= selector= r= repo= c= cluster= revision= revisions= source-positions= source-names= local= local-repo-root= server-side-generate exit-code health sync operation suspended degraded delete timeout= resource= f follow tail= container= group= kind= name= namespace= n= since-seconds= since= filter= previous orphaned tree= out= w wide all source= kube-version= path= drift";

const argocd = subcommands(
  {
    "app list|get|history|logs|diff|manifests|resources|wait|get-resource": query(argoOutput),
    "app actions list": query(argoOutput),
    "appset|applicationset list|get": query(argoOutput),
    "cluster|proj|project|repo|repocreds|cert|gpg list|get": query(argoOutput),
    "proj|project windows|role list|get": query(argoOutput),
    "account list|get|get-user-info|can-i": query("o= output= account="),
    context: switcher,
    version: query("client short o= output= grpc-web"),
    "account generate-token|update-password": prints,
    login: prints,
  },
  act,
  "grpc-web loglevel= logformat= insecure plaintext core kube-context= argocd-context= h help",
);

/** helmfile runs the hooks and templates of its file. */
const helmfile = subcommands(
  {
    "diff|list|template|lint|build|deps|fetch|status|show-dag|print-env|repos|write-values|version": {
      options: "any",
      judge: (call) =>
        call.args.some((word) =>
          /^--(args|output-dir|helm-binary|post-renderer|show-secrets)|^-b/.test(textOf(word)),
        )
          ? act.judge(call)
          : [projectCode(call)],
    },
  },
  act,
  "f= file= e= environment= l= selector= n= namespace= q quiet kube-context= state-values-set= state-values-file= log-level= no-color color debug skip-deps h help v version",
);

export const gitops: Table = {
  helmfile,
  flux,
  argocd,
  kustomize: subcommands(
    {
      build: kustomizeBuild,
      "cfg cat|count|grep|tree": checks("any"),
      "version|docs-fn": query("short o= output="),
      "edit|create|localize": { options: "any", judge: (call) => [projectCode(call)] },
    },
    changes("execute-opaque", "host", "runs functions"),
    "stack-trace h help",
  ),
  skaffold: subcommands({ "version|diagnose|schema|options": query("any") }, act),
  tilt: subcommands({ "version|doctor|get|describe|logs|api-resources": query("any") }, act),
};
