import { basename, delimiter, dirname, isAbsolute, join, sep } from "node:path";

/** What is asked of the file system; paths are absolute. */
export type Look = {
  /** Null where nothing is. */
  realPath: (path: string) => string | null;
  /** Null where there is no such text file. */
  readText: (path: string) => string | null;
};

export type Program = {
  /** What to start: the real file where its link would not work inside. */
  file: string;
  /** Shown read-only beside what every sandbox shows. */
  readable: string[];
};

/** Shown in every sandbox already. */
const systemFolders = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/nix/store",
  "/run/current-system/sw",
];

/**
 * Where a program's own files are, so that it runs inside without the home it is installed in. By its real path:
 * the outermost `node_modules` that holds it (its dependencies may lie beside it), a Python environment with its
 * interpreter, a folder of its own below /opt, else that one file. Pure but for `look`.
 */
export function programFolders(file: string, look: Look): Program {
  if (isSystem(file)) return { file, readable: [] };
  const real = look.realPath(file);
  if (real === null) return { file, readable: [] };
  if (isSystem(real)) return { file: real, readable: [] };

  const parts = real.split(sep);
  const modules = parts.indexOf("node_modules");
  if (modules > 0) return { file: real, readable: [parts.slice(0, modules + 1).join(sep)] };
  const environment = dirname(dirname(real));
  const settings = basename(dirname(real)) === "bin" ? look.readText(join(environment, "pyvenv.cfg")) : null;
  if (settings !== null) return { file: real, readable: [environment, ...interpreterOf(settings, look)] };
  if (parts[1] === "opt" && parts.length > 3) return { file: real, readable: [parts.slice(0, 3).join(sep)] };
  return { file: real, readable: [real] };
}

/** `home = …/bin` of a Python environment: the folder above it, where that is a Python of its own and no home. */
function interpreterOf(settings: string, look: Look): string[] {
  const bin = /^home *= *(\/.+?) *$/m.exec(settings)?.[1];
  const real = bin === undefined ? null : look.realPath(bin);
  if (real === null || isSystem(real) || basename(real) !== "bin") return [];
  const prefix = dirname(real);
  return /(?:^|[-_/])c?python[-_0-9.]*/i.test(basename(prefix)) ? [prefix] : [];
}

/** The first program of that name on PATH, as a shell finds it; relative entries never. A path is itself. */
export function findProgram(
  word: string,
  path: string | undefined,
  isProgram: (file: string) => boolean,
): string | null {
  if (word.includes("/")) return isAbsolute(word) ? word : null;
  const folders = (path ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, word)).find(isProgram) ?? null;
}

function isSystem(path: string): boolean {
  return systemFolders.some((folder) => path.startsWith(`${folder}/`));
}
