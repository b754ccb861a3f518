import { accounts } from "./accounts.ts";
import { applets } from "./applets.ts";
import { binaries } from "./binaries.ts";
import { buildTools } from "./build-tools.ts";
import { coreutils } from "./coreutils.ts";
import { data } from "./data.ts";
import { debianPackages } from "./debian-packages.ts";
import { desktop } from "./desktop.ts";
import { fileChanges } from "./file-changes.ts";
import { firewall } from "./firewall.ts";
import { git } from "./git.ts";
import { hardware } from "./hardware.ts";
import { host } from "./host.ts";
import { interfaces } from "./interfaces.ts";
import { interpreters } from "./interpreters.ts";
import { javascriptPackages } from "./javascript-packages.ts";
import { jvmDotnet } from "./jvm-dotnet.ts";
import { kernel } from "./kernel.ts";
import { linters } from "./linters.ts";
import { listing } from "./listing.ts";
import { lookups } from "./lookups.ts";
import { macos } from "./macos.ts";
import { network } from "./network.ts";
import { nimrod } from "./nimrod.ts";
import { otherLanguages } from "./other-languages.ts";
import { platforms } from "./platforms.ts";
import { processes } from "./processes.ts";
import { pythonPackages } from "./python-packages.ts";
import { remoteCopies } from "./remote-copies.ts";
import type { Table, Tool } from "./row.ts";
import { rubyPhp } from "./ruby-php.ts";
import { runners } from "./runners.ts";
import { rustGo } from "./rust-go.ts";
import { scheduling } from "./scheduling.ts";
import { search } from "./search.ts";
import { serviceManagers } from "./service-managers.ts";
import { shellBuiltins } from "./shell-builtins.ts";
import { siteTools } from "./site-tools.ts";
import { storage } from "./storage.ts";
import { structuredText } from "./structured-text.ts";
import { systemPackages } from "./system-packages.ts";
import { systemd } from "./systemd.ts";
import { taskRunners } from "./task-runners.ts";
import { textPrograms } from "./text-programs.ts";
import { toolchains } from "./toolchains.ts";
import { versionControl } from "./version-control.ts";
import { viewers } from "./viewers.ts";
import { volumes } from "./volumes.ts";
import { vpn } from "./vpn.ts";
import { webClients } from "./web-clients.ts";
import { webServers } from "./web-servers.ts";
import { wrappers } from "./wrappers.ts";

/** One a family of tools; a name stands in one of them. Those that are asked for most come first. */
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
  ...platforms,
  ...data,
  nimrod,
  wrappers,
  runners,
];

const known = new Map<string, Tool>();
let made = 0;

/**
 * Every tool that is known, by name. Families are made in their order until the name is found: all of them together take
 * longer to make than hundreds of commands to judge. A Map holds them, so that `constructor` is no tool.
 */
export const tools = {
  get(name: string): Tool | undefined {
    for (let found = known.get(name); ; found = known.get(name)) {
      const family = families[made];
      if (found !== undefined || family === undefined) return found;
      made += 1;
      for (const [each, tool] of Object.entries(family())) known.set(each, tool);
    }
  },
  has(name: string): boolean {
    return tools.get(name) !== undefined;
  },
};
