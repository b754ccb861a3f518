import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../agents/package-root.ts";

/** Of the installed package, from its package.json. */
export function ownVersion(): string {
  const content: unknown = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
  const version =
    typeof content === "object" && content !== null && "version" in content ? content.version : null;
  return typeof version === "string" ? version : "unknown";
}
