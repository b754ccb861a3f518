import { literalWord, type Word } from "../parsed-command.ts";
import { judgeWrite } from "../paths.ts";
import { effect, type Finding, finding } from "./finding.ts";
import { leadingText } from "./options.ts";
import { type Call, textOf } from "./row.ts";

/**
 * A tool that runs the project's code, or writes where it likes to below its folder, is brief because of the place. A
 * word that leads out of the worktree takes that away, whichever option it belongs to: a configuration, a plugin, a
 * report, a file that is formatted in place.
 */
export function outsideWords(call: Call, judged: readonly Finding[]): Finding[] {
  if (!judged.some((one) => isProjects(call, one))) return [];
  return call.args.flatMap((word, index) => {
    const odd = pathsIn(leadingText(word), call.args[index - 1], call.rule).find((path) =>
      judgeWrite(call.place, literalWord(path)).some((one) => one.rule === "write.outside"),
    );
    return odd === undefined
      ? []
      : [
          finding("explicit", "run.outside-word", `${word.text} leads out of the worktree`, [
            effect("execute-opaque", odd, "host"),
          ]),
        ];
  });
}

/** The finding of a tool that chooses by itself what it runs and writes. */
function isProjects(call: Call, { tier, rule, effects }: Finding): boolean {
  return (
    tier === "brief" &&
    rule === call.rule &&
    effects.some(
      ({ kind, target, scope }) =>
        scope === "worktree" &&
        target === call.rule &&
        (kind === "execute-project" || kind === "write" || kind === "package"),
    )
  );
}

// Only root writes there, so nothing that nobody has seen comes from there, and nothing gets there.
const roots = /^\/(usr|opt|lib\w*|s?bin|nix|etc|proc|sys|snap|Library|Applications|System)(\/|$)/;
// Their values look like paths and are parts of addresses, texts, or where something would be installed one day.
const namesNoFile =
  /((?<!symlink_)prefix|DESTDIR|base|href|public-?(url|path)|route|url|grep|pattern|regex|filter|(?<!file)name|message|title)$/i;
const texts = /(^|\.)((vitest|jest|bun\.test) -t|(mocha|playwright) -g|pytest -k)$/;

/** `/a`, `--option=/a`, `-o/a`, `kind:/a`, `-Wl,-o,/a`. */
function pathsIn(head: string, before: Word | undefined, rule: string): string[] {
  const option = /^(-{1,2}[\w.-]+|\w+)[=:]/.exec(head)?.[1] ?? "";
  const previous = textOf(before);
  if (namesNoFile.test(option) || texts.test(`${rule} ${previous}`)) return [];
  if (previous.startsWith("-") && !previous.includes("=") && namesNoFile.test(previous)) return [];
  const found = head.matchAll(/(?:^|[=:,@"']|^-{1,2}[A-Za-z][\w.-]*?)(?=(\/(?!\/)|~|\.\.(?:\/|$))[^,"']*)/g);
  return [...found]
    .map((match) => head.slice(match.index + match[0].length).replace(/[,"'].*$/s, ""))
    .filter((path) => !roots.test(path));
}
