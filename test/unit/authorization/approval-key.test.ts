import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  approvalKeyPresence,
  createApprovalKey,
  loadAllowedSigners,
  openSigner,
  signatureHolds,
} from "../../../src/authorization/approval-key.ts";
import { tempFolder } from "./approval-world.ts";

const created = "2026-11-22T07:00:00Z";

test("a key with a passphrase opens with it and with nothing else", async () => {
  const home = tempFolder();
  await createApprovalKey(home, "correct horse", created);
  expect(await approvalKeyPresence(home)).toBe("passphrase");
  for (const wrong of ["", "correct hors", "correct horse "]) {
    await expect(openSigner(home, wrong)).rejects.toMatchObject({ name: "NimrodError" });
  }
  expect(await openSigner(home, "correct horse")).toMatchObject({ presence: "passphrase" });
});

test("a key without a passphrase says that it proves less", async () => {
  const home = tempFolder();
  const signer = await createApprovalKey(home, "", created);
  expect(signer.presence).toBe("challenge");
  expect(await approvalKeyPresence(home)).toBe("challenge");
  expect(await openSigner(home, "")).toMatchObject({
    presence: "challenge",
    fingerprint: signer.fingerprint,
  });
});

test("without a key there is nothing to sign with", async () => {
  const home = tempFolder();
  expect(await approvalKeyPresence(home)).toBeNull();
  expect(await loadAllowedSigners(home)).toEqual([]);
  await expect(openSigner(home, "")).rejects.toMatchObject({ code: "needs_person" });
});

test("key and list are for their owner alone, and the key is made once", async () => {
  const home = tempFolder();
  await createApprovalKey(home, "x", created);
  const before = readFileSync(join(home, "keys", "approval.pem"), "utf8");
  expect(before).toContain("ENCRYPTED");
  expect(statSync(join(home, "keys", "approval.pem")).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, "keys", "allowed-signers.json")).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, "keys")).mode & 0o777).toBe(0o700);
  await expect(createApprovalKey(home, "y", created)).rejects.toMatchObject({ code: "failed" });
  expect(readFileSync(join(home, "keys", "approval.pem"), "utf8")).toBe(before);
  expect(await loadAllowedSigners(home)).toHaveLength(1);
});

test.each(["{", "[]", '{"version":2,"signers":[]}', '{"version":1,"signers":[{"fingerprint":"x"}]}'])(
  "a list of signers that reads %s is an error, not an empty list",
  async (text) => {
    const home = tempFolder();
    await createApprovalKey(home, "x", created);
    writeFileSync(join(home, "keys", "allowed-signers.json"), text);
    await expect(loadAllowedSigners(home)).rejects.toMatchObject({ code: "broken" });
  },
);

test("a signature holds for its text, its signer and its one spelling", async () => {
  const home = tempFolder();
  await createApprovalKey(home, "x", created);
  const signer = await openSigner(home, "x");
  const signers = await loadAllowedSigners(home);
  const good = signer.sign("text");
  const holds = (fingerprint: string, text: string, signature: string) =>
    signatureHolds(signers, fingerprint, text, signature) !== null;

  expect(holds(signer.fingerprint, "text", good)).toBe(true);
  expect(holds(signer.fingerprint, "text ", good)).toBe(false);
  expect(holds("0".repeat(16), "text", good)).toBe(false);
  expect(signatureHolds([], signer.fingerprint, "text", good)).toBeNull();
  const spellings = [
    good.replace(/=+$/, ""),
    `${good}=`,
    `${good}\n`,
    ` ${good}`,
    good.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
    `${good.slice(0, 10)}\n${good.slice(10)}`,
    // The last character before the padding holds bits that belong to no byte.
    good.replace(/(.)==$/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}==`),
    "",
  ];
  for (const spelling of spellings) expect(holds(signer.fingerprint, "text", spelling)).toBe(false);
});
