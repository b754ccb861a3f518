import { NimrodError } from "../../errors.ts";
import { findRevised, reviseCriterion } from "../../pipeline/revise-criterion.ts";
import { quoteWord } from "../../platform/shell-word.ts";
import { userAtHost } from "../author.ts";
import type { Context } from "../context.ts";
import { openPipeline } from "../open-pipeline.ts";
import { type Options, textOption } from "../options.ts";
import { ticketJson } from "../ticket-json.ts";
import { provePerson } from "./approve.ts";

/** `nimrod revise ID AC TEXT --reason WHY`: a person's signed change of what has to hold. */
export async function revise(context: Context, args: readonly string[], options: Options): Promise<number> {
  const [query = "", ac = "", words = ""] = args;
  const hint = `nimrod revise ${quoteWord(query)} ${quoteWord(ac)} "what must hold now" --reason "why"`;
  const oneLine = (what: string, value: string | undefined) => readLine(what, value, hint);
  const text = oneLine("the new text", words);
  const reason = oneLine("--reason", textOption(options, "reason"));
  const command = textOption(options, "verify");
  const verify = command === undefined ? null : oneLine("--verify", command);
  const { ports, project } = await openPipeline(context);
  const ticket = await project.findTicket(query);
  const request = { criterion: ac.toUpperCase(), text, verify, reason };
  const { criterion, isNew } = await findRevised(ticket, request);
  const { output } = context;
  const { id } = criterion;
  if (!isNew) {
    await project.touch(ticket.id);
    output.document("revise", {
      ...request,
      ticket: ticketJson(ticket),
      from: criterion.text,
      by: null,
      changed: false,
    });
    output.line(`${id} of ${ticket.id} says so already`);
    return 0;
  }
  output.say(`${id} says  ${criterion.text}`);
  output.say(`  to say  ${text}`);
  const shownBy = criterion.verify ?? "a person's word";
  output.say(verify === null ? `  shown by  ${shownBy}` : `  shown by  ${verify}   instead of  ${shownBy}`);
  const signer = await provePerson(
    context,
    `Revise ${id} of ${ticket.id} because ${reason}?`,
    `nimrod revise ${ticket.id} ${id} "…" --reason "…"`,
  );
  const by = userAtHost(context.env);
  const revised = await reviseCriterion(ports, ticket, { ...request, by, signer });
  await project.touch(ticket.id);
  output.document("revise", {
    ...request,
    ticket: ticketJson(revised),
    from: criterion.text,
    by,
    changed: true,
  });
  output.line(
    `${id} of ${ticket.id} revised by ${by}; what was planned, approved and reviewed before is void`,
  );
  output.line(`  next: nimrod run ${ticket.id}`);
  return 0;
}

function readLine(what: string, value: string | undefined, hint: string): string {
  const text = value?.trim() ?? "";
  if (text !== "" && !/[\x00-\x1f\x7f-\x9f]/.test(text)) return text;
  throw new NimrodError("usage", `${what} is ${text === "" ? "missing" : "no text on one line"}`, { hint });
}
