import { judgeRead } from "../paths.ts";
import { harmless } from "./finding.ts";
import {
  explicit,
  has,
  liveRead,
  named,
  projectCode,
  type Row,
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";
import { changes, checks, fetches, query, queryOfFiles, subcommands, switches } from "./subcommands.ts";

/** Questions to metrics, logs and alerts, and checks of what configures them. */

const act = changes("service", "remote", "changes what is monitored, or sends data");

const promOptions =
  "o= output= format= headers= start= end= step= time= match= type= lint= lint-fatal syntax-only agent extended ignore-unknown-fields config.file= run= diff debug junit= n threads= buckets= timeout= enable-feature= max= verbose v l= limit= sandbox-dir-root=";
const promtool = () =>
  subcommands(
    {
      "check config|rules|web-config|metrics|service-discovery": checks(promOptions),
      "check healthy|ready": query("url= http.config.file="),
      "test rules": checks(promOptions),
      "query instant|range|series|labels|analyze": query(`${promOptions} server= duration=`),
      "tsdb list|analyze|dump|dump-openmetrics": query(
        "r human-readable l= limit= extended match= min-time= max-time= sandbox-dir-root=",
      ),
      "debug pprof|metrics|all": fetches("", "a profile"),
      "promql format|label-matchers": checks(promOptions),
    },
    act,
    "h help version enable-feature= experimental",
  );

const amOptions =
  "o= output= alertmanager.url= verbose v timeout= a active s silenced i inhibited u unprocessed r= receiver= id= expired within= matchers q quiet created-by= config.file= date.format= tree verify.receivers= version-check http.config.file= template.glob= template.text= template.type=";
const amtool = () =>
  subcommands(
    {
      alert: query(amOptions),
      "alert query": query(amOptions),
      "alert *": alertQuery(),
      silence: query(amOptions),
      "silence query": query(amOptions),
      "check-config|config": checks(amOptions),
      "config show|routes": query(amOptions),
      "config routes show|test": query("any"),
      "cluster show": query(amOptions),
      cluster: query(amOptions),
      "template render": queryOfFiles(amOptions, "template.glob"),
    },
    act,
    `${amOptions} h help version`,
  );

/** `amtool alert name=…` is a query too; `add` is not. */
function alertQuery(): Row {
  return {
    options: "any",
    plain: true,
    judge: (call) =>
      /\.[\w]+(=|=~|!=|!~)/.test(call.rule) ? [liveRead(call.rule, "alerts")] : act.judge(call),
  };
}

const logcli = () =>
  subcommands(
    {
      "query|instant-query|labels|series|stats|volume|volume_range|detected-fields|fmt": query(
        "addr= username= password= org-id= since= from= to= limit= step= interval= batch= forward no-labels exclude-label= include-label= labels-length= t tail f follow delay-for= colored-output o= output= q quiet timezone= include-common-labels now= match= analyze-labels parallel-duration= parallel-max-workers= max= aggregateBy= targetLabels= retries= min-backoff= max-backoff= stats line-limit= bearer-token-file= tls-skip-verify=? ca-cert= query-tags= stdin",
      ),
    },
    act,
    "addr= q quiet o= output= z= timezone= stats org-id= username= password= h help version tls-skip-verify stdin",
  );

const grafana = () =>
  subcommands(
    {
      "plugins ls|list|list-remote|list-versions": query(""),
      "cli plugins ls|list|list-remote|list-versions": query(""),
    },
    act,
    "homepath= config= pluginsDir= h help v version",
  );

/** `system.run[…]` is a command on the other machine. */
const zabbixGet: Row = {
  options: switches("s= host= p= port= I= source-address= k= key= t= timeout= h help V version P= protocol="),
  plain: true,
  judge: (call) =>
    valuesOf(call.scan, "k", "key").some((word) =>
      /^(system\.run|vfs\.file|web\.page)/.test(word.value ?? "system.run"),
    )
      ? [explicit(call, "run", "reads files or runs commands over there", "remote-exec", "remote")]
      : [liveRead(call.rule, "agent")],
};

export const monitoring = (): Table => ({
  promtool: promtool(),
  amtool: amtool(),
  logcli: logcli(),
  "grafana-cli": grafana(),
  grafana: grafana(),
  ...named("prometheus alertmanager loki promtail node_exporter blackbox_exporter grafana-server", {
    options: "any",
    judge: (call) =>
      call.args.length > 0 &&
      call.args.every((word) =>
        /^--?(version|help|verify-config|dry-run|check-syntax|config\.check|config\.file=.*|v)$/.test(
          textOf(word),
        ),
      ) &&
      call.args.some((word) => !/^--config\.file/.test(textOf(word)))
        ? [harmless(call.rule, "checks or says its version")]
        : [explicit(call, "", "starts a service that listens", "expose", "host")],
  }),
  telegraf: subcommands(
    { "version|plugins": query("any"), config: query("any"), "config create|check": query("any") },
    act,
    "version h help",
  ),
  zabbix_get: zabbixGet,
  icinga2: subcommands(
    {
      daemon: {
        options: switches("C validate c= config= x= log-level= z no-stack-rlimit"),
        judge: (call) => [
          has(call.scan, "C", "validate")
            ? harmless(call.rule, "only checks")
            : explicit(call, "", "starts the daemon", "service", "host"),
        ],
      },
      "object|feature|node list": query("any"),
      "variable list|get": query("any"),
    },
    act,
    "version V h help",
  ),
  nagios: {
    options: switches("v verify-config s test-scheduling h help V version"),
    judge: (call) =>
      has(call.scan, "v", "verify-config")
        ? [harmless(call.rule), ...call.scan.operands.flatMap((word) => judgeRead(call.place, word))]
        : act.judge(call),
  },
  vector: subcommands(
    { "validate|list|graph|top|tap|version|test": { options: "any", judge: (call) => [projectCode(call)] } },
    act,
  ),
  otelcol: subcommands({ "validate|components": checks("config=") }, act, "version h help"),
  vmalert: {
    options: "any",
    judge: (call) => [
      call.args.some((word) => /^-{1,2}dryRun$/.test(textOf(word)))
        ? harmless(call.rule)
        : explicit(call, "", "sends alerts", "network-send", "remote"),
    ],
  },
});
