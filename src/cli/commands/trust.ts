import { approvalKeyPresence } from "../../authorization/approval-key.ts";
import { isTrusted, recordTrust, trustDigest } from "../../authorization/trust.ts";
import { rfc3339 } from "../../platform/clock.ts";
import type { Context } from "../context.ts";
import { loadProjectPolicy } from "../load-policy.ts";
import { trustItems } from "../trust-items.ts";
import { provePerson } from "./approve.ts";

/** `nimrod trust`: shows what this repository would have Nimrod run or loosen, and confirms its hash. */
export async function trust(context: Context): Promise<number> {
  const project = await context.project();
  const places = { root: project.root, stateFolder: project.stateFolder, stateHome: context.stateHome };
  const own = await trustItems(project.root, project.config);
  const { trustItem } = await loadProjectPolicy(places);
  const loosened = trustItem === null ? [] : [trustItem];
  const items = [...own, ...loosened];
  const digest = trustDigest(items);
  const { output } = context;
  if ((await isTrusted(places, own)) && (await isTrusted(places, loosened))) {
    output.document("trust", { digest, items, trusted: true });
    output.line(
      items.length === 0
        ? "This repository would have Nimrod run nothing; there is nothing to trust."
        : `Trusted already: ${digest}`,
    );
    return 0;
  }
  for (const item of items) {
    output.say({ text: item.what, style: "bold" });
    for (const line of item.text.split("\n")) output.say(`  ${line}`);
  }
  output.say(`digest ${digest}`);
  const signer = await provePerson(
    context,
    "Let Nimrod run and obey these for this repository?",
    "nimrod trust",
  );
  // Two records: a policy stays trusted when an agent's entry changes, and the other way round.
  for (const part of [own, loosened]) {
    if (part.length > 0) await recordTrust(places, part, signer, rfc3339(context.clock.now()));
  }
  output.document("trust", {
    digest,
    items,
    trusted: true,
    presence: await approvalKeyPresence(context.stateHome),
  });
  output.line({ text: `Trusted: ${digest}`, style: "green" });
  output.line("  next: nimrod next");
  return 0;
}
