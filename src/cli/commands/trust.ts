import { approvalKeyPresence } from "../../authorization/approval-key.ts";
import { isTrusted, recordTrust, trustDigest } from "../../authorization/trust.ts";
import { rfc3339 } from "../../platform/clock.ts";
import type { Context } from "../context.ts";
import { loadPolicy } from "../load-policy.ts";
import { trustItems } from "../trust-items.ts";
import { provePerson } from "./approve.ts";

/** `nimrod trust`: shows what this repository would have Nimrod run, and confirms its hash. */
export async function trust(context: Context): Promise<number> {
  const project = await context.project();
  const items = await trustItems(project.root, project.config, await loadPolicy(project.root));
  const places = { stateFolder: project.stateFolder, stateHome: context.stateHome };
  const digest = trustDigest(items);
  const { output } = context;
  if (await isTrusted(places, items)) {
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
  const signer = await provePerson(context, "Let Nimrod run these for this repository?", "nimrod trust");
  await recordTrust(places, items, signer, rfc3339(context.clock.now()));
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
