import { describe, expect, test } from "vitest";
import { maxCommands, maxWords, parseCommand } from "../../../src/authorization/parse-command.ts";
import { staticArgv } from "../../../src/authorization/parsed-command.ts";

function names(text: string): (string | null)[] {
  const parsed = parseCommand(text);
  if (parsed.kind === "unparsed") throw new Error(parsed.why);
  return parsed.commands.map((command) => command.words[0]?.value ?? null);
}

describe("every simple command is found", () => {
  test.each([
    ["a | b |& c", ["a", "b", "c"]],
    ["a && b || c; d & e", ["a", "b", "c", "d", "e"]],
    ["(a); { b; }", ["a", "b"]],
    ["if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]],
    ["for x in $(a); do b; done", ["a", "b"]],
    ["for ((i=$(a);i<2;i++)); do b; done", ["a", "b"]],
    ["select x in y; do a; done", ["a"]],
    ["until a; do b; done", ["a", "b"]],
    ["case $(a) in $(b)) c;; esac", ["a", "b", "c"]],
    ["f() { a; }", ["a"]],
    ["coproc a", ["a"]],
    ['a "$(b `c`)" <(d) >(e)', ["a", "b", "c", "d", "e"]],
    [`a \${x:-$(b)} \${y/$(c)/$(d)} \${z:$(e)}`, ["a", "b", "c", "d", "e"]],
    ["x=$(a) y[$(b)]=1 z=($(c)) d", ["d", "a", "b", "c"]],
    ["a > $(b) 2< <(c) <<< $(d)", ["a", "b", "c", "d"]],
    ["a <<E\n$(b)\nE", ["a", "b"]],
    ["[[ -f $(a) && $(b) == $(c) ]]", ["a", "b", "c"]],
    ["(( $(a) + 1 ))", ["a"]],
    ["echo $(( $(a) ))", ["echo", "a"]],
    ["time a; ! b", ["a", "b"]],
    ["a[$(b)]=1", [null, "b"]],
  ])("%s", (text, expected) => {
    expect(names(text)).toEqual(expected);
  });
});

describe("words", () => {
  test("quoting is undone, expansions are not guessed", () => {
    const parsed = parseCommand("r\\m \"a\"'b'$'\\x63' $x \"y$z\" *.ts {a,$b} {c,d} ~/d");
    if (parsed.kind === "unparsed") throw new Error(parsed.why);
    const words = parsed.commands[0]?.words ?? [];
    expect(words.map((word) => word.value)).toEqual(["rm", "abc", null, null, null, null, "c", "d", "~/d"]);
    expect(words.map((word) => word.splits)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  test("what stands in several quotes is one text", () => {
    const parsed = parseCommand(`'-'"-hard" X='a'b"c$d"e\\ f`);
    if (parsed.kind === "unparsed") throw new Error(parsed.why);
    expect(parsed.commands[0]?.words.map((word) => word.pieces)).toEqual([
      [{ kind: "text", text: "--hard" }],
      [
        { kind: "text", text: "X=abc" },
        { kind: "variable", name: "d" },
        { kind: "text", text: "e f" },
      ],
    ]);
  });

  test("what the parser steps over is not understood", () => {
    for (const text of ["a (b", "a b ( c", "a (b; c"]) expect(parseCommand(text).kind, text).toBe("unparsed");
    for (const text of ["a \\\n\tb # c", ">c a b", "X=1 a 2>&1 b", "a `b \\`c\\``", "a <<E b\n$(c d)\nE"])
      expect(parseCommand(text).kind, text).toBe("parsed");
  });

  test("what nobody reads before saying yes is not judged either", () => {
    const why = (text: string): string => {
      const parsed = parseCommand(text);
      return parsed.kind === "unparsed" ? parsed.why : "parsed";
    };
    const times = (count: number, text: string): string => text.repeat(count);
    expect(why(times(maxCommands, "ls;"))).toBe("parsed");
    expect(why(times(maxCommands + 1, "ls;"))).toBe(`holds more than ${maxCommands} commands`);
    expect(why(`ls${times(maxWords - 1, " a")}`)).toBe("parsed");
    expect(why(`ls${times(maxWords, " a")}`)).toBe(`holds more than ${maxWords} words`);
    expect(why(`ls ${times(300, "*/")}`)).toContain("parts");
  });

  test("a pipe knows who writes into it", () => {
    const parsed = parseCommand("a | b | c");
    if (parsed.kind === "unparsed") throw new Error(parsed.why);
    expect(parsed.commands.map((command) => command.from)).toEqual([[], [0], [1]]);
  });

  test("only one plain command has an argv", () => {
    expect(staticArgv(parseCommand("ls -l 'a b'"))).toEqual(["ls", "-l", "a b"]);
    for (const text of ["ls $x", "ls > a", "X=1 ls", "ls; ls", "ls *", "", "'"])
      expect(staticArgv(parseCommand(text)), text).toBeNull();
  });

  test("a descriptor is no file", () => {
    const parsed = parseCommand("a 2>&1 >&- <&3");
    if (parsed.kind === "unparsed") throw new Error(parsed.why);
    expect(parsed.commands[0]?.redirects).toEqual([]);
  });
});
