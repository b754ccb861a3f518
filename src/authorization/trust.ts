import { join } from "node:path";
import { z } from "zod";
import { canonicalJson, digestOf } from "../platform/digest.ts";
import { createExclusive, ensureFolder, readTextIfExists } from "../platform/files.ts";
import { loadAllowedSigners, type Signer, signatureHolds } from "./approval-key.ts";

/**
 * What the repository would have Nimrod run is inert until a person has confirmed its hash. A change of one byte is
 * another hash: what arrives by `git pull` has to be looked at again.
 */

export type TrustItem = {
  /** For example `agents.scripted in nimrod.json`. */
  what: string;
  /** The command or text itself, and digests of the files it names. */
  text: string;
};

export function trustDigest(items: readonly TrustItem[]): string {
  return digestOf("nimrod/trust/v1", items);
}

const recordSchema = z.strictObject({
  version: z.literal(1),
  digest: z.string(),
  at: z.string(),
  approver: z.string(),
  signature: z.string(),
});

const recordFile = (stateFolder: string, digest: string) => join(stateFolder, "trust", `${digest}.json`);

export async function isTrusted(
  places: { stateFolder: string; stateHome: string },
  items: readonly TrustItem[],
): Promise<boolean> {
  if (items.length === 0) return true;
  const digest = trustDigest(items);
  const text = await readTextIfExists(recordFile(places.stateFolder, digest));
  if (text === null) return false;
  const read = recordSchema.safeParse(safeJson(text));
  if (!read.success || read.data.digest !== digest) return false;
  const { signature, ...unsigned } = read.data;
  const signers = await loadAllowedSigners(places.stateHome);
  return signatureHolds(signers, unsigned.approver, signedText(unsigned), signature) !== null;
}

export async function recordTrust(
  places: { stateFolder: string },
  items: readonly TrustItem[],
  signer: Signer,
  at: string,
): Promise<string> {
  const digest = trustDigest(items);
  const unsigned = { version: 1 as const, digest, at, approver: signer.fingerprint };
  await ensureFolder(join(places.stateFolder, "trust"), { mode: 0o700 });
  const record = { ...unsigned, signature: signer.sign(signedText(unsigned)) };
  await createExclusive(recordFile(places.stateFolder, digest), `${JSON.stringify(record, null, 2)}\n`, {
    mode: 0o600,
  });
  return digest;
}

function signedText(unsigned: object): string {
  return `nimrod/trust/v1\n${canonicalJson(unsigned)}`;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not a record: not trusted
  }
}
