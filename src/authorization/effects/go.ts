import { literalWord } from "../parsed-command.ts";
import type { Finding } from "./finding.ts";
import { leadingText } from "./options.ts";
import { outsideWords } from "./outside-words.ts";
import { type Call, explicit, type Group, type Row, readAll, textOf, writeAll } from "./row.ts";
import {
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
  ownWords,
  publishes,
  query,
  runs,
  settings,
  split,
  valuesGiven,
} from "./verbs.ts";

/** The command go, with the tools that come with it. */

const goElsewhere = "exec toolexec C vettool modfile overlay pkgdir";

/** Flags that name files a build or a test writes. */
const goOutputs = [
  "-o",
  "-outputdir",
  "-coverprofile",
  "-cpuprofile",
  "-memprofile",
  "-blockprofile",
  "-mutexprofile",
  "-trace",
];

function goWrites(call: Call): Finding[] {
  const words = ownWords(call);
  return words.flatMap((word, index) => {
    const text = textOf(word).replace(/^--/, "-");
    const [name, value] = text.split("=", 2);
    if (name === undefined || !goOutputs.includes(name.replace(/^-test\./, "-"))) return [];
    const target = value === undefined ? words[index + 1] : literalWord(value);
    return target === undefined ? [] : writeAll(call, [target]);
  });
}

const goBuilds: Row = { options: "any", judge: (call) => [...runs.judge(call), ...goWrites(call)] };

const goFetches: Row = {
  options: "any",
  judge: (call) => [...installs.judge(call), ...writeAll(call, valuesGiven(call, "o"))],
};

export const go: Group = {
  global: "h help",
  bare: query,
  subs: guard(
    {
      ...each("version list help doc", guardRow(query, ["http"])),
      env: split((call) => hasFlag(call, "-w", "-u", "--w", "--u"), settings, query),
      ...each("build test", goBuilds),
      ...each("vet generate fix", runs),
      fmt: edits,
      run: {
        options: "any",
        judge: (call) =>
          call.args.some((word) => textOf(word).includes("@"))
            ? [explicit(call, "download", "downloads a program and runs it", "execute-opaque", "none")]
            : runs.judge(call),
      },
      get: goFetches,
      mod: {
        global: "",
        subs: {
          ...each("graph why verify", query),
          ...each("tidy download vendor", goFetches),
          edit: split((call) => hasFlag(call, "-json", "-print", "--json", "--print"), query, edits),
          init: edits,
        },
      },
      work: { global: "", subs: { ...each("init use edit sync vendor", edits) } },
      install: machine,
      clean: dryRun("-n", query, destroys),
      tool: { options: "any", wraps: true, judge: judgeGoTool },
      telemetry: split((call) => call.args.length === 0, query, settings),
      bug: publishes,
    },
    goElsewhere,
  ),
};

/** The tools that come with Go; a tool of go.mod is code of the project. */
function judgeGoTool(call: Call): Finding[] {
  const [tool] = call.args;
  const name = textOf(tool).replace(/^.*\//, "");
  if (tool === undefined || /^(nm|objdump|addr2line|buildid|doc|api)$/.test(name)) return query.judge(call);
  if (name === "pprof") return judgePprof({ ...call, args: call.args.slice(1) });
  if (name === "trace") return listens.judge(call);
  if (name === "cover")
    return [
      ...query.judge(call),
      ...writeAll(call, valuesGiven(call, "o")),
      ...goWrites({ ...call, args: call.args.slice(1) }),
    ];
  if (name === "dist")
    return (/^(list|version|env|banner)$/.test(textOf(call.args[1])) ? query : machine).judge(call);
  if (leadingText(tool).startsWith("-")) return query.judge(call);
  const found = runs.judge(call);
  // It starts what it is given, and passes the output on.
  const started =
    name === "test2json" ? call.args.slice(1).filter((word) => !/^-(p|t)$/.test(textOf(word))) : [];
  return [...found, ...outsideWords(call, found), ...(started.length === 0 ? [] : call.nested(started))];
}

/** Prints a profile of a file; without a report it is a shell, `-http` a server, an address a fetch. */
export function judgePprof(call: Call): Finding[] {
  const flags = call.args.map((word) => textOf(word).replace(/^--/, "-"));
  if (flags.some((text) => /^-http(=|$)/.test(text))) return listens.judge(call);
  const operands = call.args.filter((word) => !leadingText(word).startsWith("-"));
  if (operands.some((word) => /:\/\/|^[\w.-]+:\d/.test(textOf(word)))) return opaque.judge(call);
  const reports = flags.some((text) =>
    /^-(top|text|list|tree|peek|traces|raw|tags|disasm|weblist|dot|svg|png|pdf|proto|callgrind|topproto|comments)(=|$)/.test(
      text,
    ),
  );
  if (!reports || flags.some((text) => /^-(web|gv|evince|eog|kcachegrind|tools|source_path)(=|$)/.test(text)))
    return opaque.judge(call);
  const writes = flags.some((text) => /^-(svg|png|pdf|proto|callgrind|dot|topproto)$/.test(text));
  return [...(writes ? edits : query).judge(call), ...readAll(call, operands), ...goOutput(call)];
}

function goOutput(call: Call): Finding[] {
  return call.args.flatMap((word, index) => {
    const found = /^--?output(=|$)/.exec(leadingText(word));
    if (found === null) return [];
    const value = found[1] === "=" ? literalWord(textOf(word).replace(/^[^=]*=/, "")) : call.args[index + 1];
    return value === undefined ? [] : writeAll(call, [value]);
  });
}
