import { literalWord } from "../parsed-command.ts";
import { isInWorktree } from "../paths.ts";
import type { Finding } from "./finding.ts";
import { leadingText } from "./options.ts";
import { type Call, explicit, type Group, type Row, textOf, writeAll } from "./row.ts";
import {
  asks,
  destroys,
  each,
  edits,
  guard,
  guardRow,
  installs,
  machine,
  opaque,
  ownWords,
  publishes,
  query,
  runs,
  secret,
  settings,
  valuesGiven,
} from "./verbs.ts";

/** The command nix. */

const nixCalm =
  "v verbose L print-build-logs quiet debug extra-experimental-features= experimental-features= offline refresh impure json no-link version h help log-format= show-trace no-update-lock-file no-write-lock-file";

// Evaluation may fetch and build, always inside Nix's own sandbox.
export const evaluates: Row = {
  options: "any",
  judge: (call) => [...runs.judge(call), ...readsByExpression(call), ...foreignFlakes(call)],
};

/** What a flake of somebody else says is code of nobody knows whom. Nixpkgs counts as the registry. */
function foreignFlakes(call: Call): Finding[] {
  const given = ownWords(call).filter(
    (_, index, words) => !/^(-\w*E|--expr|--apply)$/.test(textOf(words[index - 1])),
  );
  const odd = given.find((word) => {
    const text = textOf(word).replace(/^--?[\w-]+=/, "");
    const reference = text.replace(/^path:/, "").replace(/[#?].*$/s, "");
    if (/^(flake:)?nixpkgs(\/[\w.-]+)?$|^github:nixos\/nixpkgs(\/|$)|^\/nix\/store\//i.test(reference))
      return false;
    if (/^(\.{0,2}|~)\/|^\.\.?$/.test(reference)) return !isInWorktree(call.place, literalWord(reference));
    return /^[a-z][a-z\d+.-]*:\S/i.test(text) || (/^[\w-]+(\/[\w.-]+)*$/.test(reference) && /#/.test(text));
  });
  return odd === undefined
    ? []
    : [explicit(call, "source", `${odd.text} is not of the project`, "execute-opaque", "none")];
}

/** An expression on the command line reads files and variables, and prints them. */
function readsByExpression(call: Call): Finding[] {
  const isText = call.args.some((word) => /^(-\w*E|--expr|--apply)/.test(leadingText(word)));
  const odd = /read(File|Dir)|getEnv|fetch|storePath|import|exec|\bpath\b|[<~]|(^|[^/])\/(?![/ ])|\.\.?\//;
  return isText && call.args.some((word) => word.value === null || odd.test(word.value))
    ? [explicit(call, "expression", "an expression that may read any file", "credential-read", "host")]
    : [];
}

export const nix: Group = {
  global: nixCalm,
  bare: query,
  subs: guard(
    {
      ...each("path-info log why-depends hash help help-stores", query),
      search: asks,
      ...each("eval build print-dev-env", {
        ...evaluates,
        judge: (call) => [
          ...evaluates.judge(call),
          ...writeAll(call, valuesGiven(call, "o", "out-link", "profile", "write-to")),
        ],
      }),
      fmt: runs,
      flake: {
        global: "",
        subs: {
          ...each("show metadata info check", evaluates),
          ...each("update lock prefetch", installs),
          ...each("init", edits),
          // Into the folder named.
          ...each("new", {
            ...edits,
            judge: (call) => [...edits.judge(call), ...writeAll(call, call.scan.operands)],
          }),
          clone: {
            ...installs,
            judge: (call) => [...installs.judge(call), ...writeAll(call, valuesGiven(call, "f", "dest"))],
          },
          archive: guardRow(installs, ["to"]),
        },
      },
      profile: {
        global: "",
        subs: {
          ...each("list history diff-closures", query),
          ...each("install add remove upgrade rollback wipe-history", machine),
        },
      },
      store: {
        global: "",
        subs: {
          ...each("ls cat ping info path-from-hash-part diff-closures verify dump-path", query),
          ...each("gc delete optimise repair", destroys),
          ...each("sign copy-sigs copy-log add add-file add-path make-content-addressed", publishes),
        },
      },
      registry: { global: "", subs: { list: query, ...each("add remove pin", settings) } },
      config: { global: "", subs: { ...each("show check", query) } },
      "show-config": query,
      doctor: query,
      derivation: { global: "", subs: { show: query } },
      ...each("run shell repl bundle", opaque),
      develop: { options: "any", wraps: true, judge: (call) => nixCommand(call) },
      copy: publishes,
      ...each("collect-garbage upgrade-nix daemon", machine),
      key: secret,
    },
    // Every setting is an option too: those that run programs, trust others or take the sandbox away.
    "store builders option pre-build-hook post-build-hook =diff-hook =run-diff-hook =build-hook plugin-files netrc-file =access-tokens =accept-flake-config =sandbox =no-sandbox =relaxed-sandbox =sandbox-paths =extra-sandbox-paths =sandbox-fallback =allow-unsafe-native-code-during-evaluation =no-require-sigs =require-sigs =trusted-public-keys =extra-trusted-public-keys =substituters =extra-substituters =secret-key-files =ssl-cert-file",
  ),
};

/** `develop -c COMMAND`: the environment is the project's, the command is judged as itself. */
function nixCommand(call: Call): ReturnType<Row["judge"]> {
  const at = call.args.findIndex((word) => /^(-c|--command)$/.test(textOf(word)));
  const before = call.args.slice(0, Math.max(at, 0)).filter((word) => !leadingText(word).startsWith("-"));
  if (at === -1 || before.some((word) => !/^\.(#[\w.-]+)?$/.test(word.value ?? "")))
    return opaque.judge(call);
  return [...runs.judge(call), ...call.nested(call.args.slice(at + 1))];
}
