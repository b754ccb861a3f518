import { approvalKeyPresence, createApprovalKey } from "../authorization/approval-key.ts";
import { NimrodError } from "../errors.ts";
import { rfc3339 } from "../platform/clock.ts";
import type { Context } from "./context.ts";

/**
 * Makes the person's approval key when there is none and somebody is there to choose its passphrase. Without a
 * terminal nothing is made: a key that a script made proves no person.
 */
export async function prepareApprovalKey(context: Context): Promise<boolean> {
  if ((await approvalKeyPresence(context.stateHome)) !== null) return false;
  const hint = { hint: "nimrod init, at a terminal" };
  if (!context.prompts.available) {
    context.output.say(
      "No approval key yet: nothing explicit can be approved before nimrod init at a terminal.",
    );
    return false;
  }
  context.output.say(
    "Your approval key signs what Nimrod may do beyond the ordinary. Its passphrase proves that it is you.",
  );
  const passphrase = await context.prompts.passphrase(
    "Passphrase (empty: a typed challenge instead, a weaker proof)",
    hint,
  );
  if (passphrase !== "" && (await context.prompts.passphrase("The same again", hint)) !== passphrase) {
    throw new NimrodError("usage", "the two passphrases differ; no key was made", hint);
  }
  await createApprovalKey(context.stateHome, passphrase, rfc3339(context.clock.now()));
  return true;
}
