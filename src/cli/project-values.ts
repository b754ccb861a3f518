import type { Context } from "./context.ts";

/** As many as fit two lines; who has more knows them. */
const shownLabels = 20;

/**
 * What this project's own configuration and tickets say about the values of `new` and `edit`, for their help. Help is
 * what somebody asks for when something is wrong, so that nothing wrong may keep it from them.
 */
export async function projectValues(context: Context): Promise<string[]> {
  try {
    const { config, store } = await context.project();
    const { idPrefix } = config.values;
    const from = config.origin("idPrefix");
    const counts = new Map<string, number>();
    for (const label of (await store.scan()).tickets.flatMap((ticket) => ticket.labels)) {
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    const labels = [...counts.keys()].toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
    const more = labels.length > shownLabels ? ", …" : "";
    return [
      `New ids begin with ${idPrefix}- (idPrefix${from === "default" ? "" : `, from the ${from} configuration`}).`,
      ...(labels.length === 0 ? [] : [`Labels in use: ${labels.slice(0, shownLabels).join(", ")}${more}`]),
    ];
  } catch {
    return []; // outside a project, or in a broken one: the commands themselves say so
  }
}
