import { literalWord } from "../parsed-command.ts";
import { judgeRead } from "../paths.ts";
import { leadingText } from "./options.ts";
import { explicit, type Group, type Row, textOf, writeAll } from "./row.ts";
import {
  asks,
  destroys,
  each,
  guard,
  installs,
  machine,
  opaque,
  ownWords,
  publishes,
  query,
  runs,
  settings,
  valuesGiven,
} from "./verbs.ts";

/** pip, and what its kin share with it: where packages come from, and how a project command is run. */

const foreign = /:\/\/|^(git|hg|svn|bzr)\+|^~|^\.\.\/|\s@\s/;

/** Packages by name, or folders of the worktree; requirement files are read. */
export const install: Row = {
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
    const fetched = files.find((word) => textOf(word).includes("://"));
    if (fetched !== undefined)
      return [explicit(call, "source", `${fetched.text} says what is installed`, "package", "worktree")];
    return [...installs.judge(call), ...files.flatMap((word) => judgeRead(call.place, word))];
  },
};

export const intoFolder = (...names: string[]): Row => ({
  ...install,
  judge: (call) => [...install.judge(call), ...writeAll(call, valuesGiven(call, ...names))],
});

const secretSetting = /(token|password|passwd|auth|secret|api[-_]?key|pypi-|http-basic|credential)/i;

export function readSetting(row: Row): Row {
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
export const sources =
  "i index-url extra-index-url f find-links trusted-host proxy target t prefix root user break-system-packages global-option config-settings cert client-cert src log python system index default-index index-strategy build-option";

const pipCalm =
  "v verbose q quiet no-color no-input disable-pip-version-check isolated require-virtualenv no-cache-dir timeout= retries= V version h help";

export const pipCache: Group = {
  global: "",
  subs: { ...each("dir info list size", query), ...each("purge remove clean prune", destroys) },
};

export const pip: Group = {
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
export function runRow(valued: string): Row {
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
        if (text === "-") return opaque.judge(call);
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
      if (/^(deploy|publish|release)([:._-].*)?$/.test(first.value)) return publishes.judge(call);
      const known = call.nested([first, ...rest]).filter((one) => one.tier !== "none");
      // Not a command of the machine: an entry point of the project.
      return [...runs.judge(call), ...known.filter((one) => one.rule !== "command.unknown")];
    },
  };
}
