import { NimrodError } from "../../errors.ts";
import { attestCriterion } from "../../pipeline/attest-criterion.ts";
import { userAtHost } from "../author.ts";
import type { Context } from "../context.ts";
import { openPipeline } from "../open-pipeline.ts";
import { type Options, textOption } from "../options.ts";
import { provePerson } from "./approve.ts";

/** `nimrod attest ID AC --evidence TEXT`: a person's signed word, bound to the tree that they looked at. */
export async function attest(context: Context, args: readonly string[], options: Options): Promise<number> {
  const evidence = textOption(options, "evidence");
  if (!evidence) {
    throw new NimrodError("usage", "say what you saw: --evidence TEXT", {
      hint: `nimrod attest ${args.join(" ")} --evidence "…"`,
    });
  }
  const { ports, project } = await openPipeline(context);
  const ticket = await project.findTicket(args[0] ?? "");
  const criterion = (args[1] ?? "").toUpperCase();
  const signer = await provePerson(
    context,
    `Attest ${criterion} of ${ticket.id}: ${evidence}?`,
    `nimrod attest ${ticket.id} ${criterion}`,
  );
  const by = userAtHost(context.env);
  const { tree } = await attestCriterion(ports, ticket, { criterion, evidence, by, signer });
  await project.touch(ticket.id);
  context.output.document("attest", { ticket: ticket.id, criterion, by, evidence, tree });
  context.output.line(`${criterion} attested by ${by} for tree ${tree.slice(0, 10)}`);
  context.output.line(`  next: nimrod close ${ticket.id}`);
  return 0;
}
