import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSecrets, makeRedactor, redactDeep } from "../../../src/evidence/redact.ts";
import { createRedactingStream } from "../../../src/evidence/redacting-stream.ts";
import { cpuMs } from "../../support/cpu-time.ts";

const redact = makeRedactor([]);
const marked = /\[redacted:([a-z-]+):[0-9a-f]{8}\]/;

// Put together here, so that no scanner of this repository takes a row for a leak.
const letters = (length: number) => "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0xL".repeat(9).slice(0, length);
const pemBody = Array.from({ length: 6 }, () => letters(64)).join("\n");
const pem = (label: string) => `-----BEGIN ${label}-----\n${pemBody}\n-----END ${label}-----`;
const jwt = `eyJ${letters(20)}.eyJ${letters(40)}.${letters(43)}`;

/** kind, the secret alone, the text around it (`%` stands for the secret), is it also a finding? */
const secrets: [kind: string, secret: string, text: string, finding: boolean][] = [
  ["private-key", pem("OPENSSH PRIVATE KEY"), "key:\n%\nend", true],
  ["private-key", pem("RSA PRIVATE KEY").replaceAll("\n", "\\n"), '{"key": "%"}', true],
  ["private-key", pem("PGP PRIVATE KEY BLOCK"), "%", true],
  ["private-key", `-----BEGIN EC PRIVATE KEY-----\n${pemBody}`, "%\n[cut]", true],
  ["private-key", `${pemBody}\n-----END PRIVATE KEY-----`, "[cut]\n%", true],
  ["age-key", `AGE-SECRET-KEY-1${"Q".repeat(58)}`, "# created\n%\n", true],
  ["aws-key", `AKIA${"Q7".repeat(8)}`, "aws_access_key_id=%", true],
  ["github-token", `ghp_${letters(36)}`, "git clone https://%@github.com/a/b", true],
  ["github-token", `github_pat_${letters(50)}`, "token %", true],
  ["gitlab-token", `glpat-${letters(20)}`, "%", true],
  ["slack-token", `xoxb-${"1234567890"}-${letters(24)}`, "SLACK %", true],
  [
    "slack-webhook",
    `T${letters(8)}/B${letters(8)}/${letters(24)}`,
    "https://hooks.slack.com/services/%",
    true,
  ],
  ["npm-token", `npm_${letters(36)}`, "//packages.example.org/:x %", true],
  ["anthropic-key", `sk-ant-api03-${letters(80)}`, "key %", true],
  ["openai-key", `sk-proj-${letters(48)}`, "key %", true],
  ["google-key", `AIza${letters(35)}`, "?key=%", true],
  ["stripe-key", `sk_live_${letters(24)}`, "%", true],
  ["vault-token", `hvs.${letters(40)}`, "%", true],
  ["jwt", jwt, "cookie %", true],
  ["jwt", jwt, "Authorization: Bearer %", true],
  ["authorization", "Zx81-spectrum-1982", "authorization: token %", true],
  ["authorization", letters(24), '-H "Authorization: Bearer %"', true],
  ["authorization", letters(24), '{"Authorization":"Bearer %"}', true],
  ["bearer", letters(30), "sent bearer % along", true],
  ["basic-auth", Buffer.from("sara:hunter2").toString("base64"), "WWW basic %", true],
  ["url-password", "s3cr3t-pa55", "postgres://app:%@db.lan:5432/vault", true],
  ["url-password", "p@ss1word", "https://sara:%@git.lan/x.git", true],
  ["url-password", "hunter22", "redis://:%@cache:6379", true],
  ["password", "hunter2", "password=%", false],
  ["password", "hunter2000", "DB_PASSWORD=%", true],
  ["password", "hunter2000", "db.password = '%'", true],
  ["password", "hunter 2000 x", 'passphrase: "%"', false],
  ["password", "swordfish", "  password: %\n  user: sara", false],
  ["password", "a1b2c3d4e5", '{ "adminToken": "%" }', true],
  ["password", "a1b2c3d4e5", '{ \\"client_secret\\": \\"%\\" }', true],
  ["password", `${letters(43)}=`, "PrivateKey = %", true],
  ["password", letters(40), "aws_secret_access_key = %", true],
  ["password", "hunter2000", "curl -s -u sara:% https://vault.lan", true],
  ["password-hash", `$2b$12$${letters(53)}`, "sara:%", false],
  ["password-hash", `$argon2id$v=19$m=65540,t=3,p=4$${letters(22)}$${letters(43)}`, "%", false],
];

