import { client, methods, ndJsonStream, PROTOCOL_VERSION, type Stream } from "@agentclientprotocol/sdk";
import { z } from "zod";
import { NimrodError } from "../../errors.ts";
import type { AskedCall, PermissionOption, PermissionOutcome } from "./acp-permission.ts";

/** The client side of the Agent Client Protocol, version 1. The only file that knows its library; loaded when used. */

type PermissionRequest = { call: AskedCall; options: readonly PermissionOption[] };

export type AcpHandlers = {
  permission: (asked: PermissionRequest) => Promise<{ outcome: PermissionOutcome; reason: string }>;
  /** A `session/update`, as the agent wrote it. */
  update: (update: { sessionUpdate: string }) => void;
};

export type AcpPeer = {
  /** Throws `refused` for another version of the protocol. */
  initialize: () => Promise<{ name: string | null; version: string | null }>;
  /** The id of the new session. Throws `config` where `model` is given and the agent offers no choice. */
  newSession: (options: {
    cwd: string;
    /** argv of the one MCP server it is given. */
    toolbox: readonly string[];
    meta: Record<string, unknown> | null;
    model: string | null;
  }) => Promise<string>;
  /** One turn: settles with its end. */
  prompt: (sessionId: string, text: string) => Promise<{ stopReason: string }>;
  cancel: (sessionId: string) => void;
  /** Whether the connection is closed, by either side. */
  gone: () => boolean;
  close: () => void;
};

const updateSchema = z.object({
  method: z.literal(methods.client.session.update),
  params: z.object({ update: z.looseObject({ sessionUpdate: z.string() }) }),
});

export function connectAcp(
  { input, output }: { input: ReadableStream<Uint8Array>; output: WritableStream<Uint8Array> },
  { permission, update }: AcpHandlers,
): AcpPeer {
  const connection = client({ name: "nimrod" })
    .onRequest(methods.client.session.requestPermission, async ({ params }) => {
      const { outcome, reason } = await permission({ call: params.toolCall, options: params.options });
      return { outcome, ...(reason === "" ? {} : { _meta: { nimrod: { reason } } }) };
    })
    .connect(sieve(ndJsonStream(output, input), update));
  const agent = connection.agent;
  return {
    async initialize() {
      const hello = await agent.request(methods.agent.initialize, {
        protocolVersion: PROTOCOL_VERSION,
        // Neither files nor terminals: what an agent does goes through the toolbox.
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        clientInfo: { name: "nimrod", version: "1" },
      });
      if (hello.protocolVersion !== PROTOCOL_VERSION) {
        const message = `it speaks version ${hello.protocolVersion} of the Agent Client Protocol, not ${PROTOCOL_VERSION}`;
        throw new NimrodError("refused", message);
      }
      return { name: hello.agentInfo?.name ?? null, version: hello.agentInfo?.version ?? null };
    },
    async newSession({ cwd, toolbox: [command = "", ...args], meta, model }) {
      const { sessionId, configOptions } = await agent.request(methods.agent.session.new, {
        cwd,
        mcpServers: [{ name: "nimrod", command, args, env: [] }],
        ...(meta === null ? {} : { _meta: meta }),
      });
      if (model === null) return sessionId;
      const choice = configOptions?.find(({ category, id }) => category === "model" || id === "model");
      if (choice === undefined)
        throw new NimrodError("config", 'it offers no choice of models; leave "model" out');
      await agent.request(methods.agent.session.setConfigOption, {
        sessionId,
        configId: choice.id,
        value: model,
      });
      return sessionId;
    },
    prompt: (sessionId, text) =>
      agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: "text", text }] }),
    cancel: (sessionId) =>
      void agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => undefined),
    gone: () => connection.signal.aborted,
    close: () => connection.close(),
  };
}

/**
 * The library prints what it does not understand, and an agent must not write on the operator's terminal: so answers to
 * nothing that was asked are dropped here, and notifications are read here and go no further.
 */
function sieve(stream: Stream, update: AcpHandlers["update"]): Stream {
  const asked = new Set<unknown>();
  const writer = stream.writable.getWriter();
  return {
    readable: stream.readable.pipeThrough(
      new TransformStream({
        transform(message, controller) {
          if ("method" in message && "id" in message) controller.enqueue(message);
          else if ("method" in message) {
            const told = updateSchema.safeParse(message).data;
            if (told) update(told.params.update);
          } else if ("id" in message && asked.delete(message.id)) controller.enqueue(message);
        },
      }),
    ),
    writable: new WritableStream({
      write(message) {
        if ("method" in message && "id" in message) asked.add(message.id);
        return writer.write(message);
      },
    }),
  };
}
