import type { Word } from "../parsed-command.ts";
import { isInWorktree } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { act, configured, prints, withKubeconfig } from "./kubectl.ts";
import { type Call, explicit, has, liveRead, type Row, readAll, textOf, valuesOf, writeAll } from "./row.ts";
import {
  changes,
  checks,
  fetched,
  fetches,
  given,
  query,
  subcommands,
  switches,
  unlessDry,
  written,
} from "./subcommands.ts";

const chart = "version= repo= devel";
const values =
  "f= values= set= set-string= set-json= set-literal= set-file= kube-version= a= api-versions= no-hooks skip-schema-validation";

/** `secrets://` and the like are read by a plugin, most often to decrypt them. */
function decrypts(call: Call, files: readonly Word[]): Finding[] {
  const isPlugins = (word: Word): boolean => /^(?!https?:)[\w+-]+:\/\//.test(textOf(word));
  return files.some(isPlugins)
    ? [explicit(call, "values", "values come from a plugin", "credential-read", "none")]
    : [];
}

/** A chart by its address, or from a repository that is named here, comes from wherever that is. */
function fetchesChart(call: Call): Finding[] {
  const isFetched =
    has(call.scan, "repo") || call.scan.operands.some((word) => /^https?:\/\//.test(textOf(word)));
  return isFetched ? [fetched(call.rule, "a chart")] : [];
}

/** Charts are templates; what could run code is a post-renderer or a downloader such as `secrets://`. */
const template: Row = {
  options: switches(
    `${chart} ${values} s= show-only= include-crds skip-crds skip-tests is-upgrade validate name-template= g generate-name release-name dry-run=? description= disable-openapi-validation timeout= wait atomic create-namespace labels= output-dir= dependency-update render-subchart-notes take-ownership enable-dns plain-http`,
  ),
  judge: (call) => {
    const files = valuesOf(call.scan, "f", "values");
    return [
      harmless(call.rule, "renders"),
      ...decrypts(call, files),
      ...fetchesChart(call),
      ...files.flatMap((word) => given(call, word)),
      ...valuesOf(call.scan, "output-dir").flatMap((word) => written(call.place, word)),
      ...(has(call.scan, "dependency-update") ? [fetched(call.rule, "charts")] : []),
    ];
  },
};

const dryRun = unlessDry(
  act,
  /^--dry-run(=(client|server|true))?$/,
  true,
  /^--(post-renderer|kube-(apiserver|token|as|ca|insecure|tls)|kubeconfig|username|password|registry-config|show-secrets)|^(?!https?:|oci:)[\w+-]+:\/\//,
);

/** The plugin that shows what an upgrade would change; secrets are masked unless asked for. */
const diff: Row = {
  options: switches(
    `${chart} ${values} allow-unreleased install C= context= detailed-exitcode color no-color output= q suppress-secrets suppress= reuse-values reset-values reset-then-reuse-values three-way-merge normalize-manifests strip-trailing-cr include-tests dry-run=? find-renames= namespace= D disable-validation disable-openapi-validation include-crds skip-crds server-side=`,
  ),
  judge: (call) => [
    liveRead(call.rule, "cluster"),
    ...decrypts(call, valuesOf(call.scan, "f", "values")),
    ...fetchesChart(call),
    ...valuesOf(call.scan, "f", "values").flatMap((word) => given(call, word)),
  ],
};

function releaseContent(call: Call): Finding[] {
  return [
    finding("brief", call.rule, "prints the values of a release", [
      effect("read", call.args.map(textOf).join(" "), "remote"),
    ]),
  ];
}

const releaseOutput = "o= output= revision= show-desc show-resources a all template= max= time-format=";

export const helm = subcommands(
  withKubeconfig({
    "list|ls": query(
      "A all-namespaces a all d date deployed failed f= filter= m= max= no-headers offset= o= output= pending r reverse l= selector= short q superseded time-format= uninstalled uninstalling",
    ),
    "history|hist": query(releaseOutput),
    status: {
      ...query(releaseOutput),
      judge: (call) =>
        // As JSON or YAML it is the whole release.
        valuesOf(call.scan, "o", "output").every((word) => word.value === "table")
          ? [liveRead(call.rule, "cluster")]
          : releaseContent(call),
    },
    "get notes|metadata": query(releaseOutput),
    // A release keeps its values and its Secret manifests as they are.
    "get values|manifest|hooks|all": {
      options: switches(releaseOutput),
      plain: true,
      judge: releaseContent,
    },
    "show|inspect all|chart|readme|values|crds": {
      ...query(`${chart} jsonpath= plain-http`),
      judge: (call) => [liveRead(call.rule, "chart"), ...fetchesChart(call)],
    },
    "search repo|hub": query(
      "l versions r regexp version= devel o= output= max-col-width= list-repo-url fail-on-no-result",
    ),
    "repo list|ls": query("o= output="),
    "dependency|dep list|ls": checks("max-col-width="),
    "plugin list|ls": query(""),
    "env|completion|version": query("short template= c client"),
    verify: checks("keyring="),
    lint: {
      options: switches(`${values} strict quiet with-subcharts`),
      judge: (call) => [
        harmless(call.rule, "only checks"),
        ...decrypts(call, valuesOf(call.scan, "f", "values")),
        ...[...call.scan.operands, ...valuesOf(call.scan, "f", "values")].flatMap((word) =>
          given(call, word),
        ),
      ],
    },
    template,
    "diff upgrade|release|rollback|revision": diff,
    "repo update|up": fetches("fail-on-repo-update-fail timeout=", "an index of charts"),
    "dependency|dep update|up|build": {
      options: switches("skip-refresh verify keyring= plain-http"),
      judge: (call) => [
        fetched(call.rule, "charts"),
        ...(call.scan.operands.some((word) => !isInWorktree(call.place, word)) ? act.judge(call) : []),
      ],
    },
    "pull|fetch": {
      options: switches(`${chart} d= destination= untar untardir= prov verify plain-http`),
      judge: (call) => [
        fetched(call.rule, "a chart"),
        ...valuesOf(call.scan, "d", "destination", "untardir").flatMap((word) => written(call.place, word)),
      ],
    },
    package: {
      options: switches("d= destination= version= app-version= u dependency-update"),
      judge: (call) => [
        finding("brief", call.rule, "writes an archive", [effect("write", "*.tgz", "worktree")]),
        ...readAll(call, call.scan.operands),
        ...valuesOf(call.scan, "d", "destination").flatMap((word) => written(call.place, word)),
      ],
    },
    create: {
      options: "",
      judge: (call) => [
        finding("brief", call.rule, "writes a new chart", []),
        ...writeAll(call, call.scan.operands),
      ],
    },
    "upgrade|install|uninstall|delete|un|del|rollback": dryRun,
    "secrets *": prints,
    "registry login|logout": prints,
    push: changes("network-send", "remote", "publishes a chart"),
  }),
  act,
  "n= namespace= kube-context= debug burst-limit= qps= kubeconfig= color= h help",
  { before: (scan, place) => ({ place, findings: configured(scan, place, "kubeconfig") }) },
);
