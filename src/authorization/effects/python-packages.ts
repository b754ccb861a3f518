import { conda } from "./conda.ts";
import type { Finding } from "./finding.ts";
import { install, pip, pipCache, readSetting, runRow } from "./pip.ts";
import { type Call, type Group, named, type Row, type Table, textOf, writeAll } from "./row.ts";
import { uv } from "./uv.ts";
import {
  asks,
  destroys,
  dryRun,
  each,
  edits,
  guard,
  hasFlag,
  installs,
  isBare,
  listens,
  machine,
  opaque,
  publishes,
  query,
  runs,
  secret,
  settings,
  split,
  valuesGiven,
} from "./verbs.ts";

/** pip, uv, Poetry and their kin, Conda: into the project's environment is brief, beyond it is not. */

const poetry = (): Group => ({
  global: "q quiet v vv vvv verbose n no-interaction no-ansi ansi no-plugins no-cache V version h help",
  subs: guard(
    {
      ...each("show check about list help", query),
      search: asks,
      ...each("install add remove update lock sync", install),
      env: { global: "", subs: { ...each("info list activate", query), use: installs, remove: destroys } },
      config: split(
        (call) => isBare(call) || (call.scan.operands.length === 1 && !hasFlag(call, "--unset")),
        readSetting(query),
        settings,
      ),
      run: runRow(""),
      build: runs,
      ...each("init new", edits),
      version: split(isBare, query, edits),
      export: {
        ...query,
        judge: (call) => [
          ...(hasFlag(call, "--with-credentials") ? secret : query).judge(call),
          ...writeAll(call, valuesGiven(call, "o", "output")),
        ],
      },
      source: { global: "", subs: { show: query, ...each("add remove", settings) } },
      cache: { global: "", subs: { list: query, clear: destroys } },
      self: { global: "", subs: { show: query, ...each("add remove update lock install sync", machine) } },
      python: { global: "", subs: { list: query, ...each("install remove", machine) } },
      shell: opaque,
      publish: dryRun("--dry-run", runs, publishes),
    },
    "C directory P project cert client-cert source-url",
  ),
});

const pdm = (): Group => ({
  global: "v verbose q quiet V version h help n no-lock-file I ignore-python",
  bare: query,
  subs: guard(
    {
      ...each("list info show search outdated completion", query),
      ...each("install add remove update sync lock", install),
      ...each("run r", runRow("")),
      ...each("build test lint fix", runs),
      ...each("init new use import", edits),
      export: {
        ...query,
        judge: (call) => [...query.judge(call), ...writeAll(call, valuesGiven(call, "o", "output"))],
      },
      config: split(
        (call) => call.scan.operands.length < 2 && !hasFlag(call, "-d", "--delete", "-e", "--edit"),
        readSetting(query),
        settings,
      ),
      venv: {
        global: "",
        subs: { ...each("list activate", query), create: installs, ...each("remove purge", destroys) },
      },
      cache: pipCache,
      publish: publishes,
      ...each("self plugin python py", machine),
    },
    "c config p project g global",
  ),
});

const hatch = (): Group => ({
  global: "v verbose q quiet e= env= no-color color interactive no-interactive V version h help",
  subs: {
    env: {
      global: "",
      subs: { ...each("show find", query), create: installs, run: runs, ...each("prune remove", destroys) },
    },
    version: split(isBare, query, edits),
    status: query,
    dep: { global: "", subs: { ...each("show hash", query), sync: installs } },
    project: { global: "", subs: { metadata: runs } },
    ...each("build test run fmt", runs),
    ...each("new", edits),
    config: {
      global: "",
      subs: {
        ...each("find explore", readSetting(query)),
        show: split((call) => hasFlag(call, "-a", "--all"), secret, readSetting(query)),
        ...each("set restore update", settings),
      },
    },
    ...each("python self", machine),
    shell: opaque,
    clean: destroys,
    publish: publishes,
  },
});

const pipenv = (): Group => ({
  global: "q quiet v verbose venv where py envs bare version h help",
  bare: query,
  subs: guard(
    {
      ...each("graph verify check scripts requirements", query),
      ...each("install sync update upgrade lock uninstall", install),
      run: runRow(""),
      clean: destroys,
      ...each("shell open", opaque),
    },
    "i index pypi-mirror python system extra-pip-args site-packages",
  ),
});

const pipx = (): Group => ({
  global: "q quiet v verbose version h help",
  subs: {
    ...each("list environment", query),
    ...each(
      "install inject upgrade upgrade-all reinstall reinstall-all uninstall uninstall-all ensurepath pin unpin",
      machine,
    ),
    run: opaque,
  },
});

/** Checks and lists around packages. */
function listed(call: Call, row: Row, ...outputs: string[]): Finding[] {
  return [...row.judge(call), ...writeAll(call, valuesGiven(call, ...outputs))];
}

export const pythonPackages = (): Table => ({
  ...named("pip pip3", pip),
  uv,
  uvx: split((call) => hasFlag(call, "--version") && call.args.length === 1, query, opaque),
  poetry: poetry(),
  pdm: pdm(),
  hatch: hatch(),
  pipenv: pipenv(),
  ...named("conda mamba micromamba", conda),
  pipx: pipx(),
  pipdeptree: query,
  "pip-audit": {
    options: "any",
    judge: (call) => listed(call, hasFlag(call, "--fix") ? installs : runs, "o", "output"),
  },
  "pip-compile": { options: "any", judge: (call) => listed(call, installs, "o", "output-file") },
  "pip-sync": install,
  virtualenv: {
    options: "any",
    judge: (call) => [...installs.judge(call), ...writeAll(call, call.scan.operands)],
  },
  twine: { global: "", subs: { check: query, ...each("upload register", publishes) } },
  flit: {
    global: "",
    subs: { ...each("build", runs), ...each("init", edits), install: machine, publish: publishes },
  },
  "jupyter-nbconvert": runs,
  jupyter: {
    global: "version h help paths config-dir data-dir runtime-dir json",
    bare: query,
    subs: {
      ...each(
        "kernelspec troubleshoot",
        split((call) => textOf(call.scan.operands[0]) === "list" || isBare(call), query, machine),
      ),
      nbconvert: runs,
      ...each("notebook lab server console qtconsole", listens),
    },
  },
  ...named("ipython ptpython bpython idle", opaque),
});
