import { existsSync, statSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Egress, openEgress } from "../../src/workspace/egress.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function listen<T extends Server>(server: T): Promise<number> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** Says what reached it: method, path, selected headers and body. */
const echo = () =>
  listen(
    createHttpServer(async (request, response) => {
      const body = await bodyOf(request);
      const hosts = request.rawHeaders.filter((name) => name.toLowerCase() === "host").length;
      response.setHeader("X-Seen", JSON.stringify({ ...request.headers, hosts }));
      response.end(`${request.method} ${request.url} ${body}`);
    }),
  );

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function open(
  allow: { host: string; port: number; private?: boolean }[],
  signal = new AbortController().signal,
): Promise<Egress> {
  const egress = await openEgress({ allow, sandboxed: true, signal });
  closers.push(egress.close);
  return egress;
}

const proxyOf = (egress: Egress) => join(egress.folder ?? "", "proxy");

/** Sends raw bytes and gives all that comes back until the other side ends. */
function speak(path: string, text: string | Buffer, options: { end?: boolean } = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true });
    let heard = "";
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
    });
    socket.on("error", () => undefined).on("close", () => resolve(heard));
    socket.on("end", () => socket.end());
    socket.write(text);
    if (options.end) socket.end();
  });
}

const get = (target: string, more = "") =>
  `GET ${target} HTTP/1.1\r\nHost: whatever\r\n${more}Connection: close\r\n\r\n`;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

test("its sockets are in a short folder of the user's own, gone when it is closed", async () => {
  const egress = await open([{ host: "127.0.0.1", port: 11434 }]);
  expect(statSync(egress.folder ?? "").mode & 0o777).toBe(0o700);
  expect(egress.bridged.map(({ port }) => port)).toEqual([egress.proxyPort, 11434]);
  for (const { socket } of egress.bridged) {
    expect(Buffer.byteLength(socket)).toBeLessThan(107);
    expect(existsSync(socket)).toBe(true);
  }
  await egress.close();
  expect(existsSync(egress.folder ?? "")).toBe(false);
});

test("the proxy steps aside for a model that has its usual port", async () => {
  const egress = await open([
    { host: "localhost", port: 3128 },
    { host: "127.0.0.1", port: 3129 },
  ]);
  expect(egress.proxyPort).toBe(3130);
  expect(new Set(egress.bridged.map(({ port }) => port)).size).toBe(3);
});

