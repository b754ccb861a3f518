import { literalWord } from "../parsed-command.ts";
import { judgeSql, runsStatements } from "./databases.ts";
import { effect, finding } from "./finding.ts";
import {
  type Call,
  explicit,
  has,
  named,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

/** Dumps of data stores: additive, to where the command says. Loading one asks. */

const pgConnection =
  "h= host= p= port= U= username= w no-password W password d= dbname= role= l= database= V version";
const pgOptions = `${pgConnection} f= file= F= format= j= jobs= Z= compress= v verbose s schema-only a data-only c clean C create if-exists b large-objects blobs B no-large-objects no-blobs n= schema= N= exclude-schema= t= table= T= exclude-table= exclude-table-data= exclude-table-and-children= table-and-children= e= extension= E= encoding= O no-owner x no-privileges no-acl R S= superuser= inserts column-inserts rows-per-insert= on-conflict-do-nothing lock-wait-timeout= no-sync quote-all-identifiers section= serializable-deferrable snapshot= no-comments no-publications no-subscriptions no-security-labels no-tablespaces no-toast-compression no-unlogged-table-data no-table-access-method strict-names use-set-session-authorization extra-float-digits= disable-triggers disable-dollar-quoting enable-row-security load-via-partition-root include-foreign-data= binary-upgrade statistics-only no-statistics`;
const pgAllOptions = `${pgConnection} f= file= v verbose a data-only c clean s schema-only g globals-only r roles-only t tablespaces-only exclude-database= no-role-passwords if-exists inserts column-inserts rows-per-insert= lock-wait-timeout= no-sync quote-all-identifiers no-comments no-tablespaces no-unlogged-table-data O no-owner x no-privileges no-acl S= superuser= E= encoding= disable-triggers load-via-partition-root`;
// --tab lets the server write, --dump-slave stops and starts its replication, --delete-source-logs deletes, files of options can run statements: not declared.
const mysqlOptions =
  "u= user= p=? password=? h= host= P= port= S= socket= protocol= ssl-mode= ssl-ca= skip-ssl login-path= A all-databases B databases tables ignore-table= d no-data t no-create-info n no-create-db R routines E events triggers skip-triggers single-transaction q quick opt skip-opt l lock-tables skip-lock-tables x lock-all-tables add-drop-table skip-add-drop-table add-drop-database add-drop-trigger e extended-insert skip-extended-insert c complete-insert C compress column-statistics=? skip-column-statistics set-gtid-purged= no-tablespaces y hex-blob default-character-set= w= where= max-allowed-packet= net-buffer-length= master-data=? source-data=? dump-date skip-dump-date i comments skip-comments compact insert-ignore replace order-by-primary r= result-file= v verbose f force flush-privileges no-autocommit tz-utc skip-tz-utc N skip-set-charset set-charset Q quote-names skip-quote-names allow-keywords create-options disable-keys K compatible= X xml log-queries system= gtid network-timeout include-master-host-port apply-slave-statements";
const mongoOptions =
  "uri= h= host= port= u= username= p= password= d= db= c= collection= q= query= queryFile= o= out= gzip archive=? oplog authenticationDatabase= authenticationMechanism= ssl tls sslCAFile= tlsCAFile= tlsInsecure j= numParallelCollections= quiet v verbose excludeCollection= excludeCollectionsWithPrefix= readPreference= forceTableScan dumpDbUsersAndRoles viewsAsCollections f= fields= type= sort= limit= skip= jsonArray pretty noHeaderLine jsonFormat= fieldFile=";

/** Passwords of the store's own accounts. A dump of everything has them too, and is a backup like any other. */
function holdsAccounts({ rule, scan }: Call): boolean {
  const given = (...names: string[]): string[] => valuesOf(scan, ...names).map(textOf);
  if (rule === "pg_dumpall")
    return has(scan, "g", "globals-only", "r", "roles-only") && !has(scan, "no-role-passwords");
  if (rule === "pg_dump")
    return given("t", "table", "n", "schema").some((text) =>
      /authid|shadow|user_mapping|[*?]auth/i.test(text),
    );
  if (/^mongo/.test(rule))
    return (
      has(scan, "dumpDbUsersAndRoles") ||
      given("d", "db").includes("admin") ||
      given("c", "collection").includes("system.users")
    );
  const databases = has(scan, "B", "databases") ? scan.operands : scan.operands.slice(0, 1);
  return has(scan, "system") || databases.some((word) => textOf(word) === "mysql");
}

function dumps(options: string, outputs: readonly string[], byDefault?: string): Row {
  return {
    options,
    plain: true,
    judge: (call) => {
      const files = valuesOf(call.scan, ...outputs).filter((word) => word.value !== "-");
      const isElsewhere = files.length > 0 || byDefault === undefined || has(call.scan, "archive");
      return [
        finding("brief", call.rule, "dumps a data store, deletes nothing", [
          effect("read", "data store", "remote"),
        ]),
        ...(holdsAccounts(call)
          ? [explicit(call, "accounts", "dumps the passwords of accounts", "credential-read", "remote")]
          : []),
        ...writeAll(call, isElsewhere ? files : [literalWord(byDefault)]),
        ...readAll(call, valuesOf(call.scan, "queryFile", "fieldFile")),
        // It becomes the end of a statement of mysqldump's own.
        ...valuesOf(call.scan, "w", "where").flatMap((word) =>
          judgeSql(call, word.value === null ? null : `select 1 from t where ${word.value}`, "mysql"),
        ),
      ];
    },
  };
}

export const dumpTools = (): Table => ({
  pg_dump: dumps(pgOptions, ["f", "file"]),
  pg_dumpall: dumps(pgAllOptions, ["f", "file"]),
  ...named("mysqldump mariadb-dump", dumps(mysqlOptions, ["r", "result-file"])),
  mongodump: dumps(mongoOptions, ["o", "out", "archive"], "dump/data"),
  mongoexport: dumps(mongoOptions, ["o", "out"]),
  pg_restore: {
    options:
      "l list v verbose F= format= f= file= s schema-only a data-only t= table= n= schema= N= I= index= P= T= O no-owner x no-privileges no-acl c clean if-exists C create L= use-list= section= no-comments",
    judge: (call) => {
      // With -f it writes a script instead of running it.
      const files = valuesOf(call.scan, "f", "file").filter((word) => word.value !== "-");
      if (has(call.scan, "l", "list"))
        return [...readAll(call, call.scan.operands), ...writeAll(call, files)];
      return has(call.scan, "f", "file")
        ? [
            finding("none", call.rule, "turns a dump into a script"),
            ...readAll(call, call.scan.operands),
            ...writeAll(call, files),
          ]
        : runsStatements.judge(call);
    },
  },
  ...named("mongorestore mongoimport", runsStatements),
});
