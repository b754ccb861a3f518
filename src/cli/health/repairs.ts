import { existsSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../platform/digest.ts";
import { moveFile, removeTree, writeAtomic } from "../../platform/files.ts";
import { quoteWord } from "../../platform/shell-word.ts";
import { type NewId, planNewIds } from "../../tickets/duplicate-ids.ts";
import { readTicket } from "../../tickets/read.ts";
import { isSecondName, type SecondName } from "../../tickets/second-names.ts";
import type { Scan, Store } from "../../tickets/store.ts";
import type { Stray } from "../../tickets/strays.ts";
import type { StoredTicket } from "../../tickets/ticket.ts";
import type { Project } from "../context.ts";
import { applyLinkRepairs, type LinkRepair, planLinkRepairs } from "../write-reverse-links.ts";
import type { Check } from "./check.ts";

/** What `doctor --fix` would do, and `--apply` does: nothing in it loses a byte that somebody wrote. */
export type Repair =
  | ({ kind: "links" } & LinkRepair)
  | { kind: "remove"; path: string }
  | ({ kind: "second-name" } & SecondName)
  | Extract<NewId, { kind: "new-id" }>;

/** What the folders show and a scan of tickets does not. */
export type Loose = {
  strays: readonly Stray[];
  newIds: readonly NewId[];
  secondNames: readonly SecondName[];
};

export function planRepairs(scan: Scan, store: Store, { strays, newIds, secondNames }: Loose): Repair[] {
  return [
    ...planLinkRepairs(scan, store).map((repair): Repair => ({ kind: "links", ...repair })),
    ...strays.flatMap(({ kind, path }): Repair[] => (kind === "temporary" ? [{ kind: "remove", path }] : [])),
    ...secondNames.map((second): Repair => ({ kind: "second-name", ...second })),
    ...newIds.filter((plan) => plan.kind === "new-id"),
  ];
}

export async function applyRepairs(
  { root, store }: Pick<Project, "root" | "store">,
  repairs: readonly Repair[],
): Promise<void> {
  await applyLinkRepairs(
    store,
    repairs.filter((repair) => repair.kind === "links"),
  );
  for (const repair of repairs) {
    if (repair.kind === "remove") await removeTree(join(root, repair.path));
    // Somebody may have saved one of the two meanwhile.
    if (repair.kind === "second-name" && isSecondName(root, repair))
      await removeTree(join(root, repair.path));
    if (repair.kind === "new-id") await giveNewId(root, store, repair);
  }
}

/** First the id, then the name: a kill in between leaves a ticket of its own, under its old name. */
async function giveNewId(
  root: string,
  store: Store,
  plan: Extract<NewId, { kind: "new-id" }>,
): Promise<void> {
  const { setFields } = await import("../../tickets/edit.ts");
  const text = store.textOf({ path: plan.path });
  await writeAtomic(join(root, plan.path), setFields(text, { id: plan.to }), { expect: sha256(text) });
  if (plan.newPath !== plan.path) await moveFile(join(root, plan.path), join(root, plan.newPath));
}

/** For each id that several files have: which of them gets another one, or why a person has to say so. */
export async function planDuplicates(
  { root, store, config }: Project,
  { tickets, broken }: Scan,
  secondNames: readonly SecondName[],
): Promise<NewId[]> {
  const twins: StoredTicket[] = [];
  const unreadable: string[] = [];
  const names = new Set(secondNames.map(({ path }) => path));
  for (const path of new Set(broken.map((row) => row.path))) {
    if (names.has(path)) continue;
    const text = store.textOf({ path });
    const read = await readTicket({
      path,
      bytes: Buffer.from(text),
      archived: path.startsWith("tickets/closed/"),
    });
    if (read.kind === "ticket") twins.push(read.ticket);
    else unreadable.push(text);
  }
  // Every ticket is read for what it says of them, so only where there are any.
  if (twins.length === 0) return [];
  const ids = new Set([...tickets, ...twins].map(({ id }) => id.toLowerCase()));
  return planNewIds({
    twins,
    otherTexts: [...tickets.map((ticket) => store.textOf(ticket)), ...unreadable],
    idPrefix: config.values.idPrefix,
    isTaken: (id) => ids.has(id.toLowerCase()),
    hasEvidence: (id) => existsSync(join(root, ".nimrod/evidence", id)),
  });
}

/** What is, or would be, written: word for word. */
export function repairLines(repair: Repair, applied: boolean): string[] {
  const would = (done: string, plan: string) => (applied ? done : `would ${plan}`);
  switch (repair.kind) {
    case "links":
      return [
        `${would("added to", "add to")} ${repair.ticket.path}, under ## Links`,
        ...repair.lines.map((line) => `  ${line}`),
      ];
    case "remove":
      return [`${would("removed", "remove")} ${repair.path}`];
    case "second-name":
      return [
        `${would("removed", "remove")} ${repair.path}`,
        `  the same ticket, byte for byte, stays as ${repair.kept}`,
      ];
    case "new-id": {
      const { path, from, to, newPath } = repair;
      const name = newPath === path ? [] : [`  renamed to ${newPath}`];
      return [`${would("changed", "change")} ${path}`, `  id: ${from} → ${to}`, ...name];
    }
  }
}

export function repairJson(repair: Repair) {
  const none = { section: null, add: [], id: null, renamed: null };
  switch (repair.kind) {
    case "links":
      return {
        ...none,
        kind: "links" as const,
        path: repair.ticket.path,
        section: "Links",
        add: repair.lines,
      };
    case "remove":
    case "second-name":
      return { ...none, kind: "remove" as const, path: repair.path };
    case "new-id": {
      const renamed = repair.newPath === repair.path ? null : repair.newPath;
      return { ...none, kind: "new-id" as const, path: repair.path, id: repair.to, renamed };
    }
  }
}

/** What lies around and what a person has to decide, a line each. */
export function checkLoose({ strays, newIds, secondNames }: Loose): Check[] {
  return [
    ...strays.map(strayLine),
    ...secondNames.map(({ path, kept }): Check => {
      const text = `${path} and ${kept}: one ticket under two names, as a move that was stopped leaves it; its status puts it at the second one`;
      return { area: "tickets", level: "note", text, hint: "nimrod doctor --fix" };
    }),
    ...newIds.map((plan): Check => {
      if (plan.kind === "new-id") {
        const text = `${plan.path}: its id ${plan.from} is another ticket's, which is older`;
        return { area: "tickets", level: "note", text, hint: "nimrod doctor --fix" };
      }
      const text = `id ${plan.id} in ${plan.paths.join(", ")}: ${plan.why}`;
      const hint = `give one of them another id by hand: nimrod edit ${quoteWord(plan.paths.at(-1) ?? "")}`;
      return { area: "tickets", level: "note", text, hint };
    }),
  ];
}

function strayLine(stray: Stray): Check {
  const row = { area: "tickets", level: "note" } as const;
  switch (stray.kind) {
    case "temporary":
      return { ...row, text: `${stray.path}: left by a writer that was killed`, hint: "nimrod doctor --fix" };
    case "file":
      return {
        ...row,
        text: `${stray.path}: no ticket; expected a name that ends in .md`,
        hint: "rename it, or move it out of tickets/",
      };
    case "folder":
      return {
        ...row,
        text: `${stray.path}/: ${stray.count} .md files in it are not read; expected in tickets/active or tickets/closed`,
        hint: `git mv "${stray.path}/"*.md tickets/active/`,
      };
  }
}
