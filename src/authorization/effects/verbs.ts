import type { Word } from "../parsed-command.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { after, leadingText } from "./options.ts";
import {
  always,
  type Call,
  explicit,
  named,
  projectCode,
  type Row,
  repoChange,
  type Table,
  textOf,
} from "./row.ts";

/** Subcommands by what they do, for tools whose calls mostly differ in the subcommand. */

/** Which host it is, the configuration of the tool says; the gate only knows that it is a registry. */
const registry = ["remote:registry"];

/** Reads what is installed, configured or written down. */
export const query: Row = {
  options: "any",
  judge: (call) => [harmless(call.rule, "only reads")],
};

/** Asks a registry, with whatever credentials are in place. */
export const asks: Row = {
  options: "any",
  judge: (call) => [{ ...harmless(call.rule, "asks a registry"), needs: registry }],
};

/** Fetches packages and puts them into the worktree; their install scripts run in the sandbox. */
export const installs: Row = { options: "any", judge: (call) => [install(call, registry)] };

export const runs: Row = { options: "any", judge: (call) => [projectCode(call)] };

/** Creates or edits files that the tool chooses itself, below the folder it runs in. */
export const edits: Row = {
  options: "any",
  judge: (call) => {
    const base = projectCode(call);
    if (base.tier !== "brief") return [base];
    return [
      finding("brief", call.rule, "changes files of the worktree", [effect("write", call.rule, "worktree")]),
    ];
  },
};

export const commits: Row = {
  options: "any",
  plain: true,
  judge: (call) => [repoChange(call, "changes the repository; it can be undone")],
};

export const publishes = always("explicit", "network-send", "remote", "sends something to others");
export const machine = always("explicit", "package", "host", "changes what is installed outside the project");
export const opaque = always("explicit", "execute-opaque", "none", "runs code that the gate cannot see");
export const destroys = always("explicit", "delete", "host", "deletes what may be needed");
export const listens = always("explicit", "expose", "host", "opens a port");
export const secret = always("explicit", "credential-read", "home", "handles a credential");
export const settings = always("explicit", "write", "home", "changes settings outside the project");
export const database = always("explicit", "data-store-write", "host", "changes a data store");

/** The same row for several subcommands. */
export function each(names: string, row: Row): Table {
  return named(names.trim(), row);
}

function install(call: { rule: string; place: Call["place"] }, hosts: readonly string[]): Finding {
  const base = projectCode(call);
  if (base.tier !== "brief") return base;
  return {
    ...finding("brief", call.rule, "installs what the project depends on", [
      effect("package", call.rule, "worktree"),
      effect("network-read", hosts.join(" "), "remote"),
    ]),
    needs: hosts,
  };
}

/** Words before `--`: those that the tool itself reads. */
export function ownWords(call: Call): readonly Word[] {
  const end = call.args.findIndex((word) => word.value === "--");
  return end === -1 ? call.args : call.args.slice(0, end);
}

/**
 * The same rows, refusing options that change what is run or where it goes. Names without dashes, separated by spaces;
 * a long one is also refused in every shorter spelling that the tool may take for it, unless `=` stands before it.
 */
export function guard(table: Table, refused: string): Table {
  const names = refused.trim().split(/\s+/);
  return Object.fromEntries(
    Object.entries(table).map(([name, tool]) => [
      name,
      "subs" in tool
        ? {
            ...tool,
            subs: guard(tool.subs, refused),
            ...(tool.bare === undefined ? {} : { bare: guardRow(tool.bare, names) }),
          }
        : guardRow(tool, names),
    ]),
  );
}

export function guardRow(row: Row, refused: readonly string[]): Row {
  return {
    ...row,
    judge: (call) => {
      const odd = ownWords(call).find((word) => isRefused(word, refused));
      return odd === undefined
        ? row.judge(call)
        : [
            explicit(
              call,
              "option",
              `${odd.text} changes what is run or where it goes`,
              "execute-opaque",
              "none",
            ),
          ];
    },
  };
}

function isRefused(word: Word, names: readonly string[]): boolean {
  const head = leadingText(word);
  // A word that is only known at run time may turn out to be one of them.
  if (word.splits || (word.value === null && (head === "" || head.startsWith("-")))) {
    return !/^--?[\w-]+=/.test(head) || names.some((name) => matches(head, name));
  }
  return head.startsWith("-") && names.some((name) => matches(head, name));
}

function matches(head: string, spelled: string): boolean {
  const isExact = spelled.startsWith("=");
  const name = isExact ? spelled.slice(1) : spelled;
  if (name.length === 1)
    return !head.startsWith("--") && (head.startsWith(`-${name}`) || clusters(head, name));
  const given = head.replace(/^--?/, "").replace(/=.*$/s, "");
  if (head.startsWith("--")) return isExact ? given === name : given.length > 1 && name.startsWith(given);
  return given === name;
}

/** `-xg`: switches before it, as long as they can be switches. */
function clusters(head: string, name: string): boolean {
  return /^-[A-Za-z]{2,4}$/.test(head) && head.includes(name);
}

/** Values of an option in any of its spellings, for rows that take any option. */
export function valuesGiven(call: Call, ...names: string[]): Word[] {
  const words = ownWords(call);
  return words.flatMap((word, index) => {
    const head = leadingText(word);
    const next = words[index + 1];
    for (const name of names) {
      const dashed = name.length === 1 ? `-${name}` : `--${name}`;
      if (head === dashed && word.value !== null) return next === undefined ? [] : [next];
      if (head.startsWith(`${dashed}=`)) return [after(word, dashed.length + 1)];
      if (name.length === 1 && head.startsWith(dashed)) return [after(word, 2)];
    }
    return [];
  });
}

export function hasFlag(call: Call, ...flags: string[]): boolean {
  return ownWords(call).some((word) =>
    flags.includes(textOf(word).replace(/=(?!(false|0|no|off)$).*$/s, "")),
  );
}

/** `--dry-run` and the like make it a read, if nothing else is known against it. */
export function dryRun(flags: string, dry: Row, real: Row): Row {
  const names = flags.split(/\s+/);
  return {
    options: "any",
    ...(real.plain === undefined ? {} : { plain: real.plain }),
    judge: (call) => (hasFlag(call, ...names) ? dry.judge(call) : real.judge(call)),
  };
}

/** A first word decides: `when` names those that the first row is for. */
export function split(test: (call: Call) => boolean, yes: Row, no: Row): Row {
  return { options: "any", judge: (call) => (test(call) ? yes.judge(call) : no.judge(call)) };
}

/** Has it anything but options? */
export function isBare(call: Call): boolean {
  return call.scan.operands.length === 0;
}
