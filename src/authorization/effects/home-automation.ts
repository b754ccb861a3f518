import { explicit, has, liveRead, projectCode, type Row, type Table, textOf } from "./row.ts";
import { changes, query, subcommands, switches } from "./subcommands.ts";

/** Home Assistant, MQTT and ESPHome. */

const act = changes("device", "remote", "changes the house or its supervisor");

const logOptions = "f follow n= lines= boot= b= v verbose i= identifier= raw-json";
const ha = subcommands(
  {
    "core|supervisor|su|addons|addon|os|host|ho|network|net|dns|audio|multicast|mc|observer|cli|hardware|hw|resolution|res|jobs|mounts|store|backups|backup|docker|info|available-updates|banner|apps|app info|stats|list|logs|addons|services|changelog|documentation|disks|boots|audio|data-disk|identifiers":
      query(logOptions),
    "info|banner|available-updates": query(""),
    "core check": query(""),
    "addons|addon|apps|app|backups|mounts|jobs|store|network|hardware|docker|resolution|host|os|audio|core|supervisor":
      query(""),
    "docker registries": query(""),
    "docker registries *": act,
    "audio default|info": query(""),
    "store repositories": query(""),
    "os datadisk|boards list|info": query(""),
    "store addons|apps info|changelog|documentation": query(""),
    "authentication *": changes("account", "remote", "changes a password or lists accounts"),
    "backups|backup restore|new|remove|upload|download": act,
  },
  act,
  "raw-json no-progress log-level= h help",
);

const hassRead =
  "o= output= columns= no-headers sort-by= table-format= since= end= entity-id= regex= delimiter=";
const hass = () =>
  subcommands(
    {
      "state|area|device|entity|service|integration list|get|history": query(hassRead),
      "config|info|map|discover": query(hassRead),
      "config full|components|directories|name|release|ha|whitelist|unit": query(hassRead),
      "event watch": query(hassRead),
      "system log|health": query(hassRead),
      "raw get": {
        ...query(hassRead),
        judge: (call) =>
          call.scan.operands.every((word) =>
            /^\/?api\/(states|config|error_log|events|services|history|logbook|calendars)?(\/|$|\?)/.test(
              word.value ?? "?",
            ),
          )
            ? [liveRead(call.rule, "house")]
            : act.judge(call),
      },
      completion: query(""),
    },
    act,
    "o= output= columns= no-headers sort-by= table-format= timeout= v verbose x debug h help version",
  );

// Not here: a will, clearing retained messages, and a file of options.
const subscribe: Row = query(
  "h= host= p= port= t= topic= T= filter-out= u= username= P= pw= q= qos= i= id= I= id-prefix= C= W= c disable-clean-session v verbose d debug k= keepalive= V= protocol-version= F= N R retained-only E L= url= A= quiet pretty nodelay cafile= capath= cert= key= insecure tls-version= tls-alpn= tls-use-os-certs U= unsubscribe= x= help random-filter= S srv no-retain",
);

const esphome = () =>
  subcommands(
    {
      config: {
        options: switches("show-secrets s substitution"),
        judge: (call) =>
          has(call.scan, "show-secrets")
            ? [explicit(call, "secrets", "prints secrets", "credential-read", "worktree")]
            : [projectCode(call)],
      },
      "compile|vscode|idedata": {
        options: switches("only-generate generator"),
        judge: (call) => [projectCode(call)],
      },
      "version|config-hash": query(""),
      logs: query("device= no-logs topic= reset username= client-id= no-states"),
    },
    act,
    "v verbose q quiet l= log-level= s= substitution= h help version mdns-address-cache= dns-address-cache=",
  );

export const homeAutomation = (): Table => ({
  ha,
  "hass-cli": hass(),
  hass: {
    options: "any",
    judge: (call) =>
      call.args.some((word) => textOf(word) === "check_config") &&
      call.args.some((word) => textOf(word) === "--script")
        ? [projectCode(call)]
        : [explicit(call, "", "starts Home Assistant", "service", "host")],
  },
  mosquitto_sub: subscribe,
  mosquitto_pub: changes("network-send", "remote", "publishes a message, which devices may obey"),
  mosquitto_rr: changes("network-send", "remote", "publishes a message, which devices may obey"),
  mosquitto_ctrl: changes("account", "remote", "changes the broker's accounts"),
  mosquitto_passwd: changes("account", "host", "changes the broker's passwords"),
  mosquitto: changes("expose", "host", "starts a broker that listens"),
  esphome: esphome(),
  zigbee2mqtt: act,
});
