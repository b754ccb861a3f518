import { runInTerminal, type TerminalRun } from "./pty.ts";
import type { TempProject } from "./temp-project.ts";

/** A person with an approval key, at a terminal. */

const passphrase = "correct horse";

/** `nimrod approve` or `nimrod trust`; `first` where the key is made on the way. */
export function sign(
  project: TempProject,
  args: readonly string[],
  {
    first = false,
    typed = passphrase,
    env = {},
  }: { first?: boolean; typed?: string; env?: Record<string, string> } = {},
): Promise<TerminalRun> {
  const making = [
    { when: "Passphrase (empty", type: `${typed}\r` },
    { when: "The same again", type: `${typed}\r` },
  ];
  return runInTerminal(args, {
    cwd: project.root,
    env: { ...project.env, ...env },
    answers: [...(first ? making : []), { when: "Passphrase of your approval key", type: `${typed}\r` }],
  });
}

/** With a key that has no passphrase, the characters that are shown have to be typed. */
export function signByChallenge(
  project: TempProject,
  args: readonly string[],
  { first = false, env = {} }: { first?: boolean; env?: Record<string, string> } = {},
): Promise<TerminalRun> {
  return runInTerminal(args, {
    cwd: project.root,
    env: { ...project.env, ...env },
    answers: [
      ...(first ? [{ when: "Passphrase (empty", type: "\r" }] : []),
      { when: /Type [0-9a-f]{6} to go on/, type: (shown) => `${/Type ([0-9a-f]{6})/.exec(shown)?.[1]}\r` },
    ],
  });
}
