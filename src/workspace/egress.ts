import { lookup } from "node:dns/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { removeTree } from "../platform/files.ts";
import { makeSocketFolder } from "../platform/socket-folder.ts";
import { createAllowListProxy } from "./allow-list-proxy.ts";
import { canonicalHost, type Destination, isLoopback, showDestination } from "./destinations.ts";
import { couple, type Door, dial, type Resolve } from "./dial.ts";

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
  /** Listed servers that took no connection, with the reason; each once, at most 5. */
  unreached: () => readonly string[];
  close: () => Promise<void>;
};

/** Far more than any CLI opens at once. */
const maxConnections = 256;
const maxRefused = 100;
const maxUnreached = 5;
const usualProxyPort = 3128;

/**
 * @param options.sandboxed whether clients are behind the bridge; if not, the proxy is at a port of loopback.
 * @param options.resolve addresses of a name; default: as this machine resolves it.
 */
export async function openEgress(options: {
  allow: readonly Destination[];
  sandboxed: boolean;
  signal: AbortSignal;
  resolve?: Resolve;
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
  const unreached = new Set<string>();
  const sockets = new Set<Socket>();
  let closing: Promise<void> | null = null;
  const door: Door = {
    keep,
    resolve: options.resolve ?? ((name) => lookup(name, { all: true })),
    unreached(why) {
      if (closing === null && unreached.size < maxUnreached) unreached.add(why);
    },
  };
  const proxy = createAllowListProxy({ ...door, allow, refuse });
  const servers: Server[] = [proxy.on("connection", keep)];
  const folder = options.sandboxed ? await makeSocketFolder() : null;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    if (closing !== null) socket.destroy(); // dialled while the pass was ending
    socket.on("close", () => sockets.delete(socket));
    // Whatever broke also closes the socket, and that is what is acted upon.
    socket.on("error", () => undefined);
    return socket;
  }

  const close = (): Promise<void> => {
    closing ??= (async () => {
      options.signal.removeEventListener("abort", cancel);
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
      if (folder !== null) await removeTree(folder);
    })();
    return closing;
  };

  const cancel = (): void => void close().catch(() => undefined); // told to whoever awaits the other call

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
          (client) => void forwardTo(destination, client, door),
        );
        servers.push(forward.on("connection", keep));
        bridged.push({ port, socket: join(folder, String(port)) });
        await listening(forward, { path: join(folder, String(port)) });
      }
    }
    for (const server of servers) server.maxConnections = maxConnections;
    options.signal.addEventListener("abort", cancel, { once: true });
    if (options.signal.aborted) await close();
    return {
      proxyPort,
      bridged,
      folder,
      refused: () => [...refused],
      unreached: () => [...unreached],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function forwardTo(destination: Destination, client: Socket, door: Door): Promise<void> {
  const server = await dial(destination, door);
  if (server.kind !== "open" || client.destroyed) {
    client.destroy();
    if (server.kind === "open") server.socket.destroy();
    return;
  }
  couple(client, server.socket);
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
