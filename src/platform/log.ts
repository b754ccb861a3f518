import { dirname } from "node:path";
import { ensureFolder } from "./files.ts";

export type Log = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
  /** Waits until everything written so far is in the file. */
  flush(): Promise<void>;
};

/** Keys whose values never reach the log, at any of the first three levels. */
const secretKeys = [
  "password",
  "passphrase",
  "secret",
  "token",
  "apiKey",
  "api_key",
  "authorization",
  "cookie",
  "key",
  "privateKey",
  "env",
  "prompt",
  "content",
  "stdin",
];

/** JSON lines for finding out later; `fields` (ticket, stage, pass) are on each. Loads pino on demand. */
export async function openLog(file: string, fields: Record<string, unknown>): Promise<Log> {
  await ensureFolder(dirname(file), { mode: 0o700 });
  const { pino } = await import("pino");
  // Synchronous: few lines, and the last one before a crash is the one that is wanted.
  const destination = pino.destination({ dest: file, append: true, sync: true, mode: 0o600 });
  const logger = pino(
    {
      base: fields,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
        censor: "[redacted]",
      },
    },
    destination,
  );
  return {
    info: (more, message) => logger.info(more, message),
    warn: (more, message) => logger.warn(more, message),
    error: (more, message) => logger.error(more, message),
    flush: async () => destination.flushSync(),
  };
}
