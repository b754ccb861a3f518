import { cloud } from "./cloud-scheme.ts";
import { effect, type Finding, finding } from "./finding.ts";
import { type Call, explicit, liveRead, type Table, textOf } from "./row.ts";
import { written } from "./subcommands.ts";

/** Google's cloud. */

const gcloudReads = cloud({
  groups:
    "alpha beta compute instances instance-groups instance-templates managed unmanaged disks images snapshots networks subnets firewall-rules addresses routes routers forwarding-rules target-http-proxies target-https-proxies target-pools url-maps backend-services backend-buckets health-checks ssl-certificates ssl-policies machine-types zones regions operations project-info reservations security-policies vpn-gateways vpn-tunnels interconnects network-endpoint-groups resource-policies accelerator-types disk-types sole-tenancy node-groups commitments packet-mirrorings container clusters node-pools hub memberships fleet subnets get-server-config sql databases backups instances users flags tiers storage buckets objects projects organizations folders iam roles service-accounts run services revisions jobs executions domain-mappings regions functions event-types app versions services instances logging logs sinks metrics views monitoring dashboards policies channels pubsub topics subscriptions schemas dns managed-zones record-sets dns-keys builds triggers worker-pools artifacts repositories packages docker images tags tasks queues scheduler locations secrets kms keyrings keys versions config configurations components billing accounts budgets dataflow dataproc bigtable spanner redis memcache filestore firestore composer environments deploy delivery-pipelines releases targets eventarc endpoints services services certificate-manager certificates maps source repos workflows asset recommender insights recommendations access-context-manager deployment-manager deployments resources manifests auth topic domains registrations indexes ai models batch api-gateway gateways apis api-configs vmware ids network-connectivity network-security anthos migration vms org-policies scc findings sources ml-engine ml lifecycle-policies notifications rollouts quotas",
  reads:
    "list describe read tail log list-tags ls cat du get-value info version help get-iam-policy get-ancestors get-health get-status get-serial-port-output get-server-config get-nat-mapping-info get-effective-firewalls list-grantable-roles list-usable list-testable-permissions cheat-sheet topic dump-xml list-instances get-named-ports search-all-resources search-all-iam-policies get-project-info list-errors",
  secret:
    /\bsecrets versions access\b|\bkms\b.*\b(decrypt|export)|print-(access|identity|refresh)|\bconfig-helper\b|\bauth (?!list)|\bservice-accounts keys (?!list)|get-value (auth|core)\/?.*(token|password|key)|\bkeys get-key-string/i,
  valued:
    "project account configuration format filter limit sort-by page-size verbosity zone zones region regions flatten location freshness order billing-project folder organization cluster instance service platform names uri managed-by database trace-token key keyring secret repository topic-project dataset",
  refused: /^--(flags-file|impersonate|account|access-token-file|log-http|billing-project$)/,
});

/** `gcloud storage cp gs://bucket/x .` brings something here. */
function judgeGcloud(call: Call): Finding[] {
  const words = call.args.map(textOf);
  if (words[0] === "storage" && /^(cp|rsync)$/.test(words[1] ?? ""))
    return judgeGsutil(call, call.args.slice(1));
  return gcloudReads.judge(call);
}

function judgeGsutil(call: Call, args: Call["args"]): Finding[] {
  const operands = args.filter((word) => !textOf(word).startsWith("-")).slice(1);
  const options = args.map(textOf).filter((text) => text.startsWith("-"));
  const [from, to, ...more] = operands;
  const isSimple = options.every((text) =>
    /^(-r|-R|-n|-m|-c|--recursive|--no-clobber|--continue-on-error)$/.test(text),
  );
  const isHere =
    from !== undefined &&
    to !== undefined &&
    more.length === 0 &&
    isSimple &&
    /^gs:\/\//.test(textOf(from)) &&
    to.value !== null &&
    !/^\w+:\/\//.test(to.value);
  if (!isHere)
    return [explicit(call, "copy", "changes a bucket", "network-send", "remote", args.map(textOf).join(" "))];
  return [
    {
      ...finding("brief", `${call.rule}.copy`, "copies from a bucket", [
        effect("network-read", textOf(from), "remote"),
      ]),
      needs: ["remote:storage.googleapis.com"],
    },
    ...written(call.place, to),
  ];
}

export const gcloud: Table = {
  gcloud: { options: "any", plain: true, judge: judgeGcloud },
  gsutil: {
    options: "any",
    plain: true,
    judge: (call) => {
      const verb = textOf(call.args.find((word) => !textOf(word).startsWith("-")));
      if (call.args.some((word) => word.splits || /^(-o|-D|-DD|-u)/.test(textOf(word))))
        return [explicit(call, "option", "changes what gsutil does", "network-send", "remote")];
      if (/^(ls|du|stat|version|help|cat|hash)$/.test(verb))
        return [liveRead(`${call.rule}.${verb}`, "bucket")];
      if (/^(cp|rsync)$/.test(verb))
        return judgeGsutil(
          call,
          call.args.filter((word) => word.value !== "-m"),
        );
      return [explicit(call, "", "changes a bucket", "network-send", "remote")];
    },
  },
  bq: {
    options: "any",
    plain: true,
    judge: (call) =>
      /^(ls|show|head|version|help)$/.test(textOf(call.args.find((word) => !textOf(word).startsWith("-")))) &&
      !call.args.some(
        (word) =>
          word.splits || /^--(api|use_gce|service_account|credential|bigqueryrc|flagfile)/.test(textOf(word)),
      )
        ? [liveRead(`${call.rule}.read`, "cloud account")]
        : [explicit(call, "", "runs SQL or changes data", "data-store-write", "remote")],
  },
};
