import { randomUUID } from "node:crypto";
import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, sep } from "node:path";
import { NimrodError } from "../errors.ts";
import { sandboxMark } from "../platform/leftovers.ts";

export type Sandbox = { kind: "bwrap"; file: string; version: string } | { kind: "none"; why: string };

export type Mount = { from: string; to: string };

export type SandboxedCommand = {
  file: string;
  args: string[];
  /** Absolute; must be inside one of the shown folders. */
  cwd: string;
  /** The whole environment inside, already cut down to what is allowed. */
  env: Record<string, string>;
  /** Absolute folders or files that exist inside and may be changed there. */
  writable: string[];
  /** Absolute folders or files that exist inside, read-only. A missing one is an error, never skipped. */
  readable: string[];
  /** The pass's own home: bound writable at its own path, and `$HOME`. */
  home: string;
  network: boolean;
  /** Shown read-only at another place. Inside a read-only folder the mount point must exist already. */
  mounts?: Mount[];
};

// Fixed places: a `bwrap` put earlier on somebody's PATH must not become the sandbox.
const candidates = [
  "/usr/bin/bwrap",
  "/usr/local/bin/bwrap",
  "/bin/bwrap",
  "/run/current-system/sw/bin/bwrap",
];

/**
 * What protects commands on this machine, found by starting it once with the very arguments used later.
 * `NIMROD_SANDBOX=none` forces none.
 */
export async function probeSandbox(env: NodeJS.ProcessEnv = process.env): Promise<Sandbox> {
  if (env["NIMROD_SANDBOX"] === "none") return { kind: "none", why: "NIMROD_SANDBOX=none is set" };
  if (process.platform !== "linux")
    return { kind: "none", why: `bwrap needs Linux; this is ${process.platform}` };
  const file = candidates.find((path) => existsSync(path));
  if (file === undefined) return { kind: "none", why: "bwrap is not installed (package bubblewrap)" };

  const { exec } = await import("../platform/exec.ts"); // not needed to wrap a command, and slow to load
  const limits = { cwd: "/", env: {}, timeoutMs: 10_000, maxOutputBytes: 4_096 };
  const trial = await exec({ ...limits, file, args: [...isolation(false), "--", "/usr/bin/env", "true"] });
  if (trial.kind !== "exited" || trial.code !== 0) {
    const said = trial.kind === "missing" ? trial.message : trial.stderr.text.trim();
    return { kind: "none", why: `${file} does not work here: ${said === "" ? trial.kind : said}` };
  }
  const version = await exec({ ...limits, file, args: ["--version"] });
  const text = version.kind === "exited" ? version.stdout.text.trim() : "";
  return { kind: "bwrap", file, version: text.replace(/^bubblewrap /, "") };
}

/**
 * The command as it must be started. With `none` it is the same command; the gate decides what may run so.
 *
 * Inside, a missing program is exit code 127 and one that cannot be executed 126, as in a shell.
 */
export function wrapCommand(
  sandbox: Sandbox,
  command: SandboxedCommand,
): { file: string; args: string[]; env: Record<string, string> } {
  const env = { PATH: defaultPath(), ...command.env, HOME: command.home };
  if (sandbox.kind === "none") return { file: command.file, args: command.args, env };

  const binds: Bind[] = [
    ...nodeFolders().map((path): Bind => ({ flag: "--ro-bind", from: path, to: path })),
    ...command.readable.map((path): Bind => ({ flag: "--ro-bind", from: path, to: path })),
    ...command.writable.map((path): Bind => ({ flag: "--bind", from: path, to: path })),
    ...(command.mounts ?? []).map(({ from, to }): Bind => ({ flag: "--ro-bind", from, to })),
    { flag: "--bind", from: command.home, to: command.home },
  ];
  for (const { from, to } of binds) checkBind(from, to);
  const { outside, inside } = splitEnvironment({ TMPDIR: "/tmp", ...env });
  return {
    file: sandbox.file,
    args: [
      ...isolation(command.network),
      ...inParentFirstOrder(binds).flatMap(({ flag, from, to }) => [flag, from, to]),
      // Only now: the mount points above are made in the root. A write to nowhere then fails, instead of vanishing.
      "--remount-ro",
      "/",
      ...Object.entries(inside).flatMap(([name, value]) => ["--setenv", name, value]),
      "--unsetenv",
      sandboxMark,
      "--chdir",
      command.cwd,
      "--",
      ...throughEnv(command.file),
      ...command.args,
    ],
    env: { ...outside, [sandboxMark]: randomUUID() },
  };
}

