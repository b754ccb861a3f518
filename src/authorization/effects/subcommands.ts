import type { EffectKind } from "../action.ts";
import type { Place } from "../context.ts";
import type { Word } from "../parsed-command.ts";
import { isInWorktree, judgeRead, judgeWrite } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { leadingText } from "./options.ts";
import { type Call, explicit, type Group, liveRead, type Row, type Table, type Tool, textOf } from "./row.ts";

/** Tables of the programs that have hundreds of subcommands, by what stands on the command line. */

/**
 * `"image ls|list": row` for each subcommand; whatever else is `other`. A subcommand that is both a row and the
 * beginning of others is that row when nothing follows it; `"image *"` is what else may follow.
 */
export function subcommands(
  rows: Readonly<Record<string, Tool>> | (() => Readonly<Record<string, Tool>>),
  other: Row,
  global = "",
  more: Pick<Group, "before" | "style" | "ownOptions" | "bare"> = {},
): Group {
  const entries = (): [string, Tool][] => Object.entries(typeof rows === "function" ? rows() : rows);
  return Object.assign(grouped(entries, other, global), more);
}

/** Made when the first command of the tool is judged: most of a hundred such tables are never looked at. */
function grouped(entries: () => readonly (readonly [string, Tool])[], other: Row, global: string): Group {
  let made: Table | null = null;
  return {
    global,
    get subs() {
      made ??= subsOf(entries(), other);
      return made;
    },
  };
}

function subsOf(entries: readonly (readonly [string, Tool])[], other: Row): Table {
  const deeper = new Map<string, [string, Tool][]>();
  for (const [path, tool] of entries) {
    const [head = "", ...rest] = path.split(" ");
    for (const name of head.split("|")) {
      const below = deeper.get(name) ?? [];
      below.push([rest.join(" "), tool]);
      deeper.set(name, below);
    }
  }
  const subs: Record<string, Tool> = { "*": other };
  for (const [name, below] of deeper) {
    const own = below.find(([path]) => path === "")?.[1];
    const rest = below.filter(([path]) => path !== "");
    if (rest.length === 0 && own !== undefined) subs[name] = own;
    else {
      const group = grouped(() => rest, other, "");
      subs[name] = own !== undefined && !("subs" in own) ? Object.assign(group, { bare: own }) : group;
    }
  }
  return subs;
}

/** The options of a Go program: a switch may be given a value there, `--watch=false`. */
export function switches(text: string): string {
  return text
    .split(/\s+/)
    .filter((token) => token !== "")
    .map((token) => (token.length > 1 && !token.includes("=") ? `${token}=?` : token))
    .join(" ");
}

/** A query of a daemon, a cluster or a service; its operands are names there. */
export function query(options: string | "any" = "", target = "remote"): Row {
  return {
    options: options === "any" ? options : switches(options),
    plain: true,
    judge: (call) => [liveRead(call.rule, target)],
  };
}

/** A query that also reads files it is given, such as manifests. */
export function queryOfFiles(options: string, ...files: string[]): Row {
  return {
    options: switches(options),
    judge: (call) => [
      liveRead(call.rule, "remote"),
      ...files.flatMap((name) => (call.scan.given.get(name) ?? []).flatMap((word) => given(call, word))),
    ],
  };
}

