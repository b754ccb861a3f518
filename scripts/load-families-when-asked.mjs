// The classifier knows some 2,900 tools in some 140 files, and a command needs a handful of them. Running all of these
// files took more than half of the time that loading the classifier takes, so the bundle runs the file of a family
// when a tool of it (or of one listed after it) is first asked for. Run from source, they are ordinary imports.
import { readFileSync } from "node:fs";

export const loadFamiliesWhenAsked = {
  name: "load-families-when-asked",
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]authorization[\\/]effects[\\/]families\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8").replace(
        /^import \{ (\w+) \} from (".*");$/gm,
        // The bundler turns `require` of one of its own modules into a call that runs it once.
        (_import, family, file) => `const ${family} = () => require(${file}).${family}();`,
      );
      const odd = /^import (?!type ).*$/m.exec(contents);
      return odd === null
        ? { loader: "ts", contents }
        : { errors: [{ text: `${path} imports families only, one a line; found: ${odd[0]}` }] };
    });
  },
};
