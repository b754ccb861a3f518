import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parseBody, ticketTextDigest } from "../../../src/tickets/body.ts";
import type { TicketBody } from "../../../src/tickets/ticket.ts";
import { ticketText } from "./ticket-text.ts";

// The body starts on line 6 of the file.
async function good(body: string): Promise<TicketBody> {
  const parsed = await parseBody(ticketText([], body));
  if (parsed.kind === "broken") throw new Error(JSON.stringify(parsed.problems));
  return parsed.body;
}

async function problems(body: string): Promise<{ line: number; found: string; expected: string }[]> {
  const parsed = await parseBody(ticketText([], body));
  if (parsed.kind === "body") throw new Error(JSON.stringify(parsed.body));
  return parsed.problems;
}

const criteria = async (items: string) => (await good(`## Acceptance Criteria\n\n${items}\n`)).criteria;
const runbook = async (steps: string) =>
  (await good(`## Runbook\n\n\`\`\`yaml\nsteps:\n${steps}\n\`\`\`\n`)).runbook;

describe("description", () => {
  const rows: [string, string, string][] = [
    ["the section", "## Description\n\none\n\n### Part\ntwo\n\n## Notes\nno\n", "one\n\n### Part\ntwo"],
    ["heading in any case, closed by hashes", "## DESCRIPTION ##\none\n", "one"],
    ["what stands before the first section, where there is none", "# Title\n\none\n\n## Notes\nno\n", "one"],
    [
      "a heading inside a code fence ends nothing",
      "## Description\n```md\n## Plan\n```\none\n",
      "```md\n## Plan\n```\none",
    ],
    [
      "nor inside a longer fence",
      "## Description\n````\n```\n## Plan\n````\none\n",
      "````\n```\n## Plan\n````\none",
    ],
    ["nor inside a comment", "## Description\n<!--\n## Plan\n-->\none\n", "<!--\n## Plan\n-->\none"],
    ["CRLF", "## Description\r\none\r\ntwo\r\n", "one\ntwo"],
  ];
  test.each(rows)("%s", async (_, body, expected) => {
    expect((await good(body)).description).toBe(expected);
  });
});

describe("acceptance criteria", () => {
  test("verify, attest, target and baseline belong to the item above", async () => {
    const found = await criteria(
      [
        "The proxy:",
        "- [ ] answers",
        "  on two lines",
        "  - verify: `curl -f https://vault.lan`",
        "  - target: lab1",
        "  - a remark",
        "- [x] keeps its backups",
        "  - verify: ``printf '`'``",
        "  - baseline: green",
        "* [X] looks right",
        "    - attest: sara",
      ].join("\n"),
    );
    expect(found).toMatchObject([
      {
        id: "AC1",
        text: "answers on two lines",
        checked: false,
        verify: "curl -f https://vault.lan",
        target: "lab1",
        baseline: "red",
        line: 9,
      },
      {
        id: "AC2",
        text: "keeps its backups",
        checked: true,
        verify: "printf '`'",
        target: "worktree",
        baseline: "green",
      },
      { id: "AC3", text: "looks right", checked: true, verify: null, attest: "sara", waived: null },
    ]);
  });

  test("Backlog.md's numbers and markers are read over", async () => {
    const found = await criteria("<!-- AC:BEGIN -->\n- [ ] #1 First\n- [x] #2 Second\n<!-- AC:END -->");
    expect(found.map(({ id, text, checked }) => [id, text, checked])).toEqual([
      ["AC1", "First", false],
      ["AC2", "Second", true],
    ]);
  });

  test("[~] and [-] are waived only with a reason, and a reason alone waives nothing", async () => {
    const found = await criteria(
      "- [~] a\n  - waived: no such host any more\n- [-] b\n- [ ] c\n  - waived: because",
    );
    expect(found.map(({ waived }) => waived)).toEqual(["no such host any more", null, null]);
    expect(found.every(({ checked }) => !checked)).toBe(true);
  });

  test("items inside code are quotes", async () => {
    const found = await criteria(
      "```\n- [ ] no\n```\n- [ ] yes\n  ```sh\n  - [ ] no\n  ```\n\n      ```\n      - [ ] no\n      ```\n- [ ] too",
    );
    expect(found.map(({ text }) => text)).toEqual(["yes", "too"]);
  });

  const rows: [string, string, number, RegExp][] = [
    ["a list item without a box", "- [ ] a\n- b", 9, /"- b"/],
    ["an empty box", "- [] a", 8, /"- \[\] a"/],
    ["a box with another letter", "- [v] a", 8, /\[v\]/],
    ["a forgotten space", "-[ ] a", 8, /-\[ \]/],
    ["a criterion inside a criterion", "- [ ] a\n  - [ ] b", 9, /inside/],
    ["no text", "- [ ]", 8, /without text/],
    ["two verify lines", "- [ ] a\n  - verify: `x`\n  - verify: `y`", 10, /second verify/],
    ["text behind the command", "- [ ] a\n  - verify: `x` on the host", 9, /verify/],
    ["an open code span", "- [ ] a\n  - verify: `x", 9, /verify/],
    ["no command", "- [ ] a\n  - verify:", 9, /without a value/],
    ["a target as an option", "- [ ] a\n  - target: -o", 9, /target/],
    ["an unknown baseline", "- [ ] a\n  - baseline: blue", 9, /"blue"/],
  ];
  test.each(rows)("%s is told, not dropped", async (_, items, line, found) => {
    const [problem] = await problems(`## Acceptance Criteria\n\n${items}\n`);
    expect(problem).toMatchObject({ line, found: expect.stringMatching(found) });
  });
});

