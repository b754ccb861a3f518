import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createApprovalKey, openSigner } from "../../../src/authorization/approval-key.ts";
import { isTrusted, recordTrust, type TrustItem, trustDigest } from "../../../src/authorization/trust.ts";
import { tempFolder } from "./approval-world.ts";

const items: TrustItem[] = [
  { what: "agents.scripted in nimrod.json", text: "node agent.mjs" },
  { what: "agents/planner.md", text: "name: planner\n" },
];
const at = "2026-11-22T07:12:40Z";

async function trusted() {
  const stateHome = tempFolder();
  const places = { stateHome, stateFolder: join(stateHome, "lab-00000000") };
  await createApprovalKey(stateHome, "x", at);
  const digest = await recordTrust(places, items, await openSigner(stateHome, "x"), at);
  return { places, file: join(places.stateFolder, "trust", `${digest}.json`) };
}

test("what nobody confirmed is not trusted, and nothing needs no trust", async () => {
  const stateHome = tempFolder();
  const places = { stateHome, stateFolder: stateHome };
  expect(await isTrusted(places, items)).toBe(false);
  expect(await isTrusted(places, [])).toBe(true);
});

test("what a person confirmed is trusted, and is written for its owner alone", async () => {
  const { places, file } = await trusted();
  expect(await isTrusted(places, items)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

describe("one byte away is another thing", () => {
  const [first, second] = items as [TrustItem, TrustItem];
  test.each<[string, TrustItem[]]>([
    ["a byte more in a text", [{ ...first, text: `${first.text} ` }, second]],
    ["another byte in a text", [first, { ...second, text: "name: plannes\n" }]],
    ["another name", [{ ...first, what: "agents.scripted2 in nimrod.json" }, second]],
    ["an item less", [first]],
    ["an item more", [...items, { what: "setup.0 in nimrod.json", text: "npm ci" }]],
    ["another order", [second, first]],
    [
      "text moved from one field to the other",
      [{ what: `${first.what}n`, text: first.text.slice(1) }, second],
    ],
  ])("%s", async (_, other) => {
    const { places } = await trusted();
    expect(trustDigest(other)).not.toBe(trustDigest(items));
    expect(await isTrusted(places, other)).toBe(false);
  });
});

describe("a record does not count", () => {
  test.each<[string, (text: string) => string]>([
    ["that is no JSON", () => "{"],
    ["that is empty", () => ""],
    ["with a field nobody knows", (text) => text.replace("{", '{"extra":1,')],
    ["of another time", (text) => text.replace(at, "2026-11-22T07:12:41Z")],
    ["with another signature", (text) => text.replace(/"signature": "./, '"signature": "_')],
    ["of another digest", (text) => text.replace(/"digest": "./, '"digest": "_')],
    [
      "of somebody unknown",
      (text) => text.replace(/"approver": "[0-9a-f]+"/, '"approver": "0000000000000000"'),
    ],
  ])("%s", async (_, change) => {
    const { places, file } = await trusted();
    const text = readFileSync(file, "utf8");
    expect(change(text)).not.toBe(text);
    writeFileSync(file, change(text));
    expect(await isTrusted(places, items)).toBe(false);
  });

  test("that was signed for other items and renamed", async () => {
    const { places, file } = await trusted();
    const other = [{ what: "agents.evil in nimrod.json", text: "sh -c evil" }];
    writeFileSync(join(places.stateFolder, "trust", `${trustDigest(other)}.json`), readFileSync(file));
    expect(await isTrusted(places, other)).toBe(false);
  });

  test("of a signer that is no longer allowed", async () => {
    const { places } = await trusted();
    writeFileSync(join(places.stateHome, "keys", "allowed-signers.json"), '{"version":1,"signers":[]}');
    expect(await isTrusted(places, items)).toBe(false);
  });
});
