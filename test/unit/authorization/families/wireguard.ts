import type { FamilyRows } from "../context.ts";

export const rows: FamilyRows = {
  explicit: ["wg set wg0 peer abc= remove", "wg-quick up wg0", "wg genkey"],
};
