import type { Word } from "../parse-command.ts";
import { effect, type Finding, finding } from "./finding.ts";

/** Variables that make a later program load code, talk to somebody else, or read another configuration. */
const loading: readonly RegExp[] = [
  /^(LD|DYLD|GIT|SSH|BASH|NODE|NPM|PYTHON|PERL5?|RUBY|GEM|BUNDLE|JAVA|_JAVA|JDK|MAVEN|GRADLE|DOCKER|PODMAN|COMPOSE|KUBE|HELM|AWS|GOOGLE|AZURE|VAULT|TF|ANSIBLE|LESS|MAKE|RUST|CARGO|RUSTUP|GO|CGO|PIP|UV|CONDA|VIRTUAL_ENV|XDG|OPENSSL|CURL|SSL|RSYNC|TAR|GREP|MAN|SYSTEMD|JOURNAL|PG|MYSQL|REDIS|PS|HIST|PROMPT|READLINE|INPUTRC|TERMINFO|TERMCAP|EMACS|VIM|GLIBC|MALLOC|GCONV|NLS|LOCPATH|HOSTALIASES|RES_|NIMROD|AUTOM4TE|M4|DBUS|GNUPG|GPG)/,
  /(PAGER|EDITOR|BROWSER|SHELL|SHELLOPTS|ASKPASS|_COMMAND|_CMD|_RSH|_WRAPPER|OPTIONS|_OPTS|OPT|FLAGS|PATH|HOME|_HOST|_URL|_PROXY|PRELOAD|_CONFIG|_RC|_PLUGINS?|_HOOKS?|_MODULES?)$/,
  /^(ENV|IFS|VISUAL|CC|CXX|CPP|LD|AR|AS|NM|FC|PS4|CDPATH|ZDOTDIR|FCEDIT|SUDO_.*|USER|LOGNAME)$/,
];
/** Of the above, those that only choose a look or a place to print. */
const calm = new Set([
  "NO_COLOR",
  "GOOS",
  "GOARCH",
  "NODE_ENV",
  "PYTHONUNBUFFERED",
  "PYTHONDONTWRITEBYTECODE",
  "RUST_BACKTRACE",
  "RUST_LOG",
  "TF_INPUT",
  "LESSCHARSET",
  "HISTSIZE",
]);

export function judgeVariable(name: string, value: Word | null): Finding | null {
  const upper = name.toUpperCase();
  if (calm.has(upper) || !loading.some((pattern) => pattern.test(upper))) return null;
  const isPager = /PAGER$/.test(upper) && /^(|cat|less|more)$/.test(value?.value ?? "?");
  if (isPager) return null;
  return finding(
    "explicit",
    "environment.loads-code",
    `${name} changes what later programs load or where they go`,
    [effect("execute-opaque", name, "none")],
  );
}
