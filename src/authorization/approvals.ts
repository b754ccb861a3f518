import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { NimrodError } from "../errors.ts";
import { type Clock, rfc3339 } from "../platform/clock.ts";
import { canonicalJson, sha256 } from "../platform/digest.ts";
import { createExclusive, ensureFolder, listFolder, readTextIfExists } from "../platform/files.ts";
import { effectKinds, effectScopes, tiers } from "./action.ts";
import {
  type AllowedSigner,
  loadAllowedSigners,
  type Presence,
  type Signer,
  signatureHolds,
} from "./approval-key.ts";

/**
 * Requests, a person's signed answers, and their use. Every file is made once and never changed: request, approval
 * or denial, and one `spent` mark for each item, made before the action starts (a crash after it means: ask again).
 */

/** An approval is good for 24 h from the signature. */
const validForMs = 24 * 60 * 60 * 1000;

const itemSchema = z.strictObject({
  /** What the approval is bound to: see bind.ts. */
  digest: z.string(),
  title: z.string(),
  /** What will run, one line each, exactly as it will be. */
  runs: z.array(z.string()),
  where: z.string(),
  tier: z.enum(tiers),
  rule: z.string(),
  reason: z.string(),
  effects: z.array(
    z.strictObject({ kind: z.enum(effectKinds), target: z.string(), scope: z.enum(effectScopes) }),
  ),
  undo: z.string().nullable(),
});
export type ApprovalItem = z.infer<typeof itemSchema>;

export const requestSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  /** `action`: one action; `plan`: the explicit steps of one plan; `consent`: a vendor gets the repository. */
  kind: z.enum(["action", "plan", "consent"]),
  ticket: z.string().nullable(),
  run: z.string().nullable(),
  requester: z.string(),
  created: z.string(),
  items: z.array(itemSchema).min(1),
});
export type ApprovalRequest = z.infer<typeof requestSchema>;

const approvalSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  request: z.string(),
  digests: z.array(z.string()),
  scope: z.enum(["once", "standing"]),
  issued: z.string(),
  expires: z.string().nullable(),
  nonce: z.string(),
  approver: z.string(),
  presence: z.enum(["passphrase", "challenge"]),
  /** SHA-256 of the very text that was shown to the person. */
  shown: z.string(),
  signature: z.string(),
});
type Approval = z.infer<typeof approvalSchema>;

const denialSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  reason: z.string(),
  at: z.string(),
});

/** What it was asked for has changed meanwhile: another request stands in its place. */
const voidSchema = z.strictObject({ version: z.literal(1), id: z.string(), by: z.string(), at: z.string() });

export type ApprovalState = "pending" | "approved" | "denied" | "expired" | "spent" | "void";
export type ApprovalView = {
  request: ApprovalRequest;
  state: ApprovalState;
  expires: string | null;
  reason: string | null;
};

export type Grant =
  | { kind: "granted"; id: string; approver: string; presence: Presence }
  | { kind: "denied"; id: string; reason: string }
  /** Nobody said yes to exactly this, or the yes is void: `why` says which. */
  | { kind: "missing"; why: string };

export type Approvals = ReturnType<typeof openApprovals>;

