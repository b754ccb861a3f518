import { literalWord } from "../parsed-command.ts";
import { judgeRead } from "../paths.ts";
import type { Finding } from "./finding.ts";
import { leadingText } from "./options.ts";
import { type Call, explicit, type Group, named, type Row, type Table, textOf, writeAll } from "./row.ts";
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
  ownWords,
  publishes,
  query,
  runs,
  secret,
  settings,
  split,
  valuesGiven,
} from "./verbs.ts";

/** pip, uv, Poetry and their kin, Conda: into the project's environment is brief, beyond it is not. */

const foreign = /:\/\/|^(git|hg|svn|bzr)\+|^~|^\.\.\/|\s@\s/;

/** Packages by name, or folders of the worktree; requirement files are read. */
const install: Row = {
  options: "any",
  judge: (call) => {
    const odd = ownWords(call).find((word) => {
      const text = textOf(word);
      return !text.startsWith("-") && (foreign.test(text) || /^\/(?!tmp\/)/.test(text));
    });
    if (odd !== undefined)
      return [
        explicit(call, "source", `${odd.text} changes where packages come from or go`, "package", "host"),
      ];
    const files = valuesGiven(call, "r", "requirement", "requirements", "c", "constraint", "constraints");
    return [...installs.judge(call), ...files.flatMap((word) => judgeRead(call.place, word))];
  },
};

const intoFolder = (...names: string[]): Row => ({
  ...install,
  judge: (call) => [...install.judge(call), ...writeAll(call, valuesGiven(call, ...names))],
});

const secretSetting = /(token|password|passwd|auth|secret|api[-_]?key|pypi-|http-basic|credential)/i;

function readSetting(row: Row): Row {
  return {
    options: "any",
    judge: (call) => {
      const odd = call.args.find((word) => word.value === null || secretSetting.test(word.value));
      return odd === undefined
        ? row.judge(call)
        : [explicit(call, "secret", `${odd.text} may be a credential`, "credential-read", "home")];
    },
  };
}

// Where packages come from or go.
const sources =
  "i index-url extra-index-url f find-links trusted-host proxy target t prefix root user break-system-packages global-option config-settings cert client-cert src log python system index default-index index-strategy build-option";

const pipCalm =
  "v verbose q quiet no-color no-input disable-pip-version-check isolated require-virtualenv no-cache-dir timeout= retries= V version h help";

const pipCache: Group = {
  global: "",
  subs: { ...each("dir info list size", query), ...each("purge remove clean prune", destroys) },
};

const pip: Group = {
  global: pipCalm,
  subs: {
    ...guard(each("list show freeze check inspect debug hash help completion", query), "log python"),
    ...guard(
      {
        ...each("index search", asks),
        install,
        download: intoFolder("d", "dest"),
        wheel: intoFolder("w", "wheel-dir"),
        lock: intoFolder("o", "output"),
      },
      sources,
    ),
    cache: pipCache,
    config: {
      global: "global user site editor=",
      subs: { ...each("list get debug", readSetting(query)), ...each("set unset edit", settings) },
    },
    uninstall: machine,
  },
};

