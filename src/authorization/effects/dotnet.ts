import { type Group, textOf, writeAll } from "./row.ts";
import {
  asks,
  database,
  destroys,
  each,
  edits,
  guard,
  hasFlag,
  installs,
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

/** The command dotnet. */

export const dotnet: Group = {
  global: "d diagnostics info list-sdks list-runtimes version h help",
  bare: query,
  subs: guard(
    {
      ...each("--info --version --list-sdks --list-runtimes help", query),
      ...each("build b test run clean msbuild pack publish watch vstest format", {
        options: "any",
        judge: (call) => [
          ...runs.judge(call),
          ...writeAll(
            call,
            valuesGiven(call, "o", "output", "results-directory", "artifacts-path").filter(
              (word) => !/^\w+=/.test(textOf(word)),
            ),
          ),
        ],
      }),
      restore: installs,
      add: split(
        (call) => call.scan.operands.map(textOf).some((text) => text === "package" || text === "reference"),
        installs,
        opaque,
      ),
      remove: edits,
      list: split((call) => hasFlag(call, "--outdated", "--vulnerable", "--deprecated"), asks, query),
      package: {
        global: "",
        subs: { ...each("list", query), ...each("search", asks), ...each("add remove update", installs) },
      },
      reference: { global: "", subs: { list: query, ...each("add remove", edits) } },
      sln: split((call) => call.scan.operands.map(textOf).includes("list"), query, edits),
      solution: split((call) => call.scan.operands.map(textOf).includes("list"), query, edits),
      new: split(
        (call) =>
          /^(list|search|details)$/.test(textOf(call.scan.operands[0])) || hasFlag(call, "-l", "--list"),
        query,
        split(
          (call) =>
            /^(install|uninstall|update)$/.test(textOf(call.scan.operands[0])) ||
            hasFlag(call, "-i", "--install", "-u", "--uninstall"),
          machine,
          {
            ...edits,
            judge: (call) => [...edits.judge(call), ...writeAll(call, valuesGiven(call, "o", "output"))],
          },
        ),
      ),
      nuget: {
        global: "",
        subs: {
          list: split((call) => textOf(call.scan.operands[0]) === "source", query, settings),
          why: query,
          verify: query,
          locals: split((call) => hasFlag(call, "-l", "--list"), query, destroys),
          config: { global: "", subs: { ...each("get paths", query), ...each("set unset", settings) } },
          ...each("push delete", publishes),
          ...each("add update remove enable disable sign trust", settings),
        },
      },
      tool: {
        global: "",
        subs: {
          list: query,
          search: asks,
          restore: installs,
          run: runs,
          ...each(
            "install update uninstall",
            split((call) => hasFlag(call, "-g", "--global", "--tool-path"), machine, installs),
          ),
          ...each("exec execute", opaque),
        },
      },
      workload: {
        global: "",
        subs: {
          ...each("list search --info", query),
          ...each("install update repair restore uninstall clean config", machine),
        },
      },
      sdk: { global: "", subs: { check: asks } },
      "user-secrets": secret,
      "dev-certs": secret,
      ef: {
        global: "v verbose no-color prefix-output json",
        subs: {
          migrations: {
            global: "",
            subs: {
              ...each("list has-pending-model-changes", runs),
              ...each("add script bundle", {
                ...runs,
                judge: (call) => [...runs.judge(call), ...writeAll(call, valuesGiven(call, "o", "output"))],
              }),
              remove: edits,
            },
          },
          dbcontext: { global: "", subs: { ...each("info list script optimize scaffold", runs) } },
          database: database,
        },
      },
      ...each("csharpier stryker coverage reportgenerator outdated", runs),
      ...each("fsi exec repl dnx", opaque),
      "build-server": { global: "", subs: { shutdown: destroys } },
    },
    "=configfile =source =s",
  ),
};
