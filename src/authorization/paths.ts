import { isAbsolute, join, normalize, relative, sep } from "node:path";
import { actingInWorktree, actingOnHost } from "./acting-files.ts";
import { type Effect, type EffectKind, type EffectScope, stricter, type Tier } from "./action.ts";
import type { ClassifyContext, Place } from "./context.ts";
import { effect, type Finding, finding } from "./effects/finding.ts";
import { foldPath } from "./fold-path.ts";
import { anyName, anyText, defaultOf, type Word } from "./parsed-command.ts";
import { isSecretPath } from "./secret-paths.ts";

/** What it means to read, write or delete a path: the same answer for an editor tool, a redirection and a flag. */

type Zone =
  | { kind: "sink" } // /dev/null and the process's own streams
  | { kind: "socket" } // bash's /dev/tcp
  | { kind: "device" }
  | { kind: "nimrod" }
  | { kind: "git" }
  | { kind: "worktree"; path: string }
  | { kind: "root" } // the worktree itself
  | { kind: "scratch" } // the sandbox's own /tmp
  | { kind: "home" }
  | { kind: "host" };

// Nimrod writes these itself, and they are outside the hash that a review is bound to.
const closedNames = ["tickets", "agents", "nimrod.json", ".nimrod"];
const closedFolders = ["docs/changes"];
const sinks = /^\/dev\/(null|stdin|stdout|stderr|tty|zero|full|u?random|fd\/\d+)$|^\/proc\/self\/fd\/\d+$/;
const maxCandidates = 32;

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function zoneOf(context: ClassifyContext, path: string): Zone {
  const key = foldPath(path);
  // Only the exact spelling is inside: on Linux /home/op/REPO is another folder than /home/op/repo.
  if (isInside(context.worktree, path)) return zoneInWorktree(relative(context.worktree, path));
  if (isNimrods(context, key)) return { kind: "nimrod" };
  if (sinks.test(path)) return { kind: "sink" };
  if (/^\/dev\/(tcp|udp)\//.test(path)) return { kind: "socket" };
  if (isInside("/dev", path)) return { kind: "device" };
  if (key.split(sep).includes(".git")) return { kind: "git" };
  if (context.sandbox === "bwrap" && isInside("/tmp", path) && path !== "/tmp") return { kind: "scratch" };
  return { kind: isInside(context.home, path) ? "home" : "host" };
}

function zoneInWorktree(path: string): Zone {
  if (path === "") return { kind: "root" };
  const key = foldPath(path);
  const names = key.split(sep);
  if (closedNames.some((name) => couldBe(names[0] ?? "", name))) return { kind: "nimrod" };
  if (closedFolders.some((folder) => isInside(folder, key))) return { kind: "nimrod" };
  if (names.some((name) => couldBe(name, ".git"))) return { kind: "git" };
  return { kind: "worktree", path };
}

/** A wildcard that could match the name counts as the name. `*` does not match a leading dot. */
function couldBe(pattern: string, name: string): boolean {
  if (!pattern.includes(anyName)) return pattern === name;
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const parts = pattern.split(anyName).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}

function isNimrods(context: ClassifyContext, key: string): boolean {
  const folders = [
    context.state,
    join(context.home, ".local/state/nimrod"),
    join(context.home, ".config/nimrod"),
  ];
  if (folders.some((folder) => isInside(foldPath(folder), key))) return true;
  if (context.project !== undefined && isInside(foldPath(context.project), key)) {
    return zoneInWorktree(relative(foldPath(context.project), key)).kind === "nimrod";
  }
  const names = key.split(sep);
  return names.includes(".nimrod") || names.at(-1) === "nimrod.json";
}

/** Absolute spellings a word can stand for, with markers for what is open. */
export function pathsOf(place: Place, word: Word): string[] {
  const roots = place.cwdKnown ? place.cwds : [anyText];
  const found = new Set<string>();
  for (const text of candidatesOf(place, word)) {
    for (const root of roots) for (const path of absolute(place, root, text)) found.add(path);
    if (found.size > maxCandidates) return [anyText];
  }
  return [...found];
}

function absolute(place: Place, root: string, text: string): string[] {
  if (text === "~" || text.startsWith("~/"))
    return followed(place, `${place.context.home}${text.slice(1)}`, text);
  if (text.startsWith("~")) return [`/home/${anyText}/${text.slice(1)}`];
  if (text.startsWith(anyText)) return [text];
  return followed(place, isAbsolute(text) ? text : `${root}/${text}`, text);
}

/** `link/..` is the folder above where the link leads, whatever it looks like: both readings count. */
function followed(place: Place, path: string, written: string): string[] {
  const plain = trimmed(normalize(path.replace(/^\/\/+/, "/")));
  if (!climbsOut(written)) return [plain];
  let real = "/";
  for (const name of path.split("/").filter((each) => each !== "" && each !== ".")) {
    if (name === "..") real = join(place.context.realPath(real), "..");
    else real = join(real, name);
  }
  return [...new Set([plain, trimmed(real)])];
}

/** A `..` after a name. By its parts: a pattern would look at a long name again from each of its characters. */
function climbsOut(written: string): boolean {
  const names = written.split("/").filter((each) => each !== "" && each !== ".");
  const first = names.findIndex((each) => each !== "..");
  return first >= 0 && names.indexOf("..", first) > first;
}

function trimmed(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Texts a word can become, following the script's own assignments. */
function candidatesOf(place: Place, word: Word, depth = 0): string[] {
  let texts = [""];
  for (const piece of word.pieces) {
    let options: string[];
    if (piece.kind === "text") options = [piece.text];
    else if (piece.kind === "glob") options = [anyName];
    else if (piece.kind === "unknown" || depth > 4) options = [anyText];
    else options = valuesOf(place, piece.name, depth);
    texts = texts.flatMap((text) => options.map((option) => text + option));
    if (texts.length > maxCandidates) return [anyText];
  }
  return texts;
}

function valuesOf(place: Place, name: string, depth: number): string[] {
  const words = [...(place.bindings.get(name) ?? []), ...(place.bindings.get(defaultOf(name)) ?? [])];
  const assigned = words.flatMap((word) => candidatesOf(place, word, depth + 1));
  if (name === "HOME") return [place.context.home, ...assigned];
  if (name === "PWD") return [...place.cwds, ...assigned];
  return [anyText, ...assigned];
}

function isExact(path: string): boolean {
  return !path.includes(anyText);
}

function show(place: Place, path: string): string {
  const readable = path.replaceAll(anyName, "*").replaceAll(anyText, "…");
  return isInside(place.context.worktree, readable)
    ? relative(place.context.worktree, readable) || "."
    : readable;
}

const zoneScope: Record<Zone["kind"], EffectScope> = {
  sink: "none",
  socket: "remote",
  device: "host",
  nimrod: "nimrod",
  git: "repo",
  worktree: "worktree",
  root: "worktree",
  scratch: "none",
  home: "home",
  host: "host",
};

/** Both the path as written and where its links lead: the stricter counts. */
function zonesOf(place: Place, path: string): Zone[] {
  const zones = [zoneOf(place.context, path)];
  const real = place.context.realPath(path);
  if (real !== path && isExact(path)) {
    const realRoot = place.context.realPath(place.context.worktree);
    // The worktree itself may be reached through a link; only leaving it matters.
    const moved = isInside(realRoot, real) ? join(place.context.worktree, relative(realRoot, real)) : real;
    zones.push(zoneOf(place.context, moved));
  }
  return zones;
}

type Verdict = {
  tier: Tier;
  rule: string;
  reason: string;
  kind?: EffectKind;
  /** What else it amounts to, beside the write itself. */
  also?: EffectKind;
};

function judge(
  place: Place,
  word: Word,
  kind: EffectKind,
  verdict: (zone: Zone, path: string) => Verdict,
  open: Verdict,
): Finding[] {
  return pathsOf(place, word).map((path) => {
    if (!isExact(path)) {
      const isSecret = isSecretPath(path, place.context.home);
      const outcome = isSecret ? secretVerdict(kind, show(place, path)) : open;
      return finding(outcome.tier, outcome.rule, outcome.reason, [
        effect(outcome.kind ?? kind, show(place, path), "host"),
      ]);
    }
    const outcomes = zonesOf(place, path).map((zone) => ({ zone, ...verdict(zone, path) }));
    const strictest = outcomes.reduce((a, b) => (stricter(a.tier, b.tier) === a.tier ? a : b));
    const effects: Effect[] =
      strictest.zone.kind === "sink"
        ? []
        : [strictest.kind ?? kind, ...(strictest.also === undefined ? [] : [strictest.also])].map((each) =>
            effect(each, show(place, path), zoneScope[strictest.zone.kind]),
          );
    return finding(strictest.tier, strictest.rule, strictest.reason, effects);
  });
}

function secretVerdict(kind: EffectKind, path: string): Verdict {
  return kind === "read"
    ? {
        tier: "explicit",
        rule: "read.secret",
        reason: `${path} usually holds a secret`,
        kind: "credential-read",
      }
    : {
        tier: "explicit",
        rule: `${kind}.secret`,
        reason: `${path} usually holds a secret`,
        kind: "credential-write",
      };
}

/** Reading: free in the worktree and on the host, except for secrets and for Nimrod's own state. */
export function judgeRead(place: Place, word: Word): Finding[] {
  return judge(
    place,
    word,
    "read",
    (zone, path) => {
      if (
        isSecretPath(path, place.context.home) ||
        isSecretPath(place.context.realPath(path), place.context.home)
      ) {
        return secretVerdict("read", show(place, path));
      }
      if (zone.kind === "nimrod" && !isInside(place.context.worktree, path) && isState(place, path)) {
        return { tier: "deny", rule: "read.nimrod-state", reason: `${show(place, path)} belongs to Nimrod` };
      }
      if (zone.kind === "socket")
        return { tier: "explicit", rule: "read.socket", reason: "opens a connection", kind: "network-send" };
      if (zone.kind === "device")
        return { tier: "explicit", rule: "read.device", reason: `${path} is a device`, kind: "device" };
      return { tier: "none", rule: "read.file", reason: "only reads" };
    },
    { tier: "none", rule: "read.computed", reason: "only reads" },
  );
}

function isState(place: Place, path: string): boolean {
  const { context } = place;
  const folders = [
    context.state,
    join(context.home, ".local/state/nimrod"),
    join(context.home, ".config/nimrod"),
  ];
  return folders.some((folder) => isInside(foldPath(folder), foldPath(path)));
}

/** Reading everything below a folder: also what is secret in it. */
export function judgeReadTree(place: Place, word: Word): Finding[] {
  const home = place.context.home;
  const holders = ["/", "/home", "/root", "/etc", "/proc", "/var", home, `${home}/.config`, `${home}/.local`];
  const wide = pathsOf(place, word).some((path) =>
    holders.includes(path.split(anyName)[0]?.replace(/(.)\/$/, "$1") ?? path),
  );
  if (!wide) return judgeRead(place, word);
  return [
    finding("explicit", "read.secret", `${word.text} contains folders with secrets`, [
      effect("credential-read", word.text, "home"),
    ]),
  ];
}

/** Creating or changing a file. */
export function judgeWrite(place: Place, word: Word): Finding[] {
  return judge(
    place,
    word,
    "write",
    (zone, path) => {
      const shown = show(place, path);
      switch (zone.kind) {
        case "sink":
          return { tier: "none", rule: "write.sink", reason: "writes to its own output" };
        case "nimrod":
          return { tier: "deny", rule: "write.nimrod", reason: `${shown} is written by Nimrod only` };
        case "git":
          return {
            tier: "explicit",
            rule: "write.git",
            reason: `${shown} is part of a repository's own data`,
          };
        case "socket":
          return {
            tier: "explicit",
            rule: "write.socket",
            reason: "sends data over a connection",
            kind: "network-send",
          };
        case "device":
          return { tier: "explicit", rule: "write.device", reason: `${shown} is a device`, kind: "device" };
        case "scratch":
          return { tier: "brief", rule: "write.scratch", reason: "a temporary file of the sandbox" };
        case "root":
        case "home":
        case "host": {
          const acting = zone.kind === "root" ? null : actingOnHost(foldPath(path));
          const reason = `${shown} is outside the worktree${acting === null ? "" : ` and ${acting.what}`}`;
          return { tier: "explicit", rule: "write.outside", reason, ...(acting && { also: acting.kind }) };
        }
        case "worktree":
          return inWorktree(place, zone.path);
      }
    },
    { tier: "explicit", rule: "write.computed", reason: `${word.text} is only known at run time` },
  );
}

function inWorktree(place: Place, path: string): Verdict {
  if (isSecretPath(path, place.context.home)) return secretVerdict("write", path);
  const name = path.split(sep).join("/");
  // Some file systems keep a name composed, some decomposed.
  if ([name, name.normalize("NFC"), name.normalize("NFD")].some((each) => place.context.frozen(each))) {
    return { tier: "explicit", rule: "write.frozen", reason: `${path} is frozen for verification` };
  }
  const acting = actingInWorktree(foldPath(name));
  if (acting !== null) {
    const reason = `${path} is obeyed by ${acting.who} before anybody has reviewed it`;
    return { tier: "explicit", rule: acting.rule, reason, also: acting.kind };
  }
  // Such a name is taken for an option by whatever a wildcard hands it to.
  if (name.split("/").at(-1)?.startsWith("-"))
    return { tier: "explicit", rule: "write.option-name", reason: `${path} is named like an option` };
  if (isDocumentation(name))
    return { tier: "none", rule: "write.docs", reason: "drafts documentation in the worktree" };
  return { tier: "brief", rule: "write.worktree", reason: "changes a file of the worktree" };
}

// Below `docs/` too, some files are run: the site's generator, its packages, its scripts.
const runnable =
  /\.(sh|bash|zsh|py|rb|pl|php|lua|[cm]?[jt]sx?|json|toml|ya?ml|mk|gradle|nix|ps1|bat|jar|so|service|html?)$|(^|\/)(gnu)?(makefile|justfile|rakefile|dockerfile|gemfile|vagrantfile)$/i;

function isDocumentation(path: string): boolean {
  return /\.md$/i.test(path) || (path.startsWith("docs/") && !runnable.test(path));
}

/** Deleting one named file; anything more is explicit before it comes here. */
export function judgeDelete(place: Place, word: Word): Finding[] {
  const findings = judgeWrite(place, word);
  return findings.map((one) => {
    const effects = one.effects.map((each) =>
      each.kind === "write" ? { ...each, kind: "delete" as const } : each,
    );
    if (word.value === null && one.tier !== "deny") {
      return finding("explicit", "delete.pattern", `${word.text} may match several files`, effects);
    }
    const tier = stricter(one.tier, "brief");
    return {
      ...one,
      tier,
      rule: one.rule.replace(/^write\.(docs|worktree)$/, "delete.one").replace(/^write\./, "delete."),
      effects,
    };
  });
}

/** Is every place the command may run in inside the worktree? */
export function runsInWorktree(place: Place): boolean {
  return place.cwdKnown && place.cwds.every((cwd) => isInside(place.context.worktree, cwd));
}

/** Does the word name something inside the worktree, wherever its links lead? */
export function isInWorktree(place: Place, word: Word): boolean {
  return pathsOf(place, word).every(
    (path) =>
      isExact(path) &&
      zonesOf(place, path).every((zone) => ["worktree", "root", "nimrod", "git"].includes(zone.kind)) &&
      isInside(place.context.worktree, path),
  );
}