describe("runbook", () => {
  test("every kind of step", async () => {
    const steps = await runbook(`  - title: proxy answers
    write: proxy/vault.conf
    content: |
      ---
      status: closed
      ## Plan
    verify: nginx -t
    undo: git checkout -- proxy/vault.conf
  - title: port
    edit: a.conf
    old: "1"
    new: ""
    resources: port:443
  - title: wait
    run: [sleep, 5]
    target: lab1
    after: land
    resources: [unit:nginx]
    rehearse: "true"
  - title: check
    run: |
      set -e
      true`);
    expect(steps).toMatchObject([
      {
        title: "proxy answers",
        do: { kind: "write", path: "proxy/vault.conf", content: "---\nstatus: closed\n## Plan\n" },
        verify: "nginx -t",
        undo: "git checkout -- proxy/vault.conf",
        target: "worktree",
        after: null,
        resources: [],
        rehearse: null,
      },
      { do: { kind: "edit", path: "a.conf", old: "1", new: "" }, resources: ["port:443"] },
      { do: { kind: "run", argv: ["sleep", "5"] }, target: "lab1", after: "land", rehearse: "true" },
      { do: { kind: "run", command: "set -e\ntrue" } },
    ]);
  });

  test("no Runbook, an empty one and a commented one have no steps", async () => {
    for (const body of ["", "## Runbook\n\n", "## Runbook\n<!-- later -->\n"]) {
      expect((await good(body)).runbook).toEqual([]);
    }
  });

  test("an indented fence loses its indentation", async () => {
    expect(
      (await good("## Runbook\n  ```yml\n  steps:\n    - title: a\n      run: x\n  ```\n")).runbook,
    ).toHaveLength(1);
  });

  const rows: [string, string, number, RegExp][] = [
    ["an unknown key", "  - title: a\n    run: x\n    veryfy: y", 12, /steps\[1\].*veryfy/],
    ["no title", "  - run: x", 10, /steps\[1\].title/],
    ["two kinds", "  - title: a\n    run: x\n    write: y\n    content: z", 10, /exactly one/],
    ["none", "  - title: a", 10, /exactly one/],
    ["write without content", "  - title: a\n    write: y", 10, /content/],
    ["content without write", "  - title: a\n    run: y\n    content: z", 10, /content only/],
    ["edit without new", "  - title: a\n    edit: y\n    old: z", 10, /old and new/],
    ["an empty argv", "  - title: a\n    run: []", 11, /run/],
    ["after something else", "  - title: a\n    run: x\n    after: close", 12, /after/],
    ["a list as a title", "  - title: [a]\n    run: x", 10, /title/],
    ["a key twice", "  - title: a\n    run: x\n    run: y", 12, /twice/],
    ["an alias", "  - &a\n    title: a\n    run: x\n  - *a", 13, /alias/],
    ["nesting", `  - ${"[".repeat(1000)}`, 10, /too deep/],
    ["bad YAML", "  - title: a\n    run: [x", 11, /YAML/],
    ["steps that are no list", "  title: a", 9, /steps/],
    ["a key __proto__", "  - title: a\n    run: x\n    __proto__: y", 12, /__proto__/],
  ];
  test.each(rows)("%s is told with its line", async (_, steps, line, found) => {
    const [problem] = await problems(`## Runbook\n\n\`\`\`yaml\nsteps:\n${steps}\n\`\`\`\n`);
    expect(problem).toMatchObject({ line, found: expect.stringMatching(found) });
  });

  test.each<[string, string, number]>([
    ["no block", "## Runbook\n\nsee the wiki\n", 6],
    ["two blocks", "## Runbook\n```yaml\nsteps: []\n```\n```yaml\nsteps: []\n```\n", 10],
    ["nothing in the block", "## Runbook\n```yaml\n```\n", 8],
  ])("%s is told", async (_, body, line) => {
    expect(await problems(body)).toMatchObject([{ line }]);
  });
});

