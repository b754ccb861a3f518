import { literalWord } from "../parsed-command.ts";
import type { Finding } from "./finding.ts";
import { go, judgePprof } from "./go.ts";
import { handsOver } from "./npm.ts";
import {
  type Call,
  explicit,
  type Group,
  named,
  type Row,
  readAll,
  type Table,
  textOf,
  writeAll,
} from "./row.ts";
import {
  asks,
  destroys,
  dryRun,
  each,
  edits,
  guard,
  guardRow,
  hasFlag,
  installs,
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

/** Cargo and its extensions, rustup, Go's tool and the helpers of both. */

const builds: Row = {
  options: "any",
  judge: (call) => [
    ...runs.judge(call),
    ...writeAll(call, valuesGiven(call, "out-dir", "artifact-dir", "target-dir", "output-path")),
  ],
};

/** From the registry, or from the worktree; an address is code of nobody knows whom. */
const add: Row = {
  options: "any",
  judge: (call) =>
    hasFlag(call, "--git", "--registry", "--index")
      ? [explicit(call, "source", "takes a package from an address of its own", "package", "worktree")]
      : installs.judge(call),
};

// They choose the toolchain, the settings or the project.
const cargoElsewhere = "=config =Z Z C =root =registry =index =token";

const cargo: Group = {
  global: "q quiet v vv verbose color= frozen locked offline V version h help list explain=",
  bare: query,
  subs: guard(
    {
      ...each("tree metadata pkgid locate-project read-manifest verify-project help version license", query),
      ...each("search info outdated", asks),
      // They look the dependencies up in lists that they fetch.
      ...each(
        "audit deny",
        split((call) => /^(fetch|init|update|fix)$/.test(textOf(call.scan.operands[0])), edits, asks),
      ),
      ...each(
        "cyclonedx sbom about check c build b test t run r bench clippy doc d rustc rustdoc fmt miri expand asm bloat llvm-lines llvm-cov udeps machete hack semver-checks insta fuzz criterion msrv minimal-versions careful public-api spellcheck shear sort toml-fmt component leptos ndk",
        builds,
      ),
      // It keeps its book in the worktree; reviews are signed with a key of the user's.
      vet: edits,
      crev: split(
        (call) =>
          /^(verify|(crate (info|search|verify|mvp)|proof find|repo query|id (current|list|query|show))\b.*)?$/.test(
            call.scan.operands.map(textOf).join(" "),
          ),
        asks,
        secret,
      ),
      geiger: builds,
      // They send the report.
      tarpaulin: guardRow(builds, ["coveralls", "report-uri", "ciserver"]),
      // Not --cmd and --post-process, which hold a command.
      flamegraph: guardRow(builds, ["c", "cmd", "post-process", "root"]),
      watch: { options: "any", wraps: true, judge: judgeWatch },
      ...each(
        "nextest wasi",
        split((call) => textOf(call.scan.operands[0]) === "self", machine, builds),
      ),
      dist: split(
        (call) => /^(upload|publish|host|announce)$/.test(textOf(call.scan.operands[0])),
        publishes,
        builds,
      ),
      tauri: split((call) => textOf(call.scan.operands[0]) === "signer", secret, builds),
      ...each(
        "xtask make",
        split((call) => call.scan.operands.some((word) => handsOver.test(textOf(word))), publishes, builds),
      ),
      fix: edits,
      ...each("add remove rm upgrade", add),
      update: dryRun("--dry-run -n", asks, installs),
      ...each("fetch generate-lockfile vendor", installs),
      ...each("new init", {
        ...edits,
        judge: (call) => [...edits.judge(call), ...writeAll(call, call.scan.operands.slice(0, 1))],
      }),
      package: split((call) => hasFlag(call, "-l", "--list"), query, runs),
      publish: dryRun("-n --dry-run", runs, publishes),
      ...each("yank release workspaces", dryRun("--never", query, publishes)),
      owner: split((call) => hasFlag(call, "-l", "--list"), asks, publishes),
      ...each("login logout", secret),
      install: split((call) => hasFlag(call, "--list"), query, machine),
      ...each("uninstall binstall", machine),
      clean: dryRun("-n --dry-run", query, destroys),
      ...each("generate script", opaque),
      cache: split((call) => call.args.length === 0 || hasFlag(call, "-i", "--info", "-q"), query, destroys),
      "*": { options: "any", wraps: true, judge: judgeToolchain },
    },
    cargoElsewhere,
  ),
};

/** Runs its commands again and again: of cargo, of the shell, or what stands after `--`. */
function judgeWatch(call: Call): Finding[] {
  const end = call.args.findIndex((word) => word.value === "--");
  return [
    ...builds.judge(call),
    ...valuesGiven(call, "x", "exec").flatMap((word) => call.script(`cargo ${textOf(word)}`)),
    ...valuesGiven(call, "s", "shell").flatMap((word) => call.script(textOf(word))),
    ...(end === -1 ? [] : call.nested(call.args.slice(end + 1))),
  ];
}

/** `cargo +nightly …`; any other word is an extension that somebody installed. */
function judgeToolchain(call: Call): Finding[] {
  const isToolchain = /^cargo\.\+[\w.-]+$/.test(call.rule);
  return isToolchain ? call.nested([literalWord("cargo"), ...call.args]) : opaque.judge(call);
}

const rustup: Group = {
  global: "v verbose q quiet V version h help",
  bare: query,
  subs: {
    ...each("show which doc completions help", query),
    check: asks,
    ...each("toolchain target component override", lists("list", machine)),
    set: settings,
    run: {
      options: "install",
      style: "first",
      wraps: true,
      judge: (call) =>
        call.scan.operands.length < 2 ? query.judge(call) : call.nested(call.scan.operands.slice(1)),
    },
    ...each("update install uninstall default self upgrade", machine),
  },
};

function lists(words: string, rest: Row): Row {
  const known = new Set(words.split(" "));
  return split((call) => known.has(textOf(call.scan.operands[0])), query, rest);
}

/** A compiler of one file; what it prints about itself is a read. */
const rustc: Row = {
  options: "any",
  judge: (call) => {
    const asksOnly = call.args.every((word) =>
      /^(-V|-vV|-Vv|--version|--verbose|-h|--help|--explain|E\d{4}|--print|--print=.*|[\w-]+|-C|-W|help)$/.test(
        textOf(word),
      ),
    );
    const looks = hasFlag(call, "-V", "-vV", "-Vv", "--version", "--explain", "--print");
    return asksOnly && looks
      ? query.judge(call)
      : [...runs.judge(call), ...writeAll(call, valuesGiven(call, "o", "out-dir"))];
  },
};

/** Formats: a list or a difference unless `-w` writes. */
function formatter(write: string): Row {
  return {
    options: "any",
    judge: (call) =>
      call.args.some((word) => word.value === write)
        ? writeAll(call, call.scan.operands)
        : [...query.judge(call), ...readAll(call, call.scan.operands)],
  };
}

export const rustGo = (): Table => ({
  cargo,
  rustup,
  rustc,
  rustdoc: runs,
  ...named("cargo-audit cargo-deny cargo-outdated", asks),
  "cargo-nextest": runs,
  go,
  ...named("gofmt goimports gofumpt golines", guardRow(formatter("-w"), ["cpuprofile", "base-formatter"])),
  pprof: { options: "any", judge: judgePprof },
  ...named(
    "staticcheck golangci-lint revive errcheck gosec govulncheck gocyclo ineffassign deadcode unparam nilaway gocognit misspell go-licenses",
    runs,
  ),
  ...named("mockgen wire stringer enumer sqlc gqlgen controller-gen templ", edits),
  gotestsum: guardRow(runs, ["post-run-command", "raw-command"]),
  goreleaser: {
    global: "q quiet verbose h help v version",
    subs: {
      ...each("check healthcheck", query),
      jsonschema: {
        ...query,
        judge: (call) => [...query.judge(call), ...writeAll(call, valuesGiven(call, "o", "output"))],
      },
      build: runs,
      release: split((call) => hasFlag(call, "--snapshot", "--skip=publish"), runs, publishes),
      ...each("publish announce continue", publishes),
      init: edits,
    },
  },
  ko: {
    global: "",
    subs: { ...each("build publish apply create resolve", publishes), ...each("version deps", query) },
  },
  air: split((call) => call.args.some((word) => /^--?build\./.test(textOf(word))), opaque, runs),
  buf: {
    global: "",
    subs: {
      ...each("lint breaking build convert", {
        options: "any",
        judge: (call) => [...runs.judge(call), ...writeAll(call, valuesGiven(call, "o", "output"))],
      }),
      format: split((call) => hasFlag(call, "-w", "--write"), edits, query),
      ...each("generate", runs),
      ...each("push", publishes),
      ...each("ls-files stats", query),
      dep: { global: "", subs: { ...each("update prune", installs), graph: query } },
      registry: secret,
      ...each("curl", opaque),
    },
  },
  protoc: runs,
  "wasm-pack": {
    global: "",
    subs: { ...each("build test", runs), new: opaque, ...each("publish login pack", publishes) },
  },
  trunk: { global: "", subs: { build: runs, serve: listens, watch: runs, clean: destroys } },
  bacon: runs,
});
