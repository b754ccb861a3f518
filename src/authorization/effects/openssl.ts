import type { Word } from "../parsed-command.ts";
import { judgeRead } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  type Call,
  explicit,
  type Group,
  has,
  named,
  prints,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { outbound } from "./urls.ts";
import { longestAddress } from "./web-address.ts";

/**
 * openssl by subcommand. What shows certificates, requests and lists is a read, whatever file it is given: it prints
 * their public parts only. What makes or uses a private key is not declared, and so explicit.
 */

const digests =
  "md5 sha1 sha224 sha256 sha384 sha512 sha512-256 sha3-224 sha3-256 sha3-384 sha3-512 blake2b512 blake2s256 ripemd160 sm3";
const trust =
  "CAfile= CApath= no-CAfile no-CApath no-CAstore untrusted= trusted= crl_check crl_check_all CRLfile= purpose= verify_hostname= verify_email= verify_ip= verify_name= verify_depth= partial_chain x509_strict no_check_time attime= policy_check ignore_critical auth_level= trusted_first";
const ciphers =
  "aes-128-cbc aes-192-cbc aes-256-cbc aes-128-ctr aes-192-ctr aes-256-ctr aes-128-ecb aes-256-ecb aes128 aes192 aes256 camellia-256-cbc camellia256 chacha20 des3 des-ede3-cbc";

