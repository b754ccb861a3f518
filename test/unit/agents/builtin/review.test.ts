import { describe, expect, test } from "vitest";
import type { ActionOutcome, AgentAction } from "../../../../src/agents/adapter.ts";
import { review } from "../../../../src/agents/adapters/builtin/review.ts";
import type { InputOf } from "../../../../src/agents/pass-input.ts";
import { reviewSchema } from "../../../../src/agents/roles.ts";
import { check, criterion, greetingDiff, reviewerInput, ticketView } from "../../../support/pass-inputs.ts";

/** A checkout in memory: what a `read` through the gate would bring. */
function checkout(
  files: Record<string, Partial<ActionOutcome> & { text?: string }> = { "greeting.txt": { text: "hello\n" } },
) {
  const actions: AgentAction[] = [];
  const act = async (sent: AgentAction[]): Promise<ActionOutcome[]> => {
    actions.push(...sent);
    return sent.map((action) => {
      const done = { kind: action.kind, status: "done" as const, tier: "none" };
      if (action.kind !== "read") return { ...done, status: "failed", exit: 1, stdout: "" };
      const file = files[action.path];
      if (file === undefined) return { ...done, status: "failed", reason: "no such file" };
      return { ...done, stdout: file.text ?? "", ...file };
    });
  };
  return { actions, act };
}

const added = (path: string, ...lines: string[]): string =>
  `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join("")}`;

const base = check({ on: "base", passed: false });
const key = [
  "-----BEGIN OPENSSH PRIVATE KEY-----",
  "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW",
  "-----END OPENSSH PRIVATE KEY-----",
];
const hostStep = {
  id: "S2",
  title: "reload",
  do: { run: { argv: ["systemctl", "reload", "x"] } },
  target: "host",
  undo: "systemctl reload x",
  applied: false,
  exit: null,
  verify: undefined,
};
const hostTicket = ticketView({
  criteria: [criterion(), criterion({ id: "AC2", target: "host", verify: "curl -sf http://x" })],
});

type Row = [
  name: string,
  given: Partial<InputOf<"reviewer">>,
  severity: "critical" | "major" | "minor",
  text: RegExp,
];

const refused: Row[] = [
  ["a red check", { checks: [base, check({ passed: false })] }, "major", /AC1.*failed \(exit 1\)/],
  [
    "a check that timed out",
    { checks: [base, check({ passed: false, exit: null, ended: "timeout" })] },
    "major",
    /ended by timeout/,
  ],
  ["no check at all", { checks: [] }, "major", /not verified/],
  ["a check on another tree", { checks: [base, check({ tree: "d".repeat(40) })] }, "major", /stale check/],
  [
    "a check that was already green on the base",
    { checks: [check({ on: "base" }), check()] },
    "major",
    /proves nothing/,
  ],
  ["a check that was not run on the base", { checks: [check()] }, "major", /not run before the change/],
  [
    "a check that had to be green on the base and was not",
    { ticket: ticketView({ criteria: [criterion({ baseline: "green" })] }) },
    "major",
    /broke what held/,
  ],
  ["a path that nobody declared", { declaredPaths: ["other.txt"] }, "major", /undeclared path: greeting.txt/],
  [
    "a declared document left untouched",
    { declaredDocs: ["docs/greeting.md"] },
    "major",
    /document untouched: .*docs\/greeting\.md/,
  ],
  ["a secret in an added line", { diff: added("greeting.txt", "hello", ...key) }, "critical", /secret added/],
  ["a conflict marker", { diff: added("greeting.txt", "<<<<<<< HEAD", "hello") }, "major", /conflict marker/],
  ["an empty change", { diff: "", changedPaths: [], checks: [base, check()] }, "critical", /empty change/],
  ["a symbolic link", { diff: greetingDiff.replace("100644", "120000") }, "major", /symbolic link/],
  ["a submodule", { diff: greetingDiff.replace("100644", "160000") }, "major", /submodule/],
  [
    "a diff that shows a file the list does not",
    { diff: `${greetingDiff}${added("hidden.txt", "x")}` },
    "major",
    /hidden\.txt is in the diff/,
  ],
  [
    "a list that names a file the diff does not",
    { changedPaths: ["greeting.txt", "ghost.txt"], declaredPaths: ["*"] },
    "major",
    /ghost\.txt is among/,
  ],
  [
    "a checkout that is not what the diff says",
    { diff: added("greeting.txt", "goodbye") },
    "major",
    /checkout disagrees/,
  ],
  [
    "a checkout without the file",
    { diff: added("gone.txt", "x"), changedPaths: ["gone.txt"], declaredPaths: ["gone.txt"] },
    "major",
    /cannot be read/,
  ],
  ["a host step that failed", { hostSteps: [{ ...hostStep, exit: 1 }] }, "major", /host step failed/],
  [
    "a host criterion that was not checked after its steps",
    { ticket: hostTicket, hostSteps: [{ ...hostStep, applied: true, exit: 0 }] },
    "major",
    /AC2.*host/,
  ],
];

describe("the built-in review refuses", () => {
  test.each(refused)("%s", async (_, given, severity, text) => {
    const { act } = checkout({ "greeting.txt": { text: "hello\n" }, "hidden.txt": { text: "x\n" } });
    const result = reviewSchema.parse(await review(reviewerInput(given), act));
    expect(result.verdict).toBe("changes");
    expect(result.findings).toContainEqual(
      expect.objectContaining({ severity, text: expect.stringMatching(text), status: "new" }),
    );
  });

  test("a secret without repeating it", async () => {
    const result = await review(
      reviewerInput({ diff: added("greeting.txt", "hello", ...key) }),
      checkout().act,
    );
    expect(result.findings[0]).toMatchObject({ severity: "critical", path: "greeting.txt" });
    expect(JSON.stringify(result)).not.toContain("b3BlbnNzaC1rZXkt");
  });
});

