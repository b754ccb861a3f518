import { finding } from "./finding.ts";
import { act, prints } from "./kubectl.ts";
import { has, liveRead, type Row, readAll, type Table, textOf, valuesOf, writeAll } from "./row.ts";
import { fetched, fetches, query, subcommands, switches, unlessDry } from "./subcommands.ts";

/** The machines and the operating system below a cluster, and its backups. */

const talosRead =
  "o= output= w watch i id= namespace= tail= f follow k kubernetes a all duration= since= d= depth= H humanize l long r recurse t= type= s sort= threshold= verbose no-trunc wait-timeout= server run-e2e control-plane-nodes= worker-nodes= init-node= k8s-endpoint= actor-id= check= extend programs p pods tcp udp listening cluster short client tag= json";

const secretResource =
  /^(mc|machineconfigs?|mcs?|.*secrets?|.*certs?|.*tokens?|.*roots?|kubeconfig|k8scontrolplane.*|.*identit(y|ies))(\..*)?$/i;

const talosctl = subcommands(
  {
    get: {
      ...query(talosRead),
      judge: (call) =>
        secretResource.test(textOf(call.scan.operands[0])) || call.scan.operands[0]?.value == null
          ? prints.judge(call)
          : [liveRead(call.rule, "cluster")],
    },
    "version|health|dashboard|services|containers|c|logs|dmesg|events|memory|m|free|processes|p|ss|disks|list|ls|l|stats|time|usage|du|mounts|netstat|ns|images|inspect|interfaces|routes|validate":
      query(`${talosRead} c= config= m= mode= strict`),
    service: {
      ...query(talosRead),
      judge: (call) =>
        call.scan.operands.length > 1 && !/^status$/.test(textOf(call.scan.operands[1]))
          ? act.judge(call)
          : [liveRead(call.rule, "cluster")],
    },
    "etcd members|status": query(talosRead),
    "etcd alarm list": query(talosRead),
    "etcd snapshot": fetches("", "a snapshot", { operandFrom: 0 }),
    "config info|contexts": query("o= output="),
    "image list|ls|default|k8s-bundle|talos-bundle": query(talosRead),
    "apply-config|apply|patch|upgrade-k8s": unlessDry(
      act,
      /^--dry-run$/,
      true,
      /^--(talosconfig|insecure)\b/,
    ),
    "kubeconfig|gen|read": prints,
  },
  act,
  "n= nodes= e= endpoints= c= cluster= context= h help",
);

const veleroRead =
  "o= output= l= selector= show-labels label-columns= details insecure-skip-tls-verify client-only timeout= default";

const velero = subcommands(
  {
    "backup|restore|schedule|backup-location|snapshot-location|plugin|repo get|describe|logs":
      query(veleroRead),
    "get|describe backup|backups|restore|restores|schedule|schedules|backup-locations|backup-location|snapshot-locations|snapshot-location|plugins|repos":
      query(veleroRead),
    version: query("client-only timeout="),
    "client config get": query(""),
    "backup|schedule|restore create": unlessDry(
      act,
      /^-o(=?(yaml|json))$/,
      false,
      /^--(from-secret|kubeconfig)/,
    ),
  },
  act,
  "n= namespace= kubecontext= v= colorized h help",
);

const kubeseal: Row = {
  options: switches(
    "o= format= controller-name= controller-namespace= n= namespace= cert= scope= name= f= secret-file= w= sealed-secret-file= raw from-file= merge-into= fetch-cert validate re-encrypt allow-empty-data v= context= version",
  ),
  judge: (call) => {
    const { scan } = call;
    const asks = has(scan, "fetch-cert", "validate", "version");
    return [
      asks ? liveRead(call.rule, "cluster") : finding("none", call.rule, "encrypts to the cluster's key"),
      ...(has(scan, "re-encrypt") ? [fetched(call.rule, "a sealed secret")] : []),
      ...readAll(call, [...valuesOf(scan, "f", "secret-file", "from-file"), ...scan.operands]),
      ...writeAll(call, valuesOf(scan, "w", "sealed-secret-file", "merge-into")),
    ];
  },
};

export const clusterNodes: Table = {
  talosctl,
  velero,
  kubeseal,
};
