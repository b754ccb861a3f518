import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findProgram, loginsPresent, programFolders } from "../../../src/cli/find-agents.ts";
import { tempProject } from "../../support/temp-project.ts";

function world() {
  const { root, home, stateHome } = tempProject({ git: false });
  const top = dirname(home);
  const program = (path: string, mode = 0o755) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "#!/bin/sh\n");
    chmodSync(path, mode);
    return path;
  };
  const machine = (...path: string[]) => ({
    env: { PATH: path.join(":") },
    home,
    root,
    excluded: [root, stateHome],
  });
  return { root, home, stateHome, top, program, machine };
}

test("only absolute folders outside of the repository and of Nimrod's state are searched", () => {
  const { root, stateHome, top, machine } = world();
  mkdirSync(join(root, "bin"));
  symlinkSync(join(root, "bin"), join(top, "link"));
  const { env, excluded } = machine(
    "",
    ".",
    "bin",
    "node_modules/.bin",
    root,
    `${root}/node_modules/.bin`,
    `${top}/project/../project/bin`,
    `${top}/link`,
    stateHome,
    `${root}-other/bin`,
    "/usr/bin",
  );
  expect(programFolders(env, excluded)).toEqual([`${root}-other/bin`, "/usr/bin"]);
  expect(programFolders({}, [])).toEqual(["/usr/bin", "/bin"]);
});

test("the first program of a name is found; a folder, a text and a link into the repository are none", () => {
  const { root, top, program, machine } = world();
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => join(top, name)) as [
    string,
    string,
    string,
    string,
  ];
  mkdirSync(join(a, "tool"), { recursive: true });
  program(join(b, "tool"), 0o644);
  mkdirSync(c);
  symlinkSync(program(join(root, "tool")), join(c, "tool"));
  const last = program(join(d, "tool"));
  expect(findProgram("tool", machine(a, b, c, d))).toBe(last);
  expect(findProgram("tool", machine(a, b, c))).toBeNull();
});

test("a word with a slash is a file, from the project's root", () => {
  const { root, top, program, machine } = world();
  program(join(root, "tools", "x"));
  const outside = program(join(top, "y"));
  expect(findProgram("tools/x", machine())).toBe(join(root, "tools", "x"));
  expect(findProgram(outside, machine())).toBe(outside);
  expect(findProgram("tools/z", machine())).toBeNull();
});

test("a login is told by the names of what is there", () => {
  const { home } = world();
  mkdirSync(join(home, ".tool", "folder.json"), { recursive: true });
  writeFileSync(join(home, ".tool", "auth.json"), "secret");
  const login = {
    env: ["A_KEY", "B_KEY", "C_KEY"],
    files: [".tool/auth.json", ".tool/folder.json", ".tool/none"],
  };
  expect(loginsPresent(login, { env: { A_KEY: "secret", B_KEY: "" }, home })).toEqual([
    "$A_KEY",
    "~/.tool/auth.json",
  ]);
});
