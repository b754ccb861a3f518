import { resolve } from "node:path";
import { NimrodError } from "../errors.ts";
import { readFileBounded } from "../platform/files.ts";

/** A ticket's text is a page; a megabyte is somebody's log file. */
const maxBytes = 1024 * 1024;

/** The text of `--body-file F`, or of stdin for `-`. Throws `usage` for what is no UTF-8 text. */
export async function readTextInput(file: string, cwd: string): Promise<string> {
  const bytes = file === "-" ? await readStdin() : await readFileBounded(resolve(cwd, file), { maxBytes });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new NimrodError("usage", `${file === "-" ? "stdin" : file} is not UTF-8 text`, { cause });
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > maxBytes) throw new NimrodError("usage", `more than ${maxBytes} bytes on stdin`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
