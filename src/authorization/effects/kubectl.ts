import type { Place } from "../context.ts";
import { isInWorktree, judgeRead, judgeWrite } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { after, leadingText, type Scan } from "./options.ts";
import {
  type Call,
  explicit,
  has,
  liveRead,
  projectCode,
  type Row,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { changes, fetched, given, query, subcommands, switches, unlessDry } from "./subcommands.ts";

// Not here: --server, --token, --as, --cache-dir and whatever else sends credentials elsewhere or writes.
const kubeGlobal =
  "n= namespace= context= cluster= user= request-timeout= v= kubeconfig= warnings-as-errors=? match-server-version=? disable-compression=? h help";

export const act = changes("cluster", "remote", "changes the cluster or runs inside it");
export const inside = changes("remote-exec", "remote", "runs a command in the cluster");
export const prints = changes("credential-read", "remote", "prints credentials");
const opens = changes("expose", "host", "opens a port or a tunnel");

/** A kubeconfig can name a program that is run to sign in: one that the worktree holds is the project's code. */
export function configured(scan: Scan, place: Place, ...names: string[]): Finding[] {
  return valuesOf(scan, ...names).flatMap((word) =>
    word.value === null || isInWorktree(place, word) || /^\/(var\/)?tmp\//.test(textOf(word))
      ? [projectCode({ rule: "kubeconfig", place })]
      : [],
  );
}

/** The rows, and what the kubeconfig runs that they are given. */
export function withKubeconfig(rows: Readonly<Record<string, Row>>): Record<string, Row> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [
      name,
      {
        ...row,
        judge: (call) => [...configured(call.scan, call.place, "kubeconfig"), ...row.judge(call)],
      },
    ]),
  );
}

const getOptions = switches(
  "A all-namespaces o= output= w watch watch-only output-watch-events l= selector= field-selector= show-labels sort-by= no-headers L= label-columns= chunk-size= ignore-not-found R recursive show-kind show-managed-fields f= filename= k= kustomize= subresource= server-print template= allow-missing-template-keys raw=",
);

/** A path of the API server that holds no objects with secrets and leads into no pod. */
const rawPath =
  /^\/(healthz|livez|readyz|version|metrics|openapi|apis?|logs)?(\/(?!.*(secret|token|proxy\/(?!(metrics|stats|healthz|configz|pods)\b)|exec|attach|portforward))[\w./?=&:%-]*|\?[\w=&]*)?$/i;