function publicReads(call: Call, words: readonly Word[]): Finding[] {
  // A file may also be an address that is fetched.
  const [here, elsewhere] = [false, true].map((away) =>
    words.filter((word) => /^https?:\/\//i.test(textOf(word)) === away),
  );
  return [
    ...(here ?? [])
      .flatMap((word) => judgeRead(call.place, word))
      .filter((one) => one.rule !== "read.secret"),
    ...(elsewhere ?? []).flatMap((word) => outbound(call, word)),
  ];
}

/** Prints public parts of its input; `-out` writes them. */
function shows(options: string, inputs: readonly string[] = ["in"]): Row {
  return {
    options: `in= out= inform= outform= ${options}`,
    style: "word",
    plain: true,
    judge: (call) => [
      harmless(call.rule, "shows public parts"),
      ...publicReads(call, [...valuesOf(call.scan, ...inputs), ...call.scan.operands]),
      ...writeAll(call, valuesOf(call.scan, "out", "respout")),
    ],
  };
}

const hashes: Row = {
  options: `${digests} c r binary hex d xoflen= out= verify= signature= list`,
  style: "word",
  judge: (call) => [
    harmless(call.rule, "hashes"),
    ...readAll(call, call.scan.operands),
    ...writeAll(call, valuesOf(call.scan, "out")),
  ],
};

const encodes: Row = {
  options: `${ciphers} ${digests} e d a A base64 in= out= v p P salt nosalt S= iv= K= k= kfile= pass= pbkdf2 iter= md= none nopad bufsize= saltlen=`,
  style: "word",
  judge: (call) => {
    const { scan } = call;
    const written = writeAll(call, valuesOf(scan, "out"));
    const read = readAll(call, valuesOf(scan, "in"));
    const isCipher = ciphers.split(" ").some((name) => has(scan, name)) || !/\.(enc|base64)$/.test(call.rule);
    if (!isCipher) return [harmless(call.rule, "encodes or decodes"), ...read, ...written];
    if (has(scan, "d"))
      return [explicit(call, "decrypt", "decrypts what somebody locked", "credential-read", "none")];
    return [finding("brief", call.rule, "encrypts a file"), ...read, ...written];
  },
};

/** A public key is given with -pubin; without it the private one is read. */
const keys: Row = {
  options: "in= inform= pubin text noout text_pub pubcheck pubout out= outform= modulus RSAPublicKey_in",
  style: "word",
  plain: true,
  judge: (call) =>
    has(call.scan, "pubin", "RSAPublicKey_in")
      ? [
          harmless(call.rule, "shows a public key"),
          ...readAll(call, valuesOf(call.scan, "in")),
          ...writeAll(call, valuesOf(call.scan, "out")),
        ]
      : [explicit(call, "private", "reads a private key", "credential-read", "none")],
};

const client: Row = {
  options: `connect= servername= noservername showcerts starttls= xmpphost= name= tls1 tls1_1 tls1_2 tls1_3 no_ssl3 no_tls1 no_tls1_1 no_tls1_2 no_tls1_3 verify= verify_return_error verify_quiet brief status alpn= nextprotoneg= cipher= ciphersuites= sigalgs= client_sigalgs= groups= curves= min_protocol= max_protocol= 4 6 host= port= prexit quiet no_ign_eof ign_eof msg debug state trace tlsextdebug security_debug serverinfo= reconnect crlf nbio bugs legacy_renegotiation legacy_server_connect no_ticket nameopt= timeout no-interactive dane_tlsa_domain= dane_tlsa_rrdata= enable_pha dtls dtls1_2 mtu= comp no_comp ct noct ${trust}`,
  style: "word",
  plain: true,
  judge: judgeClient,
};

const certificate = `text noout subject issuer dates startdate enddate serial fingerprint email ocsp_uri ocspid purpose ext= checkend= checkhost= checkemail= checkip= hash subject_hash issuer_hash subject_hash_old issuer_hash_old modulus pubkey alias nameopt= certopt= nocert trustout dateopt= ${digests}`;

const group: Group = {
  global: "",
  // Without a subcommand it takes commands from its input.
  bare: {
    options: "",
    judge: (call) =>
      call.stdin.kind === "inherited" || (call.stdin.kind === "text" && call.stdin.text?.trim() === "")
        ? [harmless(call.rule, "prints help")]
        : [explicit(call, "input", "takes commands from its input", "execute-opaque", "none")],
  },
  subs: {
    x509: shows(certificate),
    crl: shows(
      `text noout hash hash_old issuer lastupdate nextupdate crlnumber fingerprint verify CAfile= CApath= nameopt= dateopt= badsig ${digests}`,
    ),
    req: shows("text noout verify subject pubkey modulus nameopt= reqopt="),
    verify: shows(`verbose show_chain nameopt= CAstore= ${trust}`, ["CAfile", "untrusted", "trusted"]),
    pkcs7: shows("print_certs text noout print quiet"),
    crl2pkcs7: shows("nocrl certfile=", ["in", "certfile"]),
    ocsp: {
      ...shows(""),
      options: `issuer= cert= serial= url= host= path= CAfile= CApath= VAfile= verify_other= no_nonce nonce noverify no_cert_verify text req_text resp_text header= timeout= reqin= respin= out= respout= reqout= status_age= validity_period= ${trust}`,
      judge: (call) => {
        const asked = valuesOf(call.scan, "url", "host", "path", "header");
        const odd = asked.find((word) => word.value === null || word.value.length > longestAddress);
        if (odd !== undefined)
          return [explicit(call, "address", `${odd.text} could carry data out`, "network-send", "remote")];
        const where = textOf(valuesOf(call.scan, "url", "host")[0])
          .replace(/^https?:\/\//, "")
          .replace(/[/:].*$/, "");
        return [
          {
            ...finding("none", call.rule, "asks whether a certificate is revoked", [
              effect("network-read", where, "remote"),
            ]),
            ...(where === "" ? {} : { needs: [where] }),
          },
          ...publicReads(call, valuesOf(call.scan, "issuer", "cert", "CAfile", "respin", "reqin")),
          ...writeAll(call, valuesOf(call.scan, "out", "respout", "reqout")),
        ];
      },
    },
    asn1parse: {
      options: "in= inform= i dump dlimit= strparse= offset= length= oid= noout out= item= strictpem",
      style: "word",
      judge: (call) => [
        harmless(call.rule, "reads"),
        ...readAll(call, valuesOf(call.scan, "in", "oid")),
        ...writeAll(call, valuesOf(call.scan, "out")),
      ],
    },
    dgst: hashes,
    ...named(digests, hashes),
    enc: encodes,
    base64: encodes,
    ...named(ciphers, encodes),
    rand: {
      options: "hex base64 out=",
      style: "word",
      judge: (call) => [
        harmless(call.rule, "prints random bytes"),
        ...writeAll(call, valuesOf(call.scan, "out")),
      ],
    },
    ...named("pkey rsa ec dsa", keys),
    ecparam: {
      options: "list_curves name= text noout check in= conv_form= param_enc= no_seed",
      style: "word",
      judge: (call) => [harmless(call.rule, "shows a curve"), ...readAll(call, valuesOf(call.scan, "in"))],
    },
    dhparam: {
      options: "in= out= text noout check 2 3 5 dsaparam inform= outform=",
      style: "word",
      plain: true,
      judge: (call) => [
        harmless(call.rule, "parameters are public"),
        ...publicReads(call, valuesOf(call.scan, "in")),
        ...writeAll(call, valuesOf(call.scan, "out")),
      ],
    },
    s_client: client,
    ...named("version ciphers list errstr help info", prints()),
    prime: prints("generate bits= hex safe checks="),
    speed: {
      ...prints("evp= multi= seconds= elapsed bytes= decrypt async_jobs= mr aead hmac= cmac="),
      style: "word",
    },
  },
};

export const openssl = (): Table => ({ openssl: group });

/** Its input goes to the other machine: only nothing, or the word that ends the session, may be fed to it. */
function judgeClient(call: Call): Finding[] {
  const { scan, stdin } = call;
  const address = textOf(valuesOf(scan, "connect")[0] ?? scan.operands[0] ?? valuesOf(scan, "host")[0]);
  const where = address.replace(/:[\w-]+$/, "").replace(/^\[(.*)\]$/, "$1");
  const farewell = /^(-n|Q|QUIT|quit|\\n|Q\\n|QUIT\\n|%s\\n|)$/;
  const isSilent =
    stdin.kind === "inherited" ||
    (stdin.kind === "text" && stdin.text !== null && farewell.test(stdin.text.trim())) ||
    (stdin.kind === "pipe" &&
      /^(echo|true|printf|:|sleep)$/.test(textOf(stdin.words[0])) &&
      stdin.words
        .slice(1)
        .every((word) => word.value !== null && (farewell.test(word.value) || /^\d+$/.test(word.value))));
  const open = valuesOf(scan, "connect", "host", "servername", "name").find((word) => word.value === null);
  if (open !== undefined)
    return [
      explicit(call, "computed", `${open.text} could carry data out`, "network-send", "remote", open.text),
    ];
  if (!isSilent)
    return [explicit(call, "send", "sends its input to another machine", "network-send", "remote", where)];
  return [
    {
      ...finding("none", call.rule, "looks at a server's certificate", [
        effect("network-read", where, "remote"),
      ]),
      needs: [where],
    },
    ...publicReads(call, valuesOf(scan, "CAfile")),
  ];
}
