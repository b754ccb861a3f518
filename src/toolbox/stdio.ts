import { connect } from "node:net";

/**
 * The MCP server that an agent starts: it carries bytes between its own stdin and stdout and the socket named in its
 * argument, where Nimrod answers. It knows no protocol, so that it starts at once and has nothing to be attacked in.
 */
const socket = connect(process.argv[2] ?? "");
socket.on("error", (error) => {
  process.exitCode = 1;
  process.stderr.write(`nimrod toolbox: ${error.message}\n`);
});
// Either end going away ends the other; nothing else keeps this process alive.
socket.on("close", () => process.stdin.destroy());
process.stdout.on("error", () => socket.destroy());
process.stdin.on("error", () => socket.destroy());
process.stdin.pipe(socket);
socket.pipe(process.stdout);
