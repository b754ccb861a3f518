// Runs under Node 18 and 20 too: nothing here may need more, and nothing newer may be imported.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";

const wanted = "22.12";
/** Set for the second start, so that a package `node` that is old as well cannot start itself for ever. */
const marker = "NIMROD_STARTED_AGAIN";

/**
 * Starts `script` again under the Node that the package `node` brings, when it is installed beside Nimrod, and
 * answers with its exit code. Without one, says in one line what is needed.
 */
export async function runUnderNewerNode(script: string, args: readonly string[]): Promise<number> {
  const node = process.env[marker] === undefined ? findPackagedNode(realpathSync(script)) : undefined;
  if (node === undefined) {
    process.stderr.write(
      `nimrod needs Node ${wanted} or newer; this is ${process.versions.node} (install a newer Node, or add the package "node" with npm)\n`,
    );
    return 1;
  }
  return runAgain(node, script, args);
}

/** Every `node_modules/node/bin/node` on the way up from the script, nearest first. */
function findPackagedNode(script: string): string | undefined {
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", "node", "bin", "node");
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

function runAgain(node: string, script: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(node, [script, ...args], {
      stdio: "inherit",
      env: { ...process.env, [marker]: "1" },
    });
    const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    // Control-C at a terminal reaches both of us: passing it on would make it two, and the second one means "now".
    process.on("SIGINT", () => {
      if (!atTerminal) child.kill("SIGINT");
    });
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    process.on("SIGHUP", () => child.kill("SIGHUP"));
    child.on("error", (error) => {
      process.stderr.write(`nimrod: ${node} does not start: ${error.message}\n`);
      resolve(1);
    });
    child.on("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
