import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tiers } from "../../../src/authorization/action.ts";
import { type FamilyRows, run } from "./context.ts";

// A row is added in `families/<family>.ts`.
const folder = join(import.meta.dirname, "families");
const families = await Promise.all(
  readdirSync(folder).map(async (file): Promise<[string, FamilyRows]> => {
    const { rows }: { rows: FamilyRows } = await import(join(folder, file));
    return [file.replace(/\.ts$/, ""), rows];
  }),
);

describe.each(families)("%s", (_family, rows) => {
  test.each(tiers)("%s", (tier) => {
    const wrong = (rows[tier] ?? []).flatMap((command) => {
      const decision = run(command);
      return decision.tier === tier ? [] : [`${command}: ${decision.tier} by ${decision.rule}`];
    });
    expect(wrong).toEqual([]);
  });
});
