import { type LinkKind, linkKinds, type Status, types } from "../tickets/ticket.ts";
import type { OptionRow } from "./command-table.ts";

/** The fields of a ticket as options: the same for `new` and `edit`, so that what can be set can be changed. */

/** The other statuses are made by runs, and by `close`. */
export const statusesToSet = ["draft", "open", "blocked"] as const satisfies readonly Status[];

const kebab = (kind: LinkKind) => kind.replaceAll("_", "-");
const linkHelp: Record<LinkKind, string> = {
  depends_on: "a ticket that must be done before",
  bootstraps: "a ticket that this one does a temporary part of",
  part_of: "the broader ticket that it belongs to",
  local_variant_of: "a ticket to whose standard it is a lasting exception",
  conflicts_with: "a ticket not to be worked on at the same time",
  related: "a ticket worth knowing about",
};

export const fieldOptions: readonly OptionRow[] = [
  { flags: "-s, --status <new-status>", help: words(statusesToSet) },
  { flags: "-t, --type <type>", help: words(types) },
  { flags: "-p, --priority <priority>", help: "0 (highest) to 4, or critical, high, medium, low" },
  { flags: "-l, --label <label>", help: "a label, or several: a,b", repeat: true },
  { flags: "-a, --assignee <name>", help: "who" },
  { flags: "--external-ref <ref>", help: "its name elsewhere, such as gh-123" },
  {
    flags: "--defer-until <time>",
    help: "`next` leaves it alone before: 2026-12-01, or 2026-12-01T08:00:00Z",
  },
  ...linkKinds.map(
    (kind): OptionRow => ({
      flags: `${kind === "depends_on" ? "-d, " : ""}--${kebab(kind)} <id>`,
      help: linkHelp[kind],
      repeat: true,
    }),
  ),
  { flags: "--body-file <file>", help: "the ticket's text; - reads stdin" },
];

/** What only makes sense where there is something already. */
export const changeOptions: readonly OptionRow[] = [
  { flags: "--title <title>", help: "one line" },
  ...fieldOptions,
  { flags: "--remove-label <label>", help: "take a label away", repeat: true },
  ...linkKinds.map(
    (kind): OptionRow => ({
      flags: `--remove-${kebab(kind)} <id>`,
      help: "take such a link away, in both tickets",
      repeat: true,
    }),
  ),
];

function words(all: readonly string[]): string {
  return `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}