describe("secrets by their looks", () => {
  test.each(secrets)("%s: %j in %j", (kind, secret, around, finding) => {
    const text = around.replace("%", () => secret);
    const clean = redact(text);
    expect(clean).not.toContain(secret);
    expect(marked.exec(clean)?.[1]).toBe(kind);
    // All the rest stays readable.
    const [before = "", after = ""] = around.split("%");
    expect(clean.startsWith(before.slice(0, 3))).toBe(true);
    expect(clean.endsWith(after.slice(-3))).toBe(true);
    expect(findSecrets(text).length > 0).toBe(finding);
  });
});

const honest = [
  "123e4567-e89b-12d3-a456-426614174000",
  "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
  "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  '"integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",',
  '"@octokit/auth-token": "^10.12.0",',
  '"node_modules/js-tokens": { "version": "4.0.0" }',
  "const token = await getToken(request);",
  "token: string;",
  "password: string | undefined,",
  "apiKey: process.env.API_KEY,",
  "secret = os.environ['SECRET']",
  "password = config.vault.password",
  "DB_PASSWORD=$" + "{DB_PASSWORD}",
  "password: <your password>",
  "password: changeme",
  "POSTGRES_PASSWORD_FILE=/run/secrets/db",
  "secret: /run/secrets/db_password",
  'token: "$' + '{{ secrets.GITHUB_TOKEN }}"',
  "Authorization: Bearer $TOKEN",
  "Authorization: Bearer <token>",
  "the bearer authentication-scheme is used",
  "https://user:pass@example.org",
  "https://git.lan:8080/a@b",
  "http://localhost:3000/?mail=a@b.org",
  "docker run -u 1000:1000 alpine",
  "max_tokens: 4096, tokenizer: cl100k_base",
  '<div class="sk-fading-circle-container-large">',
  "if (password == other.password) return;",
  "AKIAIOSFODNN7EXAMPLE",
  "-----BEGIN PRIVATE KEY----- is how such a file starts.",
  "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIcvYw sara@lab",
  "01ARZ3NDEKTSV4RRFFQ69G5FAV-implement.jsonl",
  "Passwords: see docs/vault.md",
];

describe("what is no secret", () => {
  test.each(honest)("%j is no finding", (text) => expect(findSecrets(text)).toEqual([]));

  const shownInReviews = honest.filter((text) => !text.startsWith("AKIA"));
  test.each(shownInReviews)("%j stays as it is", (text) => expect(redact(text)).toBe(text));

  test("the line of a finding is told, the secret is not", () => {
    const found = findSecrets(`a\nb\nx ghp_${letters(36)}\nc\npassword=hunter2000\n`);
    expect(found).toEqual([
      { kind: "github-token", line: 3 },
      { kind: "password", line: 5 },
    ]);
  });
});

describe("known values", () => {
  const secret = 'pä"ss wörd+/&1';
  const known = makeRedactor([secret], { fingerprintKey: "k" });

  test.each<[string, string]>([
    ["plain", secret],
    ["in a word", `x${secret}y`],
    ["JSON", JSON.stringify({ a: secret })],
    ["URL", `https://h/?p=${encodeURIComponent(secret)}`],
    ["form", `p=${encodeURIComponent(secret).replaceAll("%20", "+")}`],
    ["lower-case URL", encodeURIComponent(secret).replaceAll(/%../g, (octet) => octet.toLowerCase())],
    ["hex", Buffer.from(secret).toString("hex")],
    ["base64", Buffer.from(secret).toString("base64")],
    ["base64url", Buffer.from(secret).toString("base64url")],
    ["base64 after 1 byte", Buffer.from(`:${secret}tail`).toString("base64")],
    ["base64 after 2 bytes", Buffer.from(`a:${secret}tail`).toString("base64")],
    ["base64 after 3 bytes", Buffer.from(`ab:${secret}`).toString("base64")],
  ])("%s", (_, text) => {
    const clean = known(text);
    expect(clean).toMatch(/\[redacted:known:[0-9a-f]{8}\]/);
    expect(clean).not.toContain(secret);
  });

  test("in any surrounding bytes, base64 hides it too", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (before, after) => {
        const text = Buffer.concat([before, Buffer.from(secret), after]).toString("base64");
        expect(known(text)).toMatch(/\[redacted:known:/);
      }),
    );
  });

  test("one secret has one fingerprint, which tells nothing without the key", () => {
    const one = known(secret);
    expect(known(Buffer.from(secret).toString("hex"))).toBe(one);
    expect(makeRedactor([secret], { fingerprintKey: "other" })(secret)).not.toBe(one);
    expect(makeRedactor([secret])(secret)).not.toBe(makeRedactor([secret])(secret));
  });

  test("a short value is left alone, for it is an ordinary word", () => {
    expect(makeRedactor(["yes", "", " "])("yes, it is there")).toBe("yes, it is there");
  });

  test("a line of a key file is hidden by itself", () => {
    const lines = [letters(40), letters(44).slice(4)];
    expect(makeRedactor([lines.join("\n")])(`> ${lines[1]}`)).toMatch(/^> \[redacted:known:/);
  });

  test("redacting twice changes nothing more", () => {
    for (const [, value, around] of secrets) {
      const once = redact(around.replace("%", () => value));
      expect(redact(once)).toBe(once);
    }
  });
});

