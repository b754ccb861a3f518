import { lookup } from "node:dns/promises";
import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer, connect as dialSocket, isIP, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { removeTree } from "../platform/files.ts";
import { makeSocketFolder } from "../platform/socket-folder.ts";
import {
  canonicalHost,
  type Destination,
  isLoopback,
  mayResolveTo,
  parseAuthority,
  showDestination,
} from "./destinations.ts";

/**
 * The only way out of a sandbox without network: an HTTP proxy for the listed servers and for nothing else. It listens
 * on unix sockets that workspace/bridge.ts reaches from inside; each server on this machine has a socket of its own,
 * for programs that dial loopback without asking a proxy. Names are resolved here, never inside.
 */
export type Egress = {
  /** Port of the proxy on 127.0.0.1: inside the sandbox, or of this machine where there is none. */
  proxyPort: number;
  /** What the bridge listens on inside, and where it leads to. Empty without a sandbox. */
  bridged: readonly { port: number; socket: string }[];
  /** Holds the sockets; to be shown inside at its own path. */
  folder: string | null;
  /** `host:port` that were asked for and refused, each once, oldest first; at most 100. */
  refused: () => readonly string[];
  close: () => Promise<void>;
};

/** Far more than any CLI opens at once. */
const maxConnections = 256;
const maxHeaderBytes = 16 * 1024;
/** To send a request's head, and for a server to take a connection. Milliseconds. */
const headMs = 15_000;
const dialMs = 30_000;
const maxRefused = 100;
const usualProxyPort = 3128;

/** @param options.sandboxed whether clients are behind the bridge; if not, the proxy is at a port of loopback. */
export async function openEgress(options: {
  allow: readonly Destination[];
  sandboxed: boolean;
  signal: AbortSignal;
}): Promise<Egress> {
  const allow = new Map(
    options.allow.map((each) => {
      const destination = { ...each, host: canonicalHost(each.host) };
      return [showDestination(destination), destination];
    }),
  );
  const refused = new Set<string>();
  const refuse = (what: string): void => {
    if (refused.size < maxRefused) refused.add(what);
  };
  const sockets = new Set<Socket>();
  const proxy = proxyServer({ allow, refuse, keep });
  const servers: Server[] = [proxy.on("connection", keep)];
  const folder = options.sandboxed ? await makeSocketFolder() : null;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Whatever broke also closes the socket, and that is what is acted upon.
    socket.on("error", () => undefined);
    return socket;
  }

  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      options.signal.removeEventListener("abort", close);
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
      if (folder !== null) await removeTree(folder);
    })();
    return closing;
  };

  try {
    const local = [...allow.values()].filter(({ host }) => isLoopback(host));
    const taken = new Set(local.map(({ port }) => port));
    let proxyPort = usualProxyPort;
    while (taken.has(proxyPort)) proxyPort += 1;
    const bridged: { port: number; socket: string }[] = [];
    if (folder === null) {
      await listening(proxy, { host: "127.0.0.1", port: 0 });
      const address = proxy.address();
      if (typeof address === "object" && address !== null) proxyPort = address.port;
    } else {
      bridged.push({ port: proxyPort, socket: join(folder, "proxy") });
      await listening(proxy, { path: join(folder, "proxy") });
      for (const [port, destination] of new Map(local.map((each) => [each.port, each]))) {
        const forward = createServer(
          { allowHalfOpen: true },
          (client) => void forwardTo(destination, client, keep),
        );
        servers.push(forward.on("connection", keep));
        bridged.push({ port, socket: join(folder, String(port)) });
        await listening(forward, { path: join(folder, String(port)) });
      }
    }
    for (const server of servers) server.maxConnections = maxConnections;
    options.signal.addEventListener("abort", close, { once: true });
    if (options.signal.aborted) await close();
    return { proxyPort, bridged, folder, refused: () => [...refused], close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Proxy = {
  allow: ReadonlyMap<string, Destination>;
  refuse: (what: string) => void;
  keep: (socket: Socket) => Socket;
};

function proxyServer(proxy: Proxy): Server {
  const server = createHttpServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headMs,
    // The body of a request may be as slow as a model's context is long; the clocks of the pass end it.
    requestTimeout: 0,
    connectionsCheckingInterval: 5_000,
  });
  server.on("connect", (request, client, head) => void tunnel(proxy, request, client as Socket, head));
  server.on("request", (request, response) => void relay(proxy, request, response));
  server.on("clientError", (_error, client) => {
    if (client.writable) client.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });
  return server;
}