describe("a listed server", () => {
  test("is reached by http, as the client asked and under its own name", async () => {
    const port = await echo();
    const egress = await open([{ host: "Model.Localhost", port }]);
    const request = `POST http://MODEL.localhost:${port}/v1/x?a=1 HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 5\r\nX-Key: k\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nProxy-Authorization: p\r\n\r\nhello`;
    const answer = await speak(proxyOf(egress), request);
    expect(statusOf(answer)).toBe(200);
    expect(answer).toContain("POST /v1/x?a=1 hello");
    const seen = JSON.parse(/x-seen: (.*)\r/i.exec(answer)?.[1] ?? "{}");
    expect(seen).toMatchObject({ host: `MODEL.localhost:${port}`, hosts: 1, "x-key": "k" });
    expect(Object.keys(seen)).not.toContain("x-hop");
    expect(Object.keys(seen)).not.toContain("proxy-authorization");
    expect(egress.refused()).toEqual([]);
  });

  test("is reached by CONNECT, with what the client sent along", async () => {
    const port = await echo();
    const egress = await open([{ host: "127.0.0.1", port }]);
    const answer = await speak(
      proxyOf(egress),
      `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\n${get("/early")}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 Connection Established\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(answer).toContain("GET /early");
  });

  test("by its IPv6 address in any spelling, where the machine has IPv6", async () => {
    const egress = await open([{ host: "[::1]", port: 9 }]);
    const answer = await speak(proxyOf(egress), get("http://[0:0::1]:9/"));
    expect(statusOf(answer)).toBe(502); // listed, and nobody is there
    expect(egress.refused()).toEqual([]);
  });

  test("that takes no connection is named with the reason, by either way in", async () => {
    const port = 9; // discard: nobody serves it
    const egress = await open([{ host: "127.0.0.1", port }]);
    expect(statusOf(await speak(proxyOf(egress), get(`http://127.0.0.1:${port}/`)))).toBe(502);
    const why = `127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`;
    expect(egress.unreached()).toEqual([why]);
    const other = await open([{ host: "127.0.0.1", port }]);
    const own = other.bridged.find((each) => each.port === port)?.socket ?? "";
    await speak(own, get("/")).catch(() => undefined); // cut off, as by a server that is not there
    await vi.waitFor(() => expect(other.unreached()).toEqual([why]));
  });

  test("streams: the first bytes of an answer arrive before the last are sent", async () => {
    let finish: () => void = () => undefined;
    const port = await listen(
      createHttpServer((_, response) => {
        response.write("data: one\n\n");
        finish = () => response.end("data: two\n\n");
      }),
    );
    const egress = await open([{ host: "localhost", port }]);
    const socket = connect(proxyOf(egress));
    let heard = "";
    socket.on("data", (chunk) => {
      heard += chunk;
    });
    socket.write(get(`http://localhost:${port}/`));
    await vi.waitUntil(() => heard.includes("data: one"));
    expect(heard).not.toContain("two");
    finish();
    await vi.waitUntil(() => heard.includes("data: two"));
    socket.destroy();
  });

  test("on this machine is reached without a proxy too, and an end is an end, not a break", async () => {
    const port = await listen(
      createServer({ allowHalfOpen: true }, (socket) => {
        let heard = "";
        socket.on("data", (chunk) => {
          heard += chunk;
        });
        socket.on("end", () => socket.end(`heard ${heard}`));
      }),
    );
    const egress = await open([{ host: "127.0.0.1", port }]);
    expect(await speak(join(egress.folder ?? "", String(port)), "ping", { end: true })).toBe("heard ping");
    const tunnel = await speak(proxyOf(egress), `CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\nping`, {
      end: true,
    });
    expect(tunnel).toBe("HTTP/1.1 200 Connection Established\r\n\r\nheard ping");
  });

  test("may end first and still be told the rest", async () => {
    const heard: string[] = [];
    const port = await listen(
      createServer({ allowHalfOpen: true }, (socket) => {
        socket.end("bye");
        socket.on("data", (chunk) => void heard.push(chunk.toString()));
      }),
    );
    const egress = await open([{ host: "127.0.0.1", port }]);
    const client = connect({ path: join(egress.folder ?? "", String(port)), allowHalfOpen: true });
    client.on("data", () => undefined).on("end", () => client.end("late"));
    await vi.waitUntil(() => heard.join("") === "late");
  });

  test("learns that its client is gone", async () => {
    let gone = 0;
    let asked = 0;
    const port = await listen(
      createHttpServer((_, response) => {
        asked += 1;
        response.on("close", () => {
          gone += 1;
        });
      }),
    );
    const egress = await open([{ host: "localhost", port }]);
    const clients = [
      get(`http://localhost:${port}/`),
      `CONNECT localhost:${port} HTTP/1.1\r\n\r\n${get("/")}`,
    ].map((text) => {
      const socket = connect(proxyOf(egress));
      socket.on("error", () => undefined);
      socket.write(text);
      return socket;
    });
    await vi.waitUntil(() => asked === 2);
    for (const client of clients) client.destroy();
    await vi.waitUntil(() => gone === 2);
  });

  test("serves many at once", async () => {
    const port = await echo();
    const egress = await open([{ host: "localhost", port }]);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => speak(proxyOf(egress), get(`http://localhost:${port}/${n}`))),
    );
    expect(answers.map(statusOf)).toEqual(Array(100).fill(200));
  });
});

