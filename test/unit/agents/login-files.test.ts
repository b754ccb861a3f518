import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  isRefreshed,
  lendLoginFiles,
  returnLoginFiles,
  secretsIn,
} from "../../../src/agents/adapters/login-files.ts";

const path = ".claude/.credentials.json";
const tokens = {
  oauth: { accessToken: "old-a", refreshToken: "old-r", expiresAt: 1, scopes: ["x"], account: "ada" },
};
const fresh = { oauth: { ...tokens.oauth, accessToken: "new-a", refreshToken: "new-r", expiresAt: 2 } };
const json = (value: unknown) => JSON.stringify(value);

let folder = "";
let operator = "";
let home = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nimrod-login-"));
  [operator, home] = [join(folder, "operator"), join(folder, "home")];
  await mkdir(operator);
  await mkdir(home);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = async (file: string, content: string) => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content, { mode: 0o600 });
};
const lend = () => lendLoginFiles([path], operator, home);
const original = () => readFile(join(operator, path), "utf8");

describe("a login file that is lent", () => {
  test("is a copy for its owner alone, below folders of their own", async () => {
    await put(join(operator, path), json(tokens));
    expect((await lend()).map((copy) => copy.path)).toEqual([path]);
    expect(await readFile(join(home, path), "utf8")).toBe(json(tokens));
    expect((await stat(join(home, path))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, ".claude"))).mode & 0o777).toBe(0o700);
  });

  test("is not put through a link that an agent left in the home", async () => {
    await put(join(operator, path), json(tokens));
    await mkdir(join(folder, "elsewhere"));
    await symlink(join(folder, "elsewhere"), join(home, ".claude"));
    await expect(lend()).rejects.toThrow(/leads out of/);
    expect(existsSync(join(folder, "elsewhere/.credentials.json"))).toBe(false);
  });

  test("may be missing", async () => {
    expect(await lend()).toEqual([]);
  });

  test("may be a link to another place in the same home", async () => {
    await put(join(operator, "dotfiles/credentials"), json(tokens));
    await mkdir(join(operator, ".claude"));
    await symlink("../dotfiles/credentials", join(operator, path));
    await lend();
    expect(await readFile(join(home, path), "utf8")).toBe(json(tokens));
  });

  test.each<[string, () => Promise<unknown>]>([
    [
      "a link out of the home",
      async () => {
        await put(join(folder, "elsewhere"), "secret");
        await mkdir(join(operator, ".claude"));
        await symlink(join(folder, "elsewhere"), join(operator, path));
      },
    ],
    [
      "in a folder that leads out of the home",
      async () => {
        await put(join(folder, "elsewhere/.credentials.json"), "secret");
        await symlink(join(folder, "elsewhere"), join(operator, ".claude"));
      },
    ],
    ["a folder", () => mkdir(join(operator, path), { recursive: true })],
    ["larger than any login", () => put(join(operator, path), "x".repeat(256 * 1024 + 1))],
  ])("is refused if it is %s", async (_, make) => {
    await make();
    await expect(lend()).rejects.toThrow(/not a regular file|at most/);
  });
});

