/** One line of `doctor`. Only `broken` makes it exit 8; a `note` is something to know, or to repair with --fix. */
export type Check = {
  area: "machine" | "project" | "agents" | "tickets";
  level: "ok" | "note" | "broken";
  text: string;
  hint?: string;
};
