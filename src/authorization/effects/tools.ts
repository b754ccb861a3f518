import { applets } from "./applets.ts";
import { buildTools } from "./build-tools.ts";
import { coreutils } from "./coreutils.ts";
import { data } from "./data.ts";
import { fileChanges } from "./file-changes.ts";
import { firewall } from "./firewall.ts";
import { git } from "./git.ts";
import { host } from "./host.ts";
import { interfaces } from "./interfaces.ts";
import { interpreters } from "./interpreters.ts";
import { listing } from "./listing.ts";
import { lookups } from "./lookups.ts";
import { network } from "./network.ts";
import { nimrod } from "./nimrod.ts";
import { packages } from "./packages.ts";
import { platforms } from "./platforms.ts";
import { remoteCopies } from "./remote-copies.ts";
import type { Table, Tool } from "./row.ts";
import { search } from "./search.ts";
import { shellBuiltins } from "./shell-builtins.ts";
import { structuredText } from "./structured-text.ts";
import { textPrograms } from "./text-programs.ts";
import { versionControl } from "./version-control.ts";
import { viewers } from "./viewers.ts";
import { vpn } from "./vpn.ts";
import { webClients } from "./web-clients.ts";
import { webServers } from "./web-servers.ts";
import { wrappers } from "./wrappers.ts";

const tables: readonly Table[] = [
  coreutils,
  listing,
  viewers,
  search,
  textPrograms,
  structuredText,
  applets,
  fileChanges,
  git,
  versionControl,
  interpreters,
  packages,
  buildTools,
  network,
  webClients,
  lookups,
  remoteCopies,
  interfaces,
  firewall,
  vpn,
  webServers,
  host,
  platforms,
  data,
  nimrod,
  wrappers,
  shellBuiltins,
];

/** Every tool that is known, by name. A Map, so that `constructor` is no tool. */
export const tools: ReadonlyMap<string, Tool> = new Map(tables.flatMap((table) => Object.entries(table)));
