import { effect, type Finding, finding } from "./finding.ts";
import { type Call, explicit, has, liveRead, textOf } from "./row.ts";
import { changes } from "./subcommands.ts";

/** What a state may show. */

export const act = changes(
  "cluster",
  "remote",
  "changes infrastructure or its state, or prints what may be secret",
);

/** Names under which states keep what nobody should read. */
export const secretName =
  /pass|secret|token|key|cred|priv|cert|kubeconfig|conn(ection)?_?str|dsn|auth|join|cloud_?init|user_?data/i;

/** Outputs marked as sensitive are masked in the list of all, and shown when asked for by name, as json or raw. */
export function judgeOutput(call: Call): Finding[] {
  const [name] = call.scan.operands;
  const isOpen = name === undefined ? has(call.scan, "json", "raw") : secretName.test(name.value ?? "secret");
  return isOpen || has(call.scan, "show-sensitive")
    ? [explicit(call, "secret", "may print a secret output", "credential-read", "remote", textOf(name))]
    : [liveRead(call.rule, "state")];
}

/** Secrets are masked for people, and shown in json. */
export function judgeShow(call: Call): Finding[] {
  if (has(call.scan, "show-sensitive")) return act.judge(call);
  if (has(call.scan, "json"))
    return [
      finding("brief", `${call.rule}-json`, "prints a plan or state in full", [
        effect("read", "state", "remote"),
      ]),
    ];
  return [liveRead(call.rule, "state")];
}
