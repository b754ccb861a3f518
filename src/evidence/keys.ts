import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { NimrodError } from "../errors.ts";
import { sha256 } from "../platform/digest.ts";
import {
  createExclusive,
  ensureFolder,
  listFolder,
  readFileBounded,
  readTextIfExists,
} from "../platform/files.ts";
import type { Problem } from "./problems.ts";

/** This machine's key. It stays in the state folder; whoever holds this object can seal, nothing else can. */
export type SealKey = PublicKey & {
  /** Strict base64 of the Ed25519 signature over the message. */
  sign(message: string): string;
  /** Key for the fingerprints of redacted values: the same on this machine, of no use to a guesser elsewhere. */
  redactionKey: string;
};

export type PublicKey = {
  /** First 32 hex digits of the SHA-256 of the key's SPKI DER form. */
  fingerprint: string;
  /** SPKI, PEM. */
  pem: string;
};

const machineFile = "machine.pem";
const publicFolder = ".nimrod/keys";
const maxKeyBytes = 10_000;

/**
 * Loads the machine's key, and makes it when there is none. The public half is put into `.nimrod/keys/` of the
 * project. Throws `broken` for a file that is no Ed25519 key or that others may read.
 *
 * @param places.stateFolder `$XDG_STATE_HOME/nimrod`: one key for all repositories of this machine.
 */
export async function loadMachineKey(places: { stateFolder: string; projectRoot: string }): Promise<SealKey> {
  const folder = join(places.stateFolder, "keys");
  const path = join(folder, machineFile);
  if ((await readTextIfExists(path, maxKeyBytes)) === null) {
    await ensureFolder(folder, { mode: 0o700 });
    const { privateKey } = generateKeyPairSync("ed25519");
    // Whoever comes second finds the first one's key: it is read back, never assumed.
    await createExclusive(path, pemOf(privateKey), { mode: 0o600 });
  }
  const key = sealKey(await readPrivateKey(path));
  await publish(key, places.projectRoot);
  return key;
}

/** For looking only: the machine's key, or a fresh one that nobody keeps where there is none yet. Makes nothing. */
export async function borrowMachineKey(stateFolder: string): Promise<SealKey> {
  const path = join(stateFolder, "keys", machineFile);
  const isThere = (await readTextIfExists(path, maxKeyBytes)) !== null;
  return sealKey(isThere ? await readPrivateKey(path) : generateKeyPairSync("ed25519").privateKey);
}

/** The public half of the machine's key; null when this machine has sealed nothing yet. Makes nothing. */
export async function readMachinePublicKey(stateFolder: string): Promise<PublicKey | null> {
  const path = join(stateFolder, "keys", machineFile);
  if ((await readTextIfExists(path, maxKeyBytes)) === null) return null;
  return publicHalf(createPublicKey(await readPrivateKey(path)));
}

/** The keys that came with the repository. They prove nothing by themselves: anybody can commit one. */
export async function readRepositoryKeys(root: string): Promise<{ keys: PublicKey[]; problems: Problem[] }> {
  const keys: PublicKey[] = [];
  const problems: Problem[] = [];
  for (const entry of await listFolder(join(root, publicFolder))) {
    if (!entry.name.endsWith(".pub")) continue;
    const file = `${publicFolder}/${entry.name}`;
    const key = entry.isFile() ? await readPublicKey(join(root, file)) : null;
    if (key !== null && entry.name === `${key.fingerprint}.pub`) keys.push(key);
    else
      problems.push({ file, kind: "key-file", message: "does not hold the Ed25519 key that its name gives" });
  }
  return { keys, problems };
}

/** Null when the text is no Ed25519 public key. */
export function parsePublicKey(pem: string): PublicKey | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === "ed25519" ? publicHalf(key) : null;
  } catch {
    return null; // not a key; the caller names the file
  }
}

/** Is `signature` (strict base64) the key's, over exactly this message? */
export function isSignedBy(key: PublicKey, message: string, signature: string): boolean {
  const bytes = Buffer.from(signature, "base64");
  // Base64 can be spelled in several ways; only one of them is taken, so no byte of the file is free to change.
  if (bytes.length !== 64 || bytes.toString("base64") !== signature) return false;
  return verify(null, Buffer.from(message), createPublicKey(key.pem), bytes);
}

function sealKey(privateKey: KeyObject): SealKey {
  const secret = privateKey.export({ type: "pkcs8", format: "der" });
  return {
    ...publicHalf(createPublicKey(privateKey)),
    sign: (message) => sign(null, Buffer.from(message), privateKey).toString("base64"),
    redactionKey: createHmac("sha256", secret).update("nimrod/redaction/v1").digest("hex"),
  };
}

function publicHalf(key: KeyObject): PublicKey {
  return {
    fingerprint: sha256(key.export({ type: "spki", format: "der" })).slice(0, 32),
    pem: key.export({ type: "spki", format: "pem" }).toString(),
  };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

async function readPrivateKey(path: string): Promise<KeyObject> {
  const { mode } = await lstat(path);
  if ((mode & 0o077) !== 0) {
    throw new NimrodError(
      "broken",
      `${path} can be read by others; a seal made with it would prove nothing`,
      {
        where: path,
        hint: `chmod 600 ${path}`,
      },
    );
  }
  try {
    const key = createPrivateKey(Buffer.from(await readFileBounded(path, { maxBytes: maxKeyBytes })));
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw notAKey(path, cause);
  }
  throw notAKey(path);
}

function notAKey(path: string, cause?: unknown): NimrodError {
  return new NimrodError("broken", `${path} is not an Ed25519 private key`, {
    where: path,
    hint: `mv ${path} ${path}.old   (a new key is made; what the old one sealed then needs its public half trusted)`,
    cause,
  });
}

async function readPublicKey(path: string): Promise<PublicKey | null> {
  const text = await readTextIfExists(path, maxKeyBytes).catch(() => null); // reported as key-file
  return text === null ? null : parsePublicKey(text);
}

async function publish(key: PublicKey, projectRoot: string): Promise<void> {
  const folder = join(projectRoot, publicFolder);
  const path = join(folder, `${key.fingerprint}.pub`);
  if ((await readTextIfExists(path, maxKeyBytes)) !== null) return;
  await ensureFolder(folder);
  await createExclusive(path, key.pem);
}
