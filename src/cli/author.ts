import { hostname, userInfo } from "node:os";

/** The name of whoever sits at the machine: a claim, not a proof. */
export function userName(env: Readonly<Record<string, string | undefined>>): string {
  try {
    return userInfo().username;
  } catch {
    return env["USER"] || env["LOGNAME"] || "somebody"; // a container may run under a number that has no name
  }
}

export function userAtHost(env: Readonly<Record<string, string | undefined>>): string {
  return `${userName(env)}@${hostname()}`;
}
