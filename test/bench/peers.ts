import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TempProject, tempProject } from "../support/temp-project.ts";

/** Other ticket tools, each with a project of its own kind. Compared where they are installed. */
export type Peer = { tool: string; args: string[]; files: (count: number) => Record<string, string> };

const created = "2026-11-22T07:12:40Z";

export const peers: readonly Peer[] = [
  {
    tool: "tk",
    args: ["ls"],
    files: (count) =>
      each(count, (n) => [
        `.tickets/nim-${n.toString(36).padStart(4, "0")}.md`,
        `---\nid: nim-${n.toString(36).padStart(4, "0")}\nstatus: open\ndeps: []\nlinks: []\ncreated: ${created}\ntype: task\npriority: ${n % 5}\n---\n# Ticket number ${n}\n\nSomething to do.\n`,
      ]),
  },
  {
    tool: "backlog",
    args: ["task", "list", "--plain"],
    files: (count) => ({
      "backlog/config.yml":
        'project_name: "demo"\ndefault_status: "To Do"\nstatuses: ["To Do", "In Progress", "Done"]\nlabels: []\nremote_operations: false\ncheck_active_branches: false\ntask_prefix: "task"\n',
      ...each(count, (n) => [
        `backlog/tasks/task-${n + 1} - Ticket-number-${n + 1}.md`,
        `---\nid: TASK-${n + 1}\ntitle: Ticket number ${n + 1}\nstatus: To Do\nassignee: []\ncreated_date: '2026-11-22 07:12'\nlabels: [a]\ndependencies: []\n---\n\n## Description\n\nSomething to do.\n`,
      ]),
    }),
  },
  {
    tool: "task-master",
    args: ["list"],
    files: (count) => ({
      ".taskmaster/config.json": "{}\n",
      ".taskmaster/state.json": '{"currentTag":"master"}\n',
      ".taskmaster/tasks/tasks.json": JSON.stringify({
        master: {
          tasks: Array.from({ length: count }, (_, n) => ({
            id: n + 1,
            title: `Ticket number ${n + 1}`,
            description: "Something to do.",
            details: "",
            testStrategy: "",
            status: "pending",
            dependencies: [],
            priority: "medium",
            subtasks: [],
          })),
          metadata: { created, updated: created, description: "" },
        },
      }),
    }),
  },
];

/** The program's path; undefined where it is not installed. */
export function installed({ tool }: Peer): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(":")
    .map((folder) => join(folder, tool))
    .find((path) => existsSync(path));
}

/** In git, as the tool wants it, with the tests' own PATH: the tool may need more programs. */
export function peerProject(peer: Peer, count: number): TempProject {
  const project = tempProject({ tickets: false, files: peer.files(count) });
  return { ...project, env: { ...project.env, PATH: process.env["PATH"] ?? "" } };
}

function each(count: number, file: (n: number) => [string, string]): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => file(n)));
}
