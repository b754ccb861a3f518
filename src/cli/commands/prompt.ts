import type { PromptProtocol } from "../../agents/how-to-answer.ts";
import { promptRoles, type Role } from "../../agents/role-names.ts";
import { passes } from "../../pipeline/passes.ts";
import { previewPrompt } from "../../pipeline/preview-prompt.ts";
import type { Context } from "../context.ts";
import { openPipeline } from "../open-pipeline.ts";
import { choiceOption, type Options, oneOf } from "../options.ts";

const protocols = ["once", "stream", "toolbox"] as const satisfies readonly PromptProtocol[];

/** `nimrod prompt ID ROLE`: the whole prompt, for reading. Starts no agent and changes nothing. */
export async function prompt(context: Context, args: readonly string[], options: Options): Promise<number> {
  const role = roleOf(args[1] ?? "");
  const asked = choiceOption(options, "protocol", protocols);
  const { ports, project } = await openPipeline(context, { looksOnly: true });
  const ticket = await project.findTicket(args[0] ?? "");
  // A sub-pass has the agent of the pass that asks, whichever that will be.
  const agent = await ports.agentFor(role === "delegate" ? "researcher" : role);
  const protocol = asked ?? agent.promptProtocol ?? "once";
  const model = agent.model ?? null;
  const { prompt: text, manifest } = await previewPrompt(ports, ticket, { role, protocol, model });
  const { output } = context;
  output.document("prompt", {
    ticket: ticket.id,
    role,
    agent: agent.name,
    model,
    protocol,
    prompt: text,
    manifest,
  });
  output.line(text.trimEnd());
  const cut = manifest.sections.filter(({ leftOut }) => leftOut > 0);
  for (const { name, leftOut } of cut) output.say(`left out: ${leftOut} bytes of ${name}`);
  if (agent.name === "builtin") output.say("builtin is given the same as data, and not this text");
  return 0;
}

/** The role, or the name of its pass. */
function roleOf(word: string): Role {
  const row = passes.find(({ name }) => name === word);
  return row?.role ?? oneOf("the role", word, promptRoles);
}
