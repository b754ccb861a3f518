import type { Tier } from "../action.ts";
import type { Place } from "../context.ts";
import { suppliedWord, type Word } from "../parsed-command.ts";
import { judgeRead, pathsOf } from "../paths.ts";
import { judgeVariable } from "./environment.ts";
import { atLeast, effect, type Finding, finding, harmless } from "./finding.ts";
import { after, leadingText } from "./options.ts";
import {
  always,
  type Call,
  explicit,
  forgetsRepository,
  has,
  named,
  type Row,
  readAll,
  type Table,
  valuesOf,
  withoutEnvironment,
  writeAll,
} from "./row.ts";

/** Programs that start another one: peeled, so that what they start is judged as itself. */
export const wrappers = (): Table => ({
  nice: peel("n= adjustment= #"),
  ionice: peel("c= class= n= classdata= t ignore"),
  nohup: peel(""),
  setsid: peel("c ctty f fork w wait"),
  stdbuf: peel("i= input= o= output= e= error="),
  ...named("timeout gtimeout", peel("s= signal= k= kill-after= v verbose p f foreground preserve-status", 1)),
  time: {
    ...peel("p a v f= format= o= output= q quiet append portability verbose"),
    judge: (call) => [
      ...writeAll(call, valuesOf(call.scan, "o", "output")),
      ...(call.scan.operands.length === 0 ? [harmless(call.rule)] : call.nested(call.scan.operands)),
    ],
  },
  chrt: peel(
    "a b batch d deadline f fifo i idle o other r rr R reset-on-fork v T= sched-runtime= P= sched-period= D= sched-deadline=",
    1,
  ),
  taskset: { ...peel("a all-tasks c cpu-list=?"), judge: judgeTaskset },
  prlimit: peel(
    "n=? nofile=? u=? nproc=? v=? as=? c=? core=? d=? data=? f=? fsize=? m=? rss=? s=? stack=? t=? cpu=? verbose",
  ),
  env: {
    options: "i ignore-environment 0 null u= unset= C= chdir= v debug",
    style: "first",
    plain: true,
    wraps: true,
    judge: judgeEnv,
  },
  xargs: {
    options:
      "0 null r no-run-if-empty t verbose x exit d= delimiter= E= e=? eof=? I= i=? replace=? L= l=? n= max-args= P= max-procs= s= max-chars= max-lines=? a= arg-file= o open-tty p interactive process-slot-var= show-limits",
    style: "first",
    plain: true,
    wraps: true,
    judge: judgeXargs,
  },
  watch: {
    options:
      "# n= interval= d differences=? t no-title e errexit g chgexit b beep c color C no-color x exec p precise w no-wrap r no-rerun q= equexit=",
    style: "first",
    plain: true,
    wraps: true,
    judge: judgeWatch,
  },
  sudo: {
    options:
      "n E H S k b A B P u= U= g= h= p= C= T= preserve-env=? preserve-groups i s e l v K V non-interactive stdin user= other-user= group= prompt= login shell edit list validate background set-home bell reset-timestamp command-timeout= version",
    style: "first",
    plain: true,
    wraps: true,
    judge: judgeSudo,
  },
  doas: { options: "n u= s L C=", style: "first", plain: true, wraps: true, judge: judgeSudo },
  ...named(
    "su pkexec runuser sg newgrp chroot unshare nsenter setpriv ksu gosu su-exec dzdo",
    always("explicit", "privilege", "host", "becomes another user or leaves its confinement"),
  ),
  ...named(
    "rush expect rlwrap byobu dtach systemd-nspawn start-stop-daemon setarch aa-exec firejail bwrap proot torsocks proxychains proxychains4 ssh-agent softlimit sshpass daemonize pexec guix",
    {
      ...always(
        "explicit",
        "execute-opaque",
        "none",
        "starts another program in a way the gate does not follow",
      ),
      wraps: true,
    },
  ),
});

function peel(options: string, skip = 0): Row {
  return {
    options,
    style: "first",
    plain: true,
    wraps: true,
    judge: (call) => {
      const rest = call.scan.operands.slice(skip);
      return rest.length === 0 ? [harmless(call.rule)] : call.nested(rest);
    },
  };
}

function judgeTaskset(call: Call): Finding[] {
  const listed = valuesOf(call.scan, "cpu-list").length > 0;
  const rest = call.scan.operands.slice(listed ? 0 : 1);
  return rest.length === 0 ? [harmless(call.rule)] : call.nested(rest);
}

function judgeEnv(call: Call): Finding[] {
  const found: Finding[] = [];
  let rest = [...call.scan.operands];
  const isCleared = rest[0]?.value === "-" || has(call.scan, "i", "ignore-environment");
  if (rest[0]?.value === "-") rest = rest.slice(1);
  while (rest[0] !== undefined && /^[A-Za-z_]\w*=/.test(leadingText(rest[0]))) {
    const [word, ...others] = rest;
    const name = leadingText(word).split("=")[0] ?? "";
    const change = judgeVariable(name, after(word, name.length + 1), true);
    if (change !== null) found.push(change);
    rest = others;
  }
  const dropped = valuesOf(call.scan, "u", "unset").map((word) => word.value ?? "GIT_DIR");
  if (dropped.some((name) => name.startsWith("GIT_"))) found.push(forgetsRepository(call));
  if (rest.length === 0)
    return [
      ...found,
      finding("brief", "env.all", "prints the environment", [effect("read", "environment", "none")]),
    ];
  const place = placeIn(call.place, valuesOf(call.scan, "C", "chdir"));
  return [...found, ...(isCleared ? withoutEnvironment(call, rest, place) : call.nested(rest, place))];
}

