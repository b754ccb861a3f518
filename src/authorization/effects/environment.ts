import type { Word } from "../parsed-command.ts";
import { effect, type Finding, finding } from "./finding.ts";

/** Variables that make a later program load code, talk to somebody else, or read another configuration. */
const loading: readonly RegExp[] = [
  /^(LD|DYLD|GIT|SSH|BASH|NODE|NPM|JAVA|JDK|MAVEN|GRADLE|DOCKER|PODMAN|COMPOSE|KUBE|HELM|AWS|GOOGLE|AZURE|VAULT|TF|ANSIBLE|RUSTC?|CARGO|RUSTUP|CGO|PIP|UV|CONDA|XDG|OPENSSL|CURL|SSL|RSYNC|TAR|GREP|MAN|SYSTEMD|JOURNAL|MYSQL|REDIS|PROMPT|GLIBC|MALLOC|GCONV|RES|NIMROD|DBUS|GPG|BUNDLE|GEM|VIRTUAL|SVN|LIBVIRT|RESTIC|BORG|PBS|CONSUL|NOMAD|ARGOCD|ETCDCTL|MC|PHP|LUA|R|CCACHE|VAGRANT|TEXMF|KOPS|SALT|PSQL)_/,
  /^_?(KUBECONFIG|LESS\w*|MAKE\w*|PYTHON\w+|PERL5?\w*|RUBY\w+|PG\w+|HIST\w+|PS\d|BASHOPTS|SHELLOPTS|INPUTRC|TERMINFO\w*|TERMCAP|EMACS\w*|VIM\w*|NLSPATH|LOCPATH|HOSTALIASES|AUTOM4TE|M4|GNUPGHOME|JAVA_TOOL_OPTIONS|GO(ENV|ROOT|PATH|BIN|PROXY|PRIVATE|NOSUMDB|SUMDB|TOOLCHAIN|TOOLDIR|WORK|VCS|INSECURE|DEBUG))$/,
  /(RC|PAGER|EDITOR|BROWSER|SHELL|ASKPASS|_COMMAND|_CMD|_RSH|_WRAPPER|OPTIONS|_OPTS|OPT|FLAGS|PATH|HOME|_HOST|_URL|_PROXY|PRELOAD|_CONFIG|_RC|_PLUGINS?|_HOOKS?|_MODULES?)$/,
  /^(ENV|IFS|VISUAL|CC|CXX|CPP|LD|AR|AS|NM|FC|CDPATH|ZDOTDIR|FCEDIT|SUDO_.*|BORG_(PASSCOMMAND|RSH|REMOTE_PATH)|RCLONE_.*|RESTIC_PASSWORD_COMMAND|FFREPORT|MAGICK_.*|USER|LOGNAME|TMPDIR|OLDPWD|DIRSTACK|PARALLEL|PHPRC|TEXMFCNF|SSLKEYLOGFILE|LUA_INIT\w*)$/,
];
/** Of the above, those that only choose a look, a place to print, or one of the things that are there. */
const calm = new Set(
  `NO_COLOR GOOS GOARCH GODEBUG NODE_ENV NODE_NO_WARNINGS NODE_DEBUG NODE_DISABLE_COLORS
  PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PYTHONHASHSEED PYTHONIOENCODING PYTHONUTF8 PYTHONFAULTHANDLER PYTHONDEVMODE
  PYTHONNOUSERSITE PYTHONSAFEPATH PYTHONTRACEMALLOC RUST_BACKTRACE RUST_LOG CARGO_TERM_COLOR CARGO_TERM_VERBOSE
  CARGO_INCREMENTAL CARGO_NET_OFFLINE CARGO_BUILD_JOBS CARGO_TERM_PROGRESS_WHEN CGO_ENABLED TF_INPUT TF_LOG
  TF_IN_AUTOMATION TF_WORKSPACE LESSCHARSET HISTSIZE HISTTIMEFORMAT HISTCONTROL GIT_OPTIONAL_LOCKS GIT_TERMINAL_PROMPT
  GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE
  GIT_MERGE_AUTOEDIT GIT_LFS_SKIP_SMUDGE GIT_CONFIG_NOSYSTEM GIT_PAGER_IN_USE GIT_LITERAL_PATHSPECS GIT_FLUSH
  DOCKER_BUILDKIT DOCKER_CLI_HINTS DOCKER_SCAN_SUGGEST COMPOSE_PROJECT_NAME COMPOSE_PROFILES COMPOSE_PARALLEL_LIMIT
  COMPOSE_DOCKER_CLI_BUILD COMPOSE_PROGRESS COMPOSE_ANSI AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT
  AWS_DEFAULT_PROFILE AWS_MAX_ATTEMPTS AWS_RETRY_MODE ANSIBLE_HOST_KEY_CHECKING ANSIBLE_FORCE_COLOR ANSIBLE_NOCOLOR
  ANSIBLE_VERBOSITY ANSIBLE_DEPRECATION_WARNINGS ANSIBLE_NOCOWS PIP_DISABLE_PIP_VERSION_CHECK PIP_NO_CACHE_DIR
  PIP_NO_INPUT PIP_PROGRESS_BAR PIP_QUIET UV_NO_PROGRESS UV_OFFLINE UV_FROZEN UV_LOCKED NPM_CONFIG_LOGLEVEL
  NPM_CONFIG_FUND NPM_CONFIG_AUDIT NPM_CONFIG_PROGRESS NPM_CONFIG_COLOR NPM_CONFIG_UPDATE_NOTIFIER NPM_CONFIG_OFFLINE
  PGDATABASE PGUSER PGPORT PGPASSWORD PGSSLMODE PGCONNECT_TIMEOUT PGAPPNAME PGTZ PGCLIENTENCODING SYSTEMD_COLORS SYSTEMD_LOG_LEVEL
  SYSTEMD_URLIFY KUBE_CONTEXT KUBE_NAMESPACE HELM_NAMESPACE HELM_DEBUG HELM_KUBECONTEXT GRADLE_CONSOLE`.split(
    /\s+/,
  ),
);
/** Those that are calm with such a value only. */
const calmValues: readonly [RegExp, RegExp][] = [
  [/PAGER$/, /^(|cat|less|more)$/],
  [/(EDITOR|VISUAL)$/, /^(true|cat|:)$/],
  // Only white space and marks: a letter or a slash would cut paths in two.
  [/^IFS$/, /^[\s,:;|=+#]*$/],
  [/^LESS$/, /^-?[FRXSKMNiJQcen]*$/],
  [/^GIT_TRACE\w*$/, /^(0|1|2|true|false)$/],
  [/^GIT_CURL_VERBOSE$/, /^[01]$/],
  [/^GIT_CONFIG_(GLOBAL|SYSTEM)$/, /^\/dev\/null$/],
  [/^GO(FLAGS)$/, /^(-(mod=(mod|vendor|readonly)|count=\d+|v|race|trimpath|buildvcs=\w+) ?)*$/],
  [/^GOPROXY$/, /^(off|direct)$/],
  [/^GOTOOLCHAIN$/, /^(local|auto)$/],
  [/^(MAKEFLAGS)$/, /^(-?-?[jksn]\d*|--jobs=\d+|--no-print-directory)?$/],
  [
    /^NODE_OPTIONS$/,
    /^(--(max-old-space-size=\d+|no-warnings|no-deprecation|enable-source-maps|trace-[\w-]+|openssl-legacy-provider|experimental-vm-modules|experimental-strip-types|unhandled-rejections=\w+) ?)*$/,
  ],
  [
    /^(JAVA|MAVEN|GRADLE|SBT|JVM)_OPTS$|^JAVA_TOOL_OPTIONS$/,
    /^(-X(mx|ms|ss)\d+[kmgKMG]? ?|-D[\w.]+=[\w.]+ ?)*$/,
  ],
  [/^PYTHONWARNINGS$/, /^(ignore|error|default|always|module|once)$/],
  // The operator's own; one in the worktree could name a program to sign in with.
  [/^KUBECONFIG$/, /^(\/etc\/(kubernetes|rancher)|~\/\.kube)(\/\w[\w.-]*)+$/],
  [/^ANSIBLE_STDOUT_CALLBACK$/, /^(yaml|json|minimal|oneline|debug|dense|default)$/],
  [/^TF_VAR_\w+$/, /^[^`$]*$/],
  [/^XDG_RUNTIME_DIR$/, /^\/run\/user\/\d+\/?$/],
  [/^DBUS_SESSION_BUS_ADDRESS$/, /^unix:path=\/run\/user\/\d+\/bus$/],
  [/^TMPDIR$/, /^(\/var)?\/tmp\/?$/],
  [/^PS[124]$/, /^[^`$\\]*$/],
  [/^(RUSTFLAGS|CFLAGS|CXXFLAGS)$/, /^(-(D ?warnings|[OgW][\w-]*|std=[\w+]+) ?)*$/],
  // The operator's own; one of the worktree may name a program that is run.
  [/^KUBECONFIG$/, /^(~\/\.kube\/[\w.-]+|\/etc\/(rancher\/k3s|kubernetes|rke2)\/[\w.-]+)$/],
  [/^PATH$/, /^((\/usr(\/local)?)?\/s?bin:?)+$/],
];

export function judgeVariable(name: string, value: Word | null): Finding | null {
  // Few programs read lower case; everywhere else it is a variable of the script.
  const upper = /(_proxy|^(npm|pnpm|yarn)_config_\w+|^yarn_\w+)$/.test(name) ? name.toUpperCase() : name;
  if (calm.has(upper) || !loading.some((pattern) => pattern.test(upper))) return null;
  const text = value?.value ?? null;
  if (text !== null && calmValues.some(([names, values]) => names.test(upper) && values.test(text)))
    return null;
  return finding(
    "explicit",
    "environment.loads-code",
    `${name} changes what later programs load or where they go`,
    [effect("execute-opaque", name, "none")],
  );
}