test.each<[string, string, number]>([
  ["a section twice", "## Acceptance Criteria\n- [ ] a\n## Acceptance criteria\n", 8],
  ["an unclosed code fence, which would swallow the rest", "```\n## Acceptance Criteria\n- [ ] a\n", 6],
  ["an unclosed comment", "<!--\n## Acceptance Criteria\n- [ ] a\n", 6],
])("%s is broken", async (_, body, line) => {
  expect(await problems(body)).toMatchObject([{ line }]);
});

test("a fence on a list item's own line ends with the item", async () => {
  expect(
    (await good("## Description\n- ```sh\n  x\n\n## Acceptance Criteria\n- [ ] a\n")).criteria,
  ).toHaveLength(1);
});

test("three deeply nested blocks do not abort the process", () => {
  const script = `
    import { parseYaml } from ${JSON.stringify(new URL("../../../src/tickets/hardened-yaml.ts", import.meta.url).href)};
    console.log([1000, 5000, 20000].map((n) => parseYaml("[".repeat(n), 0).kind).join(" "));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(output.trim()).toBe("broken broken broken");
});

describe("ticket text digest", () => {
  const body =
    "## Description\none\n\n## Acceptance Criteria\n- [ ] a\n  - verify: `x`\n\n## Runbook\n```yaml\nsteps: []\n```\n";
  const digest = (text: string, title = "A") =>
    ticketTextDigest({ title }, ticketText(["priority: 1"], text));
  const same: [string, string][] = [
    ["ticked", body.replace("[ ]", "[x]")],
    ["with CRLF", body.replaceAll("\n", "\r\n")],
    ["with what Nimrod writes", `${body}\n## Evidence\nx\n\n## Plan\ny\n`],
    ["with blank lines between sections", body.replace("\n\n## Runbook", "\n\n\n## Runbook")],
  ];
  test.each(same)("is the same %s", (_, text) => {
    expect(digest(text)).toBe(digest(body));
  });
  const other: [string, string][] = [
    ["description", body.replace("one", "two")],
    ["criterion", body.replace("- [ ] a", "- [ ] b")],
    ["verification", body.replace("`x`", "`y`")],
    ["waived criterion", body.replace("[ ]", "[~]")],
    ["runbook", body.replace("steps: []", "steps:")],
    ["hidden comment", body.replace("one", "one\n<!-- and more -->")],
    ["tick inside code", body.replace("steps: []", "- [x] a")],
    ["second section of one name", `${body}\n## Runbook\nmore\n`],
  ];
  test.each(other)("changes with a %s", (_, text) => {
    expect(digest(text)).not.toBe(digest(body));
  });
  test("changes with the title, not with other fields", () => {
    expect(digest(body, "B")).not.toBe(digest(body));
    expect(ticketTextDigest({ title: "A" }, ticketText(["priority: 3"], body))).toBe(digest(body));
  });
});

test.each(["\r", "\u2028", "\u2029"])("a criterion with %j in its line is a criterion", async (character) => {
  const text = ticketText([], `## Acceptance Criteria\n\n- [ ] one${character}two\n- [ ] three\n`);
  const read = await parseBody(text);
  expect(read).toMatchObject({ kind: "body", body: { criteria: [{ id: "AC1" }, { text: "three" }] } });
});
