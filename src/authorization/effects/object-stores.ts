import type { Word } from "../parsed-command.ts";
import { effect, type Finding, finding } from "./finding.ts";
import { type Call, explicit, liveRead, named, type Row, type Table, textOf } from "./row.ts";
import { changes, query, subcommands, switches, written } from "./subcommands.ts";

/** Clients of object stores: listing is a read, what comes here a download, everything else a change over there. */

const act = changes("network-send", "remote", "changes a bucket, or shares what is in it");

const copyOptions = switches(
  "r recursive f continue skip-existing no-check-md5 no-progress progress v verbose q quiet newer-than= older-than= rewind= version-id= vid= exclude= include= rexclude= rinclude= no-follow-symlinks json no-color threads= limit-rate= limit-download= limit= summary dry-run n retry checksum= preserve a preserve=? excludeRegex= noProgress skipNewer",
);

/** One source over there, one target here. */
function download(isRemote: (word: Word) => boolean): Row {
  return {
    options: copyOptions,
    judge: (call) => {
      const words = call.scan.operands;
      const to = words.at(-1);
      const from = words.slice(0, -1);
      const isHere =
        to !== undefined && from.length > 0 && from.every(isRemote) && !isRemote(to) && to.value !== null;
      if (!isHere) return act.judge(call);
      return [...copied(call, from), ...written(call.place, to)];
    },
  };
}

function copied(call: Call, from: readonly Word[]): Finding[] {
  return [
    {
      ...finding("brief", call.rule, "copies from a bucket", [
        effect("network-read", from.map(textOf).join(" "), "remote"),
      ]),
      needs: ["remote:object-store"],
    },
  ];
}

const isS3 = (word: Word): boolean => /^s3:\/\//i.test(textOf(word));
/** `alias/bucket/…`: minio's aliases look like paths, so a target here has to be spelled as one. */
const isAlias = (word: Word): boolean => !/^(\.{0,2}\/|\.{1,2}$|~)/.test(textOf(word));

const s3Get: Row = {
  options: copyOptions,
  judge: (call) => {
    const [from, to, ...more] = call.scan.operands;
    if (from === undefined || !isS3(from) || more.length > 0) return act.judge(call);
    return [...copied(call, [from]), ...(to === undefined ? [] : written(call.place, to))];
  },
};

const s3cmd = subcommands(
  {
    "ls|la|du|info|getlifecycle|getnotification": query(
      "r recursive H human-readable-sizes l long-listing list-md5 list-allow-unordered limit= no-ssl",
    ),
    get: s3Get,
    sync: download(isS3),
  },
  act,
  "q quiet v verbose no-progress progress stats H human-readable-sizes region= no-ssl ssl h help version",
);

const mc = subcommands(
  {
    "ls|tree|du|stat|find|diff|head|cat|ping|ready|od": {
      ...query(
        "r recursive versions rewind= summarize i incomplete d= depth= f files name= path= older-than= newer-than= larger= smaller= regex= maxdepth= print= n= lines= vid= version-id= zip c= count= e= error-count= x exit i= interval= a distributed cluster-read maintenance tags= metadata= no-list",
      ),
    },
    "version|anonymous|policy|tag|ilm|retention|legalhold|replicate|event|quota|encrypt|cors info|list|ls|get|get-json|links|status":
      query("r recursive json versions rewind= vid="),
    "ilm rule|tier ls|list|info": query("json"),
    "admin info|version": query("json"),
    "admin trace|logs|console|top|scanner": query("any"),
    "admin prometheus metrics": query("any"),
    "admin prometheus generate": changes("credential-read", "remote", "makes a token and prints it"),
    "admin user|policy|group list|ls|info": query("json"),
    "cp|mirror|get": download(isAlias),
    "alias list|ls": changes("credential-read", "host", "prints keys"),
  },
  act,
  "q quiet no-color json disable-pager dp h help v version",
);

const b2 = subcommands(
  {
    "ls|list-buckets|get-bucket|get-file-info|list-file-names|list-file-versions|version": query(
      "long json versions recursive r withWildcard with-wildcard showSize show-size bucketName= prefix=",
    ),
    "bucket list|get": query("json showSize show-size"),
    "file info|cat": query(""),
    "file download": fetchTo(),
    "download-file|download-file-by-name|download-file-by-id": fetchTo(),
    "account get": changes("credential-read", "host", "prints keys"),
  },
  act,
);

/** b2 file download URI TARGET. */
function fetchTo(): Row {
  return {
    options: copyOptions,
    judge: (call) => [
      ...copied(call, call.scan.operands.slice(0, -1)),
      ...call.scan.operands.slice(-1).flatMap((word) => written(call.place, word)),
    ],
  };
}

export const objectStores: Table = {
  s3cmd,
  ...named("mc mcli", withMidnight(mc)),
  b2,
  s5cmd: subcommands(
    {
      "ls|du|head|cat|version": query("e etag H humanize s storage-class exclude= show-fullpath g group"),
      "cp|sync": download(isS3),
    },
    act,
    "no-sign-request profile= numworkers= r= retry-count= json log= stat",
  ),
  azcopy: {
    options: "any",
    plain: true,
    judge: (call) =>
      /^(list|jobs|env|--version)$/.test(textOf(call.args[0])) &&
      !/^(clean|remove|rm|resume|cancel)$/.test(textOf(call.args[1]))
        ? [liveRead(`${call.rule}.read`, "container")]
        : [explicit(call, "", "copies or deletes", "network-send", "remote")],
  },
};

/** Midnight Commander has the same name: bare, or with a folder, it is a screen for changing files. */
function withMidnight(group: typeof mc): typeof mc {
  return {
    ...group,
    bare: { ...act, judge: (call) => [explicit(call, "", "opens a file manager", "execute-opaque", "host")] },
  };
}
