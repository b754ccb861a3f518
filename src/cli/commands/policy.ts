import { hostname } from "node:os";
import { join } from "node:path";
import { type Example, runExamples } from "../../authorization/policy/examples.ts";
import { looseningsOf, whenText } from "../../authorization/policy/loosening.ts";
import { type Policy, policySchema, type Standing } from "../../authorization/policy/schema.ts";
import { expiryOf, type StandingState } from "../../authorization/standing-approvals.ts";
import { NimrodError } from "../../errors.ts";
import { readTextIfExists } from "../../platform/files.ts";
import { readSource } from "../../platform/json-source.ts";
import type { Context } from "../context.ts";
import { loadPolicy, loadProjectPolicy, type ProjectPolicy, policyPath } from "../load-policy.ts";
import { oneOf } from "../options.ts";
import { linesOf, reviewPolicy, standingOf } from "../review-policy.ts";
import { provePerson } from "./approve.ts";

const actions = ["check", "test", "show", "sign"] as const;

/** `nimrod policy check|test|show|sign`: what `.nimrod/policy.json` says, and what of it counts. */
export async function policy(context: Context, args: readonly string[]): Promise<number> {
  const action = oneOf("policy", args[0] ?? "", actions);
  if (action !== "sign" && args[1] !== undefined)
    throw new NimrodError("usage", `policy ${action} takes no name`, { hint: `nimrod policy ${action}` });
  const project = await context.project();
  const places = { root: project.root, stateFolder: project.stateFolder };
  if (action === "test") return test(context, places);
  const loaded = await loadProjectPolicy({ ...places, stateHome: context.stateHome });
  switch (action) {
    case "check":
      return check(context, places, loaded);
    case "show":
      return show(context, places, loaded);
    case "sign":
      return sign(context, places, loaded, args[1]);
  }
}

type Places = { root: string; stateFolder: string };

/** A policy that cannot be read has thrown by now, with every line that is wrong. */
async function check(context: Context, places: Places, loaded: ProjectPolicy): Promise<number> {
  const { output } = context;
  const remarks = await reviewPolicy(context, places, loaded);
  output.document("policy-check", {
    path: policyPath,
    digest: loaded.digest,
    trusted: loaded.trusted,
    remarks,
  });
  for (const { where, message, hint } of remarks)
    output.line({ text: `${where}: `, style: "yellow" }, message, { text: `   → ${hint}`, style: "dim" });
  const { rules, standing } = loaded.written;
  const count = `${rules.length} rules, ${standing.length} standing approvals`;
  output.line({ text: `${policyPath} is valid: ${count}`, style: "green" });
  return 0;
}

/** Also of a policy whose examples do not hold: that is what it is for. */
async function test(context: Context, { root }: Places): Promise<number> {
  const { output } = context;
  const lineOf = await linesOf(root);
  const examples = await examplesOf(root);
  const rows = examples.map((example) => ({ ...example, where: lineOf(example.path), ok: isOk(example) }));
  const failed = rows.filter(({ ok }) => !ok);
  if (failed.length === 0) output.document("policy-test", { examples: rows.map(exampleJson) });
  output.table(
    [{ title: "" }, { title: "WHERE" }, { title: "SHOULD" }, { title: "EXAMPLE", shrinks: true }],
    rows.map(({ ok, where, expected, does, text }) => [
      ok ? { text: "✓", style: "green" } : { text: "✗", style: "red" },
      where,
      `${expected ? "" : "not "}${{ raises: "raise", lowers: "lower", covers: "cover" }[does]}`,
      text,
    ]),
  );
  if (failed.length > 0) {
    throw new NimrodError("broken", `${failed.length} of ${rows.length} examples do not hold`, {
      where: failed[0]?.where,
      lines: failed.map(({ where, expected, text }) => `${where}: ${expected ? "" : "not "}${text}`),
      hint: "nimrod policy check",
    });
  }
  if (rows.length === 0) output.line(`${policyPath} has no examples`);
  return 0;
}

async function examplesOf(root: string): Promise<Example[]> {
  const source = readSource((await readTextIfExists(join(root, policyPath))) ?? '{"version":1}');
  const read = policySchema.safeParse("value" in source ? source.value : undefined);
  // Told there with file and line.
  return runExamples(read.success ? read.data : await loadPolicy(root));
}

function isOk({ expected, held }: Example): boolean {
  return expected === held;
}

function exampleJson({ where, does, expected, held, text, ok }: Example & { where: string; ok: boolean }) {
  return { where, does, expected, held, text, ok };
}

