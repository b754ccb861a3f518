#!/usr/bin/env node
// A default import and no syntax younger than Node 18: an older Node has to get as far as the `else` below.
import module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 12)) {
  const { compileCacheFolder } = await import("./cli/compile-cache.ts");
  module.enableCompileCache(compileCacheFolder(process.env));
  const { main } = await import("./cli/program.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  const { runUnderNewerNode } = await import("./cli/older-node.ts");
  process.exitCode = await runUnderNewerNode(process.argv[1] ?? "", process.argv.slice(2));
}