type Bind = { flag: "--bind" | "--ro-bind"; from: string; to: string };

/** What every command gets: its own namespaces, the system's programs, and nothing of this machine's data. */
function isolation(network: boolean): string[] {
  return [
    "--unshare-all",
    ...(network ? ["--share-net"] : []),
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--ro-bind",
    "/usr",
    "/usr",
    ...["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap(systemFolder),
    ...["/nix/store", "/run/current-system/sw"].flatMap((path) => ["--ro-bind-try", path, path]),
    ...[...systemFiles, ...(network ? networkFiles : [])].flatMap((path) => ["--ro-bind-try", path, path]),
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--tmpfs",
    "/tmp",
    "--tmpfs",
    "/var/tmp",
  ];
}

// Of /etc only what programs need to start and to name things; no shadow, no ssh, no service configuration.
const systemFiles = [
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/alternatives",
  "/etc/passwd",
  "/etc/group",
  "/etc/nsswitch.conf",
  "/etc/hosts",
  "/etc/localtime",
  "/etc/timezone",
  "/etc/locale.alias",
  "/etc/mime.types",
  "/etc/magic",
  "/etc/services",
  "/etc/protocols",
  "/etc/terminfo",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
  "/etc/ca-certificates",
  "/etc/pki/tls/certs",
  "/etc/pki/ca-trust",
  "/etc/java-17-openjdk",
  "/etc/java-21-openjdk",
  "/etc/fonts",
  "/etc/os-release",
  "/etc/debian_version",
];
const networkFiles = ["/etc/resolv.conf", "/etc/gai.conf"];

function systemFolder(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return found.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

// Node may live anywhere (a version manager, node_modules). Its programs and its npm are shown, its prefix is not:
// that can be somebody's home.
function nodeFolders(): string[] {
  const folders = new Set<string>();
  for (const file of [process.execPath, realpathSync(process.execPath)]) {
    const bin = dirname(file);
    folders.add(bin);
    const packages = join(dirname(bin), "lib", "node_modules");
    if (basename(bin) === "bin" && existsSync(packages)) folders.add(packages);
  }
  return [...folders].filter((path) => path !== "/usr" && !path.startsWith("/usr/"));
}

function defaultPath(): string {
  return [
    dirname(process.execPath),
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
  ].join(":");
}

// `env` turns "no such program" into 127; bwrap itself would say 1, which looks like a failed test.
// A name with "=" would be an assignment to it.
export function throughEnv(file: string): string[] {
  return file.includes("=") || file.startsWith("-") ? [file] : ["/usr/bin/env", file];
}

/**
 * bwrap hands its own environment on, so values (keys of agents) stay off the command line that everybody
 * can list. What the dynamic loader or libc of bwrap itself would obey, out here, is only set inside.
 */
function splitEnvironment(env: Record<string, string>): {
  outside: Record<string, string>;
  inside: Record<string, string>;
} {
  const outside: Record<string, string> = {};
  const inside: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const obeyed = /^(LD_|GLIBC_|GCONV_PATH$|LOCPATH$|NLSPATH$|MALLOC_|RES_OPTIONS$|HOSTALIASES$)/.test(name);
    (obeyed ? inside : outside)[name] = value;
  }
  return { outside, inside };
}

function checkBind(from: string, to: string): void {
  for (const path of [from, to]) {
    if (!isAbsolute(path) || path === "/") {
      throw new NimrodError(
        "failed",
        `cannot show ${JSON.stringify(path)} in the sandbox; expected an absolute folder`,
      );
    }
  }
  if (!existsSync(from))
    throw new NimrodError("failed", `${from} is to be shown in the sandbox and does not exist`);
}

/** A folder before what lies in it, so that an inner mount is never covered; later wins at equal depth. */
function inParentFirstOrder(binds: Bind[]): Bind[] {
  const depth = (path: string): number => path.split(sep).filter((part) => part !== "").length;
  return [...new Map(binds.map((bind) => [bind.to, bind])).values()].sort(
    (a, b) => depth(a.to) - depth(b.to),
  );
}
