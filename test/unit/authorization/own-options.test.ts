import { expect, test } from "vitest";
import { commands, globalOptions } from "../../../src/cli/command-table.ts";
import { run } from "./context.ts";

/** Options of commands that otherwise only look. A new option of such a command has to be decided on here. */
const acting = new Set([
  "doctor --fix",
  "doctor --apply",
  "doctor --probe",
  "verify --rerun",
  "verify --join",
]);
const elsewhere = new Set(["-C"]);

const looking = commands.filter(({ usage }) => run(`nimrod ${usage.split(" ")[0]}`).tier === "none");

test("commands that only look are the ones that were read one by one", () => {
  expect(looking.map(({ usage }) => usage.split(" ")[0]).sort()).toEqual(
    "approvals authorize blocked completion diff doctor list log ready search show status verify".split(" "),
  );
});

const options = looking.flatMap(({ usage, options = [] }) =>
  [...options, ...globalOptions].flatMap(({ flags }) =>
    flags
      .replace(/\s*[<[].*$/, "")
      .split(/,\s*/)
      .map((flag) => [usage.split(" ")[0] ?? "", flag] as const),
  ),
);

test.each(options)("nimrod %s %s", (command, flag) => {
  const isRefused = acting.has(`${command} ${flag}`) || elsewhere.has(flag);
  expect(run(`nimrod ${command} ${flag}`).tier).toBe(isRefused ? "deny" : "none");
});
