/**
 * What a secret looks like, one row a kind. Every pattern runs over hostile text of megabytes: repetitions are
 * bounded or start only at the edge of a word, so that the time stays linear.
 */
export type SecretPattern = {
  kind: string;
  /** Global; group `secret` is what is hidden, group `before`, if any, stays. */
  pattern: RegExp;
  /** A text without this cannot match; looked for first where the pattern is slow. */
  needs?: string;
  /** Is this match a secret at all? */
  accept?: (secret: string) => boolean;
  /** Is it certain enough to stop a review? Redaction may err, a finding must not. */
  isFinding?: (secret: string) => boolean;
};

const never = () => false;

// Not inside a mark that redaction itself has left.
const keyword =
  "(?<!\\[redacted:[a-z-]{0,20})(?:passwords?|passwd|passphrase|(?<=[_-])pass|secret|token|api[_-]?key|access[_-]?key|secret[_-]?key" +
  "|private[_-]?key|pre[_-]?shared[_-]?key|encryption[_-]?key|auth[_-]?key|_auth)";
const separator = "[ \\t]{0,8}(?::=|=>|[:=])(?!=)[ \\t]{0,8}";

export const secretPatterns: readonly SecretPattern[] = [
  {
    kind: "private-key",
    // A PEM body holds no "-----", so a match ends at the next marker, cut blocks included.
    pattern:
      /(?<secret>-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?:Proc-Type|DEK-Info|Version|Comment): [^\n]{0,200}|[A-Za-z0-9+/=\\\s]){0,20000}(?:-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?)/g,
    accept: (secret) => /[A-Za-z0-9+/]{20}/.test(secret.replaceAll(/-----[^-]+-----/g, "")),
  },
  {
    kind: "private-key",
    // The end of a block whose beginning was cut off by a bound.
    needs: "PRIVATE KEY",
    pattern:
      /(?<secret>(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{40,80}\s{1,2}){1,64}(?:[A-Za-z0-9+/=]{1,80}\s{1,2})?-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----)/g,
  },
  { kind: "age-key", pattern: /(?<secret>(?<![A-Z0-9])AGE-SECRET-KEY-1[0-9A-Z]{58})/gi },
  {
    kind: "aws-key",
    pattern: /(?<secret>(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9]))/g,
    isFinding: (secret) => !secret.endsWith("EXAMPLE"),
  },
  { kind: "github-token", pattern: /(?<secret>(?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9]{36,255})/g },
  { kind: "github-token", pattern: /(?<secret>(?<![A-Za-z0-9_])github_pat_[A-Za-z0-9_]{22,255})/g },
  {
    kind: "gitlab-token",
    pattern: /(?<secret>(?<![A-Za-z0-9_-])gl(?:pat|ptt|rt|dt)-[A-Za-z0-9_-]{20,255})/g,
  },
  { kind: "slack-token", pattern: /(?<secret>(?<![A-Za-z0-9_])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,255})/g },
  {
    kind: "slack-webhook",
    pattern: /(?<before>hooks\.slack\.com\/(?:services|workflows)\/)(?<secret>[A-Za-z0-9_/]{20,255})/g,
  },
  { kind: "npm-token", pattern: /(?<secret>(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9]))/g },
  { kind: "anthropic-key", pattern: /(?<secret>(?<![A-Za-z0-9_-])sk-ant-[A-Za-z0-9_-]{20,255})/g },
  {
    kind: "openai-key",
    pattern: /(?<secret>(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,255})/g,
    // Class names such as sk-fading-circle-container have neither.
    accept: (secret) => /[0-9]/.test(secret) && /[A-Z]/.test(secret),
  },
  { kind: "google-key", pattern: /(?<secret>(?<![A-Za-z0-9_-])AIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-]))/g },
  { kind: "stripe-key", pattern: /(?<secret>(?<![A-Za-z0-9_])[sr]k_live_[A-Za-z0-9]{16,255})/g },
  { kind: "huggingface-token", pattern: /(?<secret>(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,64}(?![A-Za-z0-9]))/g },
  { kind: "vault-token", pattern: /(?<secret>(?<![A-Za-z0-9_])hv[sbr]\.[A-Za-z0-9_-]{24,255})/g },
  { kind: "tailscale-key", pattern: /(?<secret>(?<![A-Za-z0-9_])tskey-[a-z]{2,20}-[A-Za-z0-9-]{10,255})/g },
  {
    kind: "jwt",
    pattern:
      /(?<secret>(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{4,65536}\.[A-Za-z0-9_-]{0,4096})/g,
  },
  {
    kind: "password-hash",
    // crypt(3), bcrypt, argon2. In a committed configuration they are often meant to be there.
    pattern: /(?<secret>(?<![A-Za-z0-9$])\$(?:1|5|6|y|2[abxy]|argon2(?:id|i|d))\$[A-Za-z0-9./$=,+]{20,255})/g,
    isFinding: never,
  },
  {
    kind: "authorization",
    pattern:
      /(?<before>(?<![A-Za-z])(?:proxy-)?authorization\\?["']?[ \t]{0,8}[:=][ \t]{0,8}\\?["']?(?:(?:bearer|basic|token|digest|apikey)[ \t]{1,8})?)(?<secret>[^\s"'\\,;]{6,4096})/gi,
    accept: (secret) => !isReference(secret),
    isFinding: isRandomLooking,
  },
  {
    kind: "bearer",
    pattern: /(?<before>(?<![A-Za-z])bearer[ \t]{1,8})(?<secret>[A-Za-z0-9._~+/=-]{16,4096})/gi,
    accept: (secret) => /[0-9]/.test(secret) && !isReference(secret),
    isFinding: isRandomLooking,
  },
  {
    kind: "basic-auth",
    pattern: /(?<before>(?<![A-Za-z])basic[ \t]{1,8})(?<secret>[A-Za-z0-9+/]{6,1024}={0,2})/gi,
    accept: (secret) => /^[\x20-\x7e]*:[\x20-\x7e]+$/.test(Buffer.from(secret, "base64").toString("latin1")),
  },
  {
    kind: "url-password",
    pattern:
      /(?<before>(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[^\s/:@"'`<>[]{0,128}:)(?<secret>[^\s/?#"'`<>]{1,256})(?=@)/g,
    accept: (secret) => !isReference(secret),
    isFinding: (secret) => secret.length >= 6,
  },
  {
    kind: "password",
    pattern:
      /(?<before>(?<![A-Za-z0-9-])curl [^\n]{0,400}?[ \t](?:-u|--user)[ =]?["']?[^\s:"']{1,64}:)(?<secret>[^\s"']{1,256})/g,
    accept: (secret) => !isReference(secret),
    isFinding: isRandomLooking,
  },
  {
    kind: "password",
    pattern: new RegExp(
      `(?<before>${keyword}\\\\?["']?${separator}(?<quote>\\\\?["'\`]))(?<secret>(?:(?!\\k<quote>)[^\\n]){4,500})(?=\\k<quote>)`,
      "gi",
    ),
    accept: (secret) => !isReference(secret),
    isFinding: isRandomLooking,
  },
  {
    kind: "password",
    // With "=" anything; with ":" only at the end of a line, where it is a setting and not a sentence.
    pattern: new RegExp(
      `(?<before>${keyword}["']?(?:[ \\t]{0,8}:?=(?![=>])[ \\t]{0,8}))(?<secret>[^\\s"'\`,;]{4,500})`,
      "gi",
    ),
    accept: (secret) => !isReference(secret),
    isFinding: isRandomLooking,
  },
  {
    kind: "password",
    pattern: new RegExp(
      `(?<before>${keyword}["']?[ \\t]{0,8}:(?![:=/])[ \\t]{0,8})(?<secret>[^\\s"'\`,;{}\\\\]{4,500})(?=[ \\t]{0,8}(?:[,;}\\]]|#[^\\n]{0,200})?\\r?$)`,
      "gim",
    ),
    accept: (secret) => !isReference(secret),
    isFinding: isRandomLooking,
  },
];

/** Names whose values are hidden whatever they look like: keys of an object, options before an argument. */
export function namesASecret(name: string): boolean {
  return secretName.test(name);
}

const secretName =
  /(?:password|passwd|passphrase|[_-]pass|secret|token|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|auth[_-]?key|cookie)$/i;

const placeholders =
  /^(?:change[_-]?me|example|placeholder|dummy|todo|null|nil|none|undefined|true|false|yes|no|string|number|boolean|bytes|buffer|any|unknown|void|required|optional|empty|hidden|redacted|secret|password|passwd|passw|pass|pwd|token|test|foo|bar|user|username|await|new|async|this|self|your[ _-].*|my[_-].*|x{3,}|\*{3,}|\.{3,})$/i;

// Says where the secret is, or what it would be, instead of holding it.
function isReference(value: string): boolean {
  if (placeholders.test(value)) return true;
  if (/^(?:\$|%|<|\{\{|\[redacted:|&|!|\*)/.test(value)) return true;
  if (/^sha(?:1|224|256|384|512)[:-]/.test(value)) return true;
  if (/^[\^~<>=v]{0,2}\d{1,5}\.\d{1,5}\.\d{1,5}(?![A-Za-z0-9+/])/.test(value)) return true; // a version of a package
  if (/^(?:~|\.{1,2})?\/[a-z0-9._/-]+$/.test(value)) return true; // a path
  if (/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(value)) return true; // the name of a variable
  if (/^(?:process\.env|os\.environ|import\.meta|env[.:[(]|vault:|op:\/\/|file:)/i.test(value)) return true;
  // A call or a member of something: code that fetches the secret.
  return /^[A-Za-z_][\w.?!]*[([]/.test(value) || /^[A-Za-z_]+(?:\??\.[A-Za-z_]+)+$/.test(value);
}

/** Nobody types this by accident: letters and digits mixed, or three kinds of characters, and not a sentence. */
function isRandomLooking(value: string): boolean {
  if (value.length < 8 || /[\s(){}[\]<>$]/.test(value)) return false;
  const hasLetter = /[A-Za-z]/.test(value);
  const hasDigit = /[0-9]/.test(value);
  return hasLetter && hasDigit;
}
