import { literalWord, type Word } from "../parsed-command.ts";
import { judgeRead, judgeReadTree, judgeWrite } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { ofHosts } from "./named-hosts.ts";
import {
  always,
  type Call,
  explicit,
  has,
  live,
  liveRead,
  named,
  prints,
  projectCode,
  type Row,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";
import { type Dialect, readSql } from "./sql.ts";

/** SQL databases. A statement that only reads is a read of a daemon or a file; all others ask. */

export const runsStatements = always(
  "explicit",
  "data-store-write",
  "remote",
  "runs statements on a data store",
);

/** What a statement does; `target` is where. */
export function judgeSql(call: Call, text: string | null, dialect: Dialect): Finding[] {
  const acts = (why: string): Finding[] => [
    explicit(call, "statement", why, "data-store-write", "remote", text ?? "a computed statement"),
  ];
  if (text === null) return acts("which statement it is, is only known at run time");
  const reading = readSql(text, dialect);
  if (reading.kind === "acts") return acts(reading.why);
  if (reading.kind === "secret")
    return [
      explicit(
        call,
        "secret",
        `${reading.name} usually holds a secret`,
        "credential-read",
        "remote",
        reading.name,
      ),
    ];
  if (dialect === "duckdb") return reading.strings.flatMap((name) => judgeFileName(call, name));
  return [];
}

/** DuckDB takes any string for a file, or for the address of one. */
function judgeFileName(call: Call, name: string): Finding[] {
  if (/:\/\/|^s3:/.test(name))
    return [explicit(call, "remote", "reads from another machine", "network-read", "remote", name)];
  const file = pattern(name);
  return [
    ...judgeRead(call.place, file),
    ...(name.includes("**") ? judgeReadTree(call.place, file) : []),
  ].filter((one) => one.tier !== "none");
}

/** A name with the wildcards that DuckDB knows. */
function pattern(name: string): Word {
  if (!/[*?[]/.test(name)) return literalWord(name);
  const pieces = name
    .split(/([*?]+|\[[^\]]*\])/)
    .filter((text) => text !== "")
    .map((text) => (/^[*?[]/.test(text) ? { kind: "glob" as const } : { kind: "text" as const, text }));
  return { text: name, pieces, value: null, splits: false };
}

/** What is fed to a client: a here-document, or one `echo`. Null when there is something that cannot be seen. */
export function fedText(call: Call): string | null | undefined {
  const { stdin } = call;
  if (stdin.kind === "inherited") return undefined;
  if (stdin.kind === "text") return stdin.text;
  if (stdin.kind === "pipe" && stdin.words.length === 2 && stdin.words[0]?.value === "echo")
    return stdin.words[1]?.value ?? null;
  return null;
}

/** A look at a server: of this machine, or of the host named. */
export function asks(call: Call, hosts: readonly string[]): Finding {
  const away = hosts.filter((host) => host !== "" && !/^(localhost|127\.[\d.]+|::1|\/.*)$/.test(host));
  return away.length === 0
    ? liveRead(call.rule, "data store")
    : { ...liveRead(call.rule, away.join(" ")), needs: away };
}

function interactive(call: Call): Finding[] {
  return [
    explicit(
      call,
      "interactive",
      "opens a session, or runs a script that cannot be seen",
      "execute-opaque",
      "remote",
    ),
  ];
}

const psqlOptions =
  "c= command= d= dbname= l list h= host= p= port= U= username= w no-password W password A no-align t tuples-only x expanded q quiet X no-psqlrc n no-readline 1 single-transaction P= pset= F= field-separator= R= record-separator= z field-separator-zero 0 record-separator-zero H html T= table-attr= e echo-queries a echo-all b echo-errors E echo-hidden S single-line csv v= set= variable= V version o= output= f= file=";
// \deu shows the passwords of user mappings; a backquote in an argument is a shell.
const metaCommand =
  /^\\((?!deu)d[A-Za-z]*[S+x]*|l[+x]*|list\+?|z|sf\+?|sv\+?|conninfo|x|timing|a|t|q|\?|h|pset|encoding|pset)(\s+[\w.*?"$,-]+)*\s*;?\s*$/;

function judgePsqlText(call: Call, text: string | null): Finding[] {
  if (text === null) return judgeSql(call, null, "postgres");
  return between(text, /^\s*\\/).flatMap(({ command, part }) => {
    if (!command) return judgeSql(call, part, "postgres");
    return metaCommand.test(part.trim())
      ? []
      : [
          explicit(
            call,
            "meta",
            `${part.trim()} may run a program or write a file`,
            "execute-opaque",
            "none",
          ),
        ];
  });
}

/**
 * Lines that are commands of the client's own, and the statements between them, each judged alone: a line that looks like
 * a command inside of a string is none, and taking it out would close the string elsewhere than the client does.
 */
function between(text: string, isCommand: RegExp): { command: boolean; part: string }[] {
  const parts: { command: boolean; part: string }[] = [];
  for (const line of text.split("\n")) {
    const last = parts.at(-1);
    if (isCommand.test(line)) parts.push({ command: true, part: line });
    else if (last !== undefined && !last.command) last.part += `\n${line}`;
    else parts.push({ command: false, part: line });
  }
  return parts;
}

/** Others name files to read, engines of OpenSSL, or settings of the server such as libraries to load. */
function isCalmConnection(text: string): boolean {
  return [...text.matchAll(/(?:^|[\s?&])([a-z_]+)\s*=/g)].every((found) =>
    /^(host|hostaddr|port|dbname|user|password|connect_timeout|application_name|client_encoding|sslmode|sslrootcert|channel_binding|gssencmode|target_session_attrs|keepalives\w*|service)$/.test(
      found[1] ?? "",
    ),
  );
}

const psql: Row = {
  options: psqlOptions,
  plain: true,
  judge: (call) => {
    const { scan } = call;
    const names = [
      ...valuesOf(scan, "h", "host"),
      ...valuesOf(scan, "d", "dbname"),
      ...scan.operands.slice(0, 1),
    ];
    const hosts = names.flatMap((word) => [
      ...(valuesOf(scan, "h", "host").includes(word) ? [textOf(word)] : []),
      ...[
        ...textOf(word).matchAll(/^postgres(?:ql)?:\/\/(?:[^@/]*@)?([^:/?]+)|\bhost(?:addr)?=([^\s&]+)/g),
      ].map((found) => found[1] ?? found[2] ?? ""),
    ]);
    const odd = valuesOf(scan, "v", "set", "variable").find(
      (word) =>
        !/^(ON_ERROR_STOP|VERBOSITY|ECHO|QUIET|FETCH_COUNT|[a-z]\w*)(=[\w.-]*)?$/.test(word.value ?? "?"),
    );
    if (odd !== undefined)
      return [explicit(call, "variable", `${odd.text} may run a program`, "execute-opaque", "none")];
    const outputs = valuesOf(scan, "o", "output");
    if (outputs.some((word) => /^\s*\|/.test(textOf(word))))
      return [explicit(call, "output", "pipes into a program", "execute-opaque", "none")];
    const written = outputs.flatMap((word) => judgeWrite(call.place, word));
    const setting = names.find((word) => !isCalmConnection(word.value ?? ""));
    if (setting !== undefined)
      return [
        explicit(
          call,
          "connection",
          `${setting.text} sets more than where to connect`,
          "execute-opaque",
          "none",
        ),
      ];
    if (has(scan, "f", "file")) return interactive(call);
    const commands = valuesOf(scan, "c", "command");
    if (commands.length > 0)
      return [
        asks(call, hosts),
        ...commands.flatMap((word) =>
          // With -c a string is one meta command or statements, never both.
          judgePsqlText(
            call,
            word.value !== null && /^\s*\\/.test(word.value) ? word.value.replaceAll("\n", " ") : word.value,
          ),
        ),
        ...written,
      ];
    if (has(scan, "l", "list", "V", "version")) return [asks(call, hosts), ...written];
    const fed = fedText(call);
    return fed === undefined || fed === null
      ? interactive(call)
      : [asks(call, hosts), ...judgePsqlText(call, fed), ...written];
  },
};

const mysqlOptions =
  "e= execute= u= user= p=? password=? h= host= P= port= S= socket= D= database= N skip-column-names B batch s silent ss t table E vertical r raw H html X xml v verbose protocol= ssl-mode= ssl-ca= skip-ssl ssl ssl-verify-server-cert connect-timeout= default-character-set= no-defaults C compress A no-auto-rehash login-path= column-names U safe-updates i-am-a-dummy q quick f force w wait unbuffered n defaults-file= defaults-extra-file= max-allowed-packet= get-server-public-key";
// A file of options can hold statements and plug-ins: the operator's own only.
const ownOptions =
  /^(~|\/root|\/home\/\w+|\/etc\/mysql|\/etc\/my\.cnf\.d|\/etc)\/(debian|\.?my|\.mylogin)\.cnf$/;

function mysqlOptionFile(call: Call): Finding[] {
  return valuesOf(call.scan, "defaults-file", "defaults-extra-file").some(
    (word) => !ownOptions.test(word.value ?? word.text),
  )
    ? [
        explicit(
          call,
          "defaults",
          "options of a file can run statements and load code",
          "execute-opaque",
          "none",
        ),
      ]
    : [];
}

const mysql: Row = {
  options: mysqlOptions,
  plain: true,
  judge: (call) => {
    const { scan } = call;
    const statements = valuesOf(scan, "e", "execute").map((word) => word.value);
    const fed = statements.length > 0 ? undefined : fedText(call);
    const texts = fed === undefined ? statements : [fed];
    if (texts.length === 0) return interactive(call);
    const inSystem = [...valuesOf(scan, "D", "database"), ...scan.operands].some(
      (word) => textOf(word) === "mysql",
    );
    const found = texts.flatMap((text) =>
      inSystem && text !== null && /\*|\btable\b/i.test(text) && !/^\s*(show|desc|describe)\b/i.test(text)
        ? [explicit(call, "secret", "the tables of accounts hold passwords", "credential-read", "remote")]
        : judgeSql(call, text, "mysql"),
    );
    return [asks(call, valuesOf(scan, "h", "host").map(textOf)), ...found, ...mysqlOptionFile(call)];
  },
};

// The connection only: -r is "raw" to mysql and "repair" to mysqlcheck.
const mysqlConnection =
  "u= user= p=? password=? h= host= P= port= S= socket= protocol= ssl-mode= ssl-ca= skip-ssl connect-timeout= default-character-set= no-defaults login-path= C compress v verbose s silent f force defaults-file= defaults-extra-file=";

function mysqlTool(verbs: RegExp, options: string): Row {
  return {
    options: `${mysqlConnection} ${options}`,
    plain: true,
    judge: (call) =>
      call.scan.operands.length > 0 && call.scan.operands.every((word) => verbs.test(word.value ?? "?"))
        ? [asks(call, valuesOf(call.scan, "h", "host").map(textOf)), ...mysqlOptionFile(call)]
        : runsStatements.judge(call),
  };
}

const sqliteOptions =
  "header noheader column csv json line list html table box markdown quote tabs ascii readonly safe bail batch echo stats separator= nullvalue= newline= cmd= version help A no-utf8 utf8 noinit";
const dotReads =
  /^\.(tables?|schema|index(es)?|indices|databases|dbinfo|fullschema|mode|headers?|width|show|version|timer|nullvalue|separator|stats|changes|eqp|explain|dump|help|quit|exit|sha3sum|lint|limit|bail|echo|print|vfslist|columns)(\s+[^|;`]*)?$/;
const dotWrites =
  /^\.(backup|save|clone|output|once)\s+(?:(?:main|temp)\s+)?(["']?)(?!file:)([^-|"'\s\\][^|"'\s\\]*)\2\s*$/;

function judgeDotOrSql(call: Call, text: string | null, dialect: Dialect): Finding[] {
  if (text === null) return judgeSql(call, null, dialect);
  return between(text, /^\s*\./).flatMap(({ command, part }): Finding[] => {
    if (!command) return judgeSql(call, part, dialect);
    const line = part.trim();
    const file = dotWrites.exec(line)?.[3];
    if (file !== undefined)
      return [
        finding("brief", call.rule, "copies a database, deletes nothing", [
          effect("read", "data store", "worktree"),
        ]),
        ...judgeWrite(call.place, literalWord(file)),
      ];
    return dotReads.test(line)
      ? []
      : [
          explicit(
            call,
            "command",
            `${line} may run a program, write a file or load code`,
            "execute-opaque",
            "none",
          ),
        ];
  });
}

/** `file:/srv/x.db?mode=ro` is the file without what is around it. */
function fileOf(word: Word): Word {
  const path = /^file:(?:\/\/(?:localhost)?(?=\/))?([^?#]*)/.exec(textOf(word))?.[1];
  return path === undefined ? word : literalWord(path.replace(/%2f/gi, "/").replace(/%2e/gi, "."));
}

function fileDatabase(options: string, dialect: Dialect): Row {
  return {
    options,
    style: "word",
    judge: (call) => {
      const { scan } = call;
      // What is given beside it runs first.
      if (has(scan, "version", "help") && !has(scan, "cmd", "c", "s")) return [harmless(call.rule)];
      const [database] = scan.operands;
      if (/^\w+:\/\//.test(textOf(database)) && !/^file:/.test(textOf(database)))
        return [explicit(call, "remote", "opens a database elsewhere", "network-read", "remote")];
      const named = [...valuesOf(scan, "cmd", "c", "s"), ...scan.operands.slice(1)].map((word) => word.value);
      const isComplete = scan.operands.length > 1 || has(scan, "c", "s");
      const fed = isComplete ? undefined : fedText(call);
      if (!isComplete && (fed === undefined || fed === null)) return interactive(call);
      return [
        harmless(call.rule, "only reads"),
        ...readAll(call, database === undefined ? [] : [fileOf(database)]),
        ...[...named, ...(typeof fed === "string" ? [fed] : [])].flatMap((text) =>
          judgeDotOrSql(call, text, dialect),
        ),
      ];
    },
  };
}

const clickhouse: Row = {
  options:
    "C= config-file= config= q= query= h= host= port= u= user= password=? d= database= f= format= F= secure s n multiquery m t time vertical E connect_timeout= max_threads= receive_timeout=",
  plain: true,
  judge: (call) => {
    const texts = valuesOf(call.scan, "q", "query").map((word) => word.value);
    if (texts.length === 0 || call.scan.operands.length > 0) return interactive(call);
    const settings = valuesOf(call.scan, "C", "config-file", "config");
    if (settings.some((word) => !/^\/etc\/(?!.*\.\.)/.test(word.value ?? "")))
      return [
        explicit(call, "config", "another configuration names another server", "network-send", "remote"),
      ];
    // Without one it takes that of the folder it runs in, which can name another server and what it is asked.
    const obeyed =
      settings.length > 0 ? [] : [{ ...projectCode(call), reason: "obeys a configuration of the folder" }];
    return [
      asks(call, valuesOf(call.scan, "h", "host").map(textOf)),
      ...obeyed,
      ...texts.flatMap((text) => judgeSql(call, text, "clickhouse")),
    ];
  },
};

const cassandra: Row = {
  options:
    "e= execute= k= keyspace= u= username= p= password= ssl no-color request-timeout= connect-timeout= C",
  plain: true,
  judge: (call) => {
    const texts = valuesOf(call.scan, "e", "execute").map((word) => word.value);
    if (texts.length === 0) return interactive(call);
    const isAuth = texts.some((text) => /system_auth/i.test(text ?? ""));
    return [
      asks(call, call.scan.operands.slice(0, 1).map(textOf)),
      ...(isAuth ? [explicit(call, "secret", "holds passwords", "credential-read", "remote")] : []),
      ...texts.flatMap((text) => judgeSql(call, text, "clickhouse")),
    ];
  },
};

const connection = "h= host= p= port= U= username= w no-password W password d= dbname=";

export const databases = (): Table => ({
  psql,
  ...named("mysql mariadb", mysql),
  ...named(
    "mysqladmin mariadb-admin",
    mysqlTool(
      /^(status|ping|version|extended-status|processlist|variables)$/,
      "i= sleep= c= count= r relative E vertical w=? wait=?",
    ),
  ),
  ...named("mysqlshow mariadb-show", mysqlTool(/^[\w.%*-]+$/, "count k keys status i t")),
  ...named(
    "mysqlcheck mariadb-check",
    mysqlTool(/^[\w.-]+$/, "c check B databases m medium-check g check-upgrade F fast q quick"),
  ),
  mysqlbinlog: reads(
    "v verbose base64-output= start-datetime= stop-datetime= start-position= stop-position= j= d= database= s short-form no-defaults H hexdump vv",
  ),
  ...named("sqlite3 sqlite", fileDatabase(sqliteOptions, "sqlite")),
  duckdb: fileDatabase(
    "c= s= json csv line list markdown table box column header noheader readonly safe bail batch jsonlines html quote ascii nullvalue= separator= newline= version help",
    "duckdb",
  ),
  ...named("clickhouse-client", clickhouse),
  clickhouse: { global: "", subs: { client: clickhouse, "*": runsStatements } },
  cqlsh: cassandra,
  nodetool: ofHosts(
    {
      global: "h= host= p= port=",
      subs: {
        ...named(
          "status info ring describecluster version netstats tpstats tablestats cfstats gossipinfo compactionstats compactionhistory proxyhistograms tablehistograms listsnapshots getendpoints getcompactionthroughput describering statusgossip statusbinary",
          live("r resolve-ip H human-readable F= format="),
        ),
        "*": runsStatements,
      },
    },
    ["h", "host"],
  ),
  pg_isready: {
    ...live(`${connection} q quiet t= timeout=`),
    judge: (call) => [asks(call, valuesOf(call.scan, "h", "host").map(textOf))],
  },
  ...named("pg_controldata pg_lsclusters", live("D= pgdata= h no-header j json")),
  pg_config: prints(),
  pg_ctl: { global: "", subs: { status: live("D= pgdata="), "*": runsStatements } },
  ...named(
    "pg_verifybackup pg_waldump",
    reads(
      "n= limit= s= start= e= end= r= rmgr= z stats=? p= path= t= timeline= q f follow b bkp-details x= m= manifest-path= i= ignore= P progress e exit-on-error",
    ),
  ),
  pg_archivecleanup: {
    ...live("n dry-run x= d"),
    judge: (call) => (has(call.scan, "n", "dry-run") ? [liveRead(call.rule)] : runsStatements.judge(call)),
  },
  ...named(
    "createdb dropdb createuser dropuser mysqlimport mysql_upgrade mysql_secure_installation mysqlslap pgcli mycli litecli usql iredis pgbench vacuumdb reindexdb clusterdb pg_basebackup pg_receivewal pg_resetwal pg_rewind pg_upgrade pg_amcheck pg_checksums pg_ctlcluster pg_createcluster pg_dropcluster pg_upgradecluster initdb ecpg sqlcmd bcp osql sqlplus impdp expdp rman db2 isql fbsql gbak snowsql beeline hive impala-shell presto trino spark-sql arangosh cypher-shell surreal sqlite3_analyzer sqldiff dolt liquibase flyway clickhouse-local clickhouse-server clickhouse-copier vtctl vtctlclient cockroach patronictl repmgr pg_repack pgloader pt-table-sync pt-online-schema-change gh-ost",
    runsStatements,
  ),
});
