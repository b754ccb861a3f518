import { literalWord, type Word } from "../parsed-command.ts";
import { judgeWrite } from "../paths.ts";
import { below } from "./archives.ts";
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

/** rclone by direction: from a remote into the worktree is a download, to a remote is sending. */

const global =
  "n dry-run v verbose=? q quiet P progress R recursive max-depth= fast-list include= exclude= include-from= exclude-from= exclude-if-present= filter= f= filter-from= files-from= files-from-raw= no-traverse transfers= checkers= bwlimit= bwlimit-file= max-age= min-age= max-size= min-size= max-transfer= max-duration= c checksum size-only u update ignore-existing ignore-size ignore-times ignore-case ignore-checksum immutable one-way stats= stats-one-line stats-unit= stats-log-level= stats-file-name-length= log-level= use-json-log log-format= log-file= low-level-retries= retries= retries-sleep= timeout= contimeout= tpslimit= tpslimit-burst= metadata M human-readable modify-window= multi-thread-streams= multi-thread-cutoff= buffer-size= use-mmap use-server-modtime no-update-modtime create-empty-src-dirs order-by= track-renames color= config= drive-shared-with-me drive-root-folder-id= drive-team-drive= drive-skip-gdocs drive-acknowledge-abuse s3-no-check-bucket s3-region= s3-storage-class= s3-chunk-size= fast b2-versions b2-hard-delete user-agent= 4 disable-http2 delete-after delete-before delete-during delete-excluded error-on-no-transfer i interactive links l copy-links L skip-links";
const listing =
  "F= format= s= separator= d dirs-only dir-slash files-only absolute csv hash hash-type= no-modtime no-mimetype M original stat encrypted json full a all dirsfirst sort= t U noindent D S size p C dircachetime= download checkfile= long source= order-by= description type= base64";

// `:sftp,ssh="…":path` and `remote,ssh="…":path` configure a backend on the spot, and so can run a program.
const configures = /^:|^[^/:]+,.*:/;
const isRemote = (word: Word): boolean => /^[^/]*:/.test(textOf(word));

function refused(scan: Scan): string | null {
  const odd = scan.operands.find(
    (word) => configures.test(textOf(word)) || (word.value === null && word.pieces[0]?.kind !== "text"),
  );
  if (odd !== undefined) return odd.text;
  // A configuration can name programs: only the operator's own.
  const config = valuesOf(scan, "config").find(
    (word) =>
      !/^(~|\/home\/\w+|\/root|\/etc)\/(\.config\/)?rclone\/[\w.-]+$|^\/etc\/rclone\.conf$/.test(
        word.value ?? word.text,
      ),
  );
  return config === undefined ? null : `--config ${config.text}`;
}

function guarded(options: string, judge: (call: Call) => Finding[]): Row {
  return {
    options,
    plain: true,
    judge: (call) => {
      const odd = refused(call.scan);
      return odd === null
        ? [
            ...judge(call),
            ...writeAll(call, valuesOf(call.scan, "log-file")),
            ...readAll(
              call,
              valuesOf(
                call.scan,
                "files-from",
                "files-from-raw",
                "filter-from",
                "include-from",
                "exclude-from",
              ),
            ),
          ]
        : [
            explicit(
              call,
              "option",
              `${odd} may run a program or name another account`,
              "execute-opaque",
              "none",
            ),
          ];
    },
  };
}

const changesRemote = always("explicit", "network-send", "remote", "changes, sends or serves remote files");

function look(options = listing): Row {
  return guarded(options, (call) => [
    liveRead(call.rule, call.scan.operands.map(textOf).join(" ")),
    ...readAll(
      call,
      call.scan.operands.filter((word) => !isRemote(word)),
    ),
  ]);
}

/** Only says what it would do under `--dry-run`. */
function dry(options: string, judge: (call: Call) => Finding[] = changesRemote.judge): Row {
  return guarded(options, (call) =>
    has(call.scan, "n", "dry-run") ? [liveRead(call.rule, "remote")] : judge(call),
  );
}

function judgeCopy(call: Call): Finding[] {
  const [from, to, ...rest] = call.scan.operands;
  if (from === undefined || to === undefined || rest.length > 0 || isRemote(to))
    return changesRemote.judge(call);
  return [
    finding("brief", call.rule, "copies into the worktree", [effect("network-read", textOf(from), "remote")]),
    ...(isRemote(from) ? [] : readAll(call, [from])),
    ...writeAll(call, [to.value === "." || to.value === "./" ? below(to) : to]),
  ];
}

const group: Group = {
  global,
  before: (scan, place) => {
    const odd = refused({ ...scan, operands: [] });
    return {
      place,
      findings:
        odd === null
          ? valuesOf(scan, "log-file").flatMap((word) => judgeWrite(place, word))
          : [explicit({ rule: "rclone" }, "option", `${odd} may run a program`, "execute-opaque", "none")],
    };
  },
  subs: {
    ...named(
      "ls lsl lsd lsf lsjson size about tree hashsum md5sum sha1sum check cryptcheck listremotes",
      look(),
    ),
    version: guarded("check", prints().judge),
    help: prints(),
    cat: guarded("head= tail= offset= count= discard separator=", (call) => [
      finding("brief", call.rule, "reads a remote file", [
        effect("network-read", call.scan.operands.map(textOf).join(" "), "remote"),
      ]),
      // What is named like a secret there is one.
      ...readAll(
        call,
        call.scan.operands.map((word) =>
          isRemote(word) ? literalWord(textOf(word).replace(/^[^:]*:/, "")) : word,
        ),
      ),
    ]),
    ...named("copy copyto", dry("", judgeCopy)),
    ...named(
      "sync move moveto delete deletefile purge cleanup mkdir rmdir rmdirs dedupe touch copyurl bisync settier",
      dry("rmdirs leave-root dedupe-mode= by-hash resync"),
    ),
    config: {
      global: "",
      subs: {
        ...named("file paths providers redacted", look()),
        "*": always("explicit", "credential-read", "home", "shows or changes accounts"),
      },
      bare: always("explicit", "credential-write", "home", "changes accounts"),
    },
    "*": changesRemote,
  },
};

export const rclone = (): Table => ({ rclone: group });
