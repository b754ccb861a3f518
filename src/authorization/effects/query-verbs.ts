import type { EffectKind, EffectScope } from "../action.ts";
import type { Word } from "../parsed-command.ts";
import { type Call, explicit, has, liveRead, type Row, textOf } from "./row.ts";

/** A tool whose first operands say what it does. Options may stand anywhere; one that is not declared is explicit. */
type Verbs = {
  options: string;
  /** `list`; `history.list` for a second word; `hostname.` when only a call without further operands reads. */
  reads: string;
  /** What every other verb does. */
  kind: EffectKind;
  changes: string;
  scope?: EffectScope;
  /** Without any operand: a read unless it is said to act. */
  bare?: "reads" | "acts";
  style?: Row["style"];
  /** Switches `by` which the verbs `of` only say what they would do, `unless` one of those takes it back. */
  rehearsal?: { by: readonly string[]; of: string; unless?: readonly string[] };
  /** Switches that are a question of their own, when they come first. */
  asks?: readonly string[];
  /** Verbs that are neither. */
  special?: Readonly<Record<string, Row["judge"]>>;
};

export function verbs(tool: Verbs): Row {
  const known = new Set(tool.reads.split(/\s+/));
  const rehearsed = new Set(tool.rehearsal?.of.split(/\s+/));
  const special = new Map(Object.entries(tool.special ?? {}));
  return {
    options: tool.options,
    ...(tool.style === undefined ? {} : { style: tool.style }),
    plain: true,
    judge: (call) => {
      const given = call.scan.operands;
      const verb = given[0]?.value ?? (given.length === 0 ? "" : "?");
      const rule = verb === "" || verb === "?" ? call.rule : `${call.rule}.${verb}`;
      const judged = special.get(verb);
      const isRead =
        (rehearsed.has(verb) &&
          has(call.scan, ...(tool.rehearsal?.by ?? [])) &&
          !has(call.scan, ...(tool.rehearsal?.unless ?? []))) ||
        (tool.asks ?? []).includes((call.args[0]?.value ?? "").replace(/^--?/, "")) ||
        (given.length === 0 ? tool.bare !== "acts" : isKnown(known, given));
      if (isRead) return [liveRead(rule)];
      if (judged !== undefined) return judged({ ...call, rule });
      return [explicit({ rule }, "", tool.changes, tool.kind, tool.scope ?? "host", targetOf(call))];
    },
  };
}

function isKnown(known: ReadonlySet<string>, operands: readonly Word[]): boolean {
  const words = operands.map((word) => word.value ?? "?");
  return (
    [1, 2, 3].some((depth) => known.has(words.slice(0, depth).join("."))) || known.has(`${words.join(".")}.`)
  );
}

/**
 * Reads only when one of the switches asks for it; otherwise it changes something. A word like an option after `--` is
 * handed on to another program, which may take the switch back.
 */
export function readsWhen(
  options: string,
  asked: readonly string[],
  kind: EffectKind,
  changes: string,
  style: Row["style"] = "gnu",
): Row {
  return {
    options,
    style,
    plain: true,
    judge: (call) =>
      has(call.scan, ...asked) && !call.scan.operands.some((word) => textOf(word).startsWith("-"))
        ? [liveRead(call.rule)]
        : [explicit(call, "", changes, kind, "host", targetOf(call))],
  };
}

function targetOf(call: Call): string {
  return call.args.map(textOf).join(" ");
}
