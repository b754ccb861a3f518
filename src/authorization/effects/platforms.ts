import { ansible } from "./ansible.ts";
import { ciTools } from "./ci-tools.ts";
import { clouds } from "./clouds.ts";
import { clusters } from "./clusters.ts";
import { containers } from "./containers.ts";
import { forges } from "./forges.ts";
import { homeAutomation } from "./home-automation.ts";
import { monitoring } from "./monitoring.ts";
import { provisioning } from "./provisioning.ts";
import type { Table } from "./row.ts";
import { terraformTools } from "./terraform.ts";
import { virtualMachines } from "./virtual-machines.ts";

/** Containers, clusters, infrastructure, virtual machines, clouds, forges and what watches them. */
export const platforms: readonly (() => Table)[] = [
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
];