const approved: [name: string, given: Partial<InputOf<"reviewer">>, minor: number][] = [
  ["an honest change", {}, 0],
  [
    "a baseline that is green and stays green",
    {
      ticket: ticketView({ criteria: [criterion({ baseline: "green" })] }),
      checks: [check({ on: "base" }), check()],
    },
    0,
  ],
  [
    "a base check that only timed out, with a note",
    { checks: [{ ...base, exit: null, ended: "timeout" }, check()] },
    1,
  ],
  ["a path inside a declared glob", { declaredPaths: ["*.txt"] }, 0],
  ["a declared document that was changed", { declaredPaths: [], declaredDocs: ["greeting.txt"] }, 0],
  [
    "a waived criterion",
    { ticket: ticketView({ criteria: [criterion(), criterion({ id: "AC2", waived: "moved" })] }) },
    0,
  ],
  [
    "a criterion that a person will attest",
    {
      ticket: ticketView({ criteria: [criterion(), criterion({ id: "AC2", verify: null, attest: "sara" })] }),
    },
    0,
  ],
  ["a host criterion before its steps are applied", { ticket: hostTicket, hostSteps: [hostStep] }, 0],
  ["host steps alone", { diff: "", changedPaths: [], hostSteps: [hostStep] }, 0],
  ["a host step without undo, with a note", { hostSteps: [{ ...hostStep, undo: undefined }] }, 1],
  ["an underline of equals signs", { diff: added("greeting.txt", "hello", "=======") }, 0],
  [
    "a binary file, with a note",
    {
      diff: "diff --git a/greeting.txt b/greeting.txt\nnew file mode 100644\nBinary files /dev/null and b/greeting.txt differ\n",
    },
    1,
  ],
  [
    "a file made executable, with a note",
    { diff: greetingDiff.replace("new file mode 100644", "old mode 100644\nnew mode 100755") },
    1,
  ],
];

describe("the built-in review approves", () => {
  test.each(approved)("%s", async (_, given, minor) => {
    const { act } = checkout({ "greeting.txt": { text: "hello\n=======\n" } });
    const result = reviewSchema.parse(await review(reviewerInput(given), act));
    expect(result.findings.filter(({ severity }) => severity !== "minor")).toEqual([]);
    expect(result.findings.length).toBe(minor);
    expect(result.verdict).toBe("approve");
  });

  test("but does not call met what a person has yet to attest, or what is not live yet", async () => {
    const ticket = ticketView({
      criteria: [...hostTicket.criteria, criterion({ id: "AC3", verify: null, attest: "sara" })],
    });
    const result = await review(reviewerInput({ ticket, hostSteps: [hostStep] }), checkout().act);
    expect(result.criteria.map(({ ac, met }) => [ac, met])).toEqual([
      ["AC1", true],
      ["AC2", false],
      ["AC3", false],
    ]);
  });

  test("looks for what still names a deleted file", async () => {
    const diff =
      "diff --git a/old.txt b/old.txt\ndeleted file mode 100644\n--- a/old.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n";
    const act = async (sent: AgentAction[]) =>
      sent.map(({ kind }) => ({
        kind,
        status: "done" as const,
        tier: "none",
        exit: 0,
        stdout: "./README.md\n",
      }));
    const result = await review(
      reviewerInput({ diff, changedPaths: ["old.txt"], declaredPaths: ["old.txt"] }),
      act,
    );
    expect(result).toMatchObject({
      verdict: "approve",
      findings: [{ severity: "minor", text: expect.stringMatching(/README\.md still names it/) }],
    });
  });
});

describe("findings of earlier rounds", () => {
  test("keep their id while the cause is there, and are closed when it is gone", async () => {
    const first = await review(
      reviewerInput({ declaredPaths: [], declaredDocs: ["docs/a.md"] }),
      checkout().act,
    );
    expect(first.findings.map(({ id }) => id)).toEqual(["RV1", "RV2"]);

    const again = await review(
      reviewerInput({ declaredPaths: [], findings: first.findings }),
      checkout().act,
    );
    expect(again.findings.map(({ id, status, text }) => [id, status, text.split(":")[0]])).toEqual([
      ["RV1", "open", "undeclared path"],
      ["RV2", "closed", "document untouched"],
    ]);
    expect(again.verdict).toBe("changes");

    const last = await review(
      reviewerInput({ findings: again.findings, diff: greetingDiff.replace("100644", "120000") }),
      checkout().act,
    );
    expect(last.findings.map(({ id, status }) => [id, status])).toEqual([
      ["RV1", "closed"],
      ["RV3", "new"],
    ]);
  });

  test("in another reviewer's own words stay open: rules cannot tell whether they are gone", async () => {
    const finding = {
      id: "RV1",
      severity: "major" as const,
      text: "the port is wrong",
      status: "new" as const,
    };
    const result = await review(reviewerInput({ findings: [finding] }), checkout().act);
    expect(result).toMatchObject({ verdict: "changes", findings: [{ id: "RV1", status: "open" }] });
  });
});

describe("what comparing with the checkout lets pass", () => {
  test.each([
    ["a redacted line", { "greeting.txt": { text: "[redacted:token:0123abcd]\n" } }],
    ["a read that was cut", { "greeting.txt": { text: "", truncated: true } }],
  ])("%s", async (_, files) => {
    expect(await review(reviewerInput(), checkout(files).act)).toMatchObject({ verdict: "approve" });
  });
});
