import { isBuiltin } from "node:module";

/** Their functions are called late, if at all, and loading them takes milliseconds of each start. */
const late = ["node:crypto", "node:fs/promises", "node:child_process", "node:zlib"];

/**
 * Takes Node's own modules by a plain look-up. An `import` of one reads every export there is, and behind some of them
 * (`crypto.webcrypto`, `fs.promises`, `process.stdin`) wait modules that nobody asked for.
 */
export const lightBuiltins = {
  name: "light-builtins",
  setup(bundler) {
    bundler.onResolve({ filter: /^node:/ }, ({ path }) => ({
      path,
      namespace: "builtin",
      sideEffects: false,
    }));
    bundler.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => {
      if (!isBuiltin(path)) return { errors: [{ text: `${path} is no module of Node` }] };
      return { contents: late.includes(path) ? lateModule(path) : lightModule(path) };
    });
  },
};

// "Pure" lets the bundler leave out what nobody imports.
const lightModule = (path) => `const all = process.getBuiltinModule("${path}");
const take = (name) => all[name];
${namesOf(path, () => true)
  .map((name, index) => `const _${index} = /* @__PURE__ */ take("${name}"); export { _${index} as ${name} };`)
  .join("\n")}
export default all;`;

const lateModule = (path) => `const load = () => process.getBuiltinModule("${path}");
${namesOf(path, (value) => typeof value === "function")
  .map((name) => `export const ${name} = (...args) => load().${name}(...args);`)
  .join("\n")}
export default new Proxy({}, { get: (_, name) => load()[name] });`;

const namesOf = (path, fits) =>
  Object.entries(process.getBuiltinModule(path)).flatMap(([name, value]) =>
    /^[\w$]+$/.test(name) && name !== "default" && fits(value) ? [name] : [],
  );
