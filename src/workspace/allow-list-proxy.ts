import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Server } from "node:net";
import type { Duplex } from "node:stream";
import { type Destination, parseAuthority, showDestination } from "./destinations.ts";
import { couple, type Door, dial } from "./dial.ts";

/** 16 KiB and 15 s for the head of a request. */
const [maxHeaderBytes, headMs] = [16 * 1024, 15_000];

type Proxy = Door & {
  allow: ReadonlyMap<string, Destination>;
  refuse: (what: string) => void;
};

/**
 * An HTTP proxy, by `CONNECT` and by whole addresses, to the listed servers. What it refuses is a 403 that says so, what
 * fails behind it a 502.
 */
export function createAllowListProxy(proxy: Proxy): Server {
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headMs,
    // The body of a request may be as slow as a model's context is long; the clocks of the pass end it.
    requestTimeout: 0,
    connectionsCheckingInterval: 5_000,
  });
  // What a peer's bytes make Node's HTTP throw breaks that one connection.
  server.on("connect", (request, client, head) => {
    tunnel(proxy, request, client, head).catch(() => client.destroy());
  });
  server.on("request", (request, response) => {
    relay(proxy, request, response).catch(() => response.destroy());
  });
  server.on("clientError", (_error, client) => {
    if (client.writable) client.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });
  return server;
}

async function tunnel(proxy: Proxy, request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
  const asked = request.url ?? "";
  const found = permitted(proxy, parseAuthority(asked, 443), asked);
  if (found === null) return void client.end(answer(403, refusal(asked)));
  const server = await dial(found, proxy);
  if (server.kind === "refused") proxy.refuse(showDestination(found));
  if (server.kind !== "open")
    return void client.end(answer(server.kind === "refused" ? 403 : 502, server.why));
  if (client.destroyed) return void server.socket.destroy();
  client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  if (head.length > 0) server.socket.write(head);
  couple(client, server.socket);
}

async function relay(proxy: Proxy, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on("error", () => undefined);
  const parts = /^http:\/\/([^/?#]*)([/?].*)?$/i.exec(request.url ?? "");
  const asked = parts?.[1] ?? request.url ?? "";
  const found = permitted(proxy, parts === null ? null : parseAuthority(asked, 80), asked);
  if (found === null) return void say(response, 403, refusal(asked));
  const server = await dial(found, proxy);
  if (server.kind === "refused") proxy.refuse(showDestination(found));
  if (server.kind !== "open") return void say(response, server.kind === "refused" ? 403 : 502, server.why);
  if (response.destroyed) return void server.socket.destroy();

  const path = parts?.[2] ?? "/";
  const upstream = httpRequest({
    method: request.method ?? "GET",
    path: path.startsWith("?") ? `/${path}` : path,
    headers: requestHeaders(request, asked),
    createConnection: () => server.socket,
  });
  upstream.on("response", (reply) => {
    reply.on("error", () => response.destroy());
    reply.on("aborted", () => response.destroy());
    response.writeHead(reply.statusCode ?? 502, reply.statusMessage ?? "", endToEnd(reply.rawHeaders));
    response.flushHeaders(); // the first token of a streamed answer may be long in coming
    reply.pipe(response);
  });
  upstream.on("error", (error) => {
    if (response.headersSent) response.destroy();
    else say(response, 502, error.message);
  });
  upstream.on("close", () => {
    if (!response.headersSent) say(response, 502, "the server did not answer");
  });
  response.on("close", () => upstream.destroy());
  request.on("error", () => upstream.destroy());
  request.pipe(upstream);
}

function permitted(proxy: Proxy, asked: Destination | null, words: string): Destination | null {
  const found = asked === null ? undefined : proxy.allow.get(showDestination(asked));
  if (found === undefined) proxy.refuse(asked === null ? shown(words) : showDestination(asked));
  return found ?? null;
}

/** What concerns one connection only (RFC 9110, 7.6.1), and the address, which the proxy says itself. */
const hopByHop = new Set(
  "connection keep-alive proxy-connection proxy-authorization proxy-authenticate te trailer transfer-encoding upgrade".split(
    " ",
  ),
);

function requestHeaders(request: IncomingMessage, authority: string): string[] {
  const kept = endToEnd(request.rawHeaders, "host");
  const chunked = request.headers["transfer-encoding"] !== undefined;
  return [
    "Host",
    authority,
    ...kept,
    ...(chunked ? ["Transfer-Encoding", "chunked"] : []),
    "Connection",
    "close",
  ];
}

function endToEnd(raw: readonly string[], ...dropped: string[]): string[] {
  const pairs = raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""] as const] : []));
  const named = pairs
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(",").map((word) => word.trim().toLowerCase()));
  const gone = new Set([...hopByHop, ...named, ...dropped]);
  return pairs.filter(([name]) => !gone.has(name.toLowerCase())).flat();
}

function refusal(asked: string): string {
  return `Nimrod lets this agent reach its model only, not ${shown(asked)}`;
}

function shown(words: string): string {
  return words.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/plain", Connection: "close" }).end(`${text}\n`);
}

function answer(status: number, text: string): string {
  const reason = status === 403 ? "Forbidden" : "Bad Gateway";
  const body = `${shown(text)}\n`;
  return `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}