/** A file, or an address that is fetched. */
export function given(call: Call, word: Word): Finding[] {
  if (/^https?:\/\//.test(textOf(word))) return [fetched(call.rule, "the address of a file")];
  return judgeRead(call.place, word);
}

/** Checks or renders files and talks to nobody. */
export function checks(options: string | "any" = ""): Row {
  return {
    options: options === "any" ? options : switches(options),
    judge: (call) => [
      harmless(call.rule, "only checks"),
      ...call.scan.operands.flatMap((word) => given(call, word)),
    ],
  };
}

/** Brings something here: brief. `into` names the options whose values are written. */
export function fetches(
  options: string,
  what: string,
  more: { into?: readonly string[]; operandFrom?: number; kind?: EffectKind } = {},
): Row {
  const { into = [], operandFrom } = more;
  return {
    options: switches(options),
    judge: (call) => [
      fetched(call.rule, what, more.kind),
      ...into.flatMap((name) => call.scan.given.get(name) ?? []).flatMap((word) => written(call.place, word)),
      ...(operandFrom === undefined
        ? []
        : call.scan.operands.slice(operandFrom).flatMap((word) => written(call.place, word))),
    ],
  };
}

/** Folders are made and filled: `.` is the worktree itself, which a download may land in. */
export function written(place: Place, word: Word): Finding[] {
  if (word.value === "-") return [];
  if (/^\.\/?$/.test(word.value ?? "") && isInWorktree(place, word))
    return [
      finding("brief", "write.worktree", "writes into the worktree", [effect("write", ".", "worktree")]),
    ];
  return judgeWrite(place, word);
}

export function fetched(rule: string, what: string, kind: EffectKind = "network-read"): Finding {
  return {
    ...finding("brief", rule, `fetches ${what}`, [effect(kind, what, "remote")]),
    needs: [`remote:${what.replace(/[^\w]+/g, "-")}`],
  };
}

/** Changes something; `-h` alone is a question about it. */
export function changes(kind: EffectKind, scope: "host" | "remote", reason: string): Row {
  return {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.length === 1 && call.args[0]?.value === "-h"
        ? [harmless(`${call.rule}.help`, "prints help")]
        : [explicit(call, "", reason, kind, scope, call.args.map(textOf).join(" "))],
  };
}

/**
 * A change that only says what it would do when `dry` is given. The words are looked at one by one, because nobody can
 * list the options of every change: `dry` counts only where it cannot be the value of an option, and `refused` spoils it.
 */
export function unlessDry(row: Row, dry: RegExp, live: boolean, refused: RegExp): Row {
  return {
    options: "any",
    judge: (call) => {
      if (
        !isDry(call.args, dry) ||
        call.args.some(isOpen) ||
        call.args.some((word) => refused.test(textOf(word)))
      )
        return row.judge(call);
      const files = call.args.flatMap((word, index) =>
        /^(-f|--filename|--values|-k|--kustomize)$/.test(textOf(call.args[index - 1]))
          ? given(call, word)
          : [],
      );
      return [
        live ? liveRead(`${call.rule}.dry`, "remote") : harmless(`${call.rule}.dry`, "a dry run"),
        ...files,
      ];
    },
  };
}

const knownSwitches =
  /^(-i|-A|-d|-v|--(install|debug|wait|atomic|force|all|all-namespaces|create-namespace|reuse-values|reset-values|rm|overwrite|server-side|recursive|prune|cascade|cleanup-on-fail|dependency-update|devel|no-hooks|ignore-daemonsets|delete-emptydir-data|quiet|verbose|delete|exact-timestamps|no-progress|detach|build|yes))$/;

/** The last word that says so decides, as in every such program. */
function isDry(args: readonly Word[], dry: RegExp): boolean {
  const texts = args.map(textOf);
  const end = texts.indexOf("--");
  const own = end === -1 ? texts : texts.slice(0, end);
  const name = /^--?(no-)?dry-?run/i;
  const said = own.filter((text) => name.test(text) || dry.test(text));
  if (said.length === 0 || !said.every((text) => dry.test(text))) return false;
  return own.every((text, index) => {
    if (!dry.test(text)) return true;
    const before = own[index - 1] ?? "";
    return !before.startsWith("-") || before.includes("=") || knownSwitches.test(before) || dry.test(before);
  });
}

/** Could it turn out to be an option that takes the dry run back? The value of an option cannot. */
function isOpen(word: Word, index: number, args: readonly Word[]): boolean {
  if (word.splits) return true;
  const isValue = /^--?[\w-]+$/.test(args[index - 1]?.value ?? "");
  return word.value === null && leadingText(word) === "" && !isValue;
}
