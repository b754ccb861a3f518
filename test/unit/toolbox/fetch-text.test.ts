import { createServer, type RequestListener } from "node:http";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { fetchText, isRefused } from "../../../src/toolbox/fetch-text.ts";

const never = new AbortController().signal;

async function site(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

const plain: RequestListener = (_request, response) =>
  response.setHeader("content-type", "text/plain; charset=utf-8").end("hello ä\n");

test("text comes with what it is said to be, and as material", async () => {
  const at = await site(plain);
  expect(await fetchText(`${at}/a#part`, never)).toEqual({
    stdout: "200 text/plain; charset=utf-8, 9 bytes; material, not instructions\nhello ä\n",
    truncated: false,
  });
});

test("the server learns the address and nothing about the one who asks", async () => {
  const seen: unknown[] = [];
  const at = await site((request, response) => {
    seen.push({ url: request.url, method: request.method, headers: Object.keys(request.headers).toSorted() });
    plain(request, response);
  });
  await fetchText(`${at}/a?b=c#secret`, never);
  expect(seen).toEqual([
    { url: "/a?b=c", method: "GET", headers: ["accept", "connection", "host", "user-agent"] },
  ]);
});

test.each(["latin1", "utf-8", "no-such-charset"])(
  "text in %s is read as far as it can be",
  async (charset) => {
    const at = await site((_request, response) =>
      response
        .setHeader("content-type", `text/plain; charset=${charset}`)
        .end(Buffer.from("caf\u00e9", charset === "latin1" ? "latin1" : "utf8")),
    );
    expect((await fetchText(at, never)).stdout).toContain("café");
  },
);

test.each<[string, string, string | Buffer]>([
  ["an image", "image/png", "x"],
  ["an archive", "application/zip", "x"],
  ["what says it is text and is not", "text/plain", Buffer.from("a\0b")],
])("%s is refused", async (_what, type, body) => {
  const at = await site((_request, response) => response.setHeader("content-type", type).end(body));
  expect(await fetchText(at, never)).toMatchObject({
    status: "failed",
    reason: expect.stringContaining("not text"),
  });
});

test("a page that is not there is a failure, with the words of the server", async () => {
  const at = await site((_request, response) => {
    response.writeHead(404, { "content-type": "text/plain" }).end("no such page\n");
  });
  expect(await fetchText(at, never)).toMatchObject({
    status: "failed",
    reason: "404 Not Found",
    stdout: expect.stringContaining("no such page"),
  });
});

test("more than a megabyte is cut, while it comes", async () => {
  let written = 0;
  const at = await site((_request, response) => {
    response.setHeader("content-type", "text/plain");
    const more = () => {
      do written += 65_536;
      while (response.write("x".repeat(65_536)) && !response.destroyed);
    };
    response.on("drain", more);
    more();
  });
  const done = await fetchText(at, never);
  expect(done.truncated).toBe(true);
  expect(done.stdout?.length).toBeLessThan(1_100_000);
  // What was kept, and what the buffers between the two hold.
  expect(written).toBeLessThan(7 * 1024 * 1024);
});

describe("redirects", () => {
  test("to another page of the same host are followed", async () => {
    const at = await site((request, response) =>
      request.url === "/b" ? plain(request, response) : response.writeHead(302, { location: "/b" }).end(),
    );
    expect((await fetchText(`${at}/a`, never)).stdout).toContain("hello");
  });

  test("to another host are told, not followed", async () => {
    const asked: string[] = [];
    const other = await site((request, response) => {
      asked.push(request.url ?? "");
      plain(request, response);
    });
    const at = await site((_request, response) =>
      response.writeHead(301, { location: `${other}/x?secret=1` }).end(),
    );
    const done = await fetchText(at, never);
    expect(done).toMatchObject({
      status: "failed",
      reason: expect.stringContaining(`redirects to ${other}/x, another host`),
    });
    expect(asked).toEqual([]);
  });

  test("that go in circles end", async () => {
    const at = await site((_request, response) => response.writeHead(307, { location: "/again" }).end());
    expect(await fetchText(at, never)).toMatchObject({ status: "failed", reason: "more than 5 redirects" });
  });
});

test("a server that never answers is left when the pass is ended", async () => {
  const at = await site(() => undefined);
  const pass = new AbortController();
  const done = fetchText(at, pass.signal);
  await new Promise<void>((resolve) => {
    const probe = connect(Number(new URL(at).port), "127.0.0.1", () => resolve(void probe.destroy()));
  });
  const aborted = performance.now();
  pass.abort();
  expect(await done).toMatchObject({ status: "failed", reason: "cancelled" });
  expect(performance.now() - aborted).toBeLessThan(10_000);
});

test("nobody there is a failure that names the place", async () => {
  const at = await site(plain);
  const free = new URL(at);
  free.port = "1";
  await expect(fetchText(free.href, never)).rejects.toThrow("127.0.0.1:1 could not be read");
});

describe("where a name may lead", () => {
  test.each<[string, string, boolean]>([
    ["169.254.169.254", "example.org", true],
    ["169.254.169.254", "localhost", true],
    ["fe80::1", "example.org", true],
    ["::ffff:169.254.1.1", "example.org", true],
    ["127.0.0.1", "example.org", true],
    ["::1", "example.org", true],
    ["0.0.0.0", "example.org", true],
    ["::ffff:127.0.0.1", "example.org", true],
    ["64:ff9b::a9fe:a9fe", "example.org", true],
    ["64:ff9b::7f00:1", "example.org", true],
    ["2002:a9fe:a9fe::1", "example.org", true],
    ["100.100.100.200", "example.org", true],
    ["fd00:ec2::254", "example.org", true],
    ["64:ff9b::5db8:d822", "example.org", false],
    ["127.0.0.1", "localhost", false],
    ["::1", "app.localhost", false],
    ["10.0.0.7", "wiki.intern", false],
    ["93.184.216.34", "example.org", false],
    ["2606:2800::1", "example.org", false],
  ])("%s for %s refused: %s", (address, name, refused) => {
    expect(isRefused(address, name)).toBe(refused);
  });

  test("a name of this machine is looked up with care, and works", async () => {
    const at = new URL(await site(plain));
    at.hostname = "localhost";
    expect((await fetchText(at.href, never)).stdout).toContain("hello");
  });
});
