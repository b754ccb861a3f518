// Bundles src/ into dist/ with one lazily loaded chunk per command, and links the binary so that `npx nimrod`
// works in a clone. Runs as `prepare`: idempotent, well under a second.
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundling } from "./bundling.mjs";
import { lightBuiltins } from "./light-builtins.mjs";
import { joinChunks } from "./start-file.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outdir = join(root, "dist");

/** What every start needs, and what the commands need that should be as quick as a shell script. */
const quick = [
  "src/cli/program.ts",
  "src/config/load.ts",
  "src/tickets/store.ts",
  ...["list", "new", "next", "show"].map((name) => `src/cli/commands/${name}.ts`),
];

const completion = "src/cli/completion/main.ts";
const completionApart = {
  name: "completion-apart",
  setup(bundler) {
    const filter = /\/completion\/main\.ts$/;
    bundler.onResolve({ filter }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./complete.js", external: true } : undefined,
    );
  },
};
const commandsStayOutside = {
  name: "commands-stay-outside",
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\/commands\// }, ({ path }) => ({ path, external: true }));
  },
};

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    bin: "src/bin.ts",
    builtin: "src/agents/adapters/builtin/main.ts",
    toolbox: "src/toolbox/stdio.ts",
  },
  outdir,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  sourcemap: "linked",
  metafile: true,
  ...bundling,
  plugins: [...bundling.plugins, completionApart],
});
const { start, map, stubs } = await joinChunks({ sources: quick, outputs: metafile.outputs, root, bundling });
for (const { path, text } of [start, map, ...stubs]) writeFileSync(path, text);
for (const { path } of stubs)
  writeFileSync(`${path}.map`, '{"version":3,"sources":[],"names":[],"mappings":""}');
chmodSync(join(outdir, "bin.js"), 0o755);

// Alone in its file, too: a tab would else load what the commands need for their start. The table of commands names
// their files, and nothing here opens them.
await build({
  absWorkingDir: root,
  entryPoints: [completion],
  outfile: join(outdir, "complete.js"),
  sourcemap: "linked",
  ...bundling,
  plugins: [...bundling.plugins, commandsStayOutside, lightBuiltins],
});

// Alone in its file: it is all of Nimrod that a sandbox is shown, and an agent waits for its start.
await build({
  absWorkingDir: root,
  entryPoints: ["src/workspace/bridge.ts"],
  outfile: join(outdir, "bridge.mjs"),
  bundle: true,
  minify: true,
  platform: "node",
  format: "esm",
  target: "node22",
  logLevel: "warning",
});

const binFolder = join(root, "node_modules", ".bin");
const link = join(binFolder, "nimrod");
if (existsSync(join(root, "node_modules"))) {
  mkdirSync(binFolder, { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync(join("..", "..", "dist", "bin.js"), link);
}
