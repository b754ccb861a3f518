import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { NimrodError } from "../errors.ts";
import { createExclusive, ensureFolder, readTextIfExists, writeAtomic } from "../platform/files.ts";
import { quoteWord } from "../platform/shell-word.ts";

/**
 * The person's key and the list of keys whose word counts. Both live in Nimrod's state folder, which no sandbox
 * shows. A passphrase is what proves that a person is there: a terminal alone can be faked with script(1).
 */

export type Presence = "passphrase" | "challenge";

const signerSchema = z.strictObject({
  fingerprint: z.string(),
  publicKey: z.string(),
  presence: z.enum(["passphrase", "challenge"]),
  created: z.string(),
});
const signersSchema = z.strictObject({ version: z.literal(1), signers: z.array(signerSchema) });
export type AllowedSigner = z.infer<typeof signerSchema>;

export type Signer = { fingerprint: string; presence: Presence; sign: (text: string) => string };

const keyFile = (stateHome: string) => join(stateHome, "keys", "approval.pem");
const signersFile = (stateHome: string) => join(stateHome, "keys", "allowed-signers.json");

export async function loadAllowedSigners(stateHome: string): Promise<AllowedSigner[]> {
  const text = await readTextIfExists(signersFile(stateHome));
  if (text === null) return [];
  try {
    return signersSchema.parse(JSON.parse(text)).signers;
  } catch (cause) {
    throw new NimrodError("broken", `${signersFile(stateHome)} is not a list of signers`, {
      cause,
      // Not the whole folder: the key beside them seals evidence, and without it no ticket under way can go on.
      hint: `restore it from a backup, or: rm ${signersFile(stateHome)} ${keyFile(stateHome)} && nimrod init   (what it signed counts no more)`,
    });
  }
}

/** What the person's key needs, or null where there is none yet. */
export async function approvalKeyPresence(stateHome: string): Promise<Presence | null> {
  const pem = await readTextIfExists(keyFile(stateHome));
  if (pem === null) return null;
  return pem.includes("ENCRYPTED") ? "passphrase" : "challenge";
}

/** Makes the person's key, mode 0600, once. An empty passphrase makes a key that proves no presence. */
export async function createApprovalKey(
  stateHome: string,
  passphrase: string,
  created: string,
): Promise<AllowedSigner> {
  const pair = generateKeyPairSync("ed25519");
  const pem = pair.privateKey.export({
    type: "pkcs8",
    format: "pem",
    ...(passphrase === "" ? {} : { cipher: "aes-256-cbc", passphrase }),
  });
  if ((await approvalKeyPresence(stateHome)) !== null) throw keyExists(stateHome);
  await ensureFolder(join(stateHome, "keys"), { mode: 0o700 });
  const signer: AllowedSigner = {
    fingerprint: fingerprintOf(pair.publicKey),
    publicKey: pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
    presence: passphrase === "" ? "challenge" : "passphrase",
    created,
  };
  const signers = [...(await loadAllowedSigners(stateHome)), signer];
  await writeAtomic(signersFile(stateHome), `${JSON.stringify({ version: 1, signers }, null, 2)}\n`, {
    mode: 0o600,
  });
  // The list first: after a kill between the two there is a signer too many, never a key whose word never counts.
  const made = await createExclusive(keyFile(stateHome), pem, { mode: 0o600 });
  if (!made) throw keyExists(stateHome);
  return signer;
}

/** Opens the person's key. A wrong passphrase is an error that says so, never a weaker signature. */
export async function openSigner(stateHome: string, passphrase: string): Promise<Signer> {
  const pem = await readTextIfExists(keyFile(stateHome));
  if (pem === null)
    throw new NimrodError("needs_person", "there is no approval key yet", { hint: "nimrod init" });
  let key: KeyObject;
  try {
    key = createPrivateKey(pem.includes("ENCRYPTED") ? { key: pem, passphrase } : pem);
  } catch (cause) {
    throw new NimrodError(
      "needs_person",
      "the passphrase does not open the approval key; nothing was signed",
      {
        hint: `the same command again      forgotten: rm ${quoteWord(keyFile(stateHome))} && nimrod init`,
        cause,
      },
    );
  }
  return {
    fingerprint: fingerprintOf(createPublicKey(key)),
    presence: pem.includes("ENCRYPTED") ? "passphrase" : "challenge",
    sign: (text) => sign(null, Buffer.from(text), key).toString("base64"),
  };
}

/** Whether an allowed signer made this signature; strict base64, so that one signature has one spelling. */
export function signatureHolds(
  signers: AllowedSigner[],
  fingerprint: string,
  text: string,
  signature: string,
): AllowedSigner | null {
  const signer = signers.find((candidate) => candidate.fingerprint === fingerprint);
  if (!signer) return null;
  const bytes = Buffer.from(signature, "base64");
  if (bytes.toString("base64") !== signature) return null;
  return verify(null, Buffer.from(text), createPublicKey(signer.publicKey), bytes) ? signer : null;
}

function fingerprintOf(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 16);
}

function keyExists(stateHome: string): NimrodError {
  return new NimrodError("failed", "an approval key exists already", { where: keyFile(stateHome) });
}
