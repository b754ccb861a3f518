import { loadFamiliesWhenAsked } from "./load-families-when-asked.mjs";

// zod's core re-exports its messages in some sixty languages; only the English ones are ever used.
const englishOnly = {
  name: "english-only",
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** How Nimrod is bundled; the benchmark of the classifier loads what is bundled in the same way. */
export const bundling = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node22",
  // Names stay as they are, for the stack in a report of a bug; less to read is three milliseconds of each start.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  logLevel: "warning",
  plugins: [englishOnly, loadFamiliesWhenAsked],
  // CommonJS packages inside the bundle call require() for node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
};
