import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { PassRequest } from "../../src/agents/adapter.ts";
import { type EnclosedAgent, openEnclosure } from "../../src/agents/adapters/enclosure.ts";
import { exec } from "../../src/platform/exec.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { passWorld } from "../support/pass-request.ts";

const sandbox = await probeSandbox();
const none = { kind: "none", why: "the test says so" } as const;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server on loopback that says what it was asked for, and counts who came. */
async function model(): Promise<{ port: number; server: Server; visits: () => number }> {
  let visits = 0;
  const server = createServer((request, response) => response.end(`${request.headers.host} ${request.url}`));
  server.on("connection", () => {
    visits += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, server, visits: () => visits };
}

async function world(given: Partial<PassRequest> = {}) {
  const notes: Record<string, unknown>[] = [];
  const hidden: string[] = [];
  const made = await passWorld({
    sandbox,
    note: (data) => void notes.push(data),
    hide: (values) => void hidden.push(...values),
    ...given,
  });
  const home = join(made.folder, "operator");
  await mkdir(home);
  return { ...made, notes, hidden, operator: { env: { PATH: process.env["PATH"] }, home } };
}
type World = Awaited<ReturnType<typeof world>>;

const put = async (file: string, content: string, mode = 0o600) => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content, { mode });
};

/** What a script of Node may use: `tell` prints, `attempt` says how it went. */
const prelude = `
const net = require("node:net"), fs = require("node:fs");
const tell = (...words) => console.log(...words);
const get = (url) => fetch(url).then((r) => r.text(), (e) => "failed " + (e.cause?.code ?? e.message));
const dial = (to) => new Promise((done) => net.connect(to).on("connect", function () { this.destroy(); done("connected"); }).on("error", (e) => done(e.code)));
const sees = (path) => fs.existsSync(path);
`;

/** Runs a program of Node as the agent of an enclosure. */
async function inside({ request, operator }: World, body: string, agent: Partial<EnclosedAgent> = {}) {
  const enclosure = await openEnclosure(request, {
    command: ["node", "-e", `${prelude}(async () => { ${body} })()`],
    env: {},
    login: { env: [], files: [] },
    passEnv: [],
    endpoints: [],
    operator,
    ...agent,
  });
  try {
    const outcome = await exec({ ...enclosure.process, timeoutMs: 15_000, maxOutputBytes: 100_000 });
    if (outcome.kind === "missing") throw new Error(outcome.message);
    expect(outcome.stderr.text).toBe("");
    return { outcome, lines: outcome.stdout.text.trimEnd().split("\n"), refused: enclosure.refused() };
  } finally {
    await enclosure.close();
  }
}

