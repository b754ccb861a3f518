import { randomBytes } from "node:crypto";
import { NimrodError } from "../errors.ts";

/**
 * Questions to a person at a terminal. Where nobody can be asked, each throws `needs_person` with the command that
 * answers it; it never waits and never takes a default for an answer.
 */
export type Prompts = {
  /** Whether somebody can be asked at all. */
  available: boolean;
  confirm(question: string, whenNobody: WhenNobody): Promise<boolean>;
  text(question: string, whenNobody: WhenNobody & { initial?: string }): Promise<string>;
  choose(
    question: string,
    choices: readonly Choice[],
    whenNobody: WhenNobody & { initial?: string },
  ): Promise<string>;
  /** Shows random characters and wants them typed: a person is at the terminal, though a program may imitate one. */
  challenge(question: string, whenNobody: WhenNobody): Promise<boolean>;
  /** Not shown while it is typed. May be empty. */
  passphrase(question: string, whenNobody: WhenNobody): Promise<string>;
};

type Choice = { value: string; label: string };
/** The command that does the same without a terminal, or what to do to get one. */
type WhenNobody = { hint: string };

export type PromptFacts = {
  stdin: { isTTY?: boolean };
  stdout: { isTTY?: boolean };
  stderr: { isTTY?: boolean };
  env: Readonly<Record<string, string | undefined>>;
  /** False with `--no-input` or `--json`. */
  input: boolean;
};

/** Three terminals, and nothing that says a script is running. */
export function canAsk({ stdin, stdout, stderr, env, input }: PromptFacts): boolean {
  if (!input || env["CI"] || env["NIMROD_NO_INPUT"]) return false;
  // stdin last: Node opens it when it is looked at, which takes time that a pipe into `less` need not wait for.
  return stdout.isTTY === true && stderr.isTTY === true && stdin.isTTY === true;
}

/** A person reads stderr on a terminal that can erase a line, and nothing says that a script is running. */
export function canRedraw({ stderr, env, input }: Pick<PromptFacts, "stderr" | "env" | "input">): boolean {
  if (!input || env["CI"] || env["NIMROD_NO_INPUT"] || env["TERM"] === "dumb") return false;
  return stderr.isTTY === true;
}

/** A person reads stdout on a terminal, and nothing says that a script is running. */
export function canPage({ stdout, env, input }: Pick<PromptFacts, "stdout" | "env" | "input">): boolean {
  return input && !env["CI"] && !env["NIMROD_NO_INPUT"] && stdout.isTTY === true;
}

export function createPrompts(facts: PromptFacts): Prompts {
  const available = canAsk(facts);

  // On stderr, as all talk; the library is loaded when the first question is asked.
  const clack = async (question: string, whenNobody: WhenNobody) => {
    if (!available) {
      throw new NimrodError(
        "needs_person",
        `${question} (nobody to ask: no terminal, CI, or --no-input)`,
        whenNobody,
      );
    }
    const prompts = await import("@clack/prompts");
    const answer = <T>(value: T): Exclude<T, symbol> => {
      if (prompts.isCancel(value)) throw new NimrodError("interrupted", "stopped at a question", whenNobody);
      // isCancel has just ruled out the only symbol there is.
      return value as Exclude<T, symbol>;
    };
    return { prompts, answer, base: { message: question, output: process.stderr } };
  };

  return {
    available,
    async confirm(question, whenNobody) {
      const { prompts, answer, base } = await clack(question, whenNobody);
      return answer(await prompts.confirm({ ...base, initialValue: false }));
    },
    async text(question, { initial, ...whenNobody }) {
      const { prompts, answer, base } = await clack(question, whenNobody);
      return answer(await prompts.text(initial === undefined ? base : { ...base, initialValue: initial }));
    },
    async choose(question, choices, { initial, ...whenNobody }) {
      const { prompts, answer, base } = await clack(question, whenNobody);
      const options = choices.map(({ value, label }) => ({ value, label }));
      return answer(
        await prompts.select({
          ...base,
          options,
          ...(initial === undefined ? {} : { initialValue: initial }),
        }),
      );
    },
    async challenge(question, whenNobody) {
      const characters = randomBytes(3).toString("hex");
      const { prompts, answer, base } = await clack(question, whenNobody);
      const typed = await prompts.text({ ...base, message: `${question} Type ${characters} to go on:` });
      return answer(typed).trim().toLowerCase() === characters;
    },
    async passphrase(question, whenNobody) {
      const { prompts, answer, base } = await clack(question, whenNobody);
      // An empty line reaches us as undefined.
      return answer(await prompts.password(base)) ?? "";
    },
  };
}
