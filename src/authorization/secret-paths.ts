import { foldPath } from "./fold-path.ts";
import { anyName, anyText } from "./parsed-command.ts";

/** Where credentials usually live. Reading one is explicit, whatever the tool. */

const publicPem =
  /^(cert|chain|fullchain|ca|ca-?cert|ca-?bundle|public|pub|.*[-_.](pub|public|cert|chain|crt))\.pem$/;
const templates = /\.(example|sample|template|dist|defaults?|md|schema)$/;

const secretNames: readonly RegExp[] = [
  /^\.env(\..+)?$/,
  /^\.envrc$/,
  /\.env$/,
  /\.pem$/,
  /\.key$/,
  /\.(p12|pfx|jks|keystore|kdbx|ppk|agekey|asc)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
  /^ssh_host_.*_key$/,
  /^\.(netrc|pgpass|my\.cnf|pypirc|git-credentials|vault-token|vault_pass|htpasswd|npmrc|s3cfg|boto|rediscli_auth)$/,
  /^_netrc$/,
  /^\.(bash|zsh|python|mysql|psql|node_repl)_history$/,
  /^\.?secrets?(\.(ya?ml|json|toml|env|txt|ini))?$/,
  /^\.?credentials?(\.(ya?ml|json|toml|txt|ini|db))?$/,
  /^kubeconfig$/,
  /^terraform\.tfstate/,
  /^(g?shadow)-?$/,
  /^keyring.*\.gpg$/,
];
const secretFolders = new Set([
  ".ssh",
  ".aws",
  ".azure",
  ".gnupg",
  ".kube",
  ".password-store",
  ".vault",
  "keyrings",
  ".mozilla",
  ".thunderbird",
  ".secrets",
]);
const secretPaths: readonly RegExp[] = [
  /\/\.docker\/config\.json$/,
  /\/\.config\/(gh|gcloud|op|rclone|hub|doctl|sops|glab-cli|chromium|google-chrome)(\/|$)/,
  /\/\.terraform\.d\/credentials/,
  /^\/etc\/(ssl\/private|letsencrypt\/(live|archive|accounts)|sudoers|wireguard|krb5\.keytab|openvpn|ppp)(\/|$|\.)/,
  /^\/proc\/[^/]+\/(environ|mem|maps|fd|root|cwd|task)(\/|$)/,
  /^\/proc\/kcore$/,
  /^\/dev\/(mem|kmem|port|sd|nvme|vd|dm-|mapper)/,
  /^(\/var)?\/run\/(secrets|credentials)(\/|$)/,
  /^\/root(\/|$)/,
  /^\/var\/lib\/(private|sss|samba\/private)(\/|$)/,
  /\/\.git\/config$/,
];
// Dotted names that a wildcard such as `.e*` or `.*` could reach.
const dottedSamples = [
  ".env",
  ".env.local",
  ".netrc",
  ".ssh",
  ".aws",
  ".kube",
  ".gnupg",
  ".git-credentials",
  ".vault-token",
  ".pgpass",
];

/** May hold the wildcard markers of the parser; `home` is the operator's. */
export function isSecretPath(path: string, home: string): boolean {
  const key = foldPath(path);
  if (secretPaths.some((pattern) => pattern.test(key)) && !isPublic(key)) return true;
  if (key.startsWith("/proc/") && /[\u0001\u0002]/.test(key)) return true;
  const names = key.split("/").filter((name) => name !== "");
  if (names.some((name) => secretFolders.has(name) || matchesDotted(name)) && !isPublic(key)) return true;
  if (matchesSample(key, foldPath(home))) return true;
  if (isHomeWildcard(key, foldPath(home))) return true;
  const last = names.at(-1) ?? "";
  return secretNames.some((pattern) => pattern.test(last)) && !publicPem.test(last) && !templates.test(last);
}

function isPublic(path: string): boolean {
  return /\.pub$/.test(path) || /\/(known_hosts|authorized_keys)$/.test(path);
}

function matchesDotted(name: string): boolean {
  if (!name.startsWith(".") || !(name.includes(anyName) || name.includes(anyText))) return false;
  const parts = name.split(/[\u0001\u0002]/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`^${parts.join(".*")}$`);
  return dottedSamples.some((sample) => pattern.test(sample));
}

// Well-known files that an open path outside the worktree could turn out to be.
const samples = [
  "/etc/shadow",
  "/etc/gshadow",
  "/etc/sudoers",
  "~/.ssh/id_rsa",
  "~/.aws/credentials",
  "~/.netrc",
  "~/.kube/config",
];

function matchesSample(key: string, home: string): boolean {
  if (!/^\/[^\u0001\u0002]/.test(key) || !/[\u0001\u0002]/.test(key)) return false;
  const source = key
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll(anyName, "[^/]*")
    .replaceAll(anyText, ".*");
  const pattern = new RegExp(`^${source}$`);
  return samples.some((sample) => pattern.test(sample.replace("~", home)));
}

/** `~/$x`: the first name below home is open. */
function isHomeWildcard(key: string, home: string): boolean {
  return key.startsWith(`${home}/${anyText}`);
}