/** In one of the folders: the last that is given counts, and two spellings of the option do not say which that is. */
export function placeIn(place: Place, folders: readonly Word[]): Place {
  if (folders.length === 0) return place;
  const cwds = folders.flatMap((folder) => pathsOf(place, folder));
  const isKnown = cwds.every((path) => !/[\u0001\u0002]/.test(path));
  return { ...place, cwds, cwdKnown: place.cwdKnown && isKnown };
}

function judgeXargs(call: Call): Finding[] {
  const placeholders = new Set(valuesOf(call.scan, "I", "i", "replace").map((word) => word.value ?? "{}"));
  const [placeholder = "{}"] = placeholders;
  const replaced = has(call.scan, "I", "i", "replace") ? placeholder : null;
  // Of these the last one counts, and takes the others back.
  if (placeholders.size > 1 || (replaced !== null && has(call.scan, "L", "l", "n", "max-lines", "max-args")))
    return [explicit(call, "mixed", "says twice where its input goes", "execute-opaque", "none")];
  const given = call.scan.operands.length === 0 ? [] : call.scan.operands;
  if (given.length === 0) return [harmless("xargs.echo", "prints what it reads")];
  const words = replaced === null ? [...given, suppliedWord] : given.map((word) => fill(word, replaced));
  const upstream =
    call.stdin.kind === "pipe"
      ? call.stdin.words
      : call.stdin.kind === "text"
        ? textWords(call.stdin.text)
        : [];
  // What the pipe hands over becomes operands: a secret named there is a secret read here.
  const named = upstream.flatMap((word) => judgeRead(call.place, word)).filter((one) => one.tier !== "none");
  return [...named, ...readAll(call, valuesOf(call.scan, "a", "arg-file")), ...call.nested(words)];
}

function textWords(text: string | null): Word[] {
  return (text ?? "")
    .split(/\s+/)
    .filter((part) => part !== "")
    .map((part) => ({ text: part, pieces: [{ kind: "text", text: part }], value: part, splits: false }));
}

function fill(word: Word, placeholder: string): Word {
  const parts = word.value?.split(placeholder);
  if (parts === undefined || parts.length < 2) return word;
  const [first, ...rest] = parts;
  const pieces = [
    { kind: "text" as const, text: first ?? "" },
    ...rest.flatMap((text) => [{ kind: "unknown" as const }, { kind: "text" as const, text }]),
  ];
  return {
    text: word.text,
    pieces: pieces.filter((piece) => piece.kind !== "text" || piece.text !== ""),
    value: null,
    splits: false,
  };
}

function judgeWatch(call: Call): Finding[] {
  const { operands, given } = call.scan;
  if (operands.length === 0) return [harmless(call.rule)];
  if (given.has("x") || given.has("exec")) return call.nested(operands);
  // watch joins its words and gives them to a shell.
  const values = operands.map((word) => word.value);
  return values.includes(null)
    ? call
        .nested(operands)
        .concat(explicit(call, "opaque", "hands computed text to a shell", "execute-opaque", "none"))
    : call.script(values.join(" "));
}

/** A plain query under sudo is brief; anything else keeps what it is and adds the privilege. */
function judgeSudo(call: Call): Finding[] {
  const { scan } = call;
  const privilege = effect("privilege", "root", "host");
  // `sudo -k -s` is a shell that asks for the password first.
  const asks = has(scan, "l", "list", "v", "validate", "k", "K", "V", "version", "reset-timestamp");
  if (has(scan, "i", "s", "login", "shell", "e", "edit") || (scan.operands.length === 0 && !asks)) {
    return [finding("explicit", "sudo.shell", "opens a shell or an editor as another user", [privilege])];
  }
  const rest = [...scan.operands];
  const found: Finding[] = [];
  while (rest[0] !== undefined && /^\w+=/.test(leadingText(rest[0]))) {
    const word = rest.shift();
    const name = word === undefined ? "" : (leadingText(word).split("=")[0] ?? "");
    if (/^(LC_\w+|LANG|LANGUAGE|TZ|TERM|NO_COLOR|COLUMNS|DEBIAN_FRONTEND)$/.test(name)) continue;
    found.push(explicit(call, "environment", "sets variables for a privileged program", "privilege", "host"));
  }
  const inner = rest.length === 0 ? [harmless("sudo.query")] : call.nested(rest);
  const acts = inner.some((one) =>
    one.effects.some((each) => each.kind !== "read" && each.kind !== "network-read"),
  );
  const tier: Tier = acts ? "explicit" : "brief";
  return [
    ...found,
    ...atLeast(
      tier,
      acts ? "sudo.change" : "sudo.query",
      acts ? "acts as another user" : "reads as another user",
      inner,
    ).map((one) => ({ ...one, live: false, effects: [...one.effects, privilege] })),
  ];
}
