import type { Word } from "../parsed-command.ts";
import { codeVariables } from "./code-variables.ts";
import { effect, type Finding, finding } from "./finding.ts";

/** Whole families of such names. */
const families: readonly RegExp[] = [
  /^(LD|DYLD|SUDO|NIMROD)_/,
  /^(PG|HIST|BASH_)[A-Z_]+$/,
  /^GIT_CONFIG_(KEY|VALUE)_\d+$/,
];
/**
 * What a command is handed in its environment may be read by anything that it starts, so whole families of tools count
 * there, and endings by which programs, options, files and addresses are named.
 */
const handed: readonly RegExp[] = [
  /^(GIT|SSH|NODE|NPM|YARN|PNPM|BUN|DENO|TS_NODE|COREPACK|ELECTRON|PUPPETEER|PLAYWRIGHT|CYPRESS|TURBO|JAVA|JDK|MAVEN|MVNW|GRADLE|ANT|DOTNET|COMPlus|CORECLR|COR|NUGET|DOCKER|PODMAN|COMPOSE|CONTAINERD?|BUILDX|BUILDKIT|CRI|KUBE|KUBERNETES|KREW|HELM|AWS|GOOGLE|CLOUDSDK|AZURE|OS|OCI_CLI|HCLOUD|DIGITALOCEAN|LINODE|VAULT|TF|TG|TOFU|TERRAGRUNT|PULUMI|PACKER|ANSIBLE|RUSTC?|CARGO|RUSTUP|CGO|PIP|UV|POETRY|PDM|HATCH|TWINE|TOX|NOX|PIPENV|CONDA|MAMBA|VIRTUALENV|SETUPTOOLS|DISTUTILS|COVERAGE|MYPY|RUFF|BLACK|FLASK|JUPYTER|PYSPARK|NUMBA|TORCH|XDG|OPENSSL|CURL|SSL|RSYNC|TAR|GREP|MAN|GROFF|SYSTEMD|JOURNAL|MYSQL|LIBMYSQL|REDIS|REDISCLI|PROMPT|GLIBC|MALLOC|GCONV|RES|RESOLV|DBUS|GPG|GNUTLS|KRB5|LDAP|NSS_WRAPPER|BUNDLE|GEM|RAKE|COMPOSER|MIX|HEX|ERL|VIRTUAL|SVN|LIBVIRT|VBOX|RESTIC|BORG|RCLONE|PBS|CONSUL|NOMAD|ARGOCD|ETCDCTL|MC|PHP|LUA|R|JULIA|TCL|CCACHE|SCCACHE|DISTCC|ICECC|GCC|CC|CMAKE|MESON|PKG_CONFIG|GOLANGCI|ZIG|SWIFT|XCODE|PUB|FLUTTER|DART|STACK|CABAL|DUNE|NIX|VAGRANT|TEXMF|GS|MAGICK|KOPS|SALT|PSQL|HOMEBREW|DPKG|DEBCONF|GH|GLAB|FZF|MISE|ASDF|NVM|RBENV|PYENV|TRIVY|GRYPE|SYFT|CHECKOV|WIRESHARK|SNMP|GIO|GTK|GST|QT|GDK|GSETTINGS|FONTCONFIG|VK|OCL|EGL|LIBGL|LIBVA|VDPAU|GBM|OMP_TOOL|CUDA_INJECTION|VALGRIND|PERF)_/,
  /^_*(LESS\w*|MAKE\w*|PYTHON\w+|PERL5?\w*|RUBY\w+|PS\d|EMACS\w*|VIM\w*|AUTOM4TE|M4|OPAM\w*|SDKMAN\w*|GHC\w+|MSBUILD\w*|CustomBefore\w+|CustomAfter\w+|LDAP\w+|MIB\w+|LUA_INIT\w*|EGL_\w+|GLX_\w+|GO(ENV|ROOT|PATH|BIN|PROXY|PRIVATE|NOPROXY|NOSUMDB|SUMDB|TOOLCHAIN|TOOLDIR|WORK|VCS|INSECURE|CACHE|MODCACHE|TMPDIR|DEBUG))$/,
  /^((TARGET|HOST|BUILD)_)?(CC|CXX|AR|LD|RANLIB)(_\w+)?$/,
  /(RC|PAGER|EDITOR|BROWSER|SHELL|ASKPASS|_COMMAND|_CMD|_RSH|_WRAPPER|OPTIONS|_OPTS|OPT|FLAGS|PATH|HOME|_HOST|_URL|_URI|_ENDPOINT|_PROXY|PRELOAD|_CONFIG|CONF|_RC|_PLUGINS?|_HOOKS?|_MODULES?|_LAUNCHER|_COMPILER|_LIBRARIES|_SERVER)$/,
  /^(TMP|TEMP|MAGIC|TROFF|JAVA_BIN|CATALINA_\w+)$/,
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
  SYSTEMD_URLIFY KUBE_CONTEXT KUBE_NAMESPACE HELM_NAMESPACE HELM_DEBUG HELM_KUBECONTEXT GRADLE_CONSOLE
  MIX_ENV RAILS_ENV RACK_ENV FLASK_ENV FLASK_DEBUG BABEL_ENV DOTNET_CLI_TELEMETRY_OPTOUT DOTNET_NOLOGO DOTNET_ENVIRONMENT COMPOSER_ALLOW_SUPERUSER
  COMPOSER_NO_INTERACTION COMPOSER_MEMORY_LIMIT CMAKE_BUILD_PARALLEL_LEVEL CMAKE_BUILD_TYPE CMAKE_COLOR_DIAGNOSTICS CMAKE_EXPORT_COMPILE_COMMANDS
  CLOUDSDK_CORE_PROJECT CLOUDSDK_COMPUTE_ZONE CLOUDSDK_COMPUTE_REGION OS_CLOUD OS_PROJECT_NAME OS_REGION_NAME GH_REPO GH_TOKEN GH_PROMPT_DISABLED GH_FORCE_TTY
  HOMEBREW_NO_AUTO_UPDATE HOMEBREW_NO_ANALYTICS HOMEBREW_NO_ENV_HINTS HOMEBREW_NO_INSTALL_CLEANUP MYPY_FORCE_COLOR COREPACK_ENABLE_DOWNLOAD_PROMPT
  REDISCLI_AUTH TWINE_REPOSITORY CABAL_VERBOSE RUFF_NO_CACHE UV_COLOR TURBO_TELEMETRY_DISABLED PYTEST_XDIST_AUTO_NUM_WORKERS CC_PRINT_OPTIONS`.split(
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
  [/^KUBECONFIG$/, /^(\/etc\/(kubernetes|rancher|rke2)|~\/\.kube)(\/\w[\w.-]*)+$/],
  [/^ANSIBLE_STDOUT_CALLBACK$/, /^(yaml|json|minimal|oneline|debug|dense|default)$/],
  [/^TF_VAR_\w+$/, /^[^`$]*$/],
  [/^XDG_RUNTIME_DIR$/, /^\/run\/user\/\d+\/?$/],
  [/^DBUS_SESSION_BUS_ADDRESS$/, /^unix:path=\/run\/user\/\d+\/bus$/],
  [/^(TMPDIR|TMP|TEMP)$/, /^(\/var)?\/tmp\/?$/],
  [/^PS[124]$/, /^[^`$\\]*$/],
  [/^(RUSTFLAGS|CFLAGS|CXXFLAGS)$/, /^(-(D ?warnings|[OgW][\w-]*|std=[\w+]+) ?)*$/],
  [/^PATH$/, /^((\/usr(\/local)?)?\/s?bin:?)+$/],
];

/**
 * @param isHanded whether commands find it in their environment, and not only the script in its variables. What is known
 * counts in both: a name that is there already stays in the environment when it is assigned.
 */
export function judgeVariable(name: string, value: Word | null, isHanded: boolean): Finding | null {
  // Few programs read lower case; everywhere else it is a variable of the script.
  const upper = /(_proxy|^(npm|pnpm|yarn)_config_\w+|^yarn_\w+)$/.test(name) ? name.toUpperCase() : name;
  const loads =
    codeVariables().has(upper) ||
    families.some((pattern) => pattern.test(upper)) ||
    (isHanded && handed.some((pattern) => pattern.test(upper)));
  if (calm.has(upper) || !loads) return null;
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
