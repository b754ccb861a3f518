import { families } from "./families.ts";
import type { Tool } from "./row.ts";

const known = new Map<string, Tool>();
let made = 0;

/**
 * Every tool that is known, by name. Families are made in their order until the name is found: all of them together take
 * longer to make than hundreds of commands to judge. A Map holds them, so that `constructor` is no tool.
 */
export const tools = {
  get(name: string): Tool | undefined {
    for (let found = known.get(name); ; found = known.get(name)) {
      const family = families[made];
      if (found !== undefined || family === undefined) return found;
      made += 1;
      for (const [each, tool] of Object.entries(family())) known.set(each, tool);
    }
  },
  has(name: string): boolean {
    return tools.get(name) !== undefined;
  },
};
