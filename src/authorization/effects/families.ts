import { accounts } from "./accounts.ts";
import { ansible } from "./ansible.ts";
import { applets } from "./applets.ts";
import { archives } from "./archives.ts";
import { backups } from "./backups.ts";
import { binaries } from "./binaries.ts";
import { buildTools } from "./build-tools.ts";
import { ciTools } from "./ci-tools.ts";
import { clouds } from "./clouds.ts";
import { clusters } from "./clusters.ts";
import { containers } from "./containers.ts";
import { coreutils } from "./coreutils.ts";
import { dataStores } from "./data-stores.ts";
import { databases } from "./databases.ts";
import { debianPackages } from "./debian-packages.ts";
import { desktop } from "./desktop.ts";
import { documents } from "./documents.ts";
import { dumpTools } from "./dumps.ts";
import { fileChanges } from "./file-changes.ts";
import { firewall } from "./firewall.ts";
import { forges } from "./forges.ts";
import { git } from "./git.ts";
import { hardware } from "./hardware.ts";
import { homeAutomation } from "./home-automation.ts";
import { host } from "./host.ts";
import { interfaces } from "./interfaces.ts";
import { interpreters } from "./interpreters.ts";
import { javascriptPackages } from "./javascript-packages.ts";
import { jvmDotnet } from "./jvm-dotnet.ts";
import { kernel } from "./kernel.ts";
import { keyTools } from "./key-tools.ts";
import { linters } from "./linters.ts";
import { listing } from "./listing.ts";
import { lookups } from "./lookups.ts";
import { macos } from "./macos.ts";
import { media } from "./media.ts";
import { monitoring } from "./monitoring.ts";
import { network } from "./network.ts";
import { nimrod } from "./nimrod.ts";
import { openssl } from "./openssl.ts";
import { otherLanguages } from "./other-languages.ts";
import { processes } from "./processes.ts";
import { provisioning } from "./provisioning.ts";
import { pythonPackages } from "./python-packages.ts";
import { rclone } from "./rclone.ts";
import { remoteCopies } from "./remote-copies.ts";
import type { Table } from "./row.ts";
import { rubyPhp } from "./ruby-php.ts";
import { runners } from "./runners.ts";
import { rustGo } from "./rust-go.ts";
import { scheduling } from "./scheduling.ts";
import { search } from "./search.ts";
import { secretStores } from "./secret-stores.ts";
import { serviceManagers } from "./service-managers.ts";
import { shellBuiltins } from "./shell-builtins.ts";
import { siteTools } from "./site-tools.ts";
import { storage } from "./storage.ts";
import { structuredText } from "./structured-text.ts";
import { systemLogs } from "./system-logs.ts";
import { systemPackages } from "./system-packages.ts";
import { systemd } from "./systemd.ts";
import { taskRunners } from "./task-runners.ts";
import { terraformTools } from "./terraform.ts";
import { textPrograms } from "./text-programs.ts";
import { toolchains } from "./toolchains.ts";
import { versionControl } from "./version-control.ts";
import { viewers } from "./viewers.ts";
import { virtualMachines } from "./virtual-machines.ts";
import { volumes } from "./volumes.ts";
import { vpn } from "./vpn.ts";
import { webClients } from "./web-clients.ts";
import { webServers } from "./web-servers.ts";
import { wrappers } from "./wrappers.ts";

/**
 * One a family of tools; a name stands in one of them. Those that are asked for most come first. Nothing but families is
 * imported here: the build loads each file when its family is first asked for (`scripts/load-families-when-asked.mjs`).
 */
export const families: readonly (() => Table)[] = [
  shellBuiltins,
  coreutils,
  git,
  search,
  listing,
  viewers,
  textPrograms,
  structuredText,
  applets,
  fileChanges,
  versionControl,
  interpreters,
  javascriptPackages,
  pythonPackages,
  rustGo,
  rubyPhp,
  jvmDotnet,
  otherLanguages,
  toolchains,
  binaries,
  buildTools,
  linters,
  siteTools,
  taskRunners,
  network,
  webClients,
  lookups,
  remoteCopies,
  interfaces,
  firewall,
  vpn,
  webServers,
  host,
  accounts,
  debianPackages,
  desktop,
  hardware,
  kernel,
  macos,
  processes,
  scheduling,
  serviceManagers,
  storage,
  systemPackages,
  systemd,
  volumes,
  containers,
  clusters,
  terraformTools,
  ansible,
  provisioning,
  virtualMachines,
  clouds,
  forges,
  monitoring,
  homeAutomation,
  ciTools,
  archives,
  backups,
  rclone,
  openssl,
  keyTools,
  secretStores,
  databases,
  dumpTools,
  dataStores,
  media,
  documents,
  systemLogs,
  nimrod,
  wrappers,
  runners,
];