async function show(context: Context, places: Places, loaded: ProjectPolicy): Promise<number> {
  const { output } = context;
  const { written, trusted } = loaded;
  const states = await statesOf(context, places, loaded);
  const { untrusted, ...effective } = loaded.policy;
  output.document("policy", {
    digest: loaded.digest,
    trusted,
    policy: trusted
      ? effective
      : { ...effective, rules: effective.rules.filter(({ tier }) => tier !== "none") },
    inert: trusted ? [] : looseningsOf(written).map(({ text }) => text),
    standing: written.standing.map(({ name }, index) => ({ name, ...states[index] })),
  });
  output.line({ text: `policy ${loaded.digest}`, style: "bold" });
  output.line(
    written.brief === "ask" ? "brief actions are asked about" : "brief actions are done under an assumption",
  );
  for (const [index, rule] of written.rules.entries()) {
    if (rule.tier === "none") continue;
    const { command = [], path = [], host = [] } = rule.match;
    const what = [command, path, host].filter((list) => list.length > 0).map((list) => list.join(" or "));
    output.line(
      `rules.${index}: at least ${rule.tier}: ${[what.join(", with "), ...whenText(rule)].join("; ")}`,
    );
  }
  for (const { text } of looseningsOf(written))
    output.line(text, trusted ? "" : { text: "   inert until nimrod trust", style: "yellow" });
  for (const line of describeNames(written)) output.line(line);
  for (const [index, standing] of written.standing.entries()) {
    for (const line of describeStanding(standing)) output.line(line);
    output.line(`  ${stateText(states[index])}`);
  }
  return 0;
}

async function statesOf(context: Context, places: Places, loaded: ProjectPolicy): Promise<StandingState[]> {
  const approvals = standingOf(context, places, loaded);
  const states: StandingState[] = [];
  for (const standing of loaded.written.standing) states.push(await approvals.stateOf(standing));
  return states;
}

function stateText(state: StandingState | undefined): string {
  if (state === undefined) return "";
  if (state.state === "valid") return `signed by ${state.approver}, used ${state.used} times`;
  return `${state.state}, it asks each time: ${state.why}`;
}

function describeNames({ hosts, windows, resources }: Policy): string[] {
  return [
    ...Object.entries(hosts).map(
      ([name, host]) =>
        `host ${name}: ${host.names.join(", ")}${host.tier === undefined ? "" : `; at least ${host.tier}`}`,
    ),
    ...Object.entries(windows).map(
      ([name, { days, from, to, zone }]) => `window ${name}: ${days.join(" ")} ${from} to ${to}, ${zone}`,
    ),
    ...Object.entries(resources).map(([name, { ports, units, dns, volumes, protected: isProtected }]) => {
      const parts = [...ports.map((port) => `port ${port}`), ...units, ...dns, ...volumes];
      return `resource ${name}: ${parts.join(", ")}${isProtected ? "; protected" : ""}`;
    }),
  ];
}

function describeStanding(standing: Standing): string[] {
  const { name, run, parts, target, paths, uses, reason } = standing;
  const on = target === "host" ? `this machine (${hostname()})` : "the ticket's worktree";
  const counts = [
    ...(uses.perDay === undefined ? [] : [`${uses.perDay} times in 24 hours`]),
    ...(uses.total === undefined ? [] : [`${uses.total} times in all`]),
  ];
  return [
    `standing approval ${name}: ${run.join(" ")}`,
    ...Object.entries(parts).map(([part, values]) => `  {${part}}       ${values.join(" or ")}`),
    `  on           ${on}`,
    `  may change   ${paths.length === 0 ? "no file" : paths.join(", ")}`,
    `  at most      ${counts.join(", and ")}`,
    `  until        ${[expiryOf(standing), ...whenText(standing)].join(", ")}`,
    `  because      ${reason}`,
  ];
}

/** Shows each of them in whole, then wants a person's proof, as `approve` does. */
async function sign(
  context: Context,
  places: Places,
  loaded: ProjectPolicy,
  name: string | undefined,
): Promise<number> {
  const { output } = context;
  const { standing: all, windows } = loaded.written;
  const named = name === undefined ? all : all.filter((each) => each.name === name);
  if (name !== undefined && named.length === 0) {
    throw new NimrodError("not_found", `no standing approval is called ${JSON.stringify(name)}`, {
      lines: all.map((each) => each.name),
      hint: "nimrod policy show",
    });
  }
  const approvals = standingOf(context, places, loaded);
  const wanted: Standing[] = [];
  for (const each of named) {
    const { state } = await approvals.stateOf(each);
    // Signing cannot help what is over by its own date.
    if (state === "unsigned" || state === "used up") wanted.push(each);
  }
  const done = (signed: readonly Standing[]) =>
    output.document("policy-sign", { signed: signed.map((each) => each.name), digest: loaded.digest });
  if (wanted.length === 0) {
    done([]);
    output.line("Nothing to sign: every standing approval is signed or expired.");
    return 0;
  }
  const shown = [
    ...wanted.flatMap(describeStanding),
    ...describeNames({ ...loaded.written, hosts: {}, resources: {}, windows }),
    `policy ${loaded.digest}`,
  ];
  for (const line of shown) output.say(line);
  const command = name === undefined ? "nimrod policy sign" : `nimrod policy sign ${name}`;
  const signer = await provePerson(context, "Give your lasting yes to these?", command);
  for (const each of wanted) await approvals.sign(each, signer, shown.join("\n"));
  done(wanted);
  for (const each of wanted)
    output.line({ text: `${each.name} signed`, style: "green" }, ` until ${expiryOf(each)}`);
  return 0;
}