describe("a server that fails", () => {
  test("that nobody runs is a 502, and no refusal", async () => {
    const egress = await open([{ host: "127.0.0.1", port: 9 }]);
    expect(statusOf(await speak(proxyOf(egress), get("http://127.0.0.1:9/")))).toBe(502);
    expect(statusOf(await speak(proxyOf(egress), "CONNECT 127.0.0.1:9 HTTP/1.1\r\n\r\n"))).toBe(502);
    expect(await speak(join(egress.folder ?? "", "9"), "x")).toBe("");
    expect(egress.refused()).toEqual([]);
  });

  test("that hangs up, or speaks no HTTP, is a 502; in the middle of an answer, a broken one", async () => {
    const rude = await listen(createServer((socket) => socket.end("SSH-2.0\r\n")));
    const switching = await listen(
      createServer((socket) =>
        socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
      ),
    );
    const torn = await listen(
      createServer((socket) =>
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", () => socket.destroy()),
      ),
    );
    const egress = await open([
      { host: "localhost", port: rude },
      { host: "localhost", port: switching },
      { host: "localhost", port: torn },
    ]);
    expect(statusOf(await speak(proxyOf(egress), get(`http://localhost:${rude}/`)))).toBe(502);
    expect(statusOf(await speak(proxyOf(egress), get(`http://localhost:${switching}/`)))).toBe(502);
    const answer = await speak(proxyOf(egress), get(`http://localhost:${torn}/`));
    expect(answer).toMatch(/200 OK/);
    expect(answer).not.toContain("502");
  });
});

