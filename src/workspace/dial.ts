import { connect, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Destination, isLoopback, mayResolveTo, showDestination } from "./destinations.ts";

/** Addresses of a name. */
export type Resolve = (name: string) => Promise<{ address: string; family: number }[]>;

export type Door = {
  /** Told of every socket that is opened, so that all of them end with the pass. */
  keep: (socket: Socket) => Socket;
  resolve: Resolve;
  /** Told of a listed server that took no connection, and why, in one line. */
  unreached: (why: string) => void;
};

/** For a name to be resolved, and for a server to take a connection. */
const dialMs = 30_000;

type Dialled = { kind: "open"; socket: Socket } | { kind: "refused" | "failed"; why: string };

/** Connects to an address that was looked at, so that the name cannot mean another one a moment later. */
export async function dial(destination: Destination, door: Door): Promise<Dialled> {
  const name = showDestination(destination);
  const notReached = (why: string): Dialled => {
    door.unreached(why);
    return { kind: "failed", why };
  };
  let addresses: { address: string; family: number }[];
  try {
    addresses = await within(dialMs, addressesOf(destination.host, door.resolve));
  } catch (error) {
    return notReached(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const bad =
    isIP(destination.host) === 0 && addresses.find(({ address }) => !mayResolveTo(destination, address));
  if (bad)
    return { kind: "refused", why: `${name} leads to ${bad.address}, which is not in the public network` };
  return new Promise((resolve) => {
    const socket = door.keep(
      connect({
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
    const closed = (): void => failed(new Error("closed"));
    const failed = (error: Error): void => {
      clearTimeout(timer);
      socket.off("close", closed);
      resolve(notReached(`${name}: ${error.message}`));
    };
    socket.once("error", failed).once("close", closed);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", failed).off("close", closed); // reached: what happens to it later is the caller's
      socket.setNoDelay(true);
      resolve({ kind: "open", socket });
    });
  });
}

async function addressesOf(host: string, resolve: Resolve): ReturnType<Resolve> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  // RFC 6761: names below localhost are this machine, and no resolver is asked for them.
  if (isLoopback(host) && host !== "localhost") return [{ address: "127.0.0.1", family: 4 }];
  return resolve(host);
}

/** Bytes both ways; an end is passed on as an end, a break as a break. */
export function couple(client: Duplex, server: Duplex): void {
  client.pipe(server).pipe(client);
  client.on("close", () => server.destroy());
  server.on("close", () => client.destroy());
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
