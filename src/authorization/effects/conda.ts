import { readSetting } from "./pip.ts";
import { type Group, writeAll } from "./row.ts";
import {
  asks,
  destroys,
  each,
  hasFlag,
  machine,
  opaque,
  query,
  runs,
  secret,
  settings,
  split,
  valuesGiven,
} from "./verbs.ts";

/** Conda and Mamba: their environments are outside the worktree, wherever they are. */

export const conda: Group = {
  global: "h help V version v verbose json q quiet no-plugins",
  subs: {
    info: split((call) => hasFlag(call, "--unsafe-channels"), secret, query),
    ...each("list compare doctor notices", query),
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