export function openApprovals(options: { folder: string; stateHome: string; clock: Clock }) {
  const { folder, stateHome, clock } = options;
  const file = (id: string, part: string) => join(folder, `${id}.${part}.json`);

  async function read<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S> | null> {
    const text = await readTextIfExists(path);
    if (text === null) return null;
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new NimrodError("broken", `${path} is not an approval record`, {
        cause,
        hint: "nimrod approvals",
      });
    }
  }

  async function requestIds(): Promise<string[]> {
    const ids: string[] = [];
    for (const entry of await listFolder(folder)) {
      const match = /^(A-[0-9]+)\.request\.json$/.exec(entry.name);
      if (match?.[1]) ids.push(match[1]);
    }
    return ids.sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)));
  }

  async function spentMark(id: string, index: number): Promise<boolean> {
    return (await readTextIfExists(file(id, `${index}.spent`))) !== null;
  }

  async function view(request: ApprovalRequest): Promise<ApprovalView> {
    const approval = await read(file(request.id, "approval"), approvalSchema);
    // A yes after a no is a change of mind, and the only way back from one: only pending requests can be denied.
    const denial = await read(file(request.id, "denial"), denialSchema);
    if (!approval) {
      if (denial) return { request, state: "denied", expires: null, reason: denial.reason };
      const voided = await read(file(request.id, "void"), voidSchema);
      return { request, state: voided ? "void" : "pending", expires: null, reason: null };
    }
    return {
      request,
      state: await stateOf(request, approval),
      expires: approval.expires,
      reason: null,
    };
  }

  /** A yes that does not hold is told as void, so that it is asked for anew instead of being waited on. */
  async function stateOf(request: ApprovalRequest, approval: Approval): Promise<ApprovalState> {
    const spent = await Promise.all(request.items.map((_, index) => spentMark(request.id, index)));
    if (spent.every(Boolean)) return "spent";
    if (approval.expires !== null && Date.parse(approval.expires) <= clock.now().getTime()) return "expired";
    const signers = await loadAllowedSigners(stateHome);
    return problemWith(approval, request, signers, "challenge") === null ? "approved" : "void";
  }

  async function get(id: string): Promise<ApprovalView> {
    const wanted = id.toUpperCase();
    const request = /^A-[0-9]+$/.test(wanted) ? await read(file(wanted, "request"), requestSchema) : null;
    if (!request) {
      throw new NimrodError("not_found", `no approval is called ${JSON.stringify(id)}`, {
        hint: "nimrod approvals",
      });
    }
    return view(request);
  }

  async function list(): Promise<ApprovalView[]> {
    const views: ApprovalView[] = [];
    for (const id of await requestIds()) views.push(await get(id));
    return views;
  }

  return {
    get,
    list,

    /**
     * Asks once: a pending request for the very same digests, or one whose yes is good and proves the `needed`
     * presence, is returned instead of a second one.
     */
    async request(
      wanted: Omit<ApprovalRequest, "version" | "id" | "created">,
      needed: Presence = "challenge",
    ): Promise<ApprovalRequest> {
      const digests = canonicalJson(wanted.items.map((item) => item.digest));
      for (const known of await list()) {
        const same = canonicalJson(known.request.items.map((item) => item.digest)) === digests;
        if (!same) continue;
        if (known.state === "pending") return known.request;
        if (known.state === "approved" && (await isUsable(known.request, needed))) return known.request;
      }
      await ensureFolder(folder, { mode: 0o700 });
      for (let next = lastNumber(await requestIds()) + 1; ; next++) {
        const request: ApprovalRequest = {
          ...wanted,
          version: 1,
          id: `A-${next}`,
          created: rfc3339(clock.now()),
        };
        if (
          await createExclusive(file(request.id, "request"), `${JSON.stringify(request, null, 2)}\n`, {
            mode: 0o600,
          })
        ) {
          await voidOthers(request);
          return request;
        }
      }
    },

    /** Records a person's yes to what `shown` said. */
    async approve(id: string, signer: Signer, shown: string): Promise<Approval> {
      const { request, state } = await get(id);
      if (state !== "pending" && state !== "approved" && state !== "denied") {
        throw new NimrodError(
          "failed",
          `${request.id} is ${state}; a new approval is asked for when it is needed`,
          {
            hint: request.ticket ? `nimrod resume ${request.ticket}` : "nimrod next",
          },
        );
      }
      const unsigned = {
        version: 1 as const,
        id: request.id,
        request: sha256(canonicalJson(request)),
        digests: request.items.map((item) => item.digest),
        scope: request.kind === "consent" ? ("standing" as const) : ("once" as const),
        issued: rfc3339(clock.now()),
        expires: request.kind === "consent" ? null : rfc3339(new Date(clock.now().getTime() + validForMs)),
        nonce: randomBytes(16).toString("hex"),
        approver: signer.fingerprint,
        presence: signer.presence,
        shown: sha256(shown),
      };
      const approval: Approval = { ...unsigned, signature: signer.sign(signedText(unsigned)) };
      await createExclusive(file(request.id, "approval"), `${JSON.stringify(approval, null, 2)}\n`, {
        mode: 0o600,
      });
      return approval;
    },

    async deny(id: string, reason: string): Promise<void> {
      const { request, state } = await get(id);
      if (state !== "pending")
        throw new NimrodError("failed", `${request.id} is ${state} already`, { hint: "nimrod approvals" });
      const denial = { version: 1, id: request.id, reason, at: rfc3339(clock.now()) };
      await createExclusive(file(request.id, "denial"), `${JSON.stringify(denial, null, 2)}\n`, {
        mode: 0o600,
      });
    },

    /** Whether a digest is approved, without using the approval up. */
    check: (digest: string, needed: Presence) => search(digest, needed, false),

    /** Uses an approval for exactly this digest: at most one caller ever gets it. */
    consume: (digest: string, needed: Presence) => search(digest, needed, true),
  };

  async function isUsable(request: ApprovalRequest, needed: Presence): Promise<boolean> {
    const grants = await Promise.all(request.items.map(({ digest }) => search(digest, needed, false)));
    return grants.every((grant) => grant.kind === "granted");
  }

  /** One ticket has one open question of this kind: what was asked before no longer fits what would run. */
  async function voidOthers(request: ApprovalRequest): Promise<void> {
    if (request.ticket === null || request.kind === "consent") return;
    for (const known of await list()) {
      const { id, ticket, kind } = known.request;
      if (known.state !== "pending" || id === request.id || ticket !== request.ticket || kind === "consent")
        continue;
      const mark = { version: 1, id, by: request.id, at: rfc3339(clock.now()) };
      await createExclusive(file(id, "void"), `${JSON.stringify(mark, null, 2)}\n`, { mode: 0o600 });
    }
  }

  async function search(digest: string, needed: Presence, use: boolean): Promise<Grant> {
    const signers = await loadAllowedSigners(stateHome);
    let why = "nobody has approved exactly this";
    for (const { request, reason } of (await list()).reverse()) {
      const index = request.items.findIndex((item) => item.digest === digest);
      if (index < 0) continue;
      if (reason !== null) return { kind: "denied", id: request.id, reason };
      const approval = await read(file(request.id, "approval"), approvalSchema);
      if (!approval) continue;
      const problem = problemWith(approval, request, signers, needed);
      if (problem) {
        why = `${request.id} is void: ${problem}`;
        continue;
      }
      const granted: Grant = {
        kind: "granted",
        id: request.id,
        approver: approval.approver,
        presence: approval.presence,
      };
      if (approval.scope === "standing") return granted;
      if (!use) {
        if (!(await spentMark(request.id, index))) return granted;
      } else if (
        await createExclusive(file(request.id, `${index}.spent`), `{"at":"${rfc3339(clock.now())}"}\n`, {
          mode: 0o600,
        })
      ) {
        return granted;
      }
      why = `${request.id} was used already`;
    }
    return { kind: "missing", why };
  }

  function problemWith(
    approval: Approval,
    request: ApprovalRequest,
    signers: AllowedSigner[],
    needed: Presence,
  ): string | null {
    const { signature, ...unsigned } = approval;
    const signer = signatureHolds(signers, approval.approver, signedText(unsigned), signature);
    if (!signer) return "its signature is not that of an allowed signer";
    if (signer.presence !== approval.presence)
      return "it claims another proof of presence than its key gives";
    if (approval.request !== sha256(canonicalJson(request)))
      return "the request was changed after it was signed";
    const now = clock.now().getTime();
    // Both ends are checked, so that a clock set back does not revive or extend anything.
    if (now < Date.parse(approval.issued) - 1000)
      return "it was signed in the future: the clock was set back";
    if (approval.expires !== null && now >= Date.parse(approval.expires))
      return `it expired at ${approval.expires}`;
    if (needed === "passphrase" && approval.presence !== "passphrase") {
      return "without a sandbox only a key with a passphrase proves that a person is there";
    }
    return null;
  }
}

function signedText(unsigned: Omit<Approval, "signature">): string {
  return `nimrod/approval/v1\n${canonicalJson(unsigned)}`;
}

function lastNumber(ids: string[]): number {
  return ids.reduce((highest, id) => Math.max(highest, Number(id.slice(2))), 0);
}
