/** Who may import whom. `test/architecture.test.ts` holds the code to it, and docs/architecture.md shows the same table. */

type Allowed = {
  folder: string;
  /** Types only, or these files only; without it, everything. */
  only?: "types" | readonly string[];
};

export type Row = {
  folder: string;
  /** Besides `errors.ts` and the folder itself. */
  may: readonly Allowed[];
  /** Outside package → the one file that imports it (zod excepted: one schema beside each reader). */
  packages: Readonly<Record<string, string>>;
};

const all = (...folders: string[]): Allowed[] => folders.map((folder) => ({ folder }));

export const importTable: readonly Row[] = [
  {
    folder: "cli",
    may: all(
      "pipeline",
      "toolbox",
      "closing",
      "authorization",
      "agents",
      "evidence",
      "tickets",
      "workspace",
      "config",
      "platform",
    ),
    packages: { commander: "program.ts", picocolors: "output.ts", "@clack/prompts": "prompts.ts" },
  },
  {
    folder: "pipeline",
    may: all("toolbox", "closing", "authorization", "agents", "evidence", "tickets", "workspace", "platform"),
    packages: {},
  },
  {
    folder: "toolbox",
    may: [
      { folder: "agents", only: ["roles.ts", "package-root.ts"] },
      ...all("authorization", "evidence", "workspace", "platform"),
    ],
    packages: { "@modelcontextprotocol/server": "server.ts" },
  },
  {
    folder: "closing",
    may: [{ folder: "agents", only: "types" }, ...all("evidence", "tickets", "workspace")],
    packages: {},
  },
  {
    folder: "agents",
    may: [
      { folder: "authorization", only: "types" },
      { folder: "evidence", only: ["redact.ts"] },
      { folder: "tickets", only: "types" },
      { folder: "workspace", only: ["sandbox.ts", "diff-facts.ts", "destinations.ts", "egress.ts"] },
      { folder: "platform" },
    ],
    packages: { "@agentclientprotocol/sdk": "adapters/acp-connection.ts" },
  },
  {
    folder: "authorization",
    may: [{ folder: "evidence", only: "types" }, { folder: "platform" }],
    packages: { unbash: "parse-command.ts" },
  },
  { folder: "evidence", may: all("platform"), packages: {} },
  {
    folder: "tickets",
    may: all("platform"),
    packages: { "gray-matter": "front-matter.ts", yaml: "hardened-yaml.ts" },
  },
  { folder: "workspace", may: all("platform"), packages: { "simple-git": "repository.ts" } },
  { folder: "config", may: [{ folder: "agents", only: ["catalog.ts"] }, ...all("platform")], packages: {} },
  { folder: "platform", may: [], packages: { execa: "exec.ts", pino: "log.ts" } },
];

/** The table as docs/architecture.md shows it. */
export function renderImportTable(): string {
  const rows = importTable.map(({ folder, may, packages }) => {
    const allowed = may.map(({ folder: to, only }) => {
      if (only === undefined) return to;
      return `${to} (${only === "types" ? "types" : only.map((file) => file.replace(".ts", "")).join(", ")})`;
    });
    return `| \`${folder}\` | ${allowed.join(", ") || "nothing"} | ${Object.keys(packages).join(", ") || "none"} |`;
  });
  return ["| folder | may import | outside packages |", "| --- | --- | --- |", ...rows].join("\n");
}
