import type { Place } from "../context.ts";
import { literalWord, type Word } from "../parsed-command.ts";
import { judgeWrite } from "../paths.ts";
import { effect, type Finding, finding } from "./finding.ts";
import type { Scan } from "./options.ts";
import {
  always,
  type Call,
  explicit,
  type Group,
  has,
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
import { hostOf } from "./urls.ts";

/**
 * Backup programs with repositories. Looking at one is a read, adding to one that is there is an additive backup;
 * forgetting, pruning, restoring, mounting and keys ask.
 */

const changesBackup = always(
  "explicit",
  "data-store-write",
  "remote",
  "changes, deletes or restores a backup",
);

/** Looks at the repository that is configured, or at the one named. */
function looks(options: string, check: (call: Call) => Finding[] = () => []): Row {
  return {
    options,
    plain: true,
    judge: (call) => [liveRead(call.rule, "backup repository"), ...check(call)],
  };
}

/** Only says what it would do under one of these switches. */
function onlyDry(options: string, switches: readonly string[], check?: (call: Call) => Finding[]): Row {
  return {
    options: `${options} ${switches.join(" ")}`,
    plain: true,
    judge: (call) =>
      has(call.scan, ...switches)
        ? [liveRead(call.rule, "backup repository"), ...(check?.(call) ?? [])]
        : changesBackup.judge(call),
  };
}

/** Adds to a repository. What it reads is judged as a read; `dry` are switches that only look. */
function adds(options: string, dry: readonly string[], sources: (call: Call) => Finding[]): Row {
  return {
    options: `${options} ${dry.join(" ")}`,
    plain: true,
    judge: (call) => [
      has(call.scan, ...dry)
        ? liveRead(call.rule, "backup repository")
        : finding("brief", call.rule, "adds a backup, deletes nothing", [
            effect("write", call.scan.operands.map(textOf).join(" "), "host"),
          ]),
      ...sources(call),
    ],
  };
}

/** A repository on another machine: looking asks its host, adding sends to it. */
function remoteRepository(rule: string, text: string, host: string | null, isSending: boolean): Finding {
  if (isSending || host === null)
    return explicit(
      { rule },
      "remote",
      "sends to a machine named on the command line",
      "network-send",
      "remote",
      text,
    );
  return {
    ...finding("none", rule, "looks at a backup repository", [effect("network-read", host, "remote")]),
    needs: [host],
  };
}

const resticGlobal =
  "r= repo= repository-file= p= password-file= insecure-no-password no-lock no-cache cache-dir= cacert= json q quiet v verbose=? limit-upload= limit-download= compression= pack-size= cleanup-cache retry-lock= key-hint= no-extra-verify stuck-request-timeout= o= option=";
const ofSnapshots = "H= host= tag= path=";
// Of -o, the ones that set a number or a name; sftp.command and rclone.program run what they are given.
const calmOption = /^(s3\.(region|storage-class|bucket-lookup)|\w+\.connections|rest\.\w+)=[\w.-]+$/;

function resticRepository(scan: Scan, verb: string): Finding[] {
  const rule = `restic.${verb}`;
  const odd = valuesOf(scan, "o", "option").find((word) => !calmOption.test(word.value ?? "?"));
  if (odd !== undefined)
    return [explicit({ rule }, "option", `-o ${odd.text} can run a program`, "execute-opaque", "none")];
  // Which repository such a file names is not seen here; it may be one elsewhere, or one that a program is started for.
  const file = valuesOf(scan, "repository-file").find(
    (word) => /^(backup|init|copy)$/.test(verb) || !isOwnFile(word),
  );
  if (file !== undefined) return [remoteRepository(rule, file.text, null, true)];
  return valuesOf(scan, "r", "repo").flatMap((word): Finding[] => {
    const text = word.value ?? word.text;
    const isSending = /^(backup|init|copy)$/.test(verb);
    const scheme = /^(rest|sftp|s3|b2|azure|gs|swift|rclone):/.exec(text)?.[1];
    if (scheme === undefined)
      return word.value === null && isSending ? [remoteRepository(rule, text, null, true)] : [];
    const rest = text.slice(scheme.length + 1);
    if (scheme === "rclone" && /^[:-]|,/.test(rest)) return [remoteRepository(rule, text, null, true)];
    if (scheme === "rest" || scheme === "sftp" || scheme === "s3")
      return [remoteRepository(rule, text, hostOf(literalWord(rest.replace(/^\/\//, ""))), isSending)];
    return isSending ? [remoteRepository(rule, text, null, true)] : [];
  });
}

function resticRow(row: Row): Row {
  return {
    ...row,
    judge: (call) => [
      ...row.judge(call),
      ...resticRepository(call.scan, call.rule.replace("restic.", "")),
      ...writeAll(call, valuesOf(call.scan, "cache-dir")),
    ],
  };
}

/** Settings of the machine or of its operator; what lies in the worktree anybody may have written. */
function isOwnFile(word: Word): boolean {
  return /^(~|\/home\/\w+\/\.config|\/root|\/etc)\/(?!.*\.\.)[\w./-]+$/.test(word.value ?? word.text);
}

const restic = (): Group => ({
  global: resticGlobal,
  before: (scan: Scan, place: Place) => ({
    place,
    findings: [
      ...resticRepository(scan, scan.operands[0]?.value ?? "?"),
      ...valuesOf(scan, "cache-dir").flatMap((word) => judgeWrite(place, word)),
    ],
  }),
  subs: {
    ...eachRow(
      {
        snapshots: looks(`c compact latest= last g= group-by= ${ofSnapshots}`),
        stats: looks(`mode= ${ofSnapshots}`),
        check: looks("read-data read-data-subset= with-cache check-unused"),
        ls: looks(`l long recursive human-readable ncdu sort= reverse ${ofSnapshots}`),
        find: looks(
          `i ignore-case l long s= snapshot= N= newest= O= oldest= blob tree pack show-pack-id human-readable reverse ${ofSnapshots}`,
        ),
        diff: looks("metadata"),
        list: looks(""),
        cat: looks("", (call) =>
          /^(config|snapshot|index|lock|pack)$/.test(textOf(call.scan.operands[0]))
            ? []
            : [explicit(call, "", "may print the key", "credential-read", "remote")],
        ),
        cache: looks("max-age= no-size"),
        backup: adds(
          `e= exclude= exclude-file= iexclude= iexclude-file= exclude-caches exclude-if-present= exclude-larger-than= exclude-cloud-files files-from= files-from-verbatim= files-from-raw= f force g= group-by= H= host= tag= time= parent= x one-file-system with-atime ignore-inode ignore-ctime skip-if-unchanged stdin stdin-filename= no-scan read-concurrency= use-fs-snapshot`,
          ["n", "dry-run"],
          (call) =>
            readAll(call, [
              ...call.scan.operands,
              ...valuesOf(
                call.scan,
                "files-from",
                "files-from-raw",
                "files-from-verbatim",
                "exclude-file",
                "iexclude-file",
              ),
            ]),
        ),
        init: adds("repository-version= copy-chunker-params", [], () => []),
        forget: onlyDry(
          `l= keep-last= H= keep-hourly= d= keep-daily= w= keep-weekly= m= keep-monthly= y= keep-yearly= keep-within= keep-within-hourly= keep-within-daily= keep-within-weekly= keep-within-monthly= keep-within-yearly= keep-tag= host= tag= path= c compact g= group-by= prune max-unused= max-repack-size= repack-cacheable-only unsafe-allow-remove-all`,
          ["n", "dry-run"],
        ),
        prune: onlyDry(
          "max-unused= max-repack-size= repack-cacheable-only repack-small repack-uncompressed",
          ["n", "dry-run"],
        ),
        restore: onlyDry(
          `t= target= i= include= e= exclude= iinclude= iexclude= overwrite= delete verify sparse ${ofSnapshots}`,
          ["dry-run"],
        ),
      },
      resticRow,
    ),
    key: { global: "", subs: { list: looks(""), "*": changesBackup } },
    ...named("version features options", prints(resticGlobal)),
    "*": changesBackup,
  },
});

const borgGlobal =
  "critical error warning info v verbose debug p progress log-json lock-wait= show-version show-rc remote-ratelimit= upload-ratelimit= remote-buffer= upload-buffer= consider-part-files r= repo=";
const borgArchives =
  "P= prefix= a= glob-archives= match-archives= sort-by= first= last= consider-checkpoints oldest= newest= older= newer=";
const borgPaths =
  "e= exclude= exclude-from= pattern= patterns-from= exclude-caches exclude-if-present= keep-exclude-tags";

const borgAdds = /^(create|init|rcreate|repo-create)$/;

function borgRepository(rule: string, words: readonly Word[], isSending: boolean): Finding[] {
  return words.flatMap((word): Finding[] => {
    const text = word.value ?? word.text;
    const url = /^ssh:\/\/(.*)$/.exec(text)?.[1];
    // rclone and sftp among them start programs, and s3 takes a password in the address.
    if (/^(rclone|socket|sftp|s3|b2|https?):/.test(text)) return [remoteRepository(rule, text, null, true)];
    if (url === undefined && !/^[^/:]+:[^:]/.test(text))
      return word.value === null && isSending && word.pieces[0]?.kind !== "text"
        ? [remoteRepository(rule, text, null, true)]
        : [];
    return [remoteRepository(rule, text, hostOf(literalWord(url ?? text)), isSending)];
  });
}

function borgRow(row: Row): Row {
  return {
    ...row,
    judge: (call) => [
      ...row.judge(call),
      ...borgRepository(
        call.rule,
        [...call.scan.operands.slice(0, 1), ...valuesOf(call.scan, "r", "repo")],
        borgAdds.test(call.rule.replace("borg.", "")),
      ),
    ],
  };
}

const borg = (): Group => ({
  global: borgGlobal,
  before: (scan, place) => ({
    place,
    findings: borgRepository(
      "borg",
      valuesOf(scan, "r", "repo"),
      borgAdds.test(scan.operands[0]?.value ?? "create"),
    ),
  }),
  subs: {
    ...eachRow(
      {
        ...named("list rlist repo-list", looks(`short format= json json-lines ${borgArchives} ${borgPaths}`)),
        ...named("info rinfo repo-info", looks(`json ${borgArchives}`)),
        // --repair is left out: it may delete what it cannot read.
        check: looks(
          `repository-only archives-only verify-data max-duration= find-lost-archives ${borgArchives}`,
        ),
        diff: looks(
          `numeric-ids numeric-owner same-chunker-params sort json-lines content-only ${borgPaths}`,
        ),
        create: adds(
          `s stats list filter= json no-cache-sync no-files-cache stdin-name= stdin-user= stdin-group= stdin-mode= paths-from-stdin paths-delimiter= x one-file-system numeric-ids numeric-owner noatime atime noctime nobirthtime noflags nobsdflags noacls noxattrs sparse files-cache= read-special comment= timestamp= c= checkpoint-interval= chunker-params= C= compression= ${borgPaths}`,
          ["n", "dry-run"],
          (call) =>
            readAll(call, [
              ...call.scan.operands.slice(1),
              ...valuesOf(call.scan, "patterns-from", "exclude-from"),
            ]),
        ),
        ...named(
          "init rcreate repo-create",
          adds("e= encryption= append-only storage-quota= make-parent-dirs", [], () => []),
        ),
        prune: onlyDry(
          `force s stats list keep-within= keep-last= keep-secondly= keep-minutely= H= keep-hourly= d= keep-daily= w= keep-weekly= m= keep-monthly= y= keep-yearly= save-space ${borgArchives}`,
          ["n", "dry-run"],
        ),
        extract: onlyDry(`list numeric-ids strip-components= sparse ${borgPaths}`, ["n", "dry-run"]),
        delete: onlyDry(`list s stats force save-space cache-only ${borgArchives}`, ["n", "dry-run"]),
        recreate: onlyDry(`list filter= s stats target= comment= C= compression= recompress=? ${borgPaths}`, [
          "n",
          "dry-run",
        ]),
      },
      borgRow,
    ),
    version: looks(""),
    help: prints(),
    "*": changesBackup,
  },
});

function eachRow(rows: Readonly<Record<string, Row>>, change: (row: Row) => Row): Table {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, change(row)]));
}

/** Subcommands that only look, under any of the options given. */
function verbs(names: string, options: string, global = ""): Group {
  return { global, subs: { ...named(names, looks(options)), "*": changesBackup } };
}

/** A configuration names programs to run, so that only the one of the machine is taken as a look. */
function ofOwnConfig(group: Group, ...options: string[]): Group {
  const odd = (rule: string, scan: Scan): Finding[] =>
    valuesOf(scan, ...options)
      .filter((word) => !isOwnFile(word))
      .map((word) =>
        explicit({ rule }, "config", `${word.text} can name programs to run`, "execute-opaque", "none"),
      );
  const guarded = (row: Row): Row => ({
    ...row,
    judge: (call) => [...row.judge(call), ...odd(call.rule, call.scan)],
  });
  return {
    ...group,
    before: (scan, place) => ({ place, findings: odd("backup", scan) }),
    subs: Object.fromEntries(
      Object.entries(group.subs).map(([name, tool]) => [name, "subs" in tool ? tool : guarded(tool)]),
    ),
  };
}

/** Words that are a second action: borgmatic does all that it is told, one after the other. */
function alone(group: Group): Group {
  const single = (row: Row): Row => ({
    ...row,
    judge: (call) => (call.scan.operands.length > 0 ? changesBackup.judge(call) : row.judge(call)),
  });
  return {
    ...group,
    subs: Object.fromEntries(
      Object.entries(group.subs).map(([name, tool]) => [name, "subs" in tool ? tool : single(tool)]),
    ),
    // Without an action it prunes, compacts, creates and checks.
    bare: changesBackup,
  };
}

const kopia = (): Group => ({
  global: "no-progress json log-level= no-check-for-updates",
  subs: {
    ...named("snapshot snap", {
      global: "",
      subs: {
        ...named(
          "list ls show verify",
          looks(
            "a all n= max-results= l show-identical i incomplete delta tags= storage-stats json json-indent no-progress verify-files-percent= parallel= file-parallelism= max-errors= manifest-id h human-readable reverse",
          ),
        ),
        create: adds(
          "all description= tags= parallel= json no-progress force-hash= upload-limit-mb= fail-fast",
          [],
          (call) => readAll(call, call.scan.operands),
        ),
        "*": changesBackup,
      },
    }),
    // No -t and -s: they print the credentials of the storage. Validating a provider writes to it.
    ...named("repository repo", verbs("status throttle.get", "json")),
    policy: verbs("list ls show get", "global json"),
    maintenance: verbs("info", "json"),
    ...named("index content blob cache session", verbs("stats info list ls", "json l summary")),
    ...named("ls list diff", looks("l long o show-object-id r recursive e f files show-errors")),
    ...named("benchmark", changesBackup),
    "*": changesBackup,
  },
});

const lists = (switches: string, options = ""): Row => ({
  options: `${switches} ${options}`,
  plain: true,
  judge: (call) =>
    has(call.scan, ...switches.split(" ")) && valuesOf(call.scan, "configdir").every(isOwnFile)
      ? [liveRead(call.rule, "snapshots")]
      : changesBackup.judge(call),
});

/** A server that is not the one configured in place. */
function elsewhere(scan: Scan): Finding[] {
  return valuesOf(scan, "repository").map((word) =>
    remoteRepository("proxmox-backup-client.backup", textOf(word), null, true),
  );
}

const proxmox = (): Group => ({
  global: "repository= ns= output-format=",
  before: (scan, place) => ({ place, findings: scan.operands[0]?.value === "backup" ? elsewhere(scan) : [] }),
  subs: {
    ...named("list status version", looks("repository= ns= output-format=")),
    ...named("snapshot", verbs("list files notes.show", "repository= ns= output-format=")),
    ...named("snapshots files", looks("repository= ns= output-format=")),
    group: verbs("list", "repository= ns= output-format="),
    namespace: verbs("list", "repository= ns= output-format= max-depth="),
    task: verbs("list log", "repository= all limit= output-format="),
    catalog: verbs("dump", "repository= ns="),
    benchmark: changesBackup,
    backup: adds(
      "repository= ns= backup-id= backup-type= backup-time= change-detection-mode= all-file-systems include-dev= exclude= skip-lost-and-found rate= chunk-size= entries-max=",
      ["dry-run"],
      (call) => [
        ...elsewhere(call.scan),
        ...readAll(
          call,
          call.scan.operands.map((word) => literalWord(textOf(word).replace(/^[^:]*:/, ""))),
        ),
      ],
    ),
    "*": changesBackup,
  },
});

const proxmoxServer = "output-format= node= all limit=";

export const backups = (): Table => ({
  restic: restic(),
  borg: borg(),
  kopia: kopia(),
  duplicity: {
    global: "",
    subs: {
      ...named(
        "collection-status list-current-files verify",
        looks(
          "v= verbosity= time= t= file-to-restore= path-to-restore= no-encryption archive-dir= name= encrypt-key= s3-region-name= s3-endpoint-url= compare-data full-if-older-than= log-file= num-retries=",
          (call) => [
            ...writeAll(call, valuesOf(call.scan, "archive-dir", "log-file")),
            // A remote of rclone that is made up on the spot can name a program.
            ...call.scan.operands
              .filter((word) => /^rclone:.*[,:].*=/.test(textOf(word)))
              .map((word) => remoteRepository(call.rule, word.text, null, true)),
          ],
        ),
      ),
      "*": changesBackup,
    },
  },
  rsnapshot: ofOwnConfig(verbs("configtest du diff version", "v", "c= q v V t x"), "c"),
  sanoid: lists(
    "monitor-snapshots monitor-health monitor-capacity readonly",
    "configdir= verbose debug quiet",
  ),
  btrbk: ofOwnConfig(
    verbs(
      "list stats dryrun origin usage ls config",
      "",
      "c= config= n dry-run v verbose q quiet l= loglevel= t table L long format= S print-schedule pretty single-column raw",
    ),
    "c",
    "config",
  ),
  "proxmox-backup-client": proxmox(),
  "proxmox-backup-manager": {
    global: "",
    subs: {
      ...named(
        "datastore task verify-job sync-job prune-job user acl remote disk network subscription garbage-collection node pull-job traffic-control openid notification tape",
        verbs("list show get log status", proxmoxServer),
      ),
      cert: verbs("info", proxmoxServer),
      dns: verbs("get", proxmoxServer),
      ...named("versions version report", looks(proxmoxServer)),
      "*": changesBackup,
    },
  },
  pgbackrest: verbs(
    "info version verify",
    "stanza= output= set= repo= log-level-console= type=",
    "stanza= output= repo= log-level-console=",
  ),
  barman: verbs(
    "check list-backup list-backups list-server list-servers list-files show-backup status replication-status",
    "minimal f= format= target= nagios",
    "q quiet d debug f= format=",
  ),
  "wal-g": verbs("backup-list wal-show wal-verify", "detail json pretty detailed-json"),
  borgmatic: alone(
    verbs(
      "list info rlist rinfo repo-list repo-info",
      "repository= archive= json short last= first= a= match-archives= find=",
    ),
  ),
  snapraid: verbs("diff status list smart probe devices", "v verbose q quiet"),
  tarsnap: lists("list-archives print-stats t verify-config", "v f= q humanize-numbers"),
  ...named(
    "httm rdiff-backup deja-dup bup attic autorestic resticprofile rustic duplicati-cli urbackupclientctl bconsole burp amdump backintime back-in-time mydumper myloader xtrabackup mariabackup mariadb-backup proxmox-file-restore pmxcfs vzrestore qmrestore wal-e",
    changesBackup,
  ),
});
