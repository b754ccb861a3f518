import { describe, expect, test } from "vitest";
import type { ActionOutcome, AgentAction } from "../../../../src/agents/adapter.ts";
import { keyTerms } from "../../../../src/agents/adapters/builtin/key-terms.ts";
import { research } from "../../../../src/agents/adapters/builtin/research.ts";
import type { TicketView } from "../../../../src/agents/pass-input.ts";
import { researchSchema } from "../../../../src/agents/roles.ts";
import { criterion, researcherInput, runbookStep, ticketView } from "../../../support/pass-inputs.ts";

type Answer = Partial<ActionOutcome>;

/** A repository in memory: files for `read`, and what each term of a search finds. */
function repository(files: Record<string, string>, found: Record<string, Answer | string> = {}) {
  const actions: AgentAction[] = [];
  const answer = (action: AgentAction): Answer => {
    if (action.kind === "read") {
      const text = files[action.path];
      return text === undefined ? { status: "failed", reason: "no such file" } : { stdout: text };
    }
    const argv = action.kind === "run" && "argv" in action ? action.argv : [];
    if (argv.includes("^id:")) return { exit: 0, stdout: files[argv.at(-1) ?? ""] ?? "" };
    const terms = argv.flatMap((word, index) => (argv[index - 1] === "-e" ? [word] : []));
    const hits = terms.flatMap((term) => found[term] ?? []);
    const special = hits.find((hit) => typeof hit !== "string");
    if (special !== undefined && typeof special !== "string") return special;
    if (hits.length === 0) return { status: "failed", exit: 1, stdout: "" };
    return { exit: 0, stdout: hits.join("") };
  };
  const act = async (sent: AgentAction[]): Promise<ActionOutcome[]> => {
    actions.push(...sent);
    return sent.map((action) => ({ kind: action.kind, status: "done", tier: "none", ...answer(action) }));
  };
  return { actions, act };
}

const run = async (ticket: TicketView, repo: ReturnType<typeof repository>) =>
  researchSchema.parse(await research(researcherInput({ ticket }), repo.act));

describe("key terms", () => {
  test("are the Runbook's paths, then what is in backticks, then distinctive words; no common ones", () => {
    const ticket = ticketView({
      title: "Renew the certificate of vault.lan",
      description: "See `renew_certificate` and the proxy.",
      criteria: [criterion({ text: "the file should exist" })],
      runbook: [runbookStep({ do: { kind: "write", path: "proxy/vault.conf", content: "" } })],
    });
    expect(keyTerms(ticket)).toEqual([
      "proxy/vault.conf",
      "renew_certificate",
      "vault.lan",
      "certificate",
      "Renew",
    ]);
  });

  test("are never options, and never more than twelve", () => {
    const ticket = ticketView({
      description: Array.from({ length: 40 }, (_, n) => `\`term-${n}\``).join(" "),
    });
    expect(keyTerms(ticket).length).toBe(12);
  });
});

describe("the built-in researcher", () => {
  const ticket = ticketView({
    runbook: [runbookStep({ do: { kind: "edit", path: "greeting.txt", old: "hi", new: "hello" } })],
  });

  test("reports what stands where, with path and lines, the file with most terms first", async () => {
    const repo = repository(
      { "greeting.txt": "hi\n" },
      {
        "greeting.txt":
          "./docs/pages.md:3:see greeting.txt\n./docs/pages.md:9:greeting.txt\n./src/a.ts:1:open greeting.txt\n",
        visitor: "./docs/pages.md:4:the visitor\n",
      },
    );
    const result = await run(ticket, repo);
    expect(result.findings).toEqual([
      {
        id: "F1",
        claim: "The Runbook names greeting.txt, which exists (1 line).",
        sources: [{ path: "greeting.txt" }],
      },
      {
        id: "F2",
        claim: 'The document docs/pages.md names "greeting.txt", "greeting", "visitor".',
        sources: [{ path: "docs/pages.md", lines: "3,4,9" }],
      },
      {
        id: "F3",
        claim: 'src/a.ts names "greeting.txt", "greeting".',
        sources: [{ path: "src/a.ts", lines: "1" }],
      },
    ]);
    expect(result.questions).toEqual([]);
  });

  test("sends read-only actions only: reads, and searches with the term after -e", async () => {
    const repo = repository({ "greeting.txt": "hi\n" });
    await run(ticket, repo);
    expect(
      repo.actions.every(
        (action) =>
          action.kind === "read" || (action.kind === "run" && "argv" in action && action.argv[0] === "grep"),
      ),
    ).toBe(true);
  });

  test("proposes links to tickets that name the same file, once, never to itself or to what is linked", async () => {
    const repo = repository(
      {
        "greeting.txt": "hi\n",
        "tickets/active/nim-000002-a.md": "id: nim-000002\n",
        "tickets/active/nim-000003-b.md": "id: nim-000003\n",
      },
      {
        "greeting.txt": `./${ticket.path}:9:greeting.txt\n./tickets/active/nim-000002-a.md:4:greeting.txt\n./tickets/active/nim-000003-b.md:4:greeting.txt\n`,
      },
    );
    const linked = { ...ticket, links: { ...ticket.links, related: ["nim-000003"] } };
    const result = await run(linked, repo);
    expect(result.links).toEqual([{ kind: "related", to: "nim-000002", why: "both name greeting.txt" }]);
    expect(result.findings.length).toBe(1);
  });

  test("says what it could not search", async () => {
    const denied = repository(
      { "greeting.txt": "hi\n" },
      { visitor: { status: "denied", reason: "not here" } },
    );
    expect((await run(ticket, denied)).constraints.join("\n")).toMatch(
      /Not searched for .*"visitor".*: not here/,
    );
    const cut = repository({ "greeting.txt": "hi\n" }, { Greet: { exit: 0, stdout: "", truncated: true } });
    expect((await run(ticket, cut)).constraints.join("\n")).toMatch(/"Greet".* gave more than was kept/);
  });

  const edit = (old: string) =>
    runbookStep({ do: { kind: "edit", path: "greeting.txt", old, new: "hello" } });
  test.each<[string, TicketView["runbook"], string, RegExp | null]>([
    ["an edit whose text is not there", [edit("hi")], "bye\n", /its old text is not in the file/],
    ["an edit whose text is there twice", [edit("hi")], "hi hi\n", /2 times/],
    ["two writes of one file", [runbookStep(), runbookStep()], "", /earlier step writes too/],
    ["an edit that is there once: none", [edit("hi")], "hi\n", null],
    ["an edit that was done already: none", [edit("hi")], "hello\n", null],
    ["an edit of what an earlier step writes: none", [runbookStep(), edit("x")], "", null],
    ["an edit of a redacted file: none", [edit("hi")], "[redacted:token:01234567]\n", null],
  ])("asks about a contradiction only: %s", async (_, runbook, text, question) => {
    const { questions } = await run(ticketView({ runbook }), repository({ "greeting.txt": text }));
    if (question === null) expect(questions).toEqual([]);
    else
      expect(questions).toMatchObject([
        { id: "Q1", text: expect.stringMatching(question), neededFor: ["AC1"] },
      ]);
  });

  test("does not ask again what was answered, and hands the answer on", async () => {
    const repo = () => repository({ "greeting.txt": "bye\n" });
    const [question] = (await run(ticket, repo())).questions;
    const again = await run({ ...ticket, answers: [{ ...question!, answer: "replace bye" }] }, repo());
    expect(again.questions).toEqual([]);
    expect(again.constraints[0]).toMatch(/A person answered Q1 .*: replace bye/);
  });
});
