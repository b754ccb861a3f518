import { pick, type Random, seeded } from "./seeded.ts";

/** Ticket files as accidents make them: seeded, so that a number names one for ever. */

const body = `
## Description

What should be different, and why. \`---\` is only text here.

## Acceptance Criteria

- [ ] #1 The proxy answers
  - verify: \`grep -q vault proxy.conf\`
- [x] It is written down
  - attest: sara
- [~] The old port is closed
  - waived: the backup job uses it

## Runbook

\`\`\`yaml
steps:
  - title: write it
    write: docs/a.md
    content: |
      ---
      status: closed
    undo: git checkout -- docs/a.md
\`\`\`

## Notes

- 2026-11-22T07:12:40Z sara: seen
---
status: closed
---
`;

/** Good files of several tools; ID stands for an id of its own. */
const originals = [
  `---\nid: ID\ntitle: Serve the vault\nstatus: open\ntype: task\npriority: 1\nlabels: [tls, vault]\ndepends_on: [nim-2ab9xx]\ncreated: 2026-11-22T07:12:40Z\n---\n${body}`,
  `---\n# comment\nid: ID\ntitle: "Quoted: # not a comment"\nstatus: in_progress # why\nlabels:\n  - a\n  # in between\n  - 'it''s'\nx-mine: {a: [1, 2], b: }\nnote: >-\n  folded\n  text\n---\n${body}`,
  `---\nid: ID\ntitle: 'Backlog style'\nstatus: To Do\nassignee:\n  - '@sara'\ncreated_date: '2026-11-22 07:12'\ndependencies: []\npriority: high\n---\n\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [ ] #1 One\n- [x] #2 Two\n<!-- AC:END -->\n`,
  `---\nid: ID\nstatus: open\ndeps: [nim-2ab9xx]\nlinks: []\ntags: [a]\npriority: 2\n---\n# Title in the heading\n\nText.\n`,
  `\ufeff---\r\nid: ID\r\ntitle: CRLF and a mark\r\nstatus: closed\r\nclose_reason: done\r\nlabels:\r\n- a\r\n---\r\n\r\n## Notes\r\n- x\r\n`,
  `---\nid: ID\ntitle: No end\nstatus: draft\n---`,
];

const tokens = [
  "---",
  "---js",
  "...",
  "--- ",
  "+++",
  "&a",
  "*a",
  "!!js/function",
  "!x",
  "<<: *a",
  "? ",
  ": ",
  "- ",
  "|",
  ">-",
  "\t",
  "\r",
  "\n",
  "\r\n",
  "\0",
  "\ufeff",
  "\u2028",
  "\u202e",
  "\u200b",
  "\x1b[2J",
  "\x7f",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "`",
  "```",
  "~~~",
  "<!--",
  "-->",
  "#",
  "# ",
  "## Runbook\n",
  "## Acceptance Criteria\n",
  "- [ ] ",
  "%YAML 1.1\n",
  "__proto__: {x: 1}\n",
  "constructor: x\n",
  "toString: y\n",
  "id: other\n",
  "status: closed\n",
  "status:\n",
  "title: [\n",
  "<<<<<<< HEAD\n",
  "=======\n",
  ">>>>>>> other\n",
  "||||||| base\n",
  "😀",
  "e\u0301",
  "0x1f",
  "1e999",
  "null",
  "~",
  "yes",
  "$(x)",
  "../../etc/passwd",
  "\\u0000",
  "@",
  "%",
];

type Mutate = (text: string, random: Random) => string;
const at = (text: string, random: Random) => random(text.length + 1);
const onLines =
  (change: (lines: string[], random: Random) => void): Mutate =>
  (text, random) => {
    const lines = text.split("\n");
    change(lines, random);
    return lines.join("\n");
  };
const anyLine = (lines: readonly string[], random: Random) => random(lines.length);

const mutations: readonly Mutate[] = [
  (text, random) => text.slice(0, at(text, random)) + pick(random, tokens) + text.slice(at(text, random)),
  (text, random) => {
    const place = at(text, random);
    return text.slice(0, place) + pick(random, tokens) + text.slice(place);
  },
  (text, random) => {
    const place = at(text, random);
    return text.slice(0, place) + pick(random, tokens).repeat(1 + random(400)) + text.slice(place);
  },
  (text, random) => text.slice(0, at(text, random)),
  (text, random) => text.slice(at(text, random)),
  (text, random) => {
    const place = at(text, random);
    return text.slice(0, place) + text.slice(place + 1 + random(12));
  },
  (text, random) => {
    const place = at(text, random);
    return text.slice(0, place) + String.fromCharCode(random(65_536)) + text.slice(place + 1);
  },
  onLines((lines, random) => lines.splice(anyLine(lines, random), 1)),
  onLines((lines, random) => lines.splice(anyLine(lines, random), 0, lines[anyLine(lines, random)] ?? "")),
  onLines((lines, random) => {
    const [a, b] = [anyLine(lines, random), anyLine(lines, random)];
    [lines[a], lines[b]] = [lines[b] ?? "", lines[a] ?? ""];
  }),
  onLines((lines, random) => {
    const line = anyLine(lines, random);
    lines[line] = " ".repeat(random(9)) + lines[line];
  }),
  onLines((lines, random) => {
    const line = anyLine(lines, random);
    lines[line] = (lines[line] ?? "").replace(/:.*/, `: ${pick(random, tokens)}`);
  }),
  (text, random) =>
    text.replace(/(title|status|labels|priority|id):.*/, (_, key) => `${key}: ${"[".repeat(random(3000))}`),
  (text, random) =>
    text.replace("\n", `\n${Array.from({ length: random(900) }, (_, i) => `k${i}: ${i}`).join("\n")}\n`),
  (text) => text.replaceAll("\n", "\r\n"),
  (text, random) => text + text.slice(at(text, random)),
];

/** The bytes of mutation number `seed`: one to four accidents that befell one good file. */
export function mutatedTicket(seed: number): Buffer {
  const random = seeded(seed);
  let text = pick(random, originals).replace("ID", `nim-${seed.toString(36).padStart(6, "0")}`);
  for (let count = 1 + random(3); count > 0; count -= 1) text = pick(random, mutations)(text, random);
  text = text.slice(0, 400_000);
  const way = random(100);
  if (way < 2) return Buffer.from(`\ufeff${text}`, "utf16le");
  const bytes = Buffer.from(text);
  if (way < 8 && bytes.length > 0) {
    // Bytes that no text has: halves of sequences, lone surrogates, latin1.
    for (let i = 0; i < 3; i += 1) bytes[random(bytes.length)] = random(256);
  }
  return bytes;
}
