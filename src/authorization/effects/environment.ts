import type { Word } from "../parsed-command.ts";
import { effect, type Finding, finding } from "./finding.ts";

/** Variables that make a later program load code, talk to somebody else, or read another configuration. */
const loading: readonly RegExp[] = [
  /^(LD|DYLD|GIT|SSH|BASH|NODE|NPM|JAVA|JDK|MAVEN|GRADLE|DOCKER|PODMAN|COMPOSE|KUBE|HELM|AWS|GOOGLE|AZURE|VAULT|TF|ANSIBLE|RUSTC?|CARGO|RUSTUP|CGO|PIP|UV|CONDA|XDG|OPENSSL|CURL|SSL|RSYNC|TAR|GREP|MAN|SYSTEMD|JOURNAL|MYSQL|REDIS|PROMPT|GLIBC|MALLOC|GCONV|RES|NIMROD|DBUS|GPG|BUNDLE|GEM|VIRTUAL)_/,
  /^_?(KUBECONFIG|LESS\w*|MAKE\w*|PYTHON\w+|PERL5?\w*|RUBY\w+|PG\w+|HIST\w+|PS\d|BASHOPTS|SHELLOPTS|INPUTRC|TERMINFO\w*|TERMCAP|EMACS\w*|VIM\w*|NLSPATH|LOCPATH|HOSTALIASES|AUTOM4TE|M4|GNUPGHOME|JAVA_TOOL_OPTIONS|GO(ENV|ROOT|PATH|BIN|PROXY|PRIVATE|NOSUMDB|SUMDB|TOOLCHAIN|TOOLDIR|WORK|VCS|INSECURE|DEBUG))$/,
  /(PAGER|EDITOR|BROWSER|SHELL|ASKPASS|_COMMAND|_CMD|_RSH|_WRAPPER|OPTIONS|_OPTS|OPT|FLAGS|PATH|HOME|_HOST|_URL|_PROXY|PRELOAD|_CONFIG|_RC|_PLUGINS?|_HOOKS?|_MODULES?)$/,
  /^(ENV|IFS|VISUAL|CC|CXX|CPP|LD|AR|AS|NM|FC|CDPATH|ZDOTDIR|FCEDIT|SUDO_.*|USER|LOGNAME|TMPDIR)$/,
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
