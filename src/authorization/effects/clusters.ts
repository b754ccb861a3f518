import { clusterNodes } from "./cluster-nodes.ts";
import { switcher } from "./context-switcher.ts";
import { gitops } from "./gitops.ts";
import { helm } from "./helm.ts";
import { act, kubectl, prints } from "./kubectl.ts";
import { localClusters } from "./local-clusters.ts";
import { explicit, liveRead, named, type Row, type Table, textOf } from "./row.ts";
import { changes, checks, query, queryOfFiles, subcommands } from "./subcommands.ts";

/** What deploys to clusters, makes them and watches them. */

const stern: Row = query(
  "n= namespace= A all-namespaces s= since= t timestamps tail= c= container= l= selector= o= output= color= e= exclude= i= include= E= exclude-container= H= highlight= no-follow only-log-lines context= template= T= field-selector= init-containers ephemeral-containers max-log-requests= container-state= node= diff-container d timezone= verbosity= exclude-pod= show-list-options condition= stdin follow f k= colored-output z= skip-colors= p= previous b= line-buffered",
);

/** Linters of manifests. */
const manifestCheck: Row = checks(
  "o= output= output-format= schema-location= s= strict summary ignore-missing-schemas skip= reject= kubernetes-version= v= n= exit-on-error verbose insecure-skip-tls-verify ignore-filename-pattern= d= directories= ignored-filename-patterns= format= config= include= exclude= do-not-auto-add-defaults fail-if-no-objects-found kube-version= output-version= all-default-optional ignore-test= enable-optional-test= exit-one-on-warning target-versions= t= f= files= no-headers w wide color namespace= A additional-schema-locations= openshift quiet ignore-container-cpu-limit ignore-container-memory-limit only-show-removed ignore-deprecations ignore-removals no-footer columns=",
);

export const clusters = (): Table => ({
  ...gitops,
  ...clusterNodes,
  ...localClusters,
  ...named("kubectl oc kubecolor", kubectl),
  helm,
  ...named("kubectx kubens", switcher),
  kubie: changes("remote-exec", "host", "starts a shell for a cluster"),
  ...named("stern kubetail kail", stern),
  k9s: {
    options: "any",
    judge: (call) =>
      /^(version|info|help)$/.test(textOf(call.args[0])) && call.args.length <= 2
        ? [liveRead(call.rule)]
        : [explicit(call, "", "a screen from which the cluster is changed", "cluster", "remote")],
  },
  ...named("kubeconform kubeval kube-score kube-linter pluto", manifestCheck),
  cilium: subcommands(
    {
      "status|version": query("wait wait-duration= n= namespace= context= o= output= verbose brief"),
      "config view": query(""),
    },
    act,
    "n= namespace= context= h help",
  ),
  hubble: subcommands(
    { "observe|status|version|list": query("any"), "list nodes|namespaces": query("o= output=") },
    act,
  ),
  istioctl: subcommands(
    {
      "version|proxy-status|ps": query(
        "o= output= short remote i= istioNamespace= n= namespace= context= revision=",
      ),
      "analyze|validate": queryOfFiles(
        "A all-namespaces n= namespace= o= output= k use-kube R recursive L list-analyzers S= suppress= failure-threshold= color f= filename= context=",
        "f",
        "filename",
      ),
      "proxy-config|pc cluster|clusters|c|listener|listeners|l|route|routes|r|endpoint|endpoints|ep|bootstrap|b|log|all|a":
        query(
          "o= output= n= fqdn= port= direction= name= subset= address= type= verbose v namespace= context=",
        ),
    },
    act,
    "n= namespace= context= i= istioNamespace= h help",
  ),
  linkerd: subcommands({ "check|version|stat|top|tap|edges|routes|endpoints": query("any") }, act),
  calicoctl: subcommands(
    {
      "get|version": query("any"),
      "node status|checksystem": query(""),
      "ipam show|check": query("ip= show-blocks show-borrowed show-configuration"),
    },
    act,
  ),
  "cert-manager": kubectlPlugin(),
  cmctl: kubectlPlugin(),
  popeye: query("n= namespace= A all-namespaces o= out= l= lint= s= sections= context= f= file= min-score="),
  "kubectl-neat": checks("f= file= o= output="),
});

function kubectlPlugin(): Table[string] {
  return subcommands(
    {
      "status certificate": query("n= namespace= context="),
      "inspect secret": prints,
      "check api": query("wait= interval= n="),
      version: query("client o= output= short"),
    },
    act,
    "n= namespace= context= h help",
  );
}