describe("everything else", () => {
  const hostile = (port: number): [what: string, request: string][] => [
    ["another host", get("http://example.com/")],
    ["another port of a listed host", get(`http://127.0.0.1:${port + 1}/`)],
    ["the listed port of another host", get(`http://127.0.0.2:${port}/`)],
    ["another name of the same machine", get(`http://localhost:${port}/`)],
    ["a number that is the same address", get(`http://2130706433:${port}/`)],
    ["hexadecimal that is the same address", get(`http://0x7f.0.0.1:${port}/`)],
    ["a shorter form of the address", get(`http://127.1:${port}/`)],
    ["the address written as IPv6", get(`http://[::ffff:127.0.0.1]:${port}/`)],
    ["a user in front", get(`http://127.0.0.1:${port}@evil.test/`)],
    ["the listed host as a user", get(`http://evil.test@127.0.0.1:${port}/`)],
    ["a listed host behind a fragment", get(`http://evil.test#@127.0.0.1:${port}/`)],
    ["a backslash", get(`http://evil.test\\@127.0.0.1:${port}/`)],
    ["percent signs", get(`http://127%2e0.0.1:${port}/`)],
    ["https without a tunnel", get(`https://127.0.0.1:${port}/`)],
    ["another scheme", get(`ftp://127.0.0.1:${port}/`)],
    ["a path alone", get("/")],
    [
      "a path to a listed host by its header",
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    ],
    ["cloud metadata", get("http://169.254.169.254/latest/meta-data/")],
    ["a tunnel to another host", "CONNECT example.com:443 HTTP/1.1\r\n\r\n"],
    ["a tunnel without a port", "CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n"],
    ["a tunnel to a path", `CONNECT 127.0.0.1:${port}/x HTTP/1.1\r\n\r\n`],
    ["a tunnel to an address", `CONNECT http://127.0.0.1:${port} HTTP/1.1\r\n\r\n`],
    ["a tunnel to two hosts", `CONNECT 127.0.0.1:${port} evil.test:443 HTTP/1.1\r\n\r\n`],
    [
      "two lengths",
      `POST http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\nx`,
    ],
    [
      "a length and chunks",
      `POST http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["a header that folds", `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n`],
    ["no HTTP at all", "\x16\x03\x01 hello\r\n\r\n"],
    ["a head without end", `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
  ];

  test("is refused, and reaches nobody", async () => {
    let reached = 0;
    const count = () =>
      createServer((socket) => {
        reached += 1;
        socket.destroy();
      });
    const port = await listen(count());
    const egress = await open([{ host: "127.0.0.1", port }]);
    for (const [what, text] of hostile(port)) {
      const answer = await speak(proxyOf(egress), text, { end: true });
      expect(`${what}: ${statusOf(answer)}`).toMatch(/: 40[03]$/);
    }
    expect(reached).toBe(0);
    expect(egress.refused()).toContain("example.com:80");
    expect(egress.refused()).toContain("example.com:443");
    expect(egress.refused()).toContain("169.254.169.254:80");
  });

  test("a GET with a body in chunks reaches the server as one request", async () => {
    const port = await echo();
    const egress = await open([{ host: "127.0.0.1", port }]);
    const smuggled = "GET /second HTTP/1.1\r\nHost: x\r\n\r\n";
    const chunked = `GET http://127.0.0.1:${port}/first HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;
    const answer = await speak(proxyOf(egress), chunked);
    expect(answer).toContain(`GET /first ${smuggled}`);
    expect(answer.match(/HTTP\/1\.1 200/g)?.length).toBe(1);
  });

  test("is listed once each, in bounds and printable", async () => {
    const egress = await open([{ host: "127.0.0.1", port: 1 }]);
    for (let n = 0; n < 105; n += 1) await speak(proxyOf(egress), get(`http://h${n % 103}.test/`));
    expect(egress.refused().length).toBe(100);
    expect(new Set(egress.refused()).size).toBe(100);
    const other = await open([{ host: "127.0.0.1", port: 1 }]);
    await speak(
      proxyOf(other),
      Buffer.from(`GET http://\x9b2J${"x".repeat(300)}\x80/ HTTP/1.1\r\nHost: x\r\n\r\n`, "latin1"),
      { end: true },
    );
    for (const name of other.refused()) expect(name).toMatch(/^[\x20-\x7e]{1,200}$/);
  });

  test("a name that leads into this machine or its network is refused, whatever else it leads to", async () => {
    let reached = 0;
    const visited = () => {
      reached += 1;
    };
    const port = await listen(createServer(visited));
    const leads: Record<string, string[]> = {
      "inside.test": ["127.0.0.1"],
      "both.test": ["93.184.216.34", "127.0.0.1"],
      "mapped.test": ["::ffff:127.0.0.1"],
      "metadata.test": ["169.254.169.254"],
      "private.test": ["10.1.2.3"],
      "own.test": ["127.0.0.1"],
    };
    const names = Object.keys(leads);
    const egress = await openEgress({
      allow: names.map((host) => ({ host, port, private: host === "own.test" })),
      sandboxed: true,
      signal: new AbortController().signal,
      resolve: async (name) =>
        (leads[name] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    });
    closers.push(egress.close);
    for (const name of names) {
      expect([name, statusOf(await speak(proxyOf(egress), get(`http://${name}:${port}/`)))]).toEqual([
        name,
        403,
      ]);
      const tunnel = await speak(proxyOf(egress), `CONNECT ${name}:${port} HTTP/1.1\r\n\r\n`);
      expect([name, statusOf(tunnel)]).toEqual([name, 403]);
    }
    expect(egress.refused()).toEqual(names.map((name) => `${name}:${port}`));
    expect(reached).toBe(0);
  });

  test("the address that was looked at is the one that is dialled: a name is asked for once", async () => {
    const port = await echo();
    let asked = 0;
    const egress = await openEgress({
      allow: [{ host: "localhost", port }],
      sandboxed: true,
      signal: new AbortController().signal,
      resolve: async () => [{ address: asked++ === 0 ? "127.0.0.1" : "127.0.0.9", family: 4 }],
    });
    closers.push(egress.close);
    expect(statusOf(await speak(proxyOf(egress), get(`http://localhost:${port}/`)))).toBe(200);
    expect(asked).toBe(1);
  });
});

test("is over with the pass: open tunnels break, sockets go", async () => {
  const controller = new AbortController();
  const port = await listen(createServer(() => undefined));
  const egress = await open([{ host: "127.0.0.1", port }], controller.signal);
  const broken = speak(proxyOf(egress), `CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\n`);
  const client = connect(join(egress.folder ?? "", String(port)));
  await new Promise((resolve) => client.on("connect", resolve));
  const closed = new Promise((resolve) => client.on("error", () => undefined).on("close", resolve));
  controller.abort();
  await Promise.all([broken, closed]);
  await egress.close();
  expect(existsSync(egress.folder ?? "")).toBe(false);
});

test("without a sandbox it is a port of loopback, and there is nothing to bridge", async () => {
  const port = await echo();
  const egress = await openEgress({
    allow: [{ host: "localhost", port }],
    sandboxed: false,
    signal: new AbortController().signal,
  });
  closers.push(egress.close);
  expect([egress.folder, egress.bridged]).toEqual([null, []]);
  const socket = connect(egress.proxyPort, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  socket.write(get(`http://localhost:${port}/x`));
  await vi.waitUntil(() => heard.includes("GET /x"));
});
