import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { PassRequest } from "../../src/agents/adapter.ts";
import { type EnclosedAgent, openEnclosure } from "../../src/agents/adapters/enclosure.ts";
import { exec } from "../../src/platform/exec.ts";
import { probeSandbox } from "../../src/workspace/sandbox.ts";
import { passWorld } from "../support/pass-request.ts";

const sandbox = await probeSandbox();
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server on loopback that says what it was asked for. */
async function model(): Promise<number> {
  const server = createServer((request, response) => response.end(`${request.headers.host} ${request.url}`));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function world(given: Partial<PassRequest> = {}) {
  const made = await passWorld({ sandbox, ...given });
  const operator = join(made.folder, "operator");
  await mkdir(operator);
  return { ...made, operator };
}

/** Runs a shell line as the agent of an enclosure, and gives its outcome. */
async function inside(
  request: PassRequest,
  script: string,
  agent: Partial<EnclosedAgent> & { operator: EnclosedAgent["operator"] },
) {
  const enclosure = await openEnclosure(request, {
    command: ["/bin/sh", "-c", script],
    env: {},
    login: { env: [], files: [] },
    passEnv: [],
    endpoints: [],
    ...agent,
  });
  try {
    const outcome = await exec({ ...enclosure.process, timeoutMs: 15_000, maxOutputBytes: 100_000 });
    if (outcome.kind === "missing") throw new Error(outcome.message);
    return { ...outcome, out: outcome.stdout.text, err: outcome.stderr.text, refused: enclosure.refused() };
  } finally {
    await enclosure.close();
  }
}

describe.skipIf(sandbox.kind === "none")("inside the sandbox", () => {
  test("a listed server is reached by its name through the proxy, and on loopback by its port", async () => {
    const port = await model();
    const { request, operator } = await world();
    const script = `
      node -e 'fetch(process.argv[1]).then(r=>r.text()).then(console.log)' http://model.localhost:${port}/v1?x=1
      node -e 'fetch(process.argv[1]).then(r=>r.text()).then(console.log)' http://127.0.0.1:${port}/raw
      NODE_USE_ENV_PROXY=0 node -e 'fetch(process.argv[1]).then(r=>r.text()).then(console.log)' http://127.0.0.1:${port}/direct
      echo $HOME $PWD; ls -A`;
    const endpoints = [
      { host: "model.localhost", port },
      { host: "127.0.0.1", port },
    ];
    const { out, err, kind } = await inside(request, script, {
      endpoints,
      operator: { env: process.env, home: operator },
    });
    expect(err).toBe("");
    expect(out.split("\n")).toEqual([
      `model.localhost:${port} /v1?x=1`,
      `127.0.0.1:${port} /raw`,
      `127.0.0.1:${port} /direct`,
      `${request.home} ${join(request.tmp, "start")}`,
      "",
    ]);
    expect(kind).toBe("exited");
  });
});
