import { appHosts } from "./app-hosts.ts";
import { aws } from "./aws.ts";
import { cloud } from "./cloud-scheme.ts";
import { gcloud } from "./gcloud.ts";
import { objectStores } from "./object-stores.ts";
import { named, type Table } from "./row.ts";
import { changes, query, subcommands } from "./subcommands.ts";

/** Command lines of clouds: groups of things, then a verb. What leads to the verb has to be known as a group. */

const az = cloud({
  groups:
    "vm vmss disk image snapshot network vnet subnet nsg rule public-ip nic lb dns zone record-set a aaaa cname mx txt private-dns private-endpoint application-gateway route-table route nat bastion vpn-connection vnet-gateway express-route firewall watcher front-door cdn profile endpoint traffic-manager storage account container blob share file queue table aks nodepool acr repository group resource deployment sub account management-group location ad user app sp signed-in-user role assignment definition policy webapp functionapp appservice plan deployment slot log config appsettings hostname ssl certificate logicapp staticwebapp containerapp env logs revision replica sql server db mysql postgres flexible-server mariadb cosmosdb database redis keyvault secret key monitor metrics metrics-list log-analytics workspace activity-log diagnostic-settings alert action-group autoscale advisor recommendation backup vault item job policy protectable-item servicebus namespace topic subscription queue eventhubs eventhub eventgrid identity lock tag feature provider extension cloud bicep devops pipelines pipeline build runs repos pr boards work-item artifacts project team consumption usage budget costmanagement billing invoice search service batch iot hub device apim appconfig kv afd capacity sku maintenance quota security assessment ts stack proximity-placement-group availability-set ppg sig image-definition image-version gallery access-policy instance-view connection-monitor flow-log addon arc connectedk8s hack graph zones link record hdinsight synapse datafactory databricks signalr maps container-registry containers task credential-set webhook replication",
  reads:
    "list show version list-locations list-sizes list-skus list-usage list-usages list-ip-addresses list-ip-configurations get-instance-view get-versions get-upgrades show-tags show-manifests show-usage list-definitions list-runtimes list-defaults check-name check-name-availability exists nslookup show-effective-route-table list-effective-nsg show-next-hop what-if validate query list-deleted tail show-health list-deployed metadata list-metadata list-namespaces list-children list-changesets list-assignments stats",
  secret:
    /keyvault (secret|key|certificate) (show|download)|list-keys|connection-string|get-access-token|get-credentials|\bkeys\b|\bcredential\b|publishing|appsettings list|connection-string list|config (show|list)|\bkv\b|\bsas\b|show-connection|list-secrets|(^|\s)secret (show|list-versions)|password|\bad sp credential|acr credential|registry login|show-values|signalr key/i,
  valued:
    "g resource-group n name o output query subscription s l location ids vm-name vnet-name nsg-name zone-name server server-name account-name container-name registry repository c cluster-name resource-type namespace plan workspace resource scope assignee start-time end-time metric interval aggregation top filter",
  refused: /^--(debug|password|account-key|sas-token|connection-string)/,
});

const hcloud = () =>
  subcommands(
    {
      "server|server-type|image|iso|datacenter|location|network|volume|firewall|floating-ip|primary-ip|load-balancer|load-balancer-type|certificate|ssh-key|placement-group|all|context|zone|storage-box|storage-box-type list|describe|active":
        query("o= output= l= selector= s= sort= a architecture= t= type= paid id name"),
      "server ip|metrics": query("6 ipv6 type= start= end= o= output="),
      "all list": query("o= output= paid"),
      "config list|get": query("global"),
      "zone rrset list|describe": query("o= output= l= selector= s= sort= type="),
      "version|completion": query("long"),
      "server ssh": changes("remote-exec", "remote", "opens a shell on a server"),
    },
    changes("cluster", "remote", "changes the cloud account"),
    "context= quiet poll-interval= no-experimental-warnings h help",
  );

const groupsOfSmallClouds =
  "compute droplet droplets volume volume-snapshot snapshot image images domain domains records record firewall firewalls load-balancer load-balancers account balance invoice invoices kubernetes cluster clusters node-pool node-pools apps app databases database db db-user pool options region regions size sizes ssh-key tag tags cdn certificate certificates vpc vpcs vpc-peerings registry repository reserved-ip reserved-ips floating-ip monitoring alert uptime checks functions namespaces projects project resources actions action 1-click serverless logs deployments tier instance server servers type types security-group ip private-nic pn private-network k8s version rdb backup user engine dns zone lb backend frontend rule route object bucket container namespace function cron account ssh-key project organization iam api-key application group policy baremetal offer os registry image vpc-gw gateway marketplace inference cockpit linodes nodebalancers volumes networking obj lke stackscripts events longview managed profile tickets users vlans placement versions types kernels configs disks ips nodes transfer stats clusters-list vlan regions-list iam compartment network vcn subnet route-table security-list os ns bucket-list bv boot-volume dhcp-options internet-gateway shape ad availability-domain fault-domain audit event work-request limits quota service lb-list db autonomous-database ce search resource plans plan bare-metal block-storage reserved-ipv4 snapshots ssh-keys vpc2 object-storage container-registry";

const smallCloud = cloud({
  groups: groupsOfSmallClouds,
  reads:
    "list list-all get ls view version help describe show list-by-droplet list-by-region get-upgrades list-deployments list-regions list-versions list-neighbors list-associations logs linodes-list regions-list lke-clusters-list volumes-list types-list images-list clusters-list disks-list configs-list ips-list records-list events-list nodes-list kernels-list ratelimit list-ssh list-invoices",
  secret:
    /connection|kubeconfig|credential|\bkeys?\b.*\b(get|view|show)\b|api-?key|token|password|\bauth\b|\bsecrets?\b|access-key|\bdb-user\b|\buser (get|list)\b|database user|container-registry.*docker|obj(ect-storage)? keys|\bjson\b.*\bdatabases? (get|list)\b|\bdatabases? (get|list)\b.*\bjson\b|^database (get|list)\b/i,
  valued:
    "o output format context region zone page per-page limit compartment-id c profile p project-id tag-name filter query instance-id vcn-id sort-by name config-profile json-fields field",
  refused:
    /^(-t$|-t=|--(access-token|token|api-url|trace|debug|config-file|auth|endpoint|cert-bundle|secret-key|http-retry)|-u$|-D$)/,
});

export const clouds = (): Table => ({
  ...gcloud,
  ...appHosts,
  aws,
  az,
  hcloud: hcloud(),
  ...named("doctl scw linode-cli oci vultr-cli exo upctl civo openstack ibmcloud", smallCloud),
  ...objectStores,
});
