import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  always,
  type Call,
  explicit,
  type Group,
  has,
  live,
  liveRead,
  named,
  prints,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

/** Keys, signatures and certificates by the tool that makes them. Showing public parts is a read; using a private key is not. */

const gpgReads =
  "list-keys k list-public-keys list-secret-keys K list-sigs list-signatures check-sigs check-signatures fingerprint list-packets verify verify-files show-keys show-key export export-ssh-key= export-ownertrust card-status list-config list-gcrypt-config dump-options warranty list-options= print-md= print-mds locate-key-offline";
const gpgLook =
  "with-colons with-fingerprint with-subkey-fingerprint with-keygrip with-key-data with-sig-list with-sig-check with-icao-spelling keyid-format= fixed-list-mode no-default-keyring keyring= no-auto-key-locate no-auto-key-retrieve batch no-tty quiet q verbose v yes status-fd= logger-fd= display-charset= charset= export-options= import-options= verify-options= trust-model= always-trust import dry-run n a armor no-armor no-greeting no-permission-warning textmode t ignore-time-conflict no-autostart compress-level= z= cipher-algo= digest-algo= compress-algo= s2k-mode= s2k-count= s2k-digest-algo= s2k-cipher-algo= passphrase= passphrase-fd= pinentry-mode= no-symkey-cache rfc4880 openpgp force-mdc set-filename= recipient= r= hidden-recipient= R= e encrypt c symmetric dearmor enarmor output= o= homedir=";

function asks(call: Call, where: string, reason: string): Finding {
  return {
    ...finding("none", call.rule, reason, [effect("network-read", where, "remote")]),
    ...(where === "" ? {} : { needs: [where] }),
  };
}

/** Reads under the options named, and touches keys under all others. */
function readsWith(reading: readonly string[], options: string, style: Row["style"] = "gnu"): Row {
  return {
    options,
    style,
    plain: true,
    judge: (call) =>
      has(call.scan, ...reading)
        ? [harmless(call.rule, "shows public parts")]
        : [explicit(call, "", "makes, uses or changes a key", "credential-write", "home")],
  };
}

const keytool: Row = {
  options:
    "list printcert printcertreq printcrl showinfo exportcert export v rfc alias= keystore= storepass= storetype= cacerts file= sslserver= jarfile= keypass= tls noprompt",
  style: "word",
  plain: true,
  judge: (call) => {
    const { scan } = call;
    if (has(scan, "sslserver"))
      return [
        asks(call, textOf(valuesOf(scan, "sslserver")[0]).replace(/:\d+$/, ""), "looks at a certificate"),
      ];
    if (has(scan, "list", "printcert", "printcertreq", "printcrl", "showinfo"))
      return [harmless(call.rule, "shows public parts")];
    if (has(scan, "exportcert", "export"))
      return [harmless(call.rule, "writes a certificate"), ...writeAll(call, valuesOf(scan, "file"))];
    return [explicit(call, "", "changes a key store", "credential-write", "home")];
  },
};

const stepCertificate: Row = {
  options:
    "short bundle format= roots= insecure servername= expires-in= verbose verify-ocsp verify-crl host=",
  plain: true,
  judge: (call) => {
    const address = /^(?:https|tls|tcp):\/\/([^/:]+)/.exec(textOf(call.scan.operands[0]))?.[1];
    return [
      address === undefined
        ? harmless(call.rule, "shows a certificate")
        : asks(call, address, "looks at a certificate"),
    ];
  },
};
const touchesKeys = always("explicit", "credential-write", "home", "makes, uses or changes keys");
const askingServer: Row = {
  options: "ca-url= root=",
  plain: true,
  judge: (call) => [
    !has(call.scan, "ca-url")
      ? liveRead(call.rule, "authority")
      : asks(
          call,
          textOf(valuesOf(call.scan, "ca-url")[0]).replace(/^\w+:\/\/|[:/].*$/g, ""),
          "asks the authority",
        ),
  ],
};
const step = (): Group => ({
  global: "",
  subs: {
    certificate: {
      global: "",
      subs: { ...named("inspect verify lint fingerprint needs-renewal", stepCertificate), "*": touchesKeys },
    },
    ca: {
      global: "",
      subs: {
        health: askingServer,
        // They write what they get into the file named.
        ...named("roots federation root", {
          options: "ca-url= root= fingerprint= f",
          plain: true,
          judge: (call) => [...askingServer.judge(call), ...writeAll(call, call.scan.operands)],
        }),
        "*": touchesKeys,
      },
    },
    version: prints(),
    "*": touchesKeys,
  },
});

