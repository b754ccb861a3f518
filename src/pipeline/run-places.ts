import { join } from "node:path";

/** Where the journals of a ticket's runs are. */
export function journalFolder(stateFolder: string, ticket: string): string {
  return join(stateFolder, "runs", ticket);
}

/** The lock of whoever runs a ticket now. */
export function claimFile(stateFolder: string, ticket: string): string {
  return join(stateFolder, "claims", `${ticket}.lock`);
}
