import { gh } from "./github.ts";
import { glab, tea } from "./gitlab.ts";
import type { Table } from "./row.ts";

/** gh, glab and tea. */

/** What of a login is shown needs no more than a name. */
export const forges = (): Table => ({
  gh,
  glab,
  tea,
});
