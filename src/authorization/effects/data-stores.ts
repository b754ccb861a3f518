import { asks, fedText, judgeSql, runsStatements } from "./databases.ts";
import { effect, type Finding, finding } from "./finding.ts";
import { asksHosts, ofHosts } from "./named-hosts.ts";
import {
  always,
  type Call,
  explicit,
  type Group,
  has,
  live,
  named,
  prints,
  type Row,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

/** Stores without SQL: keys, documents, series, indexes. */

const redisReads = new Set(
  `get mget strlen getrange substr exists type ttl pttl expiretime pexpiretime keys scan dbsize randomkey llen lrange lindex lpos hget hmget hgetall hkeys hvals hlen hexists hscan hstrlen httl hrandfield scard smembers sismember smismember srandmember sscan sinter sunion sdiff sintercard zcard zcount zlexcount zrange zrangebyscore zrangebylex zrevrange zrevrangebyscore zrank zrevrank zscore zmscore zscan zinter zunion zdiff zrandmember xlen xrange xrevrange xread xpending bitcount bitpos getbit pfcount geopos geodist geohash geosearch sort_ro info ping echo time lastsave role command lolwut
  object.encoding object.freq object.idletime object.refcount object.help memory.usage memory.stats memory.doctor memory.malloc-stats xinfo.stream xinfo.groups xinfo.consumers client.list client.info client.getname client.id cluster.info cluster.nodes cluster.slots cluster.shards cluster.myid cluster.keyslot cluster.countkeysinslot cluster.getkeysinslot cluster.links cluster.replicas cluster.slaves config.get slowlog.get slowlog.len latency.doctor latency.latest latency.history latency.graph latency.histogram pubsub.channels pubsub.numsub pubsub.numpat module.list acl.whoami acl.cat function.list function.stats sentinel.masters sentinel.master sentinel.replicas sentinel.slaves sentinel.sentinels sentinel.get-master-addr-by-name sentinel.ckquorum ft._list ft.info ft.search json.get json.type json.mget ts.get ts.info ts.range`.split(
    /\s+/,
  ),
);
const redisModes = [
  "scan",
  "stat",
  "bigkeys",
  "memkeys",
  "hotkeys",
  "latency",
  "latency-history",
  "latency-dist",
  "v",
  "version",
];

const redis: Row = {
  options: `h= p= n= a= u= user= pass= s= t= no-auth-warning raw no-raw csv json quoted-json 2 3 c tls cacert= cacertdir= sni= insecure i= r= d= D= e show-pushes= pattern= quoted-pattern= count= rdb= functions-rdb= cluster= ${redisModes.join(" ")}`,
  style: "first",
  plain: true,
  judge: (call) => {
    const { scan } = call;
    const server = asks(call, [
      ...valuesOf(scan, "h").map(textOf),
      ...valuesOf(scan, "u").map((word) =>
        textOf(word)
          .replace(/^rediss?:\/\/([^@/]*@)?/, "")
          .replace(/[:/].*$/, ""),
      ),
    ]);
    const dumped = valuesOf(scan, "rdb", "functions-rdb");
    if (dumped.length > 0)
      return [
        finding("brief", call.rule, "dumps a data store, deletes nothing", [
          effect("read", "data store", "remote"),
        ]),
        server,
        ...writeAll(call, dumped),
      ];
    const manager = valuesOf(scan, "cluster")[0];
    if (manager !== undefined)
      return /^(info|check|help)$/.test(textOf(manager)) && scan.operands.length <= 1
        ? [server]
        : runsStatements.judge(call);
    if (scan.operands.length === 0 && has(scan, ...redisModes)) return [server];
    const fed = scan.operands.length === 0 ? fedText(call) : undefined;
    if (typeof fed === "string" && fed.trim() !== "")
      return [
        server,
        ...fed
          .trim()
          .split("\n")
          .flatMap((line) => judgeRedis(call, line.trim().split(/\s+/))),
      ];
    return [
      server,
      ...judgeRedis(
        call,
        scan.operands.map((word) => word.value ?? word.text),
      ),
    ];
  },
};

function judgeRedis(call: Call, words: readonly string[]): Finding[] {
  const verb = (words[0] ?? "").toLowerCase();
  const pair = `${verb}.${(words[1] ?? "").toLowerCase()}`;
  const isOpen = call.scan.operands[0]?.value === null;
  if (isOpen || verb === "" || !(redisReads.has(verb) || redisReads.has(pair)))
    return [
      explicit(
        call,
        "command",
        `${verb || "a session"} may change data`,
        "data-store-write",
        "remote",
        words.join(" "),
      ),
    ];
  if (pair.startsWith("config.get") && !words.slice(2).every(isCalmSetting))
    return [explicit(call, "secret", "prints the server's passwords", "credential-read", "remote")];
  return [];
}

/** Names are patterns, in either case: one that could be the name of a password is one. */
function isCalmSetting(name: string): boolean {
  const text = name.toLowerCase();
  if (!/^[\w-]+\*?$/.test(text) || /pass|auth|user/.test(text)) return false;
  const secrets = [
    "requirepass",
    "masterauth",
    "masteruser",
    "tls-key-file-pass",
    "tls-client-key-file-pass",
  ];
  return !text.endsWith("*") || !secrets.some((secret) => secret.startsWith(text.slice(0, -1)));
}

// What may be called on a database or a cursor, with plain data as arguments.
const mongoCalls =
  /^(?:db(?:\.getSiblingDB\((?:"[\w-]+"|'[\w-]+')\))?\.(?:stats|version|serverStatus|hostInfo|currentOp|getCollectionNames|getCollectionInfos|getName|isMaster|hello|serverBuildInfo|getReplicationInfo|printReplicationInfo|printSecondaryReplicationInfo|getProfilingStatus|getMongo|getLogComponents)\(\s*\)|rs\.(?:status|conf|config|hello|isMaster|printReplicationInfo|printSecondaryReplicationInfo)\(\s*\)|sh\.status\(\s*\)|db\.(?:adminCommand|runCommand)\(\s*(?:\{\s*["']?(?:ping|serverStatus|listDatabases|replSetGetStatus|hello|isMaster|buildInfo|connectionStatus|dbStats|collStats|hostInfo|top)["']?\s*:\s*[\w"']+\s*\}|["'](?:ping|serverStatus|listDatabases|hello|buildInfo|hostInfo)["'])\s*\)|show (?:dbs|databases|collections|tables|profile)|db(?:\.getSiblingDB\((?:"[\w-]+"|'[\w-]+')\))?\.(?:getCollection\((?:"(?!system)[\w.-]+"|'(?!system)[\w.-]+')\)|(?!system)\w+)\.(?:find|findOne|count|countDocuments|estimatedDocumentCount|distinct|getIndexes|stats|dataSize|storageSize|totalSize|totalIndexSize|aggregate|isCapped)\([^()`;=\\]*\)(?:\.(?:limit|sort|skip|count|toArray|pretty|size|itcount|explain|projection)\([^()`;=\\]*\))*)(?:\.(?:ok|length|uptime|version|connections|mem|members|set|host|opcounters|databases)(?:\.\w+)*)?$/;
// A key that is put together could be one of these.
const mongoActs = /\$(where|function|accumulator|out|merge)\b|function|=>|\]\s*:|["']\s*\+|\+\s*["']/;

function judgeMongoText(text: string): boolean {
  return text
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .every((part) => {
      const inner =
        /^(?:printjson|print|JSON\.stringify|EJSON\.stringify)\((.*?)(?:,\s*null,\s*\d)?\)$/s.exec(
          part,
        )?.[1] ?? part;
      return mongoCalls.test(inner) && !mongoActs.test(inner);
    });
}

const mongo: Row = {
  options:
    "eval= quiet norc nodb h= host= port= u= username= p= password=? authenticationDatabase= authenticationMechanism= tls ssl tlsCAFile= tlsAllowInvalidCertificates tlsInsecure json=? retryWrites= serverApiVersion= verbose version",
  plain: true,
  judge: (call) => {
    const texts = valuesOf(call.scan, "eval");
    const fed = texts.length === 0 ? fedText(call) : undefined;
    const all =
      typeof fed === "string" && fed !== ""
        ? [fed.trim().replaceAll("\n", ";")]
        : texts.map((word) => word.value);
    // The first operand is an address; whatever follows it is loaded.
    const isScript =
      call.scan.operands.length > 1 ||
      call.scan.operands.some((word) => /\.([cm]?js|mongodb)$/.test(textOf(word)));
    if (all.length === 0 || isScript || all.some((text) => text === null || !judgeMongoText(text)))
      return [explicit(call, "", "runs code on a data store", "data-store-write", "remote")];
    const hosts = [...valuesOf(call.scan, "h", "host"), ...call.scan.operands].map((word) =>
      textOf(word)
        .replace(/^mongodb(\+srv)?:\/\/([^@/]*@)?/, "")
        .replace(/[:/,].*$/, ""),
    );
    return [
      asks(
        call,
        hosts.filter((host) => /[.]/.test(host)),
      ),
    ];
  },
};

const etcdLook =
  "endpoints= cacert= cert= key= user= password= w= write-out= dial-timeout= command-timeout= insecure-skip-tls-verify insecure-transport debug hex cluster keepalive-time=";
const etcd = (): Group => ({
  global: etcdLook,
  subs: {
    get: {
      options:
        "prefix from-key keys-only count-only limit= order= sort-by= rev= consistency= print-value-only",
      plain: true,
      judge: (call) => {
        const key = call.scan.operands[0]?.value ?? "";
        const end = call.scan.operands[1]?.value;
        const begins = key <= "/registry/secrets~";
        const reachesSecrets =
          /secret|password|token|credential/i.test(key) ||
          (has(call.scan, "prefix") && "/registry/secrets".startsWith(key)) ||
          (has(call.scan, "from-key") && begins) ||
          (end !== undefined && begins && (end === null || end > "/registry/secrets"));
        return has(call.scan, "keys-only", "count-only") || !reachesSecrets
          ? [asks(call, [])]
          : [explicit(call, "secret", "reads keys that hold secrets", "credential-read", "remote", key)];
      },
    },
    endpoint: { global: "", subs: { ...named("health status hashkv", live()), "*": runsStatements } },
    ...named("member alarm user role lease", {
      global: "",
      subs: { ...named("list", live()), get: live("detail"), timetolive: live("keys"), "*": runsStatements },
    }),
    auth: { global: "", subs: { status: live(), "*": runsStatements } },
    snapshot: {
      global: "",
      subs: {
        status: live(),
        save: {
          options: "",
          judge: (call) => [
            finding("brief", call.rule, "dumps a data store, deletes nothing", [
              effect("read", "data store", "remote"),
            ]),
            ...writeAll(call, call.scan.operands),
          ],
        },
        "*": runsStatements,
      },
    },
    version: prints(),
    "*": runsStatements,
  },
});

// Flux writes, sends and sleeps through functions: these only read and reckon.
const fluxCall =
  /^(from|range|filter|limit|tail|last|first|mean|median|sum|count|min|max|group|keep|drop|rename|sort|yield|aggregateWindow|window|pivot|map|distinct|difference|derivative|fill|unique|top|bottom|quantile|stddev|spread|increase|cumulativeSum|histogram|toFloat|toInt|toString|truncateTimeColumn|duration|time|now|contains|exists|columns|buckets|schema\.\w+|elapsed|duplicate|set)$/;

function isReadingFlux(text: string | null): boolean {
  // A function may also be given another name first, so that `to` counts wherever it stands.
  if (text === null || /\b(import|option|to)\b/.test(text.replace(/"[^"\\]*"/g, '""'))) return false;
  return [...text.matchAll(/([A-Za-z_][\w.]*)\s*\(/g)].every((found) => fluxCall.test(found[1] ?? ""));
}

const influxVerbs =
  /^(ping|version|(bucket|org|task|dbrp|telegrafs|stacks|remote|replication|bucket-schema) (list|find|ls)|v1 dbrp (list|find|ls))$/;
const influxOptions =
  /^--?(host|o|org|org-id|json|hide-headers|n|name|i|id|b|bucket|bucket-id|c|active-config|skip-verify|limit|raw|r|database|username|port|ssl|unsafeSsl|precision|format|pretty|execute|user)(=.*)?$/;

/** Version 1 takes a statement of InfluxQL as an option, version 2 has subcommands. */
const influx: Row = {
  options: "any",
  plain: true,
  judge: (call) => {
    const words = call.args.map((word) => word.value);
    const hosts = words.flatMap((word, index) =>
      /^--?host$/.test(words[index - 1] ?? "")
        ? [(word ?? "").replace(/^https?:\/\//, "").replace(/[:/].*$/, "")]
        : [],
    );
    if (words.some((word) => word === null || (word.startsWith("-") && !influxOptions.test(word))))
      return runsStatements.judge(call);
    const at = words.findIndex((word) => /^--?execute$/.test(word ?? ""));
    if (at !== -1) return [asks(call, hosts), ...judgeSql(call, words[at + 1] ?? null, "influx")];
    const [first, second, third] = words;
    const queries = words.slice(1).filter((_, index) => !isOptionOrValue(words.slice(1), index));
    const reads =
      influxVerbs.test(first ?? "") ||
      influxVerbs.test(`${first} ${second}`) ||
      influxVerbs.test(`${first} ${second} ${third}`) ||
      // Without a text it reads one from its input.
      (first === "query" && queries.length > 0 && queries.every((word) => isReadingFlux(word ?? null)));
    return reads ? [asks(call, hosts)] : runsStatements.judge(call);
  },
};

function isOptionOrValue(words: readonly (string | null)[], index: number): boolean {
  return words[index]?.startsWith("-") === true || /^--?(o|org|host|name|n)$/.test(words[index - 1] ?? "");
}

const rabbit = live(
  "q quiet s silent n= node= l longnames formatter= t= timeout= p= vhost= online offline local all-vhosts no-table-headers table-headers",
);
const changesBroker = runsStatements;

export const dataStores = (): Table => ({
  ...named("redis-cli valkey-cli keydb-cli", redis),
  ...named("mongosh mongo", mongo),
  mongostat: ofHosts(
    live(
      "h= host= port= u= username= p=? password=? n= rowcount= discover json authenticationDatabase= uri=",
    ),
    ["h", "host", "uri"],
  ),
  mongotop: ofHosts(
    live("h= host= port= u= username= p=? password=? n= rowcount= json authenticationDatabase= uri="),
    ["h", "host", "uri"],
  ),
  etcdctl: ofHosts(etcd(), ["endpoints"]),
  etcdutl: {
    global: "",
    subs: {
      snapshot: { global: "", subs: { status: live("w= write-out="), "*": runsStatements } },
      version: prints(),
      "*": runsStatements,
    },
  },
  influx,
  ...named("rabbitmqctl rabbitmq-diagnostics rabbitmq-queues", {
    global: "q quiet s silent n= node= l longnames formatter= t= timeout=",
    subs: {
      ...named(
        "status cluster_status list_queues list_exchanges list_bindings list_connections list_channels list_consumers list_users list_vhosts list_permissions list_user_permissions list_topic_permissions list_policies list_global_parameters list_unresponsive_queues list_operator_policies list_feature_flags ping check_running check_local_alarms check_alarms check_port_connectivity check_port_listener check_virtual_hosts listeners memory_breakdown server_version erlang_version alarms resolve_hostname runtime_thread_stats quorum_status check_if_node_is_quorum_critical version help",
        rabbit,
      ),
      // Passwords of the configuration, and addresses with passwords in them.
      ...named(
        "environment os_env report list_parameters",
        always("explicit", "credential-read", "host", "prints what may hold passwords"),
      ),
      "*": changesBroker,
    },
  }),
  "rabbitmq-plugins": {
    global: "q quiet s silent n=",
    subs: { ...named("list directories is_enabled", live("e E m v enabled")), "*": changesBroker },
  },
  ...named(
    "kafka-topics kafka-topics.sh",
    brokerList(
      ["list", "describe"],
      "topic= exclude-internal under-replicated-partitions unavailable-partitions at-min-isr-partitions topics-with-overrides",
    ),
  ),
  ...named(
    "kafka-consumer-groups kafka-consumer-groups.sh",
    brokerList(["list", "describe"], "group= all-groups members verbose state offsets timeout="),
  ),
  ...named(
    "kafka-configs kafka-configs.sh",
    brokerList(["describe"], "entity-type= entity-name= all topic= broker="),
  ),
  ...named(
    "influxd kafka-console-producer kafka-console-producer.sh kafka-console-consumer kafka-console-consumer.sh kafka-acls kafka-acls.sh mqtt rados couchdb memcached-tool zkCli.sh",
    runsStatements,
  ),
});

/** Kafka's tools read under --list and --describe; a file of client settings may hold anything. */
function brokerList(switches: readonly string[], options: string): Row {
  return {
    options: `bootstrap-server= zookeeper= ${options} ${switches.join(" ")}`,
    plain: true,
    judge: (call) =>
      has(call.scan, ...switches)
        ? [asksHosts(call, valuesOf(call.scan, "bootstrap-server", "zookeeper"))]
        : runsStatements.judge(call),
  };
}
