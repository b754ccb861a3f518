import type { Place } from "../context.ts";
import type { Word } from "../parsed-command.ts";
import { judgeWrite } from "../paths.ts";
import { effect, type Finding, finding } from "./finding.ts";
import { leadingText } from "./options.ts";
import { textOf } from "./row.ts";

/**
 * What tools do with words that look like nothing: a second command after `;`, a query that also acts, a switch that is
 * taken back. Each was found by attacking the tables; it is asked about whatever the tool's row says.
 */
type Snare = {
  /** Of the rule that judges the call: `perf.script`. */
  rule: RegExp;
  /** One word, or with `line` all of them with NUL between and around. */
  word?: RegExp;
  line?: RegExp;
};

const snares: readonly Snare[] = [
  // Programs inside of arguments.
  { rule: /^perf\.script/, word: /^(-\w*s|--script)/ },
  { rule: /^openssl\./, word: /^--?provider/ },
  { rule: /^patch/, line: /\0(-d|--directory)[\s\S]*\0(-d|--directory)/ },
  { rule: /^(g|m|n)?awk/, word: /\/inet/ },
  { rule: /^(g|m|n)?awk/, line: /\)\s*\/[\s\S]*print[\s\S]*>/ },
  { rule: /^mlr/, line: /\0(put|filter)\0(-[qSx]\0)*-[sf]\0|(print|emit|tee|dump)[^\0]*["'][^\0]*[>|]/ },
  { rule: /^(mysql|mariadb)/, word: /\n/ },
  { rule: /^sqlite3?/, word: /\.(once|output|excel)[^\n]*\\/ },
  { rule: /^j(q|aq)|^gojq/, line: /\0--(?=\0)[\s\S]*\0--arg|[^\0]\0[^-\0][^\0]*\0--(json)?args\0/ },
  { rule: /^7z|^7za|^7zr/, word: /^-u.*!|^@/ },
  { rule: /^(un)?rar/, word: /^-(op|df)/i },
  { rule: /^lzop/, word: /^-\w*p./ },
  // Queries that act as well, or run a program that is named beside them.
  { rule: /^salt/, word: /^(cmd|state|pkg|service|file|cp|user|system)\.|^--(out|log)-file/ },
  { rule: /^virt-/, word: /\+ext|\?command/ },
  { rule: /^(linkerd|kops|calicoctl|hubble|skaffold|istioctl|cilium|k9s|stern)/, word: /^--(kube-?)?config/ },
  { rule: /^acme\.sh/, word: /^--(home|config-home|reloadcmd)/ },
  { rule: /^s?ccache/, word: /^[^-]/ },
  { rule: /^s?ccache/, word: /^-(\w*[Ccoz]|-(clear|cleanup|set|zero))/ },
  { rule: /^flamegraph/, word: /^(--|-o.*|--output.*|-[cp]\w*|--(cmd|pid|post-process)\b.*)$/ },
  { rule: /^(javap|jdeps|jdeprscan|jps|jstat)/, word: /^-J|^--generate-/ },
  { rule: /^write-good/, word: /^--checks/ },
  { rule: /^flutter\.doctor/, word: /^--android-licenses/ },
  { rule: /^lychee/, word: /^(-[po]|--preprocess|--output)/ },
  { rule: /^act$/, word: /^(--actor|-a|--dryrun=)/ },
  { rule: /^(cpanm?|cpm)$/, word: /^([A-Z]\w*(::\w+)*|install)$/ },
  { rule: /^pipdeptree/, word: /^--python/ },
  { rule: /^perldoc/, word: /^-[Mdnw]/ },
  { rule: /^just$/, line: /^\0[^-\0][\s\S]*\0(-\w*[lsn]|--(list|show))\0/ },
  { rule: /^cargo\.owner/, word: /^(-[ar]|--(add|remove))/ },
  { rule: /^cargo\.(crev|hack|component)/, word: /^(publish|export)$/ },
  { rule: /^mc\.od/, line: /of=/ },
  { rule: /^puppet\.facts/, word: /^upload$/ },
  { rule: /^postconf/, word: /=|^-M/ },
  { rule: /^docker\.compose\.config\.dry/, line: /\0/ },
  { rule: /^azcopy/, word: /show-sensitive/ },
  { rule: /^gotop/, word: /^(-x|--export)/ },
  { rule: /^iptraf/, line: /\0-/ },
  { rule: /^(opam\.var|luarocks\.config)/, word: /=|^--unset/ },
  { rule: /^flutter\.channel/, word: /^[^-]/ },
  { rule: /^flutter\.emulators/, word: /^--(launch|create)/ },
  { rule: /^fnm\.use/, word: /^--install/ },
  { rule: /^checksec/, word: /^--update/ },
  { rule: /^go\.clean/, word: /cache|=/ },
  { rule: /^go\.tool/, word: /^-w/ },
  { rule: /^gem\.check/, word: /doctor/ },
  { rule: /^jpeginfo/, word: /^(-\w*d|--delete)/ },
  { rule: /^patchelf/, word: /^--(set|add|remove|replace|shrink|output|force|no-|rename|clear)/ },
  { rule: /^pahole/, word: /^(-J|--btf_encode)/ },
  { rule: /^rabin2/, word: /^-[Oxo]/ },
  { rule: /^ocamlfind/, word: /^(remove|install)$/ },
  // Built, and then sent, dropped or opened to others.
  {
    rule: /^(mvn|mvnw|gradle|dotnet|sbt)/,
    word: /deploy|[Pp]ublish(?!ToMavenLocal)|upload|sql:|--scan|-ContainerRegistry/,
  },
  {
    rule: /^(mvn|mvnw|gradle|gradlew|ant)/,
    line: /\0(-f|-p|--file|--project-dir|-buildfile)\0?=?(\/|~|\.\.)/,
  },
  // The worktree's own lines are given up, or a program is started for each conflict.
  {
    rule: /^svn\.(resolve|update|up|switch|sw|merge)/,
    line: /\0--accept[\0=](theirs-full|tf|base|launch|l|edit|e)\0/,
  },
  { rule: /^svn\.(copy|cp|move|mv|rename|ren|mkdir|delete|del|remove|rm)/, word: /:\/\// },
  {
    rule: /^(gulp|grunt|poe|nx|turbo|bazel|lerna|npm|pnpm|yarn|bun|deno|run-[sp]|npm-run-all|rebar3|gleam|spago|sqlc|semgrep|hexo|just|rake)\b/,
    line: /[\0=,:](deploy|publish|release|push)[\0,]/,
  },
  { rule: /^semgrep/, word: /^ci$/ },
  { rule: /^hexo/, word: /^(-d|--deploy)$/ },
  {
    rule: /^(bear|hatch|lerna|nx|dune|meson)/,
    word: /^(rm|sh|bash|dash|zsh|curl|wget|dd|sudo|ssh|scp|kill|chmod|chown|nc|python3?|perl|ruby)$/,
  },
  { rule: /^mix/, word: /^(-e|--eval)/ },
  { rule: /^rake/, word: /^-\w*[eE]/ },
  { rule: /^tcc/, word: /^-run/ },
  { rule: /^(java|run\.project-file)/, word: /^-XX:On|jmxremote/ },
  { rule: /^(dbmate|goose)/, word: /^(drop|down|reset|redo|rollback|down-to)$/ },
  { rule: /^molecule/, word: /^(converge|test|destroy|login|create|prepare|side-effect|verify|reset)$/ },
  { rule: /^(coverage|python\.coverage)/, word: /^http\.server$/ },
  {
    rule: /^(vitest|karma|taplo|pelican|lume|nx|playwright|cargo\.leptos|flutter)/,
    word: /^--?(serve|host|ui-host|api\.host|bind|web-hostname|address)\b/,
  },
  { rule: /^(lume|nx|playwright|cargo\.leptos)/, word: /^(-s|graph|launch-server|serve|watch|show-report)$/ },
  { rule: /^jupyter/, line: /\0--post\0serve\0/ },
  // Writers in place, and those whose second operand is written.
  { rule: /^(gofmt|golines|autopep8|yapf|codespell|pyupgrade|jsonlint)/, word: /^(\/|~|\.\.\/)/ },
  { rule: /^(docx2txt|wvText|djvutxt|edid-decode|lstopo\S*)/, word: /^(\/(?!dev|sys|proc)|~)/ },
  { rule: /^cmake/, line: /\0--(system-information|help-[\w-]+)\0[/~.]/ },
  { rule: /^linkchecker/, word: /^(-F|-o|--file-output|--output)/ },
  { rule: /^hugo/, word: /^--dir$/ },
  { rule: /^jdeps/, word: /^--?dot-?output/ },
  { rule: /^wrangler\.types/, word: /^[/~.]/ },
  { rule: /^snmp/, word: /^-L[fF]/ },
  { rule: /^sox/, line: /\0-n\0[/~]/ },
  // Whatever the tool: a dry run that is taken back, and a door that is opened.
  { rule: /./, word: /^--?(dry-?run|snapshot|n|just-print)=(false|0|no|off)$|^--no-dry-?run$/i },
  { rule: /./, line: /\0--dry-?run\0(false|0|no)\0/i },
];

const byRule = new Map<string, readonly Snare[]>();

/** A rule can hold a word of the command, so there is no end of them. */
function snaresFor(rule: string): readonly Snare[] {
  const known = byRule.get(rule);
  if (known !== undefined) return known;
  if (byRule.size > 5_000) byRule.clear();
  const found = snares.filter((snare) => snare.rule.test(rule));
  byRule.set(rule, found);
  return found;
}

/** Options by which loosely known tools write a file. */
const outputs =
  /^(?:-o|-MF|-Wl,-Map,|-Map|--(?:[\w.-]+[-_])?(?:out|output|outfile|outputdir|out-file|output-file|log-file|logfile|report|dump|csv|file-output|(?:logs?|cache|state|store)[-_]?(?:dir|folder)|profile|dotoutput|btf_encode_detached|init-path|build_event_\w+_file))(?:=|$|(?=[/~.]))/;

export function snared(rule: string, args: readonly Word[], place: Place, isLoose: boolean): Finding[] {
  const texts = args.map((word) => textOf(word) || leadingText(word));
  const line = `\0${texts.join("\0")}\0`;
  const caught = snaresFor(rule).find(
    (snare) =>
      (snare.word !== undefined && texts.some((text) => snare.word?.test(text))) ||
      (args.length > 0 && snare.line?.test(line)),
  );
  const found: Finding[] =
    caught === undefined
      ? []
      : [
          finding("explicit", `${rule}-snare`, "does more than it looks like", [
            effect("execute-opaque", texts.join(" ").slice(0, 200), "none"),
          ]),
        ];
  return isLoose ? [...found, ...writtenOutside(args, place)] : found;
}

function writtenOutside(args: readonly Word[], place: Place): Finding[] {
  return args.flatMap((word, index) => {
    const text = textOf(word);
    const option = outputs.exec(text)?.[0];
    if (option === undefined) return [];
    const attached = text.slice(option.length);
    const value = attached === "" ? textOf(args[index + 1]) : attached;
    if (!/^(\/|~|\.\.\/)/.test(value)) return [];
    const target: Word = { text: value, pieces: [{ kind: "text", text: value }], value, splits: false };
    return judgeWrite(place, target).filter((one) => one.tier !== "none" && one.tier !== "brief");
  });
}
