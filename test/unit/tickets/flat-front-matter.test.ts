import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFlat } from "../../../src/tickets/flat-front-matter.ts";
import { parseFrontMatter } from "../../../src/tickets/front-matter.ts";
import { tempProject } from "../../support/temp-project.ts";
import { ticketText } from "./ticket-text.ts";

const value = fc.oneof(
  fc.constantFrom(
    ..."~,null,Null,NULL,0012,1.10,yes,1:30,a: b,a:b,a #b,a#b,# c,[a,],[a, b],[ ],[a b, c],[a,,b],'it''s','a' b".split(
      ",",
    ),
    "[a, b] # c",
    "[]",
    "{a: b}",
    '"a"',
    '"a\\n"',
    '"a" # c',
    "'a' #c",
    "- a",
    "-a",
    "--- a",
    "&a b",
    "*a",
    "!a b",
    "|",
    ">-",
    "a  b ",
    "a\tb",
    "\u00a0a",
    "a\u00a0",
    "@a",
    "`a`",
    "%a",
    "?a",
    "? a",
    ": a",
    "a:",
    "é",
    "a, b",
    "[é]",
    "[a: b]",
    "[null]",
    "[~]",
    "a]",
    "2026-11-22T07:12:40Z",
    "...",
    "<<",
    "=",
    "a=b",
    "",
    " ",
    "[a]b",
    "\u0085a",
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: fc.constantFrom(..."ab:#-'\"[]{},&*!|> \t?0~\u0085\u2028\ufeff\u00a0"), maxLength: 8 }),
);
const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom("a", "b", "id", "x-y", "__proto__"), fc.constantFrom(": ", ":", ":  "), value)
      .map((p) => p.join("")),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom("- ", "  - ", "    - ", "  -   "), value).map((p) => p.join("")),
  },
  { weight: 1, arbitrary: fc.constantFrom("", "# comment", "  # comment", "  more", " ", "a:", "labels:") },
);

test("the fast path agrees with the YAML reader or declines", () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 6 }),
      fc.constantFrom("\n", "\r\n"),
      (lines, eol) => {
        const yaml = lines.join(eol) + eol;
        const flat = parseFlat(yaml, 2);
        if (flat === null) return;
        const full = parseFrontMatter(`---${eol}${yaml}---${eol}`);
        if (full.kind === "broken" && /control|carriage|---/.test(JSON.stringify(full.problems))) return; // fences.ts
        taken += 1;
        expect(full).toMatchObject({ kind: "front-matter" });
        if (full.kind === "front-matter") expect([...flat]).toEqual([...full.fields]);
      },
    ),
    { numRuns: 4000 },
  );
  expect(taken).toBeGreaterThan(200);
});

test("100 flat tickets are scanned without any of the heavy libraries", () => {
  const project = tempProject({ git: false });
  for (let i = 0; i < 100; i += 1) {
    const lines = [
      `id: nim-${String(i).padStart(6, "0")}`,
      "labels: [tls, vault]",
      "deps:",
      "  - nim-000001",
    ];
    project.write(
      `tickets/active/${i}.md`,
      ticketText([...lines, "priority: P1 # high"], "## Description\n\nx\n"),
    );
  }
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ resolve: (name, context, next) => { loaded.push(name); return next(name, context); } });
    const { openStore } = await import(${JSON.stringify(new URL("../../../src/tickets/store.ts", import.meta.url).href)});
    const { buildGraph } = await import(${JSON.stringify(new URL("../../../src/tickets/links.ts", import.meta.url).href)});
    const { tickets, broken } = await openStore({ root: ".", idPrefix: "nim", clock: { now: () => new Date() } }).scan();
    buildGraph(tickets);
    console.log(JSON.stringify({ tickets: tickets.length, broken, packages: loaded.filter((n) => /^[a-z@]/.test(n) && !/^(?:node|file):/.test(n)) }));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: project.root,
    encoding: "utf8",
  });
  expect(JSON.parse(output)).toMatchObject({ tickets: 100, broken: [], packages: [] });
});
