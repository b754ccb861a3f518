import type { Kind } from "./documents/documents.ts";
import type { exitCodes } from "./exit-codes.ts";

type Exit = keyof typeof exitCodes;

/** What a script may meet: the test harness holds every run of a command to it. */
type Promises = {
  /** Beside those of `everyCommand`. */
  exits: readonly Exit[];
  /** Kinds of its `--json` documents when it did what was asked. Other exits have one each: `documentOfExit`. */
  documents: readonly Kind[];
};

/** Exits that any command can have: done, I/O, usage, and a signal. */
export const everyCommand: readonly Exit[] = [0, 1, 2, 130, 143];

/** Kinds that stand for an exit, whatever the command. Any other exit but 0 and 8 has an `error` on stderr. */
export const documentOfExit: Partial<Record<Exit, Kind>> = {
  3: "nothing-to-do",
  5: "needs-person",
  6: "refused",
};

type Group = { title: string; commands: Readonly<Record<string, Promises>> };

/**
 * Every command by its name, in the groups of `nimrod help` and docs/commands.md. Apart from the command table, because
 * only help and tests need it. A test holds the two to the same names.
 */
export const commandGroups: readonly Group[] = [
  {
    title: "Begin",
    commands: {
      init: { exits: [], documents: ["init"] },
      doctor: { exits: [8], documents: ["doctor"] },
      config: { exits: [], documents: ["config", "config-value", "config-paths"] },
      trust: { exits: [5, 8], documents: ["trust"] },
      completion: { exits: [], documents: ["completion"] },
    },
  },
  {
    title: "Write tickets",
    commands: {
      new: { exits: [4, 7, 8], documents: ["ticket-created"] },
      edit: { exits: [4, 7, 8], documents: ["ticket-edited", "ticket-file"] },
      note: { exits: [4, 7, 8], documents: ["note"] },
      link: { exits: [4, 7, 8], documents: ["link"] },
    },
  },
  {
    title: "Look",
    commands: {
      status: { exits: [8], documents: ["status", "setup"] },
      list: { exits: [8], documents: ["ticket-list"] },
      ready: { exits: [8], documents: ["ready-list"] },
      blocked: { exits: [8], documents: ["blocked-list"] },
      search: { exits: [], documents: ["search"] },
      show: { exits: [4, 8], documents: ["ticket", "transcript"] },
      log: { exits: [4, 8], documents: ["log"] },
      diff: { exits: [3, 4, 8], documents: ["diff"] },
      prompt: { exits: [4, 8], documents: ["prompt"] },
    },
  },
  {
    title: "Work",
    commands: {
      next: { exits: [3, 5, 7, 8], documents: ["run", "next"] },
      run: { exits: [3, 4, 5, 7, 8], documents: ["run"] },
      resume: { exits: [3, 4, 5, 7, 8], documents: ["run", "resume"] },
    },
  },
  {
    title: "Decide",
    commands: {
      approvals: { exits: [8], documents: ["approvals"] },
      approve: { exits: [4, 5, 8], documents: ["approval"] },
      deny: { exits: [4, 5, 8], documents: ["approval"] },
      answer: { exits: [4, 5, 7, 8], documents: ["answers"] },
      attest: { exits: [4, 5, 7, 8], documents: ["attest"] },
      revise: { exits: [4, 5, 7, 8], documents: ["revise"] },
      policy: { exits: [4, 5, 8], documents: ["policy-check", "policy-test", "policy", "policy-sign"] },
      authorize: { exits: [8], documents: ["decision"] },
    },
  },
  {
    title: "Finish",
    commands: {
      close: { exits: [4, 5, 6, 7, 8], documents: ["close", "run"] },
      reopen: { exits: [4, 7, 8], documents: ["reopen"] },
      rollback: { exits: [4, 5, 6, 7, 8], documents: ["rollback", "run"] },
      verify: { exits: [4, 5, 7, 8], documents: ["verify"] },
    },
  },
  {
    title: "Other",
    commands: {
      "merge-driver": { exits: [4], documents: ["merge-driver"] },
      help: { exits: [], documents: ["help", "exit-codes", "version"] },
    },
  },
];