describe("a login file that comes back", () => {
  const handBack = async (change: () => Promise<unknown>) => {
    await put(join(operator, path), json(tokens));
    const lent = await lend();
    await change();
    return returnLoginFiles(lent, home);
  };
  const left = (why: RegExp) => [{ path, outcome: "left", why: expect.stringMatching(why) }];

  test("with fresh tokens keeps the operator logged in, with the mode it had", async () => {
    expect(await handBack(() => writeFile(join(home, path), json(fresh)))).toEqual([
      { path, outcome: "returned" },
    ]);
    expect(await original()).toBe(json(fresh));
    expect((await stat(join(operator, path))).mode & 0o777).toBe(0o600);
  });

  test("as it was is not worth a word", async () => {
    expect(await handBack(async () => undefined)).toEqual([]);
  });

  test("does not replace one that the operator changed meanwhile", async () => {
    const told = await handBack(async () => {
      await writeFile(join(home, path), json(fresh));
      await writeFile(join(operator, path), json({ mine: true }));
    });
    expect(told).toEqual(left(/changed meanwhile/));
    expect(await original()).toBe(json({ mine: true }));
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ["was removed", () => rm(join(home, path)), /removed/],
    ["is no JSON", () => writeFile(join(home, path), "new-a"), /more than tokens/],
    ["is cut", () => writeFile(join(home, path), json(fresh).slice(0, -3)), /more than tokens/],
    [
      "names another account",
      () => writeFile(join(home, path), json({ oauth: { ...fresh.oauth, account: "eve" } })),
      /more than tokens/,
    ],
    [
      "has a member more",
      () => writeFile(join(home, path), json({ ...fresh, baseUrl: "http://evil" })),
      /more than tokens/,
    ],
    ["has a member less", () => writeFile(join(home, path), "{}"), /more than tokens/],
    ["is huge", () => writeFile(join(home, path), json({ a: "x".repeat(300_000) })), /could not be read/],
    [
      "is a link to another file of the operator's",
      async () => {
        await put(join(operator, "secret.json"), json(fresh));
        await rm(join(home, path));
        await symlink(join(operator, "secret.json"), join(home, path));
      },
      /no longer a regular file/,
    ],
    [
      "lies behind a link",
      async () => {
        await put(join(operator, "other/.credentials.json"), json(fresh));
        await rm(join(home, ".claude"), { recursive: true });
        await symlink(join(operator, "other"), join(home, ".claude"));
      },
      /no longer a regular file/,
    ],
    [
      "is a folder",
      async () => {
        await rm(join(home, path));
        await mkdir(join(home, path));
      },
      /no longer a regular file/,
    ],
  ])("that %s is left where it is", async (_, change, why) => {
    expect(await handBack(change)).toEqual(left(why));
    expect(await original()).toBe(json(tokens));
  });

  test("nothing of its content is told", async () => {
    expect(json(await handBack(() => writeFile(join(home, path), json({ oauth: "new-a" }))))).not.toContain(
      "new-a",
    );
  });
});

test("the secrets of a login file are told by their names, and all of a file that is no JSON", () => {
  const bytes = (text: string) => Buffer.from(text);
  expect(
    secretsIn(
      bytes(
        json({
          tokens: { id_token: "eyJhbGciOi", account_id: "acct-12345678" },
          API_KEY: "k".repeat(9),
          keys: ["x".repeat(8)],
        }),
      ),
    ),
  ).toEqual(["eyJhbGciOi", "k".repeat(9), "x".repeat(8)]);
  expect(secretsIn(bytes(" key-in-text\n"))).toEqual(["key-in-text"]);
});

test.each<[string, unknown, unknown, boolean]>([
  ["a token", { access_token: "a" }, { access_token: "b" }, true],
  ["a time of another kind", { last_refresh: "2026-01-01" }, { last_refresh: 5 }, false],
  ["a token that is gone", { refresh_token: "a" }, { refresh_token: null }, false],
  [
    "what opencode keeps",
    { anthropic: { type: "oauth", refresh: "a", access: "b", expires: 1 } },
    { anthropic: { type: "oauth", refresh: "c", access: "d", expires: 2 } },
    true,
  ],
  [
    "what codex keeps",
    { OPENAI_API_KEY: null, tokens: { id_token: "a", account_id: "x" }, last_refresh: "1" },
    { OPENAI_API_KEY: null, tokens: { id_token: "b", account_id: "x" }, last_refresh: "2" },
    true,
  ],
  ["where tokens are fetched", { token_uri: "https://a.test/" }, { token_uri: "https://b.test/" }, false],
  ["what fetches them", { refreshCommand: "a" }, { refreshCommand: "b" }, false],
  ["another account", { tokens: { account_id: "x" } }, { tokens: { account_id: "y" } }, false],
  ["a key that is no token", { OPENAI_API_KEY: "a" }, { OPENAI_API_KEY: "b" }, false],
  ["a list", { scopes: ["a"] }, { scopes: ["b"] }, false],
  ["nothing", null, null, true],
  ["no JSON before", undefined, undefined, false],
])("%s that differs is a refreshed login: %s → %s is %s", (_, before, now, expected) => {
  expect(isRefreshed(before, now)).toBe(expected);
});
