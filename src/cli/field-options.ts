import { NimrodError } from "../errors.ts";
import { type LinkKind, linkKinds, type Status, types } from "../tickets/ticket.ts";
import { statusesToSet } from "./field-rows.ts";
import { listOption, type Options, oneOf, textOption } from "./options.ts";

type Queries = { kind: LinkKind; add: string[]; remove: string[] };

export type FieldChanges = {
  /** By front matter key; null takes a key away. */
  scalars: Record<string, string | number | null>;
  labels: { add: string[]; remove: string[] };
  /** Kinds that something was said about; tickets as they were named. */
  links: Queries[];
};

const scalarKeys = {
  title: "title",
  assignee: "assignee",
  externalRef: "external_ref",
  deferUntil: "defer_until",
};
/** `--assignee ""` takes the field away; a ticket without a title is none. */
const clearable = ["assignee", "external_ref", "defer_until"];

/** Reads and checks them, by the one reader of tickets. Throws `usage` for a value that no ticket can have. */
export async function readFieldOptions(options: Options, id = "ID"): Promise<FieldChanges> {
  const given: Record<string, string | null> = {};
  for (const [name, key] of Object.entries(scalarKeys)) {
    const value = textOption(options, name);
    if (value !== undefined)
      given[key] = value.trim() === "" && clearable.includes(key) ? null : value.trim();
  }
  for (const key of ["status", "type", "priority"] as const) {
    const word = textOption(options, key);
    if (word !== undefined) given[key] = word.trim();
  }
  const labels = { add: labelsOf(options, "label"), remove: labelsOf(options, "removeLabel") };

  const { status, type, priority } = await checkValues(given, labels.add);
  if (given["status"] !== undefined) refuseStatusOfRuns(status, id);
  // As the reader understood them: `To Do` is written as `open`, `high` as 1.
  const read = Object.entries({ status, type, priority }).filter(([key]) => given[key] !== undefined);
  const scalars = { ...given, ...Object.fromEntries(read) };
  const links = linkKinds.map((kind): Queries => {
    const name = camel(kind);
    const remove = listOption(options, `remove${name.charAt(0).toUpperCase()}${name.slice(1)}`);
    return { kind, add: listOption(options, name), remove };
  });
  return { scalars, labels, links: links.filter(({ add, remove }) => add.length + remove.length > 0) };
}

/** Whether nothing was said at all. */
export function isNothing({ scalars, labels, links }: FieldChanges): boolean {
  return Object.keys(scalars).length + labels.add.length + labels.remove.length + links.length === 0;
}

async function checkValues(given: Readonly<Record<string, string | null>>, labels: readonly string[]) {
  // Not by an edit, which loads YAML: `nimrod new` needs none.
  const [{ formatScalar }, { readTicket }] = await Promise.all([
    import("../tickets/format-scalar.ts"),
    import("../tickets/read.ts"),
  ]);
  const bad = Object.entries(given).find(([, value]) => value?.isWellFormed() === false);
  if (bad !== undefined) throw new NimrodError("usage", `${flagOf(bad[0])} holds half a character`);
  const fields = {
    id: "x",
    title: "x",
    status: "open",
    ...given,
    ...(labels.length === 0 ? {} : { labels }),
  };
  const lines = Object.entries(fields).flatMap(([key, value]) =>
    value === null ? [] : [`${key}: ${formatScalar(value)}\n`],
  );
  const text = `---\n${lines.join("")}---\n`;
  const read = await readTicket({ path: "options", bytes: Buffer.from(text), archived: false });
  if (read.kind === "ticket") return read.ticket;
  const { found = "", expected = "" } = read.problems[0] ?? {};
  const key = found.split(" ", 1)[0] ?? "";
  const choices: readonly string[] = key === "status" ? statusesToSet : key === "type" ? types : [];
  // Says the same, and names the nearest.
  if (choices.length > 0) oneOf(flagOf(key), given[key] ?? "", choices);
  throw new NimrodError("usage", `${found.replace(key, flagOf(key))}; expected ${expected}`);
}

function flagOf(key: string): string {
  return key === "labels" ? "--label" : `--${key.replaceAll("_", "-")}`;
}

/** Statuses that belong to runs, with the command that makes them. */
const madeBy: Partial<Record<Status, string>> = {
  in_progress: "nimrod run ID",
  in_review: "nimrod run ID",
  closed: 'nimrod close ID   (or: nimrod close ID --as wontfix --reason "…")',
};

function refuseStatusOfRuns(status: Status, id: string): void {
  const command = madeBy[status];
  if (command === undefined) return;
  throw new NimrodError("usage", `${status} is not set by hand: it says what was done`, {
    hint: command.replaceAll("ID", id),
  });
}

function labelsOf(options: Options, name: string): string[] {
  const labels = listOption(options, name).flatMap((value) => value.split(",").map((label) => label.trim()));
  if (labels.includes("")) throw new NimrodError("usage", "an empty label", { hint: "--label tls,vault" });
  return [...new Set(labels)];
}

function camel(kind: LinkKind): string {
  return kind.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
