import type { EvidenceRecord } from "../evidence/record.ts";
import type { Segment } from "../evidence/segment.ts";
import { dollars } from "./budget.ts";
import type { JournalRecord } from "./journal.ts";
import { describeWait } from "./select-ticket.ts";

/** One line of what a run did. */
export type StoryEntry = {
  /** The same entry has the same key whenever the story is told. */
  key: string;
  /** RFC 3339 UTC. */
  at: string;
  /** The step that it belongs to; empty for what concerns the run. */
  step: string;
  what: string;
  tier: string | null;
  status: string;
};

/**
 * The story of one run: what the journal says happened, with the actions and checks that evidence has of each step
 * in between. Both have whole seconds only, so a step's end comes after what its evidence has of the same second.
 */
export function tellStory(
  run: string,
  records: readonly JournalRecord[],
  segments: readonly Segment[],
): StoryEntry[] {
  const fromEvidence = segments
    .flatMap((segment) =>
      segment.records
        .filter((record) => record.run === run)
        .flatMap((record) => entryOfEvidence(segment, record) ?? []),
    )
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const story: StoryEntry[] = [];
  let waiting = fromEvidence;
  const take = (isDue: (entry: StoryEntry) => boolean): void => {
    story.push(...waiting.filter(isDue));
    waiting = waiting.filter((entry) => !isDue(entry));
  };
  for (const record of records) {
    const ends = endsOf(record);
    take(({ at, step }) => at < record.ts || (at === record.ts && (ends === "run" || ends === step)));
    const entry = entryOfJournal(record);
    if (entry !== null) story.push(entry);
  }
  return [...story, ...waiting];
}

/** The step that is over with this record; its evidence was written before. */
function endsOf(record: JournalRecord): string | null {
  switch (record.type) {
    case "outcome":
    case "failed":
    case "retry":
    case "spent":
      return record.step;
    case "parked":
    case "ended":
      return "run";
    default:
      return null;
  }
}

function entryOfJournal(record: JournalRecord): StoryEntry | null {
  const entry = (step: string, what: string, status: string): StoryEntry => ({
    key: `j${record.seq}`,
    at: record.ts,
    step,
    what: firstLine(what),
    tier: null,
    status,
  });
  switch (record.type) {
    case "run":
      return entry(
        "",
        `${record.branch} from ${record.base.slice(0, 12)}, to land on ${record.onto}`,
        "begun",
      );
    case "started":
      return entry(record.step, "", "started");
    case "outcome":
      return entry(record.step, "", "done");
    case "failed":
      return entry(record.step, record.message, `failed: ${record.reason}`);
    case "retry":
      return entry(record.step, record.message, `${record.reason}: once more`);
    case "spent": {
      const tokens = record.tokens > 0 ? `, ${record.tokens} tokens` : "";
      const model = record.model === null ? "" : `, ${record.model}`;
      return entry(
        record.step,
        `${record.known ? "" : "≤ "}${dollars(record.usd)}${tokens}${model}`,
        "spent",
      );
    }
    case "parked":
      return entry("", record.waits.map(describeWait).join("; "), "parked");
    case "resumed":
      return entry("", "", "resumed");
    case "answer":
      return entry("", `${record.question} ${record.text}: ${record.answer}`, `answered by ${record.by}`);
    case "landing":
      return entry("", `merge ${record.commit.slice(0, 12)}`, "landing");
    case "ended":
      return entry("", record.detail, record.how);
    case "intent":
    case "action":
    case "reserved":
      return null;
  }
}

function entryOfEvidence(segment: Segment, record: EvidenceRecord): StoryEntry | null {
  const { data } = record;
  const text = (key: string): string => (typeof data[key] === "string" ? data[key] : "");
  const entry = (what: string, status: string): StoryEntry => ({
    key: `${segment.path} ${record.seq}`,
    at: record.ts,
    step: segment.pass,
    what: firstLine(what),
    tier: text("tier") || null,
    status,
  });
  switch (record.type) {
    case "outcome": {
      const exit = typeof data["exit"] === "number" ? ` exit ${data["exit"]}` : "";
      return entry(text("action"), `${text("status")}${exit}`);
    }
    case "action":
      // Whatever else was decided has an outcome.
      return text("answer") === "parked" ? entry(text("action"), `held: ${text("approval")}`) : null;
    case "check":
      return entry(
        `${text("ac")} ${text("command")}`,
        `${data["passed"] === true ? "green" : "red"} on ${text("on")}`,
      );
    default:
      return null;
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