/** Secrets are read through the same verb as everything else. */
function secretsApart(call: Call): Finding[] {
  const { scan } = call;
  const raw = valuesOf(scan, "raw");
  const files = valuesOf(scan, "f", "filename", "k", "kustomize");
  const [first] = scan.operands;
  const isNamed = first?.value != null && !first.value.includes("/");
  const open = scan.operands.filter((word, index) => word.value === null && !(isNamed && index > 0));
  const secret = scan.operands.filter((word, index) => isSecretType(textOf(word), index === 0));
  const shown = valuesOf(scan, "o", "output", "template").some((word) => !/^(wide|name)$/.test(textOf(word)));
  const refused = [
    ...open.filter((word) => !/^[a-z]+\//.test(leadingText(word)) || isSecretType(leadingText(word), true)),
    ...secret,
    ...raw.filter((word) => !rawPath.test(word.value ?? "?")),
    ...(shown ? files : []),
  ];
  if (refused.length > 0)
    return [
      explicit(
        call,
        "secret",
        "may print secrets of the cluster",
        "credential-read",
        "remote",
        refused.map(textOf).join(" "),
      ),
    ];
  return [liveRead(call.rule, "cluster"), ...files.flatMap((word) => given(call, word))];
}

/** Does `pods,secrets`, `secret/db` or `secrets.v1` name what holds secrets in the clear? A SealedSecret does not. */
function isSecretType(text: string, isFirst: boolean): boolean {
  if (!isFirst && !text.includes("/")) return /^secrets?$/i.test(text);
  const types = (text.split("/")[0] ?? "").split(",").map((type) => type.split(".")[0] ?? "");
  return types.some((type) => /^secrets?$|tokens?$|credentials?$|passwords?$|^all-secrets$/i.test(type));
}

const shows: Row = { options: getOptions, plain: true, judge: secretsApart };

const config = {
  "current-context|get-clusters|get-users": query(""),
  "get-contexts": query("no-headers o= output="),
  view: {
    options: switches(
      "minify flatten o= output= merge template= allow-missing-template-keys raw show-managed-fields",
    ),
    plain: true,
    judge: (call: Call) =>
      has(call.scan, "raw", "flatten")
        ? [explicit(call, "raw", "prints keys and tokens", "credential-read", "home")]
        : [liveRead(call.rule)],
  },
};

/** From a pod into the worktree; everything else runs in the pod to write there. */
const copy: Row = {
  options: switches("c= container= retries= no-preserve"),
  judge: (call) => {
    const [from, to] = call.scan.operands;
    const isInside = (text: string): boolean => /^[^/.][^:]*:/.test(text);
    if (from === undefined || to === undefined || !isInside(textOf(from)) || isInside(textOf(to)))
      return act.judge(call);
    return [
      finding("brief", call.rule, "copies files out of a pod", [effect("read", textOf(from), "remote")]),
      ...judgeRead(call.place, after(from, leadingText(from).indexOf(":") + 1)),
      ...judgeWrite(call.place, to),
    ];
  },
};

export const kustomizeBuild: Row = {
  options: switches(
    "load-restrictor= reorder= enable-alpha-plugins enable-helm helm-command= as-current-user e= env= o= output= stack-trace",
  ),
  judge: (call) => {
    const { scan } = call;
    if (has(scan, "enable-alpha-plugins", "helm-command", "e", "env", "as-current-user"))
      return [explicit(call, "", "runs plugins", "execute-opaque", "none")];
    return [
      harmless(call.rule, "renders"),
      ...(has(scan, "enable-helm") ? [projectCode(call)] : []),
      ...scan.operands.flatMap((word) =>
        /^(https?:|git@|ssh:|github\.com)/.test(textOf(word))
          ? [fetched(call.rule, "a kustomization")]
          : judgeRead(call.place, word),
      ),
      ...writeAll(call, valuesOf(scan, "o", "output")),
    ];
  },
};

const dry = /^--dry-run(=(client|server))?$/;
const elsewhere =
  /^(-s|--(server|token|as|kubeconfig|username|password|insecure|cache-dir|profile|client-|certificate-authority|local)\b)/;
const dryChange = unlessDry(act, dry, true, elsewhere);

const rows: Record<string, Row> = {
  get: shows,
  describe: {
    ...shows,
    options: switches(
      "A all-namespaces l= selector= show-events f= filename= R recursive k= kustomize= chunk-size=",
    ),
  },
  logs: query(
    "f follow tail= since= since-time= c= container= p previous all-containers all-pods timestamps l= selector= prefix max-log-requests= limit-bytes= ignore-errors pod-running-timeout=",
  ),
  "top pod|pods|po|node|nodes|no": query(
    "A all-namespaces l= selector= containers sort-by= no-headers sum field-selector= use-protocol-buffers show-capacity show-swap",
  ),
  "api-resources|api-versions": query(
    "api-group= cached categories= namespaced no-headers o= output= sort-by= verbs=",
  ),
  explain: query("api-version= recursive o= output="),
  version: query("client o= output= short"),
  events: query(
    "A all-namespaces for= types= w watch no-headers o= output= chunk-size= template= l= selector=",
  ),
  "cluster-info": query(""),
  "cluster-info dump": query("A all-namespaces namespaces= o= output= pod-running-timeout="),
  wait: query(
    "for= l= selector= A all all-namespaces field-selector= timeout= R recursive local o= output= f= filename=",
  ),
  diff: {
    options: switches(
      "f= filename= k= kustomize= R recursive server-side force-conflicts field-manager= prune prune-allowlist= l= selector= show-managed-fields concurrency=",
    ),
    judge: (call) => [
      liveRead(call.rule, "cluster"),
      ...valuesOf(call.scan, "f", "filename", "k", "kustomize").flatMap((word) => given(call, word)),
    ],
  },
  "rollout status|history": query(
    "w watch timeout= revision= f= filename= k= kustomize= R recursive l= selector= o= output= template=",
  ),
  ...Object.fromEntries(Object.entries(config).map(([name, row]) => [`config ${name}`, row])),
  "auth can-i": query("list A all-namespaces q quiet no-headers subresource= as= as-group= as-uid="),
  "auth whoami": query("o= output= template="),
  // Of oc. Not -t, which prints the token.
  whoami: query("show-console show-context show-server c"),
  "status|projects": query("suggest q short"),
  kustomize: kustomizeBuild,
  "plugin list": query("name-only"),
  "krew list|search|info|version": query(""),
  options: query(""),
  completion: query(""),
  cp: copy,
  "neat|tree|who-can|access-matrix|deprecations|df-pv|view-allocations|resource-capacity": query(
    "A all-namespaces o= output= f= file= l= p pods u util sort= c containers",
  ),
  "exec|attach|debug|run": unlessDry(inside, dry, true, elsewhere),
  "port-forward|proxy|expose": unlessDry(opens, dry, true, elsewhere),
  "view-secret": prints,
  "rollout *": dryChange,
  create: {
    ...dryChange,
    judge: (call) => (call.args.some((word) => word.value === "token") ? prints : dryChange).judge(call),
  },
  "set|apply|delete|replace|patch|edit|scale|autoscale|label|annotate|taint|cordon|uncordon|drain|certificate":
    dryChange,
};

export const kubectl = subcommands(() => withKubeconfig(rows), act, kubeGlobal, {
  before: (scan, place) => ({ place, findings: configured(scan, place, "kubeconfig") }),
});
