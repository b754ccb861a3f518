import { expect, test } from "vitest";
import { decideSwitch, type SwitchFacts, type SwitchStep } from "../../../src/workspace/switch-tree.ts";

const old = { mode: "100644", oid: "old" };
const fresh = { mode: "100644", oid: "new" };
const mine = { mode: "100644", oid: "mine" };
const executable = { mode: "100755", oid: "old" };
const submodule = { mode: "160000", oid: "sub" };

type Row = [string, SwitchFacts, SwitchStep];
const rows: Row[] = [
  ["a clean file that changes", { from: old, to: fresh, index: old, working: "as-index" }, "write"],
  ["a clean file that goes", { from: old, to: null, index: old, working: "as-index" }, "delete"],
  ["a new file where nothing is", { from: null, to: fresh, index: null, working: "absent" }, "write"],
  [
    "a clean file whose mode changes",
    { from: old, to: executable, index: old, working: "as-index" },
    "write",
  ],

  ["cut off: file written, index not", { from: old, to: fresh, index: old, working: "as-new" }, "index-only"],
  [
    "cut off: new file written, index not",
    { from: null, to: fresh, index: null, working: "as-new" },
    "index-only",
  ],
  ["cut off: file removed, index not", { from: old, to: null, index: old, working: "absent" }, "index-only"],
  ["cut off: all but the ref", { from: old, to: fresh, index: fresh, working: "as-new" }, "nothing"],
  ["cut off: all but the ref, removed", { from: old, to: null, index: null, working: "absent" }, "nothing"],
  ["done, and edited since", { from: old, to: fresh, index: fresh, working: "other" }, "nothing"],

  ["an unstaged edit", { from: old, to: fresh, index: old, working: "other" }, "collision"],
  ["an unstaged edit of what goes", { from: old, to: null, index: old, working: "other" }, "collision"],
  ["a staged edit", { from: old, to: fresh, index: mine, working: "as-index" }, "collision"],
  [
    "a staged edit, working file as new",
    { from: old, to: fresh, index: mine, working: "as-new" },
    "collision",
  ],
  ["a staged new file", { from: null, to: fresh, index: mine, working: "as-index" }, "collision"],
  [
    "a staged deletion of what changes",
    { from: old, to: fresh, index: null, working: "absent" },
    "collision",
  ],
  [
    "an unstaged deletion of what changes",
    { from: old, to: fresh, index: old, working: "absent" },
    "collision",
  ],
  ["an untracked file in the way", { from: null, to: fresh, index: null, working: "other" }, "collision"],
  ["an unmerged path", { from: old, to: fresh, index: "apart", working: "as-index" }, "collision"],

  [
    "a submodule that moves",
    { from: submodule, to: { ...submodule, oid: "x" }, index: submodule, working: "other" },
    "index-only",
  ],
];

test.each(rows)("%s", (_, facts, step) => {
  expect(decideSwitch(facts)).toBe(step);
});

test("whatever the facts, a file is only replaced or removed when it is exactly the old one", () => {
  const blobs = [null, old, fresh, mine];
  const states = ["absent", "as-index", "as-new", "other"] as const;
  for (const from of blobs) {
    for (const to of blobs) {
      if (from === to) continue;
      for (const index of [...blobs, "apart" as const]) {
        for (const working of states) {
          const step = decideSwitch({ from, to, index, working });
          if (step === "delete" || (step === "write" && working !== "absent")) {
            expect({ index, working }).toEqual({ index: from, working: "as-index" });
          }
        }
      }
    }
  }
});
