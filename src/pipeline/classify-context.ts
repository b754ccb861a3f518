import type { ClassifyContext } from "../authorization/classify.ts";
import type { PassRow } from "./passes.ts";
import type { Ports } from "./ports.ts";

/** The facts that the classifier judges an action of this pass by. */
export function classifyContext(options: {
  ports: Ports;
  row: Pick<PassRow, "role" | "mayWrite">;
  root: string;
  frozen: (path: string) => boolean;
}): ClassifyContext {
  const { ports, row, root, frozen } = options;
  return {
    worktree: root,
    project: ports.root,
    role: row.role,
    mayWrite: row.mayWrite,
    sandbox: ports.sandbox.kind,
    realPath: ports.realPath,
    frozen,
    home: ports.home,
    state: ports.stateHome,
    host: "localhost",
    now: () => ports.clock.now(),
  };
}
