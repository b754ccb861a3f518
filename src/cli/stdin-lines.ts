import { StringDecoder } from "node:string_decoder";

/** Longest line that is kept; no shell takes a longer command. */
const longest = 1024 * 1024;

/** Lines of stdin as they arrive; null for one that is too long to be kept. */
export async function* stdinLines(): AsyncGenerator<string | null> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let tooLong = false;
  for await (const chunk of process.stdin) {
    rest += typeof chunk === "string" ? chunk : decoder.write(chunk);
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      yield tooLong || line.length > longest ? null : line;
      tooLong = false;
    }
    if (rest.length > longest) {
      rest = "";
      tooLong = true;
    }
  }
  rest += decoder.end();
  if (rest !== "" || tooLong) yield tooLong ? null : rest;
}
