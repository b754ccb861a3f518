import { literalWord } from "../parsed-command.ts";
import { evaluates, nix } from "./nix.ts";
import { type Call, type Group, named, type Row, type Table, textOf, writeAll } from "./row.ts";
import {
  asks,
  destroys,
  each,
  edits,
  hasFlag,
  isBare,
  machine,
  opaque,
  query,
  runs,
  secret,
  settings,
  split,
} from "./verbs.ts";

/** Nix, and the managers of language versions: what they install is the machine's, and what they run is judged as itself. */

const asdf = (): Group => ({
  global: "version h help",
  bare: query,
  subs: {
    ...each("current list where which help info shimversions latest version", query),
    "list-all": asks,
    plugin: {
      global: "",
      bare: query,
      subs: { ...each("list", query), ...each("add remove update", machine), "list-all": asks, "*": machine },
    },
    ...each("plugin-list", query),
    ...each("install uninstall update reshim global", machine),
    set: split((call) => hasFlag(call, "-u", "--home", "-p", "--parent"), machine, choosesTools),
    local: choosesTools,
    exec: { options: "any", wraps: true, judge: (call) => call.nested(call.args) },
    shell: query,
  },
});

/** A shell that enters the folder obeys the file. */
const choosesTools: Row = {
  options: "any",
  judge: (call) => writeAll(call, [literalWord(".tool-versions")]),
};

const mise = (): Group => ({
  global: "C= cd= E= env= q quiet v verbose y yes silent no-config version V h help",
  bare: query,
  before: (scan, place) => ({
    place: scan.given.has("C") || scan.given.has("cd") ? { ...place, cwdKnown: false } : place,
    findings: [],
  }),
  subs: {
    ...each(
      "ls list current where which doctor dr version help bin-paths outdated latest ls-remote registry search completion",
      query,
    ),
    config: { global: "", bare: query, subs: { ...each("ls get", query), ...each("set generate", machine) } },
    settings: {
      global: "",
      bare: query,
      subs: { ...each("ls list get", query), ...each("set unset add", settings) },
    },
    plugins: {
      global: "",
      bare: query,
      subs: { ...each("ls ls-remote list", query), ...each("install uninstall update link", machine) },
    },
    tasks: {
      global: "",
      bare: query,
      subs: { ...each("ls info deps validate", query), run: runs, ...each("add edit", machine) },
    },
    ...each("run r watch fmt", runs),
    env: opaqueEnvironment(),
    ...each("exec x", { options: "any", wraps: true, judge: miseCommand }),
    ...each(
      "use u set unset",
      split((call) => hasFlag(call, "-g", "--global", "-p", "--path"), machine, machine),
    ),
    ...each(
      "install i uninstall upgrade up prune self-update link sync reshim implode activate deactivate trust cache shell generate",
      machine,
    ),
  },
});

function miseCommand(call: Call): ReturnType<Row["judge"]> {
  const at = call.args.findIndex((word) => word.value === "--");
  // A tool named before `--` is installed first.
  return at !== 0 ? opaque.judge(call) : call.nested(call.args.slice(1));
}

function opaqueEnvironment(): Row {
  return secret;
}

/** pyenv, rbenv and their copies. */
const envManager = (): Group => ({
  global: "version v h help debug",
  bare: query,
  subs: {
    ...each(
      "versions version version-name version-file version-origin which whence root prefix shims commands hooks help --version completions latest doctor",
      query,
    ),
    install: split(
      (call) => call.scan.operands.length === 0 && hasFlag(call, "-l", "--list", "-L", "--list-all"),
      query,
      machine,
    ),
    local: split(isBare, query, edits),
    global: split(isBare, query, machine),
    shell: query,
    exec: { options: "any", wraps: true, judge: (call) => call.nested(call.args) },
    virtualenvs: query,
    ...each(
      "virtualenv virtualenv-delete uninstall rehash update init activate deactivate alias default use",
      machine,
    ),
    list: query,
  },
});

