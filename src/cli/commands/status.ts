import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Overview } from "../../pipeline/overview.ts";
import { buildGraph } from "../../tickets/links.ts";
import type { BrokenTicket } from "../../tickets/ticket.ts";
import type { Context } from "../context.ts";
import type { Output, Part } from "../output.ts";
import { readOverview } from "../read-overview.ts";
import { brokenJson, brokenLine } from "../ticket-json.ts";

/** Rows of a section before it says how many more there are, and which command shows them. */
const mostRows = 8;

type Health = { tickets: number; broken: BrokenTicket[]; unknown: string[]; cycles: string[][] };

/** `nimrod status`: what needs the operator first. Reads files, starts nothing. */
export async function status(context: Context): Promise<number> {
  const { overview, health } = await look(context);
  print(context, overview, health, ["needs", "running", "held", "done", "health"]);
  return 0;
}

/** Bare `nimrod`: in a project what to do now, anywhere else how to begin. Both are answers, so both exit 0. */
export async function welcome(context: Context): Promise<number> {
  if (context.projectRoot === null) return setUp(context);
  const { overview, health } = await look(context);
  const isWell = health.broken.length + health.unknown.length + health.cycles.length === 0;
  print(context, overview, health, ["needs", "running", ...(isWell ? [] : ["health" as const])]);
  context.output.line({ text: "  more: nimrod status · nimrod list · nimrod help", style: "dim" });
  return 0;
}

async function look(context: Context): Promise<{ overview: Overview; health: Health }> {
  const project = await context.project();
  const scan = await project.store.scan();
  const { unknown, cycles } = buildGraph(scan.tickets);
  return {
    overview: await readOverview(context, project, scan),
    health: {
      tickets: scan.tickets.length,
      broken: brokenJson(scan.broken),
      unknown: unknown.flatMap(({ id, kind, to }) =>
        kind === "depends_on" ? [`${id} depends on ${to}`] : [],
      ),
      cycles,
    },
  };
}

type Section = "needs" | "running" | "held" | "done" | "health";

function print(context: Context, overview: Overview, health: Health, sections: readonly Section[]): void {
  const { output } = context;
  const next = nextCommand(overview);
  output.document("status", { ...overview, health, next });
  for (const section of sections) printers[section](output, overview, health, context.clock.now());
  output.line({ text: `  next: ${next}`, style: "bold" }, readyText(overview, next));
}

const printers: Record<Section, (output: Output, overview: Overview, health: Health, now: Date) => void> = {
  needs: (output, { needs }) =>
    rows(output, "NEEDS YOU", {
      style: "yellow",
      empty: "nothing",
      rows: needs.map(({ ticket, text, command }) => [ticket ?? "", text, `→ ${command}`]),
      more: "nimrod status --json",
    }),
  running: (output, { running }, _health, now) =>
    rows(output, "RUNNING", {
      style: "green",
      empty: "nothing",
      rows: running.map(({ ticket, title, step, agent, since }) => [
        ticket,
        [title, step, agent, since === null ? null : elapsed(since, now)]
          .filter((part) => part !== null)
          .join(" · "),
        `→ nimrod log ${ticket} -f`,
      ]),
      more: "nimrod status --json",
    }),
  held: (output, { held }) =>
    rows(output, "HELD", {
      empty: "nothing",
      rows: held.map(({ id, title, reason }) => [id, `${title}: ${reason}`, `→ nimrod show ${id}`]),
      more: "nimrod blocked",
    }),
  done: (output, { done, spent }) =>
    rows(output, "DONE TODAY", {
      empty: "nothing yet",
      rows: done.map(({ ticket, title, how }) => [
        ticket,
        `${title}: ${how}`,
        `→ nimrod show ${ticket} --evidence`,
      ]),
      more: "nimrod list --all --status closed",
      after: spent === null ? undefined : `their passes cost $${spent.toFixed(2)}, as far as agents told`,
    }),
  health(output, _overview, { tickets, broken, unknown, cycles }) {
    const wrong = [
      ...broken.map(brokenLine),
      ...unknown.map((what) => `${what}, which no ticket has`),
      ...cycles.map((cycle) => `circle of depends_on: ${[...cycle, cycle[0]].join(" → ")}`),
    ];
    rows(output, "HEALTH", {
      style: "red",
      empty: `${tickets} ${tickets === 1 ? "ticket" : "tickets"}, every file readable`,
      rows: wrong.map((what) => ["", what, "→ nimrod doctor"]),
      more: "nimrod doctor",
    });
  },
};

type Rows = {
  style?: "yellow" | "green" | "red";
  empty: string;
  rows: readonly (readonly [string, string, string])[];
  more: string;
  after?: string | undefined;
};

function rows(output: Output, title: string, section: Rows): void {
  if (section.rows.length === 0) {
    output.line(
      { text: title.padEnd(nameWidth), style: "bold" },
      { text: `  ${section.empty}`, style: "dim" },
    );
    return;
  }
  const shown = section.rows.slice(0, mostRows);
  const head = `${title} (${section.rows.length})`.padEnd(nameWidth);
  output.table(
    [{ title: head }, { title: "", shrinks: true }, { title: "" }],
    shown.map(([id, text, command]): Part[] => [
      `  ${id}`,
      section.style === undefined ? text : { text, style: section.style },
      command,
    ]),
  );
  const rest = section.rows.length - shown.length;
  if (rest > 0) output.line({ text: `  and ${rest} more  → ${section.more}`, style: "dim" });
  if (section.after !== undefined) output.line({ text: `  ${section.after}`, style: "dim" });
}

/** Of `DONE TODAY (9)`, so that the sections stand in one column. */
const nameWidth = 14;

function nextCommand({ needs, ready, running }: Overview): string {
  const [first] = needs;
  if (first !== undefined) return first.command;
  if (ready !== null) return "nimrod next";
  const [live] = running;
  return live === undefined ? 'nimrod new "What is to be done"' : `nimrod log ${live.ticket} -f`;
}

function readyText({ ready }: Overview, next: string): string {
  if (ready === null) return "";
  const more = ready.more === 0 ? "" : `, ${ready.more} more after it`;
  const what = `${ready.ticket} ${ready.title} (${ready.why}${more})`;
  return next === "nimrod next" ? `   ${what}` : `\n  then: nimrod next   ${what}`;
}

function elapsed(since: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (count: number) => String(count).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** On stdout: somebody who types only `nimrod` asks what it is, and this is the answer. */
function setUp({ output, cwd }: Context): number {
  const steps = [
    ...(isInRepository(cwd) ? [] : [{ command: "git init", does: "work happens on branches" }]),
    { command: "nimrod init", does: "makes tickets/, settings and your approval key" },
    { command: 'nimrod new "What is to be done"', does: "writes a ticket" },
    { command: "nimrod next", does: "does it; asks before what could hurt" },
  ];
  output.document("setup", { cwd, steps });
  output.line(`No project yet: there is no tickets/ folder in ${cwd} or above. To begin here:`);
  output.line("");
  for (const { command, does } of steps)
    output.line({ text: `  ${command.padEnd(34)}`, style: "bold" }, does);
  output.line("");
  output.line("What works on this machine: nimrod doctor      every command: nimrod help");
  return 0;
}

function isInRepository(start: string): boolean {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return true;
    if (folder === dirname(folder)) return false;
  }
}
