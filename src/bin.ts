#!/usr/bin/env node
// A default import and no syntax younger than Node 18: an older Node has to get as far as the `else` below.
import module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 12)) {
  module.enableCompileCache(compileCacheFolder());
  const words = process.argv.slice(2);
  // What a shell calls at every tab loads neither the commands nor their parser.
  const { main } =
    words[0] === "__complete" ? await import("./cli/completion/main.ts") : await import("./cli/program.ts");
  process.exitCode = await main(words);
} else {
  const { runUnderNewerNode } = await import("./cli/older-node.ts");
  process.exitCode = await runUnderNewerNode(process.argv[1] ?? "", process.argv.slice(2));
}

/**
 * Where Node keeps compiled code between runs. Its own default is a folder under the shared temporary directory,
 * where somebody else could lie in wait; this one is the user's. Here, because nothing that is loaded before the cache
 * is there comes from the cache.
 */
function compileCacheFolder(): string {
  const { isAbsolute, join } = process.getBuiltinModule("node:path");
  const { XDG_CACHE_HOME: configured, HOME: home } = process.env;
  const base =
    configured !== undefined && isAbsolute(configured)
      ? configured
      : join(home || process.getBuiltinModule("node:os").homedir(), ".cache");
  return join(base, "nimrod", "compiled");
}