async function tunnel(proxy: Proxy, request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
  const asked = request.url ?? "";
  const found = permitted(proxy, parseAuthority(asked, 443), asked);
  if (found === null) return void client.end(answer(403, refusal(asked)));
  const server = await dial(found, proxy.keep);
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
  const server = await dial(found, proxy.keep);
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
    response.writeHead(reply.statusCode ?? 502, reply.statusMessage ?? "", endToEnd(reply.rawHeaders));
    response.flushHeaders(); // the first token of a streamed answer may be long in coming
    reply.on("error", () => response.destroy());
    reply.on("aborted", () => response.destroy());
    reply.pipe(response);
  });
  upstream.on("error", (error) => {
    if (response.headersSent) response.destroy();
    else say(response, 502, error.message);
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

type Dialled = { kind: "open"; socket: Socket } | { kind: "refused" | "failed"; why: string };

/** Connects to an address that was looked at, so that the name cannot mean another one a moment later. */
async function dial(destination: Destination, keep: (socket: Socket) => Socket): Promise<Dialled> {
  const name = showDestination(destination);
  let addresses: { address: string; family: number }[];
  try {
    addresses = await within(dialMs, addressesOf(destination.host));
  } catch (error) {
    return { kind: "failed", why: `${name}: ${error instanceof Error ? error.message : String(error)}` };
  }
  const bad =
    isIP(destination.host) === 0 && addresses.find(({ address }) => !mayResolveTo(destination, address));
  if (bad)
    return { kind: "refused", why: `${name} leads to ${bad.address}, which is not in the public network` };
  return new Promise((resolve) => {
    const socket = keep(
      dialSocket({
        host: destination.host,
        port: destination.port,
        allowHalfOpen: true,
        lookup: (_host, { all }, done) => {
          const [first] = addresses;
          if (all) done(null, addresses);
          else done(null, first?.address ?? "", first?.family ?? 4);
        },
      }),
    );
    const timer = setTimeout(() => socket.destroy(new Error("took no connection in time")), dialMs);
    const failed = (error?: Error): void => {
      clearTimeout(timer);
      resolve({ kind: "failed", why: `${name}: ${error?.message ?? "closed"}` });
    };
    socket.once("error", failed).once("close", () => failed());
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      resolve({ kind: "open", socket });
    });
  });
}

async function addressesOf(host: string): Promise<{ address: string; family: number }[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  // RFC 6761: names below localhost are this machine, and no resolver is asked for them.
  if (isLoopback(host) && host !== "localhost") return [{ address: "127.0.0.1", family: 4 }];
  return lookup(host, { all: true });
}

async function forwardTo(destination: Destination, client: Socket, keep: Proxy["keep"]): Promise<void> {
  const server = await dial(destination, keep);
  if (server.kind !== "open" || client.destroyed) {
    client.destroy();
    if (server.kind === "open") server.socket.destroy();
    return;
  }
  couple(client, server.socket);
}

/** Bytes both ways; an end is passed on as an end, a break as a break. */
function couple(client: Socket, server: Socket): void {
  client.pipe(server).pipe(client);
  client.on("close", () => server.destroy());
  server.on("close", () => client.destroy());
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

function listening(server: Server, where: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => {
      server.off("error", reject);
      server.on("error", () => undefined); // of one connection at most; the others go on
      resolve();
    });
  });
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("its name was not resolved in time")), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