describe.skipIf(sandbox.kind === "none")("an enclosed agent", () => {
  test("reaches a listed server by its name through the proxy, and on loopback by its port", async () => {
    const { port } = await model();
    const { lines, refused } = await inside(
      await world(),
      `tell(await get("http://model.localhost:${port}/v1?x=1"));
       tell(await get("http://127.0.0.1:${port}/raw"));
       tell(await dial({ host: "127.0.0.1", port: ${port} }));
       tell(await dial({ host: "localhost", port: ${port} }));
       const bridge = fs.readdirSync("/proc").filter(Number).find((pid) => fs.readFileSync("/proc/" + pid + "/cmdline", "utf8").split("\\0")[1]?.includes("bridge"));
       tell(fs.readFileSync("/proc/" + bridge + "/environ", "utf8").includes("KEY"));`,
      {
        env: { KEY: "k" },
        endpoints: [
          { host: "model.localhost", port },
          { host: "127.0.0.1", port },
        ],
      },
    );
    expect(lines).toEqual([
      `model.localhost:${port} /v1?x=1`,
      `127.0.0.1:${port} /raw`,
      "connected",
      "connected",
      "false",
    ]);
    expect(refused).toEqual([]);
  });

  test("reaches nothing else: no name, no address, no other port, no abstract socket", async () => {
    const [listed, other] = [await model(), await model()];
    const name = `nimrod-test-${process.pid}`;
    const abstract = createSocketServer().listen(`\0${name}`);
    closers.push(() => new Promise((resolve) => abstract.close(resolve)));
    const { lines, refused } = await inside(
      await world(),
      `tell((await get("http://127.0.0.1:${other.port}/")).slice(0, 6));
       tell((await get("https://example.com/")).slice(0, 6));
       tell(await dial({ host: "127.0.0.1", port: ${other.port} }));
       tell(await dial({ host: "93.184.216.34", port: 443 }));
       tell(await dial({ host: "example.com", port: 443 }));
       tell(await require("node:dns/promises").resolve("example.com").catch((e) => e.code));
       tell(await dial({ path: "\\0${name}" }));
       const socket = require("node:dgram").createSocket("udp4");
       tell(await new Promise((done) => socket.send("x", 53, "9.9.9.9", (e) => done(e?.code ?? "sent"))));
       socket.close();`,
      { endpoints: [{ host: "127.0.0.1", port: listed.port }] },
    );
    expect(lines).toEqual([
      "failed",
      "failed",
      "ECONNREFUSED",
      "ENETUNREACH",
      "EAI_AGAIN",
      "ECONNREFUSED",
      "ECONNREFUSED",
      "ENETUNREACH",
    ]);
    expect(other.visits()).toBe(0);
    expect(refused).toEqual([`127.0.0.1:${other.port}`, "example.com:443"]);
  });

  test("without endpoints has no proxy, no bridge and no network", async () => {
    const { lines } = await inside(
      await world(),
      `tell(Object.keys(process.env).filter((name) => /proxy/i.test(name)).length, await dial({ host: "127.0.0.1", port: 3128 }));`,
    );
    expect(lines).toEqual(["0 ECONNREFUSED"]);
  });

  test("sees the variables and login files that are listed, and no other of the operator's", async () => {
    const made = await world();
    const { operator, request } = made;
    await put(join(operator.home, ".agent/login.json"), '{"token":"t"}');
    await put(join(operator.home, ".agent/history.json"), "canary");
    await put(join(operator.home, ".ssh/id"), "canary");
    const { lines } = await inside(
      made,
      `tell(Object.keys(process.env).sort().join(" "));
       tell(process.env.AGENT_KEY, process.env.MORE, process.env.MODE);
       tell(fs.readFileSync(process.env.HOME + "/.agent/login.json", "utf8"), (fs.statSync(process.env.HOME + "/.agent/login.json").mode & 0o777).toString(8));
       tell(fs.readFileSync(process.env.HOME + "/.agent/settings.toml", "utf8"));
       tell(fs.readdirSync(process.env.HOME + "/.agent").join(" "));
       tell(sees(${JSON.stringify(operator.home)}), sees("/proc/${process.pid}"));`,
      {
        login: { env: ["AGENT_KEY", "NOT_SET"], files: [".agent/login.json", ".agent/none.json"] },
        passEnv: ["MORE"],
        env: { MODE: "quiet" },
        homeFiles: [{ path: ".agent/settings.toml", content: "x = 1" }],
        operator: {
          ...operator,
          env: {
            ...operator.env,
            AGENT_KEY: "k",
            MORE: "m",
            CANARY: "c",
            LANG: "C",
            LD_PRELOAD: "/canary.so",
          },
        },
      },
    );
    expect(lines).toEqual([
      "AGENT_KEY HOME LANG MODE MORE PATH PWD TMPDIR",
      "k m quiet",
      '{"token":"t"} 600',
      "x = 1",
      "login.json settings.toml",
      "false false",
    ]);
    expect(request.home).not.toBe(operator.home);
  });

  test("starts where no settings of the repository are found, and cannot change the worktree", async () => {
    const made = await world({ worktreeWritable: true });
    const { worktree } = made.request;
    const baits = [
      ".claude/settings.json",
      ".mcp.json",
      ".codex/config.toml",
      ".gemini/settings.json",
      "opencode.json",
      "AGENTS.md",
      "CLAUDE.md",
    ];
    for (const bait of baits) await put(join(worktree, bait), "{}");
    const { lines } = await inside(
      made,
      `tell(fs.readdirSync(".").length);
       const found = [];
       for (let folder = process.cwd(); ; folder = require("node:path").dirname(folder)) {
         for (const bait of ${JSON.stringify(baits)}) if (sees(folder + "/" + bait)) found.push(bait);
         if (folder === "/") break;
       }
       tell(found.length, fs.readFileSync(${JSON.stringify(`${worktree}/AGENTS.md`)}, "utf8"));
       try { fs.writeFileSync(${JSON.stringify(`${worktree}/x`)}, ""); } catch (error) { tell(error.code); }`,
    );
    expect(lines).toEqual(["0", "0 {}", "EROFS"]);
  });

  test("is shown its own package where it is installed, and nothing beside it", async () => {
    const made = await world();
    const { home } = made.operator;
    const modules = join(home, ".manager/lib/node_modules");
    await put(join(modules, "cli/main.js"), '#!/usr/bin/env node\nrequire("./part.js")();', 0o700);
    await put(
      join(modules, "cli/part.js"),
      `module.exports = () => console.log(require("dep"), ["${home}/.manager/secret", "${home}/.profile"].map(require("fs").existsSync).join(" "));`,
    );
    await put(join(modules, "dep/index.js"), 'module.exports = "dep";');
    await put(join(home, ".manager/secret"), "canary");
    await put(join(home, ".profile"), "canary");
    await mkdir(join(home, ".manager/bin"));
    await symlink("../lib/node_modules/cli/main.js", join(home, ".manager/bin/cli"));
    const operator = { ...made.operator, env: { PATH: `${join(home, ".manager/bin")}:/usr/bin:/bin` } };
    const { lines } = await inside(made, "", { command: ["cli"], operator });
    expect(lines).toEqual(["dep false false"]);
  });

  test("gives a refreshed login back to the operator, and tells it by name alone", async () => {
    const made = await world();
    const file = join(made.operator.home, ".agent/login.json");
    await put(file, '{"token":"old-token"}');
    const rewrite = (text: string) =>
      inside(made, `fs.writeFileSync(process.env.HOME + "/.agent/login.json", ${JSON.stringify(text)});`, {
        login: { env: [], files: [".agent/login.json"] },
      });
    await rewrite('{"token":"fresh-token"}');
    expect(readFileSync(file, "utf8")).toBe('{"token":"fresh-token"}');
    expect(made.hidden).toEqual(["old-token", "fresh-token"]);
    expect(made.notes).toEqual([{ what: "login file", path: ".agent/login.json", outcome: "returned" }]);
  });

  test("ends as its program ends, with its own stdin, stdout and exit code", async () => {
    const { port } = await model();
    const made = await world();
    const endpoints = [{ host: "127.0.0.1", port }];
    const { outcome } = await inside(made, "process.exitCode = 7;", { endpoints });
    expect(outcome).toMatchObject({ kind: "exited", code: 7 });
    const next = await world();
    const enclosure = await openEnclosure(next.request, {
      command: ["/bin/cat"],
      env: {},
      login: { env: [], files: [] },
      passEnv: [],
      endpoints,
      operator: next.operator,
    });
    const said = await exec({
      ...enclosure.process,
      stdin: "to the agent",
      timeoutMs: 15_000,
      maxOutputBytes: 1_000,
    });
    await enclosure.close();
    expect(said).toMatchObject({ kind: "exited", code: 0, stdout: { text: "to the agent" } });
  });

  test.each(["SIGTERM", "SIGKILL"] as const)(
    "leaves nothing alive when it is ended by %s",
    async (signal) => {
      const { port } = await model();
      const made = await world();
      const enclosure = await openEnclosure(made.request, {
        command: [
          "node",
          "-e",
          `require("child_process").spawn("sleep", ["987654"], { detached: true }); setInterval(() => {}, 1000); console.log("up")`,
        ],
        env: { NIMROD_TEST_MARK: made.folder },
        login: { env: [], files: [] },
        passEnv: [],
        endpoints: [{ host: "127.0.0.1", port }],
        operator: made.operator,
      });
      const child = spawn(enclosure.process.file, enclosure.process.args, {
        env: enclosure.process.env,
        cwd: enclosure.cwd,
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise((resolve) => child.stdout.once("data", resolve));
      const folder = enclosure.process.args
        .find((word) => /nimrod-[^/]+\/proxy,/.test(word))
        ?.replace(/^\d+=(.*)\/proxy,.*$/, "$1");
      expect(existsSync(folder ?? "")).toBe(true);
      const others = () => mentioning(folder ?? "").filter((pid) => pid !== process.pid);
      expect(others().length).toBeGreaterThan(2);
      child.kill(signal);
      await vi.waitUntil(() => others().length === 0, { timeout: 5_000 });
      await enclosure.close();
      expect(existsSync(folder ?? "")).toBe(false);
    },
  );

  test("is told when the way to its model cannot be opened, and is not started", async () => {
    const { port } = await model();
    const made = await world();
    const enclosure = await openEnclosure(made.request, {
      command: ["node", "-e", "console.log('started')"],
      env: {},
      login: { env: [], files: [] },
      passEnv: [],
      endpoints: [{ host: "127.0.0.1", port }],
      operator: made.operator,
    });
    const args = enclosure.process.args.map((word) => word.replace(/^3128=/, "1="));
    const outcome = await exec({ ...enclosure.process, args, timeoutMs: 15_000, maxOutputBytes: 1_000 });
    await enclosure.close();
    expect(outcome).toMatchObject({
      kind: "exited",
      code: 70,
      stdout: { text: "" },
      stderr: { text: expect.stringContaining("cannot listen on 127.0.0.1:1") },
    });
  });
});

test("without a sandbox the same variables, home, folder and proxy are there, and nothing is walled off", async () => {
  const { port } = await model();
  const made = await world({ sandbox: none });
  const { operator, request } = made;
  await put(join(operator.home, ".agent/login.json"), '{"token":"t"}');
  const { lines, refused } = await inside(
    made,
    `tell(await get("http://model.localhost:${port}/x"));
     tell((await get("http://127.0.0.1:${port}/x")).slice(0, 6));
     tell(process.cwd() === ${JSON.stringify(join(request.tmp, "start"))}, process.env.CANARY, sees(process.env.HOME + "/.agent/login.json"));
     tell(await dial({ host: "127.0.0.1", port: ${port} }));`,
    {
      endpoints: [{ host: "model.localhost", port }],
      login: { env: [], files: [".agent/login.json"] },
      operator: { ...operator, env: { ...operator.env, CANARY: "c" } },
    },
  );
  expect(lines).toEqual([`model.localhost:${port} /x`, "failed", "true undefined true", "connected"]);
  expect(refused).toEqual([`127.0.0.1:${port}`]);
});

test("a program that is not there is named before anything is opened", async () => {
  const { request, operator } = await world();
  const agent = {
    command: ["no-such-agent"],
    env: {},
    login: { env: [], files: [] },
    passEnv: [],
    endpoints: [],
    operator,
  };
  await expect(openEnclosure(request, agent)).rejects.toThrow(/"no-such-agent" is not on PATH/);
});

/** Processes whose command line holds the text. */
function mentioning(text: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid)) return false;
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
      } catch {
        return false;
      }
    });
}
