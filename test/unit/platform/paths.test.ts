import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configHome, repositoryStateFolder, stateHome } from "../../../src/platform/paths.ts";
import { tempFolder } from "../../support/operator-repository.ts";

test.each([
  [{ HOME: "/home/sara" }, "/home/sara/.local/state/nimrod", "/home/sara/.config/nimrod"],
  [{ HOME: "/home/sara", XDG_STATE_HOME: "/s", XDG_CONFIG_HOME: "/c" }, "/s/nimrod", "/c/nimrod"],
  [
    { HOME: "/home/sara", XDG_STATE_HOME: "relative", XDG_CONFIG_HOME: "" },
    "/home/sara/.local/state/nimrod",
    "/home/sara/.config/nimrod",
  ],
])("%j has its state and configuration where the base directories say", (env, state, config) => {
  expect(stateHome(env)).toBe(state);
  expect(configHome(env)).toBe(config);
});

test("a repository's folder is named for it, apart for each place and one for all links to it", () => {
  const folder = tempFolder();
  for (const name of ["one/My Lab!", "two/My Lab!"]) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync(join(folder, "one/My Lab!"), join(folder, "link"));
  const of = (name: string): string => repositoryStateFolder({ XDG_STATE_HOME: "/s" }, join(folder, name));
  expect(of("one/My Lab!")).toMatch(/^\/s\/nimrod\/my-lab-[0-9a-f]{8}$/);
  expect(of("two/My Lab!")).not.toBe(of("one/My Lab!"));
  expect(of("link")).toBe(of("one/My Lab!"));
});
