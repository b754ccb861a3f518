import { foldPath } from "./fold-path.ts";
import { anyName, anyText } from "./parsed-command.ts";

/** Where credentials usually live. Reading one is explicit, whatever the tool. */

// Certificates, requests, lists and parameters; a `site.pem` of a proxy holds the key as well.
const publicPem =
  /^(.*[-_.])?(certs?|crts?|chain|fullchain|ca|root-?ca|ca-?certs?|ca-?bundle|root|intermediate|isrg[\w-]*|public|pub|crl|csr|dh|dhparams?)\d*\.pem$/;
// Signatures and public keys that are handed out with downloads.
const publicArmor =
  /^((sha|md|b2|blake)\w*sums?(\.txt)?|release|checksums?(\.txt)?|manifest|keys?|.*[-_.](pub|public|sig|sums|gpg)|.*\.(tar(\.\w+)?|t[gx]z|gz|bz2|xz|zst|zip|iso|img|deb|rpm|jar|pom|exe|dmg|msi|whl|txt|sha256|sha512|md5))\.asc$|(^|[-_.])(pub|public)\.(asc|key)$/;
const publicFolders =
  /^\/(usr\/share\/keyrings|etc\/apt\/(keyrings|trusted\.gpg\.d)|usr\/lib\/apt|etc\/pki\/rpm-gpg)(\/|$)|^\/etc\/letsencrypt\/(live|archive)\/[^/]+\/(readme|(cert|chain|fullchain)\d*\.pem)$/;
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
  // A copy is as good as the original.
  /^(id_(rsa|dsa|ecdsa|ed25519)|g?shadow|.*\.(pem|key)|\.env)[-_.](bak|old|orig|backup|save)$/,
  /^(.*[-_.])?(passwords?|passphrases?|secrets?|api[-_]?(key|token)s?|access[-_]?(key|token)s?|private[-_]?keys?|client[-_]secrets?|auth[-_]?token)(\.(txt|json|ya?ml|toml|ini|conf|cfg|csv|enc|bak|gpg|age))?$/,
  /^(\.?vault[-_]pass(word)?(\.txt)?|\.?token(\.(txt|json))?|\.?htpasswd|\.?smbcredentials|\.?cifs|\.dockercfg|\.dockerconfigjson)$/,
  /^(service[-_]?account([-_]?key)?|client_secret.*|application_default_credentials|firebase-adminsdk.*)\.json$/,
  /\.(keytab|ovpn|kdb|wallet|mobileconfig|tfvars\.secret)$/,
  /^(rclone|rediscli|debian|wpa_supplicant.*)\.(conf|cnf)$/,
  /^(cookies|logins|signons|key[34])\.(txt|sqlite|json|db)$/,
  /^(node_repl|sqlite|rediscli|influx|mongosh?|irb|pry|fish|lesshst)_history$|^\.(sqlite|rediscli|irb|pry|mongorepl|influx)_history$|^\.lesshst$/,
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
  /^\/etc\/(networkmanager\/system-connections|pve\/priv|cloudflared|swanctl\/private|ipsec\.secrets|pki\/tls\/private|restic|borgmatic\/(pass|key))/,
  /\/\.(cloudflared|sops|age|mc\/config\.json|cargo\/credentials|gem\/credentials|databrickscfg|config\/(containers\/auth\.json|age|borg\/keys|heroku|netlify|configstore|hcloud|bitwarden cli|keepassxc))(\/|$)/,
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

/** Named like a secret, and made to be handed out. */
function isHandedOut(key: string, name: string): boolean {
  return publicPem.test(name) || publicArmor.test(name) || templates.test(name) || publicFolders.test(key);
}

/** May hold the wildcard markers of the parser; `home` is the operator's. */
export function isSecretPath(path: string, home: string): boolean {
  const key = foldPath(path);
  if (publicFolders.test(key) && !/[\u0001\u0002]/.test(key)) return false;
  if (secretPaths.some((pattern) => pattern.test(key)) && !isPublic(key)) return true;
  if (key.startsWith("/proc/") && /[\u0001\u0002]/.test(key)) return true;
  const names = key.split("/").filter((name) => name !== "");
  if (names.some((name) => secretFolders.has(name) || matchesDotted(name)) && !isPublic(key)) return true;
  if (matchesSample(key, foldPath(home))) return true;
  if (isHomeWildcard(key, foldPath(home))) return true;
  const last = names.at(-1) ?? "";
  return secretNames.some((pattern) => pattern.test(last)) && !isHandedOut(key, last);
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
