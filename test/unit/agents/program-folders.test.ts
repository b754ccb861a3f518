import { describe, expect, test } from "vitest";
import { findProgram, programFolders } from "../../../src/agents/adapters/program-folders.ts";

const home = "/home/ada";
const venv = `${home}/.local/share/pipx/venvs/llm`;
const python = `${home}/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu`;

/** A file system as links and texts; everything that is not a link is itself. */
const look = (links: Record<string, string> = {}, texts: Record<string, string> = {}) => ({
  realPath: (path: string) => links[path] ?? path,
  readText: (path: string) => texts[path] ?? null,
});

describe("what a program needs to be shown", () => {
  test.each<[string, string, ReturnType<typeof look>, string, string[]]>([
    ["a program of the system: nothing", "/usr/bin/ollama", look(), "/usr/bin/ollama", []],
    [
      "a global package of the system's npm: nothing, and its link works",
      "/usr/local/bin/claude",
      look({ "/usr/local/bin/claude": "/usr/local/lib/node_modules/@anthropic-ai/claude-code/cli.js" }),
      "/usr/local/bin/claude",
      [],
    ],
    [
      "a global package of a version manager: all packages beside it, not the manager's folder",
      `${home}/.nvm/versions/node/v24.1.0/bin/codex`,
      look({
        [`${home}/.nvm/versions/node/v24.1.0/bin/codex`]: `${home}/.nvm/versions/node/v24.1.0/lib/node_modules/@openai/codex/bin/codex.js`,
      }),
      `${home}/.nvm/versions/node/v24.1.0/lib/node_modules/@openai/codex/bin/codex.js`,
      [`${home}/.nvm/versions/node/v24.1.0/lib/node_modules`],
    ],
    [
      "a package among others, with its own dependencies: the outermost folder of packages",
      "/srv/clis/node_modules/.bin/gemini",
      look({
        "/srv/clis/node_modules/.bin/gemini": "/srv/clis/node_modules/a/node_modules/@google/gemini-cli/g.js",
      }),
      "/srv/clis/node_modules/a/node_modules/@google/gemini-cli/g.js",
      ["/srv/clis/node_modules"],
    ],
    [
      "one file with everything in it: that file, not the folder of others beside it",
      `${home}/.local/bin/claude`,
      look({ [`${home}/.local/bin/claude`]: `${home}/.local/share/claude/versions/2.1.330` }),
      `${home}/.local/share/claude/versions/2.1.330`,
      [`${home}/.local/share/claude/versions/2.1.330`],
    ],
    [
      "a script of one's own: that script",
      `${home}/bin/agent`,
      look(),
      `${home}/bin/agent`,
      [`${home}/bin/agent`],
    ],
    [
      "a Python program: its environment, and an interpreter that lives in the home",
      `${home}/.local/bin/llm`,
      look(
        { [`${home}/.local/bin/llm`]: `${venv}/bin/llm` },
        { [`${venv}/pyvenv.cfg`]: `home = ${python}/bin\nversion = 3.13.1\n` },
      ),
      `${venv}/bin/llm`,
      [venv, python],
    ],
    [
      "a Python program with the system's interpreter: its environment",
      `${venv}/bin/llm`,
      look({}, { [`${venv}/pyvenv.cfg`]: "home = /usr/bin\n" }),
      `${venv}/bin/llm`,
      [venv],
    ],
    [
      "a Python environment that claims the home as its interpreter: the home stays hidden",
      `${venv}/bin/llm`,
      look({}, { [`${venv}/pyvenv.cfg`]: `home = ${home}/bin\n` }),
      `${venv}/bin/llm`,
      [venv],
    ],
    [
      "a program below /opt: its own folder there",
      "/opt/agent/bin/agent",
      look(),
      "/opt/agent/bin/agent",
      ["/opt/agent"],
    ],
    ["a program in /opt itself: the file", "/opt/agent", look(), "/opt/agent", ["/opt/agent"]],
    [
      "a link into the system: what it leads to",
      `${home}/bin/sh`,
      look({ [`${home}/bin/sh`]: "/usr/bin/dash" }),
      "/usr/bin/dash",
      [],
    ],
  ])("%s", (_, file, files, real, readable) => {
    expect(programFolders(file, files)).toEqual({ file: real, readable });
  });

  test("no row shows a home, a root, or a folder above the program's own", () => {
    const files = [
      `${home}/agent`,
      `${home}/bin/agent`,
      "/agent",
      `${home}/node_modules/x/cli.js`,
      "/root/.bun/bin/agent",
    ];
    for (const file of files) {
      for (const shown of programFolders(file, look()).readable)
        expect([home, `${home}/bin`, "/", "/root", "/home"]).not.toContain(shown);
    }
  });
});

test("a program is found on PATH as a shell finds it, but never in a relative folder", () => {
  const there = ["/usr/bin/claude", "/home/ada/bin/claude"];
  const isProgram = (file: string) => there.includes(file);
  expect(findProgram("claude", ".:bin:/home/ada/bin:/usr/bin", isProgram)).toBe("/home/ada/bin/claude");
  expect(findProgram("codex", "/usr/bin", isProgram)).toBe(null);
  expect(findProgram("/srv/claude", "", isProgram)).toBe("/srv/claude");
  expect(findProgram("./claude", "/usr/bin", isProgram)).toBe(null);
});
