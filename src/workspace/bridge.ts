import { closeSync, openSync, writeSync } from "node:fs";
import { connect, createServer } from "node:net";

/**
 * Runs inside a sandbox without network, bundled as dist/bridge.js: takes connections on ports of the sandbox's own
 * loopback and passes their bytes to unix sockets of Nimrod (workspace/egress.ts). It decides nothing, so an agent that
 * ends or replaces it only cuts itself off.
 *
 * Argument: `port=socket,port=socket…`, the first of which must work. Says `ready` on stdout and closes it, which is
 * what its starter waits for.
 */
const routes = (process.argv[2] ?? "").split(",").map((route) => {
  const [port = "", socket = ""] = route.split(/=(.*)/s);
  return { port: Number(port), socket };
});

function listen(port: number, host: string, socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const nimrod = connect({ path: socket, allowHalfOpen: true });
      client.pipe(nimrod).pipe(client);
      client.on("error", () => nimrod.destroy()).on("close", () => nimrod.destroy());
      nimrod.on("error", () => client.destroy()).on("close", () => client.destroy());
    });
    server.on("error", () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
}

const [first, ...rest] = routes;
const works = first !== undefined && (await listen(first.port, "127.0.0.1", first.socket));
// A port below 1024 or a kernel without IPv6 is no reason to stop: the proxy reaches the same servers.
await Promise.all(
  rest.flatMap(({ port, socket }) => ["127.0.0.1", "::1"].map((host) => listen(port, host, socket))),
);
writeSync(1, works ? "ready" : `cannot listen on 127.0.0.1:${first?.port}`);
closeSync(1);
openSync("/dev/null", "w"); // takes the free number, so that no connection becomes stdout
