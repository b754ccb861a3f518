import { readdirSync, readFileSync } from "node:fs";
import { closeReasons, linkKinds, statuses, types } from "../../tickets/ticket.ts";
import { statusesToSet } from "../field-rows.ts";
import { type Answer, type Candidate, commandNames, type Place } from "./candidates.ts";

/** What fits which place, by the name that the command table gives it between its angle brackets. */

export type Surroundings = {
  /** The folder that holds `tickets/`; null outside a project. */
  root: string | null;
  /** Files of the configuration, the project's first. Read loosely: what is wrong in them is told by the commands. */
  configFiles: readonly string[];
  /** Where the requests for approval are; null outside a project. */
  approvals: () => Promise<string | null>;
};

/** Loads what it needs when it is asked: a tab behind `--status` pays for no ticket, one behind `show` for no agent. */
type Source = (place: Place, typed: string, around: Surroundings) => Answer | Promise<Answer>;

const answerOf = (candidates: Candidate[]): Answer => ({ kind: "words", candidates });
const asWords = (values: readonly string[]) => answerOf(values.map((value) => ({ value })));
const words =
  (...values: readonly string[]): Source =>
  () =>
    asWords(values);

const priorities: Candidate[] = [
  { value: "0", about: "highest" },
  { value: "1" },
  { value: "2", about: "where nothing is said" },
  { value: "3" },
  { value: "4", about: "lowest" },
];

/** Commands whose ticket lies in `tickets/closed/`. */
const aboutClosed = new Set(["reopen", "rollback"]);
/** Commands that are as much about closed tickets as about others. */
const aboutAll = new Set(["show", "log", "verify", "diff", "note"]);

const open = ["tickets", "tickets/active"];
const closed = ["tickets/closed"];

const tickets: Source = async ({ command }, typed, around) => {
  const { root } = around;
  // A path names a ticket, too.
  if (typed.includes("/")) return { kind: "files" };
  if (root === null) return answerOf([]);
  const { matchIds, readTicketNames } = await import("./ticket-names.ts");
  const idPrefix = wordOf(readConfig(around), "idPrefix", /^[a-z][a-z0-9]{0,11}$/) ?? "nim";
  const match = async (folders: readonly string[]) =>
    matchIds(await readTicketNames(root, folders, { idPrefix, typed }), typed);
  if (aboutAll.has(command)) return answerOf(await match([...open, ...closed]));
  const [first, second] = aboutClosed.has(command) ? [closed, open] : [open, closed];
  const found = await match(first);
  return answerOf(found.length > 0 || typed === "" ? found : await match(second));
};

const sources: Readonly<Record<string, Source>> = {
  id: tickets,
  other: tickets,
  status: words(...statuses),
  "new-status": words(...statusesToSet),
  type: words(...types),
  priority: () => ({ kind: "words", candidates: priorities }),
  "close-reason": words(...closeReasons.filter((reason) => reason !== "done")),
  kind: words(...linkKinds),
  pass: async () => asWords((await import("../../pipeline/passes.ts")).passNames),
  role: async () => {
    const { passes } = await import("../../pipeline/passes.ts");
    return asWords([...passes.map(({ role }) => role), "delegate", ...passes.map(({ name }) => name)]);
  },
  form: words("once", "stream", "toolbox"),
  shell: words("bash", "zsh", "fish"),
  key: async () => asWords((await import("../../config/config.ts")).configKeys),
  topic: async () => {
    const { commands } = await import("../command-table.ts");
    return answerOf([...commandNames(commands), { value: "exit-codes", about: "what each exit code means" }]);
  },
  agent: async (_place, _typed, around) => answerOf(await agentNames(around)),
  approval: async (_place, _typed, around) => answerOf(pendingApprovals(await around.approvals())),
  file: () => ({ kind: "files" }),
  dir: () => ({ kind: "folders" }),
};

export function valuesFor(around: Surroundings): (place: Place, typed: string) => Promise<Answer | null> {
  return async (place, typed) => {
    // `<check|test|show|sign>` says by itself what may stand there.
    if (place.placeholder.includes("|")) return words(...place.placeholder.split("|"))(place, typed, around);
    const source = Object.hasOwn(sources, place.placeholder) ? sources[place.placeholder] : undefined;
    return source?.(place, typed, around) ?? null;
  };
}

async function agentNames(around: Surroundings): Promise<Candidate[]> {
  const { catalog } = await import("../../agents/catalog.ts");
  const configured = readConfig(around).flatMap(({ agents }) =>
    typeof agents === "object" && agents !== null ? Object.keys(agents) : [],
  );
  const known: Candidate[] = [
    { value: "auto", about: "the first that is here and signed in" },
    { value: "builtin", about: "without a model" },
    ...catalog.map(({ name, vendor }) => ({ value: name, about: vendor })),
  ];
  const own = new Set(configured.filter((name) => /^[a-z][a-z0-9._-]{0,39}$/i.test(name)));
  return [
    ...[...own].map((value) => ({ value, about: "configured" })),
    ...known.filter((one) => !own.has(one.value)),
  ];
}

/** Requests that nobody has said yes or no to, newest first. */
function pendingApprovals(folder: string | null): Candidate[] {
  const names = folder === null ? [] : listNames(folder);
  const answered = new Set(
    names.flatMap((name) => /^(A-\d+)\.(?!request\.)[^/]*json$/.exec(name)?.[1] ?? []),
  );
  const asked = names.flatMap((name) => /^(A-\d+)\.request\.json$/.exec(name)?.[1] ?? []);
  return asked
    .filter((id) => !answered.has(id))
    .sort((a, b) => Number(b.slice(2)) - Number(a.slice(2)))
    .map((value) => ({ value }));
}

function readConfig({ configFiles }: Surroundings): Record<string, unknown>[] {
  return configFiles.flatMap((path) => {
    try {
      const value: unknown = JSON.parse(readFileSync(path, "utf8"));
      return typeof value === "object" && value !== null ? [{ ...value }] : [];
    } catch {
      return []; // not there or broken: completion goes on without it, and every command says what is wrong
    }
  });
}

function wordOf(files: readonly Record<string, unknown>[], key: string, grammar: RegExp): string | null {
  const value = files.map((file) => file[key]).find((one) => one !== undefined);
  return typeof value === "string" && grammar.test(value) ? value : null;
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // made by the first request
  }
}
