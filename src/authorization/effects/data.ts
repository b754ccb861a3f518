import { literalWord } from "../parsed-command.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { readsUnder } from "./host.ts";
import {
  always,
  type Call,
  explicit,
  has,
  liveRead,
  named,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

const tarOptions =
  "c create t list x extract get r u f= file= v verbose z gzip j bzip2 J xz zstd a auto-compress C= directory= exclude= strip-components= wildcards no-wildcards O to-stdout k keep-old-files p preserve-permissions same-permissions m touch X= exclude-from= numeric-owner exclude-vcs no-same-owner no-same-permissions owner= group= n totals h dereference W verify sort= mtime= lzma lzip";

/** Archives, keys and vaults, backups and databases. */
export const data: Table = {
  ...named("tar bsdtar gtar", { options: tarOptions, judge: judgeTar }),
  zip: {
    options:
      "# r recurse-paths q quiet j junk-paths x= exclude= i= include= s= split-size= e v verbose u update f y symlinks 0 1 9 l D X",
    judge: (call) => [
      ...writeAll(call, call.scan.operands.slice(0, 1)),
      ...readAll(call, call.scan.operands.slice(1)),
    ],
  },
  unzip: {
    options: "l v t p Z z q n j L d= x= C a",
    judge: (call) =>
      has(call.scan, "l", "v", "t", "p", "Z", "z")
        ? readAll(call, call.scan.operands)
        : [
            ...unpacks(call),
            ...readAll(call, call.scan.operands.slice(0, 1)),
            ...writeAll(call, valuesOf(call.scan, "d")),
          ],
  },
  ...named("gzip gunzip bzip2 bunzip2 xz unxz zstd unzstd lz4 compress", {
    options:
      "# k keep c stdout to-stdout d decompress uncompress l list t test v verbose q quiet n name no-name 1 2 3 4 5 6 7 8 9 T= z best fast o=",
    judge: judgeCompress,
  }),
  ar: {
    options: "any",
    judge: (call) =>
      /^-?[tp]v?$/.test(textOf(call.args[0]))
        ? readAll(call, call.args.slice(1))
        : writeAll(call, call.args.slice(1, 2)).concat(
            finding("brief", call.rule, "changes an archive", [
              effect("write", textOf(call.args[1]), "worktree"),
            ]),
          ),
  },
  ...named(
    "cpio 7z 7za unrar rar unar",
    always("explicit", "write", "worktree", "writes wherever the archive says"),
  ),
  openssl: { options: "any", plain: true, judge: judgeOpenssl },
  ...named("gpg gpg2", {
    options:
      "export a armor list-keys k list-sigs fingerprint verify version o= output= c symmetric list-packets",
    plain: true,
    judge: judgeGpg,
  }),
  age: {
    options: "R= recipients-file= r= recipient= o= output= a armor e encrypt p passphrase",
    judge: (call) => [
      harmless(call.rule, "encrypts"),
      ...readAll(call, [...call.scan.operands, ...valuesOf(call.scan, "R", "recipients-file")]),
      ...writeAll(call, valuesOf(call.scan, "o", "output")),
    ],
  },
  ...named(
    "ssh-add ssh-copy-id pass gopass vault op bw lpass sops mkcert acme.sh step keytool secret-tool keyctl kinit klist certutil gnome-keyring-daemon chezmoi age-keygen wg-genkey cfssl doppler infisical security aws-vault ansible-vault htdigest",
    always("explicit", "credential-read", "host", "handles keys, certificates or secrets"),
  ),
  borg: {
    options: "any",
    plain: true,
    judge: (call) => judgeBackup(call, /^(list|info|check|diff|version|--version)$/, /^(init|create)$/),
  },
  restic: {
    options: "any",
    plain: true,
    judge: (call) =>
      judgeBackup(call, /^(snapshots|ls|stats|diff|find|list|check|version)$/, /^(init|backup)$/),
  },
  ...named("pg_dump pg_dumpall mysqldump mariadb-dump mongodump", {
    options: "any",
    plain: true,
    judge: judgeDump,
  }),
  pg_restore: {
    options: "l list",
    judge: (call) =>
      has(call.scan, "l", "list")
        ? readAll(call, call.scan.operands)
        : [explicit(call, "", "restores into a database", "data-store-write", "remote")],
  },
  ...named(
    "psql mysql mariadb sqlite3 sqlite redis-cli mongosh mongo cqlsh clickhouse-client influx mysqladmin createdb dropdb createuser dropuser pg_ctl mongorestore mysqlimport etcdctl litecli pgcli mycli duckdb",
    always("explicit", "data-store-write", "remote", "runs statements on a data store"),
  ),
  ...named("logger", {
    options: "t= p= i s",
    plain: true,
    judge: (call) => [
      finding("brief", call.rule, "writes a log line", [effect("write", "system log", "host")]),
    ],
  }),
  ...named(
    "ffmpeg convert magick pandoc m4 dot",
    always("explicit", "execute-opaque", "none", "can read, write and run through its own language"),
  ),
  ...named("mediainfo", reads()),
  exportfs: readsUnder("-s -v", "expose"),
};

/** tar takes its first cluster without a dash. */
function judgeTar(call: Call): Finding[] {
  const first = call.args[0]?.value ?? "";
  const old = /^[ctxruvzjJafphmkO]+$/.test(first) ? first : "";
  const is = (...names: string[]): boolean =>
    has(call.scan, ...names) || names.some((name) => name.length === 1 && old.includes(name));
  const operands = old === "" ? call.scan.operands : call.scan.operands.slice(1);
  const files = old.includes("f") ? operands.slice(0, 1) : valuesOf(call.scan, "f", "file");
  const members = old.includes("f") ? operands.slice(1) : operands;
  const odd = files.find((word) => /^[^/]*:/.test(textOf(word)));
  if (odd !== undefined)
    return [explicit(call, "remote", "names an archive on another machine", "network-send", "remote")];
  const archives = files.filter((word) => word.value !== "-");
  const folders = valuesOf(call.scan, "C", "directory");
  const listed = readAll(call, valuesOf(call.scan, "X", "exclude-from"));
  if (is("t", "list")) return [harmless("tar.list", "only lists"), ...readAll(call, archives), ...listed];
  if (is("x", "extract", "get"))
    return is("O", "to-stdout")
      ? [harmless("tar.print"), ...readAll(call, archives)]
      : [...unpacks(call), ...readAll(call, archives), ...writeAll(call, folders), ...listed];
  if (is("c", "create", "r", "u"))
    return [
      harmless("tar.create", "packs"),
      ...writeAll(call, archives),
      ...readAll(call, [...members, ...folders]),
      ...listed,
    ];
  return [explicit(call, "", "is not known to be harmless", "unknown", "none")];
}

function unpacks(call: Call): Finding[] {
  return [
    finding("brief", call.rule, "unpacks into the worktree", [
      effect("write", "files of the archive", "worktree"),
    ]),
    ...writeAll(call, [literalWord("unpacked")]),
  ];
}

function judgeCompress(call: Call): Finding[] {
  const files = call.scan.operands;
  const toOutput = has(call.scan, "c", "stdout", "to-stdout", "l", "list", "t", "test") || files.length === 0;
  return toOutput
    ? [harmless(call.rule, "transforms"), ...readAll(call, files)]
    : [
        ...readAll(call, files),
        ...writeAll(call, [...files, ...valuesOf(call.scan, "o")]).map((one) =>
          one.tier === "none" ? { ...one, tier: "brief" as const } : one,
        ),
      ];
}

const calmOpenssl =
  /^-(in|out|text|noout|dates|subject|issuer|serial|fingerprint|enddate|startdate|purpose|ext|inform|outform|checkend|hash|issuer_hash|modulus|pubkey|nameopt|certopt|sha(1|224|256|384|512)|md5|r|hex|binary|c|connect|servername|showcerts|brief|alpn|tls1_[23]|starttls|prexit|CAfile|CApath|untrusted|crl_check|partial_chain|show_chain|v|V|a|d|strparse|i|dump|checks|bits|verify_return_error|status|verify_hostname|quiet|no_ign_eof)$/;

function judgeOpenssl(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const verb = words[0] ?? "?";
  const after = (name: string): typeof call.args => call.args.filter((_, index) => words[index - 1] === name);
  const odd = words.slice(1).find((word) => word.startsWith("-") && !calmOpenssl.test(word));
  if (odd !== undefined || words.includes("?")) {
    return [
      explicit(
        call,
        "option",
        `${odd ?? "a computed word"} may use a key or load code`,
        "credential-read",
        "none",
      ),
    ];
  }
  if (/^(version|help|ciphers|list|errstr|prime)$/.test(verb)) return [harmless(call.rule)];
  if (/^(x509|req|crl|verify|asn1parse|dgst|sha256|sha1|md5)$/.test(verb)) {
    const files = call.args.slice(1).filter((word) => !textOf(word).startsWith("-"));
    return [harmless(`openssl.${verb}`, "reads"), ...readAll(call, files), ...writeAll(call, after("-out"))];
  }
  if (verb === "s_client") {
    const feeds =
      call.stdin.kind === "file" ||
      call.stdin.kind === "text" ||
      (call.stdin.kind === "pipe" && !/^(echo|true|printf|:)$/.test(textOf(call.stdin.words[0])));
    const where = textOf(after("-connect")[0]).replace(/:\d+$/, "");
    const isCalm =
      call.stdin.kind !== "pipe" ||
      call.stdin.words.slice(1).every((word) => word.value !== null && /^(-n|Q|QUIT|\\n|)$/.test(word.value));
    if (feeds || !isCalm)
      return [explicit(call, "send", "sends its input to another machine", "network-send", "remote", where)];
    return [
      {
        ...finding("none", "openssl.s_client", "looks at a server's certificate", [
          effect("network-read", where, "remote"),
        ]),
        needs: [where],
      },
    ];
  }
  return [
    explicit(
      { rule: `openssl.${verb}` },
      "",
      "makes or uses keys, or is not known",
      "credential-write",
      "none",
    ),
  ];
}

function judgeGpg(call: Call): Finding[] {
  if (has(call.scan, "c", "symmetric"))
    return [
      finding("brief", "gpg.symmetric", "encrypts a file", [
        effect("write", call.scan.operands.map((word) => `${textOf(word)}.gpg`).join(" "), "worktree"),
      ]),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, [...valuesOf(call.scan, "o", "output"), ...call.scan.operands]),
    ];
  if (call.scan.given.size === 0) return [explicit(call, "", "may decrypt", "credential-read", "home")];
  return [harmless(call.rule, "reads public keys"), ...writeAll(call, valuesOf(call.scan, "o", "output"))];
}

