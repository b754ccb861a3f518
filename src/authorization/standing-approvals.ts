import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { NimrodError } from "../errors.ts";
import { type Clock, rfc3339 } from "../platform/clock.ts";
import { canonicalJson, digestOf, sha256 } from "../platform/digest.ts";
import { createExclusive, ensureFolder, listFolder, readTextIfExists } from "../platform/files.ts";
import type { Action, Decision } from "./action.ts";
import { loadAllowedSigners, type Presence, type Signer, signatureHolds } from "./approval-key.ts";
import type { ClassifyContext } from "./context.ts";
import { describeAction } from "./describe.ts";
import type { Policy, Standing } from "./policy/schema.ts";
import { misfit } from "./policy/shape.ts";
import { holdsAt } from "./policy/windows.ts";

/**
 * The signatures under the standing approvals of a policy, and each use of one. As with approvals every file is made
 * once and never changed: one for the signature, one for each use, made before the action starts.
 */

const signedSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  name: z.string(),
  /** The approval itself, word for word, and the whole policy around it: any change voids it. */
  standing: z.string(),
  policy: z.string(),
  /** The repository on the machine that it was signed for. */
  repository: z.string(),
  machine: z.string(),
  issued: z.string(),
  expires: z.string(),
  approver: z.string(),
  presence: z.enum(["passphrase", "challenge"]),
  /** SHA-256 of the very text that was shown to the person. */
  shown: z.string(),
  signature: z.string(),
});
type Signed = z.infer<typeof signedSchema>;

const useSchema = z.strictObject({
  version: z.literal(1),
  at: z.string(),
  what: z.string(),
  digest: z.string(),
  ticket: z.string(),
  run: z.string(),
});

/** A yes that outlives a year is nobody's any more. */
const longestMs = 366 * 24 * 60 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;

export type StandingState =
  | { state: "valid"; used: number; approver: string; presence: Presence }
  /** `expired`: by its own date. `unsigned`: never signed, or changed since. */
  | { state: "unsigned" | "expired" | "used up"; why: string; used: number };

export type StandingApprovals = ReturnType<typeof openStandingApprovals>;

