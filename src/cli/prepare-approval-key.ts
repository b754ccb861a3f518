import { approvalKeyPresence, createApprovalKey } from "../authorization/approval-key.ts";
import { NimrodError } from "../errors.ts";
import { rfc3339 } from "../platform/clock.ts";
import type { Context } from "./context.ts";

const hint = { hint: "nimrod init" };
const mostTries = 3;

/**
 * Makes the person's approval key when there is none and somebody is there to choose its passphrase. Without a
 * terminal nothing is made: a key that a script made proves no person.
 */
export async function prepareApprovalKey(context: Context): Promise<boolean> {
  if ((await approvalKeyPresence(context.stateHome)) !== null) return false;
  if (!context.prompts.available) {
    context.output.say(
      "No approval key yet: nothing explicit can be approved before nimrod init at a terminal.",
    );
    return false;
  }
  context.output.say(
    "Your approval key signs what you approve: what could hurt is not done without it.\n" +
      "Its passphrase proves that it is you. Nobody else is told, and nobody can look it up.",
  );
  const passphrase = await choosePassphrase(context);
  await createApprovalKey(context.stateHome, passphrase, rfc3339(context.clock.now()));
  return true;
}

/** Typed twice, because it is not shown; a slip costs a repetition and not the command. */
async function choosePassphrase({ prompts, output }: Context): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const passphrase = await prompts.passphrase(
      "Passphrase (empty: none; you type what is shown instead, a weaker proof)",
      hint,
    );
    if (passphrase === "" || (await prompts.passphrase("The same again", hint)) === passphrase)
      return passphrase;
    if (tries === mostTries)
      throw new NimrodError("usage", "the two passphrases differ; no key was made", hint);
    output.say("The two differ. Once more:");
  }
}