export const keyTools = (): Table => ({
  ...named("gpg gpg2", { options: `${gpgReads} ${gpgLook}`, plain: true, judge: judgeGpg }),
  gpgv: {
    options:
      "keyring= q quiet v verbose status-fd= ignore-time-conflict weak-digest= enable-special-filenames",
    plain: true,
    judge: (call) => [harmless(call.rule, "checks a signature")],
  },
  gpgconf: readsWith(
    [
      "list-dirs",
      "L",
      "list-components",
      "check-programs",
      "list-options",
      "check-options",
      "X",
      "show-versions",
      "V",
    ],
    "list-dirs L list-components check-programs list-options= check-options= X show-versions V quiet q verbose v n",
  ),
  gpgsm: readsWith(
    ["list-keys", "k", "list-secret-keys", "K", "list-chain", "list-external-keys", "fingerprint"],
    "list-keys k list-secret-keys K list-chain list-external-keys fingerprint with-colons v verbose q quiet",
  ),
  age: {
    options: "R= recipients-file= r= recipient= o= output= a armor e encrypt p passphrase",
    judge: (call) => [
      harmless(call.rule, "encrypts"),
      ...readAll(call, [...call.scan.operands, ...valuesOf(call.scan, "R", "recipients-file")]),
      ...writeAll(call, valuesOf(call.scan, "o", "output")),
    ],
  },
  ...named("minisign rsign", readsWith(["V"], "V m= P= p= x= q Q H")),
  // No -e: it writes the message.
  signify: readsWith(["V", "C"], "V C m= p= x= q n t="),
  cosign: {
    global: "",
    subs: {
      ...named(
        "verify verify-blob verify-attestation verify-blob-attestation tree triangulate",
        live(
          "key= certificate= certificate-identity= certificate-identity-regexp= certificate-oidc-issuer= certificate-oidc-issuer-regexp= signature= bundle= o= output= type= insecure-ignore-tlog rekor-url= offline a= annotations= new-bundle-format",
        ),
      ),
      version: prints(),
      // Not --show-sensitive-values.
      env: prints("show-descriptions"),
      "*": touchesKeys,
    },
  },
  keytool,
  step: step(),
  mkcert: readsWith(["CAROOT", "version"], "CAROOT version", "word"),
  certtool: readsWith(
    [
      "i",
      "certificate-info",
      "crl-info",
      "crq-info",
      "p7-info",
      "dh-info",
      "fingerprint",
      "key-id",
      "verify-chain",
      "e",
    ],
    "i certificate-info crl-info crq-info p7-info dh-info fingerprint key-id verify-chain e infile= inder inraw hash= text no-text load-ca-certificate= verify-hostname=",
  ),
  cfssl: {
    global: "",
    subs: {
      ...named("certinfo", live("cert= csr= domain= serial= aki=", "word")),
      version: prints(),
      "*": touchesKeys,
    },
  },
  certutil: readsWith(["L", "V", "O"], "L V O d= n= h= a r u= e f="),
  "acme.sh": {
    options: "list info d= domain= version v help h listraw home= ecc debug=?",
    plain: true,
    judge: (call) =>
      has(call.scan, "list", "info", "version", "v", "help", "h")
        ? [liveRead(call.rule)]
        : [explicit(call, "", "handles keys and certificates", "credential-write", "home")],
  },
  "ssh-add": readsWith(["l", "L"], "l L E= q v"),
  // -k opens a key table, which is the key itself.
  klist: live("l A e f a n c= s V"),
  keyctl: {
    global: "",
    subs: { ...named("show list rlist describe rdescribe security supports", live()), "*": touchesKeys },
  },
});

function judgeGpg(call: Call): Finding[] {
  const { scan } = call;
  const outputs = valuesOf(scan, "o", "output");
  const home = valuesOf(scan, "homedir").find((word) => !/^\/(etc|usr|var\/lib)\//.test(word.value ?? "?"));
  if (home !== undefined)
    return [
      explicit(call, "homedir", "reads a configuration that can name programs", "execute-opaque", "none"),
    ];
  const showsOnly =
    has(scan, "dry-run", "n") ||
    valuesOf(scan, "import-options").some((word) => textOf(word) === "show-only");
  if (has(scan, "import") && !showsOnly)
    return [explicit(call, "import", "changes the key ring", "credential-write", "home")];
  if (has(scan, "c", "symmetric", "e", "encrypt") && !has(scan, "passphrase"))
    return [
      finding("brief", "gpg.encrypt", "encrypts a file", [
        effect("write", scan.operands.map((word) => `${textOf(word)}.gpg`).join(" "), "worktree"),
      ]),
      ...readAll(call, scan.operands),
      ...writeAll(call, outputs.length > 0 ? outputs : scan.operands),
    ];
  if (has(scan, "dearmor", "enarmor"))
    return [
      harmless(call.rule, "recodes a public key"),
      ...readAll(call, scan.operands),
      ...writeAll(call, outputs.length > 0 ? outputs : scan.operands),
    ];
  const names = gpgReads.split(" ").map((name) => name.replace("=", ""));
  if (has(scan, "import") || names.some((name) => name !== "list-options" && has(scan, name)))
    return [
      harmless(call.rule, "reads public keys"),
      // A digest of a secret gives a short one away.
      ...(has(scan, "print-md", "print-mds")
        ? readAll(call, [...valuesOf(scan, "print-mds"), ...scan.operands])
        : []),
      ...writeAll(call, outputs),
    ];
  return [explicit(call, "", "may decrypt", "credential-read", "home")];
}
