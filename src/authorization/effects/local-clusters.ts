import { helm } from "./helm.ts";
import { crictlAndCtr } from "./images.ts";
import { act, inside, kubectl, prints } from "./kubectl.ts";
import { explicit, type Table } from "./row.ts";
import { changes, checks, query, subcommands } from "./subcommands.ts";

/** Clusters made on one machine, or with one command. */

const local = changes("cluster", "host", "changes a cluster on this machine");

const minikubeOptions =
  "p= profile= o= output= l= layout= f= format= n= node= b= bootstrapper= alsologtostderr v= short components shell= u unset ssh-host= rootless interactive user=";

const minikube = subcommands(
  {
    "status|ip|version|docker-env|podman-env|ssh-host": query(minikubeOptions),
    "profile|node|image|addons|service list|ls": query(minikubeOptions),
    "config view|get": query(minikubeOptions),
    logs: query("n= length= problems follow f node= p= audit last-start-only"),
    "update-check|options": query(""),
    kubectl: {
      options: "any",
      wraps: true,
      judge: (call) =>
        call.args[0]?.value === "--" && call.args.length > 1
          ? call.nested([
              {
                text: "kubectl",
                value: "kubectl",
                pieces: [{ kind: "text", text: "kubectl" }],
                splits: false,
              },
              ...call.args.slice(1),
            ])
          : [explicit(call, "", "may change the cluster", "cluster", "remote")],
    },
    "ssh|cp|mount|tunnel": inside,
  },
  local,
  "p= profile= alsologtostderr v= h help",
);

const k3sNested = {
  kubectl,
  "check-config|--version": query("any"),
  "etcd-snapshot ls|list": query("s3 o= output="),
  "certificate check": query("output= service="),
  "secrets-encrypt status": query("o= output="),
};

export const localClusters: Table = {
  kind: subcommands(
    {
      "get clusters|nodes": query("n= name= A all-clusters q quiet v="),
      version: query("q quiet"),
      "get kubeconfig": prints,
    },
    local,
    "q quiet v= verbosity= h help version",
  ),
  k3d: subcommands(
    {
      "cluster|node|registry ls|list|get": query("o= output= no-headers"),
      "version|runtime-info": query("o= output="),
      "version list|ls": query("o= output= l= limit= f= filter="),
      "kubeconfig get|print|show": prints,
    },
    local,
    "verbose trace timestamps h help version",
  ),
  minikube,
  k3s: subcommands({ ...k3sNested, ...crictlAndCtr }, local, "version h help v debug data-dir= d="),
  "k3s-killall.sh": local,
  microk8s: subcommands(
    {
      kubectl,
      helm,
      helm3: helm,
      ctr: crictlAndCtr.ctr,
      "status|version": query("format= a= addon= wait-ready t= timeout= y yaml"),
      "addons repo list": query(""),
    },
    local,
  ),
  "microk8s.kubectl": kubectl,
  k0s: subcommands(
    {
      kubectl,
      kc: kubectl,
      "status|version|sysinfo": query("o= out= a all j json"),
      "etcd member-list": query(""),
      "config create|validate": checks("c= config="),
    },
    local,
  ),
  kubeadm: subcommands(
    {
      version: query("o= output= short"),
      "config print|images list|init-defaults|join-defaults|reset-defaults|upgrade-defaults": query(
        "component-configs= kubernetes-version= image-repository= o= output= feature-gates=",
      ),
      "config validate": checks("config= allow-experimental-api"),
      "certs check-expiration": query("cert-dir= o= output="),
      "upgrade plan|diff": query(
        "print-config o= output= allow-experimental-upgrades allow-release-candidate-upgrades ignore-preflight-errors=",
      ),
    },
    local,
    "v= rootfs= h help",
  ),
  eksctl: subcommands(
    {
      "get *": query("o= output= r= region= n= name= cluster= p= profile= A all-regions v="),
      "version|info": query("o= output="),
      "utils describe-stacks|describe-addon-versions": query(
        "cluster= region= all events trail o= output= kubernetes-version= name=",
      ),
    },
    act,
    "v= verbose= C= color= h help p= profile=",
  ),
  kops: subcommands(
    {
      "get *": query("o= output= state= name="),
      // In plain text with -oplaintext.
      "get secret|secrets|keypair|keypairs|sshpublickey|all": act,
      version: query("short"),
      validate: query("any"),
    },
    act,
    "name= state= v= h help",
  ),
};
