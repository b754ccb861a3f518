import type { ErrorCode } from "../errors.ts";

/** What each exit code promises to a script. `docs/commands.md` mirrors it, and a test compares the two. */
export const exitCodes = {
  0: "did what was asked (repeating a finished thing is 0)",
  1: "ran and failed: a pass failed, verification red, I/O",
  2: "usage error, with the nearest command or value",
  3: "nothing to do: no ready ticket",
  4: "no such ticket, or ambiguous id (candidates listed)",
  5: "a person is needed (approval, answer), or denied by policy; the ticket is parked",
  6: "close refused: definition of done not met (what is missing, and the command that supplies it)",
  7: "busy: claimed or locked by a live run",
  8: "a ticket, policy or evidence file is broken",
  130: "interrupted by SIGINT; resumable",
  143: "interrupted by SIGTERM; resumable",
} as const;

export const exitOf: Record<ErrorCode, number> = {
  usage: 2,
  // nimrod.json is the user's own words to Nimrod, like a flag.
  config: 2,
  not_found: 4,
  ambiguous: 4,
  broken: 8,
  busy: 7,
  nothing_to_do: 3,
  needs_person: 5,
  refused: 6,
  conflict: 1,
  failed: 1,
  io: 1,
  // 143 when it was SIGTERM: the caller knows which.
  interrupted: 130,
};
