import { basename, dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import { lightBuiltins } from "./light-builtins.mjs";

/**
 * Puts the chunks that the quick commands share into one file: `nimrod list` would read some forty of them, and each
 * costs a millisecond, whatever is in it. What stood in a chunk is handed on under its old name: whoever else imports
 * one gets the same modules, never a second copy.
 *
 * @param options.sources files whose chunks, with all that these import, go into the start file.
 * @param options.outputs of esbuild's metafile; the files themselves are written already.
 * @param options.bundling the settings of every bundle.
 * @returns the text of the file, its source map, and the new texts of the chunks by path.
 */
export async function joinChunks({ sources, outputs, root, bundling }) {
  const together = new Set();
  for (const source of sources) {
    const [path] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [];
    if (path === undefined) throw new Error(`${source} has no chunk of its own`);
    addWithImports(path, outputs, together);
  }
  const chunks = [...together].map((path, index) => ({
    file: join(root, path),
    // Two chunks may export different things under one name, so each name carries its chunk's number.
    names: outputs[path].exports.map((name) => ({ name, as: `${name}_${index}` })),
  }));
  const from = ({ file, names }) =>
    `export {${names.map(({ name, as }) => `${name} as ${as}`)}} from "./${basename(file)}";`;
  const folder = dirname(chunks[0].file);
  const { outputFiles } = await build({
    ...bundling,
    plugins: [othersStayOutside(chunks.map(({ file }) => file)), lightBuiltins],
    stdin: { contents: chunks.map(from).join("\n"), resolveDir: folder, sourcefile: "start.js" },
    outfile: join(folder, "start.js"),
    entryNames: "[name]-[hash]",
    sourcemap: "linked",
    write: false,
  });
  const [map, start] = ["map", "js"].map((end) => outputFiles.find(({ path }) => path.endsWith(`.${end}`)));
  const stubs = chunks.map(({ file, names }) => ({
    path: file,
    text: `export{${names.map(({ name, as }) => `${as} as ${name}`)}}from"./${basename(start.path)}";\n`,
  }));
  return { start, map, stubs };
}

function addWithImports(path, outputs, found) {
  if (found.has(path)) return;
  found.add(path);
  for (const { path: to, kind } of outputs[path].imports) {
    if (kind === "import-statement" && outputs[to] !== undefined) addWithImports(to, outputs, found);
  }
}

const othersStayOutside = (files) => ({
  name: "others-stay-outside",
  setup(bundler) {
    bundler.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) =>
      files.includes(resolve(resolveDir, path)) ? undefined : { path, external: true },
    );
  },
});
