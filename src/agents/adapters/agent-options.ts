import type { CatalogRow } from "../catalog.ts";
import type { HostEnv } from "./agent-process.ts";

/** What the composition root hands to the adapter of a CLI: the catalog's row as the configuration bent it. */
export type AgentOptions = {
  /** As configured, for evidence. */
  name: string;
  row: CatalogRow;
  /** argv; the program as an absolute path. */
  command: readonly string[];
  vendor: string;
  model: string | null;
  /** In place of the vendor's own address. */
  baseUrl: string | null;
  /** More `host` or `host:port` that may be reached. */
  hosts: readonly string[];
  /** More environment variables that are handed on, by name. */
  env: readonly string[];
  /** The operator's side: where login variables and files are taken from. */
  operator: { env: HostEnv; home: string };
};