function judgeBackup(call: Call, readsOnly: RegExp, adds: RegExp): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const at = words.findIndex((word) => readsOnly.test(word) || adds.test(word));
  const verb = words[at] ?? "?";
  // Only the repository may be named before the verb.
  const before = words
    .slice(0, Math.max(at, 0))
    .filter(
      (word, index) =>
        !/^(-r|--repo|-q|--quiet|-v|--verbose|--json|--no-lock)$/.test(word) &&
        !/^(-r|--repo)$/.test(words[index - 1] ?? ""),
    );
  const odd = words.find(
    (word) =>
      word === "?" ||
      /^--(rsh|remote-path|password-command|password-file|option|o$|repository-file|umask|stdin-from-command|key-hint|rcfile)|^-o$|^-p$/.test(
        word,
      ),
  );
  if (at === -1 || before.length > 0 || odd !== undefined)
    return [
      explicit(
        { rule: `${call.rule}.${words[0] ?? ""}` },
        "",
        "changes, deletes or restores a backup",
        "data-store-write",
        "remote",
        words.join(" "),
      ),
    ];
  if (readsOnly.test(verb)) return [liveRead(`${call.rule}.${verb}`, "backup repository")];
  return [
    finding("brief", `${call.rule}.${verb}`, "adds a backup, deletes nothing", [
      effect("write", words.join(" "), "host"),
    ]),
  ];
}

function judgeDump(call: Call): Finding[] {
  const files = call.args.flatMap((word, index) =>
    /^(-f|--file|-r|--result-file|-o|--out)$/.test(textOf(word)) ? call.args.slice(index + 1, index + 2) : [],
  );
  const attached = call.args.some(
    (word) =>
      word.value === null ||
      /^(-f.|--file=|-r.|--result-file=|-o.|--out=|--tab|-T|--init-command|--defaults|--plugin-dir)/.test(
        textOf(word),
      ),
  );
  if (attached)
    return [explicit(call, "option", "writes or loads something the gate does not follow", "write", "host")];
  return [
    finding("brief", call.rule, "dumps a data store, deletes nothing", [
      effect("read", "data store", "remote"),
    ]),
    ...writeAll(call, files),
  ];
}