export function openStandingApprovals(options: {
  /** This repository's folder in the state home. */
  stateFolder: string;
  stateHome: string;
  machine: string;
  clock: Clock;
  policy: Policy;
  policyDigest: string;
}) {
  const { stateFolder, stateHome, machine, clock, policy } = options;
  const folder = join(stateFolder, "standing");

  async function records<S extends z.ZodType>(pattern: RegExp, schema: S): Promise<z.infer<S>[]> {
    const found: z.infer<S>[] = [];
    for (const { name } of await listFolder(folder)) {
      if (!pattern.test(name)) continue;
      const path = join(folder, name);
      try {
        found.push(schema.parse(JSON.parse((await readTextIfExists(path)) ?? "")));
      } catch (cause) {
        throw new NimrodError("broken", `${path} is not a record of a standing approval`, {
          cause,
          hint: "nimrod policy check",
        });
      }
    }
    return found;
  }

  /** Newest first: who signs again means the new one. */
  async function signaturesOf(name: string): Promise<Signed[]> {
    const all = await records(/^[0-9a-f]{32}\.signed\.json$/, signedSchema);
    return all.filter((each) => each.name === name).sort((a, b) => (a.issued < b.issued ? 1 : -1));
  }

  const usesOf = (id: string) => records(new RegExp(`^${id}\\.[0-9]+\\.used\\.json$`), useSchema);

  async function problemWith(
    signed: Signed,
    standing: Standing,
    needed: Presence,
  ): Promise<{ state: "unsigned" | "expired"; why: string } | null> {
    const { signature, ...unsigned } = signed;
    const void_ = (why: string) => ({ state: "unsigned" as const, why });
    const signers = await loadAllowedSigners(stateHome);
    const signer = signatureHolds(signers, signed.approver, signedText(unsigned), signature);
    if (!signer || signer.presence !== signed.presence)
      return void_("its signature is not that of an allowed signer");
    if (signed.standing !== standingDigest(standing) || signed.expires !== expiryOf(standing))
      return void_("it was changed after it was signed");
    if (signed.policy !== options.policyDigest) return void_("the policy was changed after it was signed");
    if (signed.repository !== stateFolder || signed.machine !== machine)
      return void_("it was signed for another repository or machine");
    const now = clock.now().getTime();
    if (now < Date.parse(signed.issued) - 1000)
      return void_("it was signed in the future: the clock was set back");
    if (now >= Date.parse(signed.expires))
      return { state: "expired", why: `it expired at ${signed.expires}` };
    if (Date.parse(signed.expires) - Date.parse(signed.issued) > longestMs)
      return void_("it would hold for more than a year");
    if (needed === "passphrase" && signed.presence !== "passphrase")
      return void_("without a sandbox only a key with a passphrase proves that a person was there");
    return null;
  }

  /** The signature that holds and has a use left; else why there is none. */
  async function find(
    standing: Standing,
    needed: Presence,
  ): Promise<{ signed: Signed; used: number } | Exclude<StandingState, { state: "valid" }>> {
    if (clock.now().getTime() >= Date.parse(expiryOf(standing)))
      return { state: "expired", why: `it expired at ${expiryOf(standing)}`, used: 0 };
    let best: Exclude<StandingState, { state: "valid" }> = {
      state: "unsigned",
      why: "nobody has signed it",
      used: 0,
    };
    for (const signed of await signaturesOf(standing.name)) {
      const problem = await problemWith(signed, standing, needed);
      if (problem === null) {
        const uses = await usesOf(signed.id);
        const spent = limitReached(standing, uses, clock.now().getTime());
        if (spent === null) return { signed, used: uses.length };
        best = { state: "used up", why: spent, used: uses.length };
      } else if (best.state === "unsigned") {
        best = { ...problem, used: 0 };
      }
    }
    return best;
  }

  function candidates(action: Action, decision: Decision, context: ClassifyContext): Standing[] {
    const now = clock.now();
    return policy.standing.filter(
      (each) =>
        holdsAt(each, policy.windows, now) === true && misfit(each, action, decision, context) === null,
    );
  }

  return {
    /** How it stands with one of the policy's. */
    async stateOf(standing: Standing, needed: Presence = "challenge"): Promise<StandingState> {
      const found = await find(standing, needed);
      if (!("signed" in found)) return found;
      const { approver, presence } = found.signed;
      return { state: "valid", used: found.used, approver, presence };
    },

    /** Records a person's lasting yes to what `shown` said. */
    async sign(standing: Standing, signer: Signer, shown: string): Promise<void> {
      const now = clock.now();
      const until = Date.parse(expiryOf(standing)) - now.getTime();
      if (until <= 0 || until > longestMs) {
        throw new NimrodError(
          "failed",
          until <= 0 ? `${standing.name} has expired` : `${standing.name} would hold for more than a year`,
          { hint: "edit expires in .nimrod/policy.json" },
        );
      }
      const unsigned = {
        version: 1 as const,
        id: randomBytes(16).toString("hex"),
        name: standing.name,
        standing: standingDigest(standing),
        policy: options.policyDigest,
        repository: stateFolder,
        machine,
        issued: rfc3339(now),
        expires: expiryOf(standing),
        approver: signer.fingerprint,
        presence: signer.presence,
        shown: sha256(shown),
      };
      const signed: Signed = { ...unsigned, signature: signer.sign(signedText(unsigned)) };
      await ensureFolder(folder, { mode: 0o700 });
      await createExclusive(
        join(folder, `${unsigned.id}.signed.json`),
        `${JSON.stringify(signed, null, 2)}\n`,
        { mode: 0o600 },
      );
    },

    /** Whether one would cover this now. Nothing is used up: when the action is due, it is asked again. */
    async covers(action: Action, decision: Decision, context: ClassifyContext): Promise<string | null> {
      for (const standing of candidates(action, decision, context)) {
        if ("signed" in (await find(standing, neededFor(context)))) return `standing:${standing.name}`;
      }
      return null;
    },

    /** Uses one up for this action, on disk before the answer; null where none covers it. */
    async use(
      action: Action,
      decision: Decision,
      facts: { context: ClassifyContext; digest: string; ticket: string; run: string },
    ): Promise<string | null> {
      const { context, digest, ticket, run } = facts;
      for (const standing of candidates(action, decision, context)) {
        // Each turn that loses a race finds one use more than the turn before it.
        for (;;) {
          const found = await find(standing, neededFor(context));
          if (!("signed" in found)) break;
          const number = found.used + 1;
          const use = {
            version: 1,
            at: rfc3339(clock.now()),
            what: describeAction(action),
            digest,
            ticket,
            run,
          };
          const path = join(folder, `${found.signed.id}.${number}.used.json`);
          if (await createExclusive(path, `${JSON.stringify(use)}\n`, { mode: 0o600 }))
            return `standing:${standing.name}#${number}`;
          // Made by nobody's race: a use is missing from the row, and what cannot be counted is used up.
          if ((await usesOf(found.signed.id)).length <= found.used) break;
        }
      }
      return null;
    },
  };
}

function limitReached(
  { uses: { total, perDay } }: Standing,
  uses: readonly { at: string }[],
  now: number,
): string | null {
  if (total !== undefined && uses.length >= total) return `it was used ${uses.length} of ${total} times`;
  if (uses.some(({ at }) => !(Date.parse(at) <= now + 1000)))
    return "it was used in the future: the clock was set back";
  const today = uses.filter(({ at }) => now - Date.parse(at) < dayMs).length;
  return perDay !== undefined && today >= perDay ? `it was used ${today} times in 24 hours` : null;
}

/** Without a sandbox an agent could reach the terminal, as for any approval. */
function neededFor({ sandbox }: ClassifyContext): Presence {
  return sandbox === "none" ? "passphrase" : "challenge";
}

/** RFC 3339 in UTC. A date ends when it begins. */
export function expiryOf({ expires }: Standing): string {
  return rfc3339(new Date(expires));
}

function standingDigest(standing: Standing): string {
  return digestOf("nimrod/standing/v1", standing);
}

function signedText(unsigned: Omit<Signed, "signature">): string {
  return `nimrod/standing-approval/v1\n${canonicalJson(unsigned)}`;
}