/** Managers whose words are the same: lists are reads, `use` is for this shell only. */
function versions(reads: string, session: string, changes: string): Group {
  return {
    global: "version v V h help",
    bare: query,
    subs: {
      ...each(reads, query),
      ...(session === "" ? {} : each(session, query)),
      ...(changes === "" ? {} : each(changes, machine)),
    },
  };
}

export const toolchains = (): Table => ({
  nix,
  "nix-env": split(
    (call) =>
      hasFlag(call, "-q", "--query", "-qa", "-qaP", "-qas", "--list-generations", "--version") &&
      !hasFlag(
        call,
        "-i",
        "-iA",
        "-e",
        "-u",
        "-S",
        "--install",
        "--uninstall",
        "--upgrade",
        "--set",
        "--switch-profile",
        "--delete-generations",
        "--rollback",
        "-G",
        "-p",
        "--profile",
        "-f",
        "--file",
      ),
    query,
    machine,
  ),
  "nix-store": split(
    (call) =>
      /^(-q|--query|-qR|--print-env|-l|--read-log|--verify-path|--dump|--version|--print-env)$/.test(
        textOf(call.args[0]),
      ),
    query,
    destroys,
  ),
  "nix-build": evaluates,
  "nix-instantiate": split((call) => hasFlag(call, "--parse"), query, evaluates),
  "nixos-version": query,
  "nixos-option": runs,
  "home-manager": split(
    (call) => /^(generations|packages|news|help|build|option)$/.test(textOf(call.scan.operands[0])),
    runs,
    machine,
  ),
  ...named("nixfmt alejandra nixpkgs-fmt statix deadnix nil nixd", runs),
  "nix-tree": query,
  "nix-diff": query,
  nvd: query,
  asdf: asdf(),
  ...named("mise rtx", mise()),
  ...named("pyenv rbenv nodenv goenv phpenv plenv jenv swiftenv luaenv", envManager()),
  nvm: {
    global: "version help no-colors",
    bare: query,
    subs: {
      ...each("ls list current which version help use deactivate", query),
      ...each("ls-remote list-remote version-remote", asks),
      cache: split((call) => textOf(call.scan.operands[0]) === "dir", query, destroys),
      exec: { options: "any", wraps: true, judge: (call) => call.nested(call.args.slice(1)) },
      run: {
        options: "any",
        wraps: true,
        judge: (call) => call.nested([literalWord("node"), ...call.args.slice(1)]),
      },
      alias: split(isBare, query, machine),
      ...each("install uninstall unalias reinstall-packages install-latest-npm set-colors unload", machine),
    },
  },
  fnm: versions(
    "list ls current env completions list-remote ls-remote",
    "use",
    "install uninstall default alias unalias exec",
  ),
  volta: versions("list ls which help completions", "", "install uninstall pin fetch run setup use"),
  n: split(
    (call) =>
      /^(ls|list|bin|which|ls-remote|lsr|--version|--latest|--lts|doctor)$/.test(textOf(call.args[0])),
    query,
    machine,
  ),
  sdk: versions(
    "list ls current c version v help home",
    "use u",
    "install i uninstall rm default d update upgrade selfupdate flush config offline",
  ),
  rvm: versions(
    "list ls info current version help",
    "",
    "install use remove uninstall default get implode reinstall do",
  ),
  ...named(
    "tfenv tgenv tofuenv",
    versions("list list-remote version-name version help", "", "install use uninstall pin init"),
  ),
  ghcup: versions(
    "list whereis debug-info tool-requirements changelog help",
    "",
    "install set unset rm upgrade compile prefetch gc nuke run tui",
  ),
  ...named(
    "swiftly juliaup elan proto aqua",
    versions(
      "list status st show current installed help",
      "",
      "install use uninstall update add remove rm default self link upgrade up pin run",
    ),
  ),
});