/** `run COMMAND`: a known command as itself, a script of the project by its name. */
function runRow(valued: string): Row {
  const takes = new Set(
    valued.split(" ").flatMap((name) => (name.length === 1 ? [`-${name}`] : [`--${name}`])),
  );
  return {
    options: "any",
    wraps: true,
    judge: (call) => {
      const odd = ownWords(call).find((word) => word.splits);
      if (odd !== undefined) return opaque.judge(call);
      let index = 0;
      while (index < call.args.length && leadingText(call.args[index] ?? literalWord("")).startsWith("-")) {
        const text = textOf(call.args[index]);
        // Downloaded for this one run, or another program's project.
        if (
          /^--?(with|with-editable|with-requirements|from|m|module|script|python|p|directory|project|env-file|index|gui-script|default-index|w)(=|$)/.test(
            text,
          ) &&
          !/^--?(m|module)$/.test(text)
        )
          return opaque.judge(call);
        if (text === "--") {
          index += 1;
          break;
        }
        if (/^--?(m|module)$/.test(text))
          return [
            ...runs.judge(call),
            ...call.nested([literalWord("python"), literalWord("-m"), ...call.args.slice(index + 1)]),
          ];
        index += takes.has(text) ? 2 : 1;
      }
      const [first, ...rest] = call.args.slice(index);
      if (first === undefined) return query.judge(call);
      if (first.value === null) return opaque.judge(call);
      if (/^[a-z]+:\/\//i.test(first.value)) return opaque.judge(call);
      if (/\.py$/.test(first.value)) return call.file(first, rest);
      const known = call.nested([first, ...rest]).filter((one) => one.tier !== "none");
      // Not a command of the machine: an entry point of the project.
      return [...runs.judge(call), ...known.filter((one) => one.rule !== "command.unknown")];
    },
  };
}

const uvCalm =
  "q quiet v verbose no-progress color= offline n no-cache no-python-downloads native-tls no-config V version h help";

const uv: Group = {
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
        judge: (call) => [...edits.judge(call), ...writeAll(call, call.scan.operands.slice(0, 1))],
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

const poetry: Group = {
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
        judge: (call) => [...query.judge(call), ...writeAll(call, valuesGiven(call, "o", "output"))],
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
};

const pdm: Group = {
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
};

const hatch: Group = {
  global: "v verbose q quiet e= env= no-color color interactive no-interactive V version h help",
  subs: {
    env: {
      global: "",
      subs: { ...each("show find", query), create: installs, run: runs, ...each("prune remove", destroys) },
    },
    version: split(isBare, query, edits),
    status: query,
    dep: { global: "", subs: { ...each("show hash sync", query) } },
    project: { global: "", subs: { metadata: query } },
    ...each("build test run fmt", runs),
    ...each("new", edits),
    config: {
      global: "",
      subs: { ...each("find explore show", readSetting(query)), ...each("set restore update", settings) },
    },
    ...each("python self", machine),
    shell: opaque,
    clean: destroys,
    publish: publishes,
  },
};

const pipenv: Group = {
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
};

const conda: Group = {
  global: "h help V version v verbose json q quiet no-plugins",
  subs: {
    ...each("info list compare doctor notices", query),
    ...each("search repoquery", asks),
    env: {
      global: "",
      subs: {
        ...each("list export", {
          ...query,
          judge: (call) => [...query.judge(call), ...writeAll(call, valuesGiven(call, "f", "file"))],
        }),
        config: { global: "", subs: { vars: { global: "", subs: { list: query } } } },
        ...each("create update remove", machine),
      },
    },
    export: {
      ...query,
      judge: (call) => [...query.judge(call), ...writeAll(call, valuesGiven(call, "f", "file"))],
    },
    config: split(
      (call) =>
        hasFlag(call, "--show", "--show-sources", "--describe", "--get", "--validate") &&
        !hasFlag(call, "--set", "--add", "--append", "--prepend", "--remove", "--remove-key", "--stdin"),
      readSetting(query),
      settings,
    ),
    // The environment is outside the worktree, wherever it is.
    ...each("install create update upgrade remove uninstall rename init", machine),
    clean: split((call) => hasFlag(call, "-d", "--dry-run"), query, destroys),
    ...each("activate deactivate", query),
    ...each("run shell", opaque),
    build: runs,
  },
};

const pipx: Group = {
  global: "q quiet v verbose version h help",
  subs: {
    ...each("list environment", query),
    ...each(
      "install inject upgrade upgrade-all reinstall reinstall-all uninstall uninstall-all ensurepath pin unpin",
      machine,
    ),
    run: opaque,
  },
};

/** Checks and lists around packages. */
function listed(call: Call, row: Row, ...outputs: string[]): Finding[] {
  return [...row.judge(call), ...writeAll(call, valuesGiven(call, ...outputs))];
}

export const pythonPackages: Table = {
  ...named("pip pip3", pip),
  uv,
  uvx: split((call) => hasFlag(call, "--version") && call.args.length === 1, query, opaque),
  poetry,
  pdm,
  hatch,
  pipenv,
  ...named("conda mamba micromamba", conda),
  pipx,
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
};
