import type { Word } from "../parsed-command.ts";
import { judgeRead } from "../paths.ts";
import { effect, type Finding, harmless } from "./finding.ts";
import { type Call, explicit, repoChange, textOf } from "./row.ts";

/** Settings that only choose a look, a name or a habit: no program and no address is named by them. */
const calmKeys =
  /^(user\.(name|email)|author\.(name|email)|committer\.(name|email)|color\.[a-z.-]+|core\.(quotepath|abbrev|autocrlf|eol|ignorecase|filemode|precomposeunicode|safecrlf|commitgraph|preloadindex|untrackedcache|longpaths)|advice\.\w+|log\.(date|decorate|showsignature|abbrevcommit|follow)|column\.\w+|diff\.(renames|renamelimit|context|noprefix|mnemonicprefix|algorithm|colormoved|interhunkcontext|submodule|statgraphwidth)|init\.defaultbranch|pull\.(rebase|ff)|push\.(default|followtags|autosetupremote)|fetch\.(prune|prunetags|parallel)|merge\.(conflictstyle|ff|renamelimit|stat|log)|rebase\.(autostash|autosquash|updaterefs|stat)|rerere\.(enabled|autoupdate)|status\.\w+|commit\.(gpgsign|verbose|status|cleanup)|tag\.(gpgsign|sort)|branch\.(sort|autosetupmerge|autosetuprebase)|gc\.auto|grep\.(linenumber|patterntype|extendedregexp|column)|blame\.(date|coloring|showemail)|stash\.\w+|submodule\.recurse|help\.format|i18n\.\w+|index\.\w+|pack\.(threads|windowmemory)|protocol\.version|http\.(lowspeedlimit|lowspeedtime|postbuffer|version)|versionsort\.suffix|feature\.\w+|lfs\.(locksverify|fetchrecentrefsdays|activitytimeout))$/i;
/** A pager or an editor that is none, and hooks that are nowhere. */
const calmValues =
  /^(core\.(pager|editor)=(|cat|less|more|true|:)|core\.fsmonitor=(false|0)|core\.hookspath=\/dev\/null|pager\.\w+=(|false|cat|less))$/i;
const secretKeys = /(token|password|passwd|extraheader|oauth|secret|api-?key|cookiefile)/i;

/** `-c key=value`. */
export function isCalmSetting(setting: string): boolean {
  const key = setting.split("=")[0] ?? "";
  return calmValues.test(setting) || (setting.includes("=") && calmKeys.test(key));
}

const look =
  /^(--(local|worktree|show-origin|show-scope|null|name-only|show-names|no-show-names|includes|no-includes|no-type|all|regexp|fixed-value|append|add|replace-all|type=\w+|bool|int|bool-or-int|path|expiry-date|default=.*|url=.*|value=.*|comment=.*)|-z)$/;
const wider = /^--(global|system)$/;

type Parts = { plain: string[]; isWide: boolean; files: Word[]; isOdd: boolean };

function partsOf(words: readonly Word[]): Parts {
  const parts: Parts = { plain: [], isWide: false, files: [], isOdd: false };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    const text = word?.value ?? "?";
    if (word === undefined || look.test(text)) continue;
    if (wider.test(text)) parts.isWide = true;
    else if (/^(-f|--file|--blob|--type|--default|--url|--value|--comment)$/.test(text)) {
      index += 1;
      const value = words[index];
      if (value === undefined) parts.isOdd = true;
      else if (/^(-f|--file)$/.test(text)) parts.files.push(value);
    } else if (text.startsWith("--file="))
      parts.files.push({ ...word, value: text.slice(7), text: text.slice(7) });
    else if (
      /^-\D/.test(text) &&
      !/^(--get(-all|-regexp|-urlmatch|-color|-colorbool)?|--list|-l)$/.test(text)
    )
      parts.isOdd = true;
    else parts.plain.push(text);
  }
  return parts;
}

/** Reading is free but for credentials; most settings can name a program, so that setting is explicit but for the calm ones. */
export function judgeConfig(call: Call): Finding[] {
  if (call.args.some((word) => word.splits))
    return [explicit(call, "computed", "may set anything", "execute-opaque", "repo")];
  const { plain, isWide, files, isOdd } = partsOf(call.args);
  const first = plain[0] ?? "";
  const isGet = /^(--get(-all|-regexp|-urlmatch|-color|-colorbool)?|--list|-l|get|list)$/.test(first);
  const isBareGet = plain.length === 1 && /^[\w-]+(\..+)?\.[\w-]+$/.test(first);
  if (!isOdd && (isGet || isBareGet)) {
    const secret = plain.find((text) => secretKeys.test(text));
    if (secret !== undefined)
      return [explicit(call, "secret", `${secret} may hold a credential`, "credential-read", "repo", secret)];
    return [
      harmless("git.config-get", "only reads"),
      ...files.flatMap((word) => judgeRead(call.place, word)),
    ];
  }
  const [key, value] = first === "set" ? plain.slice(1) : plain;
  const isCalm =
    !isOdd &&
    !isWide &&
    files.length === 0 &&
    plain.length <= 3 &&
    value !== undefined &&
    call.args.every((word) => word.value !== null) &&
    isCalmSetting(`${key}=${value}`);
  if (isCalm) return [repoChange(call, "sets a name or a habit of this repository")];
  return [
    {
      ...explicit(call, "set", "a setting can name a program that git runs", "execute-opaque", "repo"),
      effects: [effect("execute-opaque", call.args.map(textOf).join(" "), isWide ? "home" : "repo")],
    },
  ];
}
