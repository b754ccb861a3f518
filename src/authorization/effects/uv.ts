import { install, intoFolder, runRow, sources } from "./pip.ts";
import { type Group, textOf, writeAll } from "./row.ts";
import {
  destroys,
  dryRun,
  each,
  edits,
  guard,
  hasFlag,
  isBare,
  machine,
  opaque,
  publishes,
  query,
  runs,
  secret,
  split,
  valuesGiven,
} from "./verbs.ts";

/** uv: the project and its environment, the tools and interpreters beside it. */

const uvCalm =
  "q quiet v verbose no-progress color= offline n no-cache no-python-downloads native-tls no-config V version h help";

export const uv: Group = {
  global: uvCalm,
  subs: guard(
    {
      pip: {
        global: "",
        subs: {
          ...each("list show freeze check tree", query),
          ...each("install sync", install),
          compile: intoFolder("o", "output-file"),
          uninstall: machine,
        },
      },
      ...each("sync add remove rm lock", install),
      // They bring the lock file up to date first.
      ...each("tree export", {
        ...edits,
        judge: (call) => [
          ...(hasFlag(call, "--frozen", "--locked") ? query : edits).judge(call),
          ...writeAll(call, valuesGiven(call, "o", "output-file")),
        ],
      }),
      run: runRow(
        "extra group package no-group only-group no-extra n link-mode resolution upgrade-package P reinstall-package refresh-package config-setting C color",
      ),
      ...each("init", edits),
      version: split(isBare, query, edits),
      venv: {
        ...edits,
        judge: (call) => [
          ...(hasFlag(call, "--clear", "-c") && !/^(\.?venv)?$/.test(textOf(call.scan.operands[0]))
            ? destroys
            : edits
          ).judge(call),
          ...writeAll(call, call.scan.operands.slice(0, 1)),
        ],
      },
      build: {
        ...runs,
        judge: (call) => [...runs.judge(call), ...writeAll(call, valuesGiven(call, "o", "out-dir"))],
      },
      format: split((call) => hasFlag(call, "--check", "--diff"), query, edits),
      python: {
        global: "",
        subs: {
          ...each("list dir find", query),
          pin: edits,
          ...each("install uninstall upgrade update-shell", machine),
        },
      },
      tool: {
        global: "",
        subs: {
          ...each("list dir", query),
          ...each("run", opaque),
          ...each("install uninstall upgrade update-shell", machine),
        },
      },
      cache: { global: "", subs: { ...each("dir size", query), ...each("clean prune", destroys) } },
      self: { global: "", subs: { version: query, update: machine } },
      publish: dryRun("--dry-run", runs, publishes),
      auth: secret,
      help: query,
      "generate-shell-completion": query,
    },
    `${sources.replaceAll(/(^| )(?=\w\w)/g, "$1=")} =config-file =directory =project =cache-dir =publish-url =keyring-provider =allow-insecure-host`,
  ),
};
