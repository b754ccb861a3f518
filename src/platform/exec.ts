import { statSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { execa } from "execa";
import { NimrodError } from "../errors.ts";
import { type Captured, startCapture } from "./capture.ts";
import { type Excuse, startChildClocks } from "./child-clocks.ts";
import { endLeftovers, sandboxMark } from "./leftovers.ts";
import { type LineAnswer, startLineQueue } from "./line-queue.ts";

export type ProcessRequest = {
  file: string;
  args: string[];
  cwd: string;
  /** The whole environment of the child: nothing is inherited. */
  env: Record<string, string>;
};

export type ExecLimits = {
  timeoutMs: number;
  /** Longest silence on both streams. */
  idleMs?: number;
  excuse?: Excuse;
  /** Kept bytes of each stream, half of them from its beginning and half from its end. */
  maxOutputBytes: number;
  /** Stop the child when one stream passes `maxOutputBytes`, instead of reading on and keeping the ends. */
  killOnFlood?: boolean;
  signal?: AbortSignal;
};

export type ExecRequest = ProcessRequest & ExecLimits & { stdin?: string | Uint8Array };

type Common = { stdout: Captured; stderr: Captured; ms: number };
type StopReason = "timeout" | "idle" | "flood" | "cancelled";

export type ExecOutcome =
  | ({ kind: "exited"; code: number } & Common)
  | ({ kind: "signaled"; signal: string } & Common)
  | ({ kind: StopReason } & Common)
  | { kind: "missing"; message: string };

export type ExecEnd =
  | { kind: "exited"; code: number }
  | { kind: "signaled"; signal: string }
  | { kind: "missing"; message: string };

/** In a few words, for a message. */
export function describeEnd(end: ExecEnd): string {
  switch (end.kind) {
    case "exited":
      return `exit ${end.code}`;
    case "signaled":
      return `killed by ${end.signal}`;
    case "missing":
      return end.message;
  }
}

/** Between the polite and the hard signal. Short, so that a limit of 3 s is kept within 4 s. */
const termGraceMs = 500;
/** How long pipes may stay open after the child's exit without bringing anything new. */
const drainGraceMs = 150;
/** And how long in all, for a process that escaped its group and goes on writing. */
const drainLimitMs = 2_000;

/**
 * Runs a program to its end. What ends it is its own exit, never the closing of its pipes: a grandchild
 * that holds them cannot delay the outcome. Whatever is left of its process group is killed then.
 */
export async function exec(request: ExecRequest): Promise<ExecOutcome> {
  return request.signal?.aborted ? notStarted() : follow(startChild(request, request.stdin), request);
}

/** A program that was started ahead and waits for its input: what it takes to start is paid before it is needed. */
export type WaitingProcess = {
  /** Gives it all of its input and follows it to its end, as `exec` does. Once. */
  go(stdin: string, limits: ExecLimits): Promise<ExecOutcome>;
  /** Whether it still waits. */
  isThere(): boolean;
  /** Closes its input, at which it has to end by itself; resolves when it has. */
  dismiss(): Promise<void>;
};

export function startWaiting(request: ProcessRequest): WaitingProcess {
  const child = startChild(request, null);
  return {
    isThere: () => child.isThere(),
    async go(stdin, limits) {
      if (limits.signal?.aborted) {
        child.stop();
        await child.ended;
        return notStarted();
      }
      child.end(stdin);
      return follow(child, limits);
    },
    async dismiss() {
      child.end("");
      const timer = setTimeout(() => child.stop(), termGraceMs);
      await child.ended;
      clearTimeout(timer);
    },
  };
}

function notStarted(): ExecOutcome {
  const nothing = startCapture(0).done();
  return { kind: "cancelled", stdout: nothing, stderr: nothing, ms: 0 };
}

async function follow(child: Child, limits: ExecLimits): Promise<ExecOutcome> {
  const started = performance.now();
  const stdout = startCapture(limits.maxOutputBytes);
  const stderr = startCapture(limits.maxOutputBytes);
  let reason: StopReason | null = null;
  const stop = (why: StopReason): void => {
    if (reason !== null) return;
    reason = why;
    child.stop();
  };

  const clocks = startChildClocks({
    idleMs: limits.idleMs ?? null,
    wallMs: limits.timeoutMs,
    excuse: limits.excuse,
    over: stop,
  });
  const cancel = (): void => stop("cancelled");
  limits.signal?.addEventListener("abort", cancel, { once: true });
  child.onData((stream, chunk) => {
    clocks.moved();
    const capture = stream === "stdout" ? stdout : stderr;
    capture.push(chunk);
    if (limits.killOnFlood === true && capture.bytes() > limits.maxOutputBytes) stop("flood");
  });

  const end = await child.ended;
  clocks.stop();
  limits.signal?.removeEventListener("abort", cancel);
  if (end.kind === "missing") return end;
  const common = {
    stdout: stdout.done(),
    stderr: stderr.done(),
    ms: Math.round(performance.now() - started),
  };
  return reason === null ? { ...end, ...common } : { kind: reason, ...common };
}

export type LineProcess = {
  pid: number | undefined;
  /** Sends one line. Rejects with `failed` when the child no longer reads. */
  write(line: string): Promise<void>;
  /** Waits for the next line; all limits are milliseconds from this call. One call at a time. */
  nextLine(limits: {
    idleMs: number;
    deadlineMs: number;
    maxBytes: number;
    excuse?: Excuse;
    signal?: AbortSignal;
  }): Promise<LineAnswer>;
  stop(): Promise<ExecEnd>;
  ended: Promise<ExecEnd>;
  /** The last of what it wrote to stderr. */
  stderrTail(): string;
};

/** Starts a program that is read line by line; it is written to the same way, unless all of its input is given here. */
export function startLines(request: ProcessRequest, stdin: string | null = null): LineProcess {
  const child = startChild(request, stdin);
  const stderr = startCapture(16_384);
  const queue = startLineQueue({ pause: () => child.pause(), resume: () => child.resume() });
  child.onData((stream, chunk) => {
    if (stream === "stdout") queue.push(chunk);
    else {
      stderr.push(chunk);
      queue.sawActivity();
    }
  });
  const ended = child.ended.finally(() => queue.end());
  return {
    pid: child.pid,
    write: (line) => child.write(`${line}\n`),
    nextLine: (limits) => queue.next(limits),
    stop() {
      child.stop();
      return ended;
    },
    ended,
    stderrTail: () => stderr.text(),
  };
}

// --- one child -----------------------------------------------------------------------------------

type Child = {
  pid: number | undefined;
  isThere(): boolean;
  ended: Promise<ExecEnd>;
  onData(listener: (stream: "stdout" | "stderr", chunk: Buffer) => void): void;
  write(text: string): Promise<void>;
  /** Writes the last of its input and closes it. */
  end(text: string): void;
  pause(): void;
  resume(): void;
  stop(): void;
};

/** `stdin`: bytes to send and close, undefined for none, null to keep it open for `write`. */
function startChild(request: ProcessRequest, stdin: string | Uint8Array | undefined | null): Child {
  checkRequest(request);
  const subprocess = execa(request.file, request.args, {
    cwd: request.cwd,
    env: request.env,
    extendEnv: false,
    // Its own process group, killed as a whole; also when Nimrod itself leaves by exit or a signal.
    killDescendants: true,
    forceKillAfterDelay: false,
    stdin: stdin === undefined ? "ignore" : "pipe",
    stdout: "pipe",
    stderr: "pipe",
    encoding: "buffer",
    // execa's own buffering waits for the end of the pipes; the streams are read here instead.
    buffer: false,
    reject: false,
  });
  subprocess.catch(() => undefined); // its outcome is decided below, by the child's events
  const { nodeChildProcess: node, stdout, stderr } = subprocess;

  let exited = false;
  const exit = new Promise<ExecEnd>((resolve) => {
    node.once("exit", (code: number | null, signal: string | null) => {
      exited = true;
      resolve(code === null ? { kind: "signaled", signal: signal ?? "unknown" } : { kind: "exited", code });
    });
    const missing = (message: string): void => resolve({ kind: "missing", message });
    if (node.pid === undefined)
      subprocess.then((result) => missing(startFailure(request.file, result)), String);
  });
  const ended = exit.then(async (end) => {
    subprocess.kill("SIGKILL"); // the group: what the child left running in the background
    const sandbox = request.env[sandboxMark];
    // A sandbox that is killed while it is being set up can leave its inner half behind, in a session of its own.
    if (end.kind === "signaled" && sandbox !== undefined) endLeftovers([`${sandboxMark}=${sandbox}`]);
    await drained([stdout, stderr]);
    for (const stream of [node.stdin, stdout, stderr]) stream?.destroy();
    return end;
  });

  node.stdin?.on("error", () => undefined); // a child that does not read its input is no failure of ours
  if (stdin !== undefined && stdin !== null) node.stdin?.end(stdin);
  return {
    pid: node.pid,
    isThere: () => node.pid !== undefined && !exited,
    ended,
    onData(listener) {
      stdout.on("data", (chunk: Buffer) => listener("stdout", chunk));
      stderr.on("data", (chunk: Buffer) => listener("stderr", chunk));
    },
    write: (text) => writeAll(node.stdin, text),
    end: (text) => void node.stdin?.end(text),
    pause() {
      if (!exited) stdout.pause(); // else the last lines would be lost with the pipe
    },
    resume: () => void stdout.resume(),
    stop() {
      subprocess.kill("SIGTERM");
      const timer = setTimeout(() => subprocess.kill("SIGKILL"), termGraceMs);
      void ended.finally(() => clearTimeout(timer));
    },
  };
}

function checkRequest({ file, args, cwd, env }: ProcessRequest): void {
  const words = [file, ...args, ...Object.keys(env), ...Object.values(env)];
  if (words.some((word) => word.includes("\0"))) {
    throw new NimrodError(
      "failed",
      `the arguments of ${JSON.stringify(file)} hold a NUL byte; no program can be given one`,
    );
  }
  const folder = statSync(cwd, { throwIfNoEntry: false });
  // Otherwise the system reports a missing folder as a missing program.
  if (folder === undefined || !folder.isDirectory()) {
    throw new NimrodError("io", `${cwd} is not a folder; ${JSON.stringify(file)} was to run there`);
  }
}

function startFailure(
  file: string,
  result: { originalMessage?: string | undefined; code?: string | undefined },
): string {
  if (result.code === "ENOENT") return `${file}: no such program`;
  if (result.code === "EACCES") return `${file}: not executable`;
  return `${file}: ${result.originalMessage ?? "could not be started"}`;
}

function writeAll(stdin: Writable | null, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause?: unknown): void =>
      reject(new NimrodError("failed", "the program no longer reads its input", { cause }));
    if (stdin === null || stdin.destroyed || stdin.writableEnded) return failed();
    stdin.write(text, (error) => (error ? failed(error) : resolve()));
  });
}

// What the child wrote before its exit is still in the pipes; a process outside its group may hold them open.
async function drained(streams: Readable[]): Promise<void> {
  const began = performance.now();
  let news = true;
  const sawNews = (): void => {
    news = true;
  };
  for (const stream of streams) {
    stream.on("data", sawNews);
    stream.resume();
  }
  const allEnded = Promise.all(streams.map(endOf)).then(() => true);
  while (news && performance.now() - began < drainLimitMs) {
    news = false;
    if (await Promise.race([allEnded, pause(drainGraceMs)])) return;
    // A timer may fire before the reads that were ready in the same turn: let those happen first.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function endOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.readableEnded || stream.destroyed) return resolve();
    stream
      .once("end", resolve)
      .once("close", resolve)
      .once("error", () => resolve());
  });
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