describe("JSON values", () => {
  test("strings at any depth, keys, arguments after an option and values of telling keys", () => {
    const clean = redactDeep(
      {
        argv: ["mysql", "--password", "x y", "--token", "$T", "ls", "-p"],
        env: { VAULT_TOKEN: "abc", PATH: "/bin", count: 3, none: null, yes: true },
        list: [{ [`k ghp_${letters(36)}`]: `npm_${letters(36)}` }],
        pass: "review-2",
        tokens: 12,
      },
      redact,
    );
    expect(JSON.stringify(clean)).not.toMatch(/ghp_|npm_|"x y"|"abc"/);
    expect(clean).toMatchObject({
      pass: "review-2",
      tokens: 12,
      env: { PATH: "/bin", count: 3, none: null, yes: true },
    });
    expect(clean.argv.slice(5)).toEqual(["ls", "-p"]);
  });

  test("nothing but strings changes, and no prototype is touched", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy: unknown = redactDeep(value, (text) => text);
        expect(JSON.stringify(copy).replaceAll("\\u0000", "")).toBeTypeOf("string");
        expect(Array.isArray(copy)).toBe(Array.isArray(value));
      }),
    );
    const hostile: unknown = JSON.parse('{"__proto__":{"polluted":1}}');
    expect(Object.keys(redactDeep(hostile, redact) as object)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("output in pieces", () => {
  const secret = "correct-horse-battery";
  const text = `start\nuse ${secret} here\n${pem("PRIVATE KEY")}\nend ghp_${letters(36)}`;
  const whole = makeRedactor([secret], { fingerprintKey: "k" });

  test("however it is cut, the result is that of the whole", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }), (sizes) => {
        const stream = createRedactingStream(whole);
        let out = "";
        let at = 0;
        for (const size of sizes) {
          out += stream.write(text.slice(at, at + size));
          at += size;
        }
        out += stream.write(text.slice(at)) + stream.end();
        expect(out).toBe(whole(text));
      }),
      { numRuns: 60 },
    );
  });

  test("a line that is too long to be checked is not kept, and that is said", () => {
    const stream = createRedactingStream(whole, 100);
    const out =
      stream.write("ok\n") +
      stream.write("x".repeat(90)) +
      stream.write(`${secret}yyy`) +
      stream.write("z\nnext\n");
    expect(out + stream.end()).toBe(
      "ok\n[not kept: 115 characters without a line end that could be checked]\nnext\n",
    );
  });
});

test("time stays linear on text made to be slow", async () => {
  const size = 200_000;
  const hostile = [
    "-----BEGIN PRIVATE KEY-----",
    `${"A".repeat(64)}\n`,
    "eyJ",
    "eyJaaaaaaaaaa.",
    "curl -u ",
    "a://a:",
    "password=",
    'password="',
    "password:    ",
    "authorization: bearer ",
    "ghp_",
    "$6$",
    "basic ",
    "bearer ",
    "\u200b",
    "`",
  ].map((piece) => piece.repeat(Math.ceil(size / piece.length)));
  hostile.push(randomBytes(size).toString("base64"), " ".repeat(size), "\n".repeat(size));
  for (const text of hostile) {
    const spent = await cpuMs(() => [redact(text), findSecrets(text)]);
    expect(spent, JSON.stringify(text.slice(0, 30))).toBeLessThan(3000);
  }
});
