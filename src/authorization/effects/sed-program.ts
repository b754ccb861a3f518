/**
 * What a sed program touches besides the text that passes: `r` and `w` name files, `e` runs commands, also as flags of
 * `s`. Every command is read to its end; what cannot be placed is `unsure`.
 */

export type SedProgram =
  | { kind: "read"; reads: readonly string[]; writes: readonly string[]; runs: boolean }
  /** No sed would start it. */
  | { kind: "invalid" }
  | { kind: "unsure" };

class Invalid extends Error {}
class Unsure extends Error {}

/** Seds differ in whether a delimiter inside brackets ends the expression: both readings must be harmless. */
export function readSedProgram(text: string): SedProgram {
  const readings = [read(text, true), read(text, false)];
  if (readings.some((each) => each.kind === "unsure")) return { kind: "unsure" };
  const valid = readings.flatMap((each) => (each.kind === "read" ? [each] : []));
  if (valid.length === 0) return { kind: "unsure" };
  return {
    kind: "read",
    reads: valid.flatMap((each) => each.reads),
    writes: valid.flatMap((each) => each.writes),
    runs: valid.some((each) => each.runs),
  };
}

function read(text: string, bracketAware: boolean): SedProgram {
  try {
    return new SedReader(text, bracketAware).program();
  } catch (error) {
    if (error instanceof Invalid) return { kind: "invalid" };
    if (error instanceof Unsure) return { kind: "unsure" };
    throw error;
  }
}

class SedReader {
  readonly #text: string;
  readonly #bracketAware: boolean;
  readonly #reads: string[] = [];
  readonly #writes: string[] = [];
  #runs = false;
  #at = 0;
  #depth = 0;
  /** Some seds read a label to the end of its line: text that continues after it would be commands there. */
  #labelled = false;

  constructor(text: string, bracketAware: boolean) {
    this.#text = text;
    this.#bracketAware = bracketAware;
  }

  program(): SedProgram {
    for (;;) {
      this.#skipBetween();
      if (this.#at >= this.#text.length) break;
      if (this.#peek() === "#") {
        this.#line();
        continue;
      }
      this.#addresses();
      this.#command(this.#next());
    }
    if (this.#depth !== 0) throw new Invalid();
    return { kind: "read", reads: this.#reads, writes: this.#writes, runs: this.#runs };
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #next(): string {
    const letter = this.#peek();
    this.#at += 1;
    return letter;
  }

  #skip(pattern: RegExp): string {
    const found = pattern.exec(this.#text.slice(this.#at));
    const taken = found?.index === 0 ? found[0] : "";
    this.#at += taken.length;
    return taken;
  }

  #skipBetween(): void {
    if (this.#skip(/^[\s;]*/).includes("\n")) this.#labelled = false;
  }

  #line(): string {
    return this.#skip(/^[^\n]*/);
  }

  #addresses(): void {
    if (!this.#address()) return;
    this.#skip(/^[ \t]*/);
    if (this.#peek() === ",") {
      this.#at += 1;
      this.#skip(/^[ \t]*/);
      if (this.#skip(/^[+~]\d+/) === "" && !this.#address()) throw new Invalid();
    }
    this.#skip(/^[ \t]*!*[ \t]*/);
  }

  #address(): boolean {
    if (this.#skip(/^(\d+(~\d+)?|\$)/) !== "") return true;
    if (this.#peek() === "!") return true;
    if (this.#peek() === "/") this.#at += 1;
    else if (this.#peek() !== "\\") return false;
    else this.#at += 1;
    const delimiter = this.#text.charAt(this.#at - 1) === "/" ? "/" : this.#delimiter();
    this.#delimited(delimiter, true);
    this.#skip(/^[IM]*/);
    return true;
  }

  #delimiter(): string {
    const delimiter = this.#next();
    if (delimiter === "" || /[\w\s\\]/.test(delimiter)) throw new Unsure();
    return delimiter;
  }

  /** Goes past the next delimiter that is not escaped. */
  #delimited(delimiter: string, isPattern: boolean): void {
    for (;;) {
      const letter = this.#next();
      if (letter === delimiter) return;
      if (letter === "" || letter === "\n") throw new Invalid();
      if (letter === "\\") {
        if (this.#at >= this.#text.length) throw new Invalid();
        this.#at += 1;
      } else if (letter === "[" && isPattern && this.#bracketAware) this.#brackets();
    }
  }

  #brackets(): void {
    const taken = this.#skip(/^\^?\]?(\[[:.=][^\n\]]*[:.=]\]|[^\]\n])*\]/);
    if (taken === "") throw new Invalid();
  }

  #command(letter: string): void {
    switch (letter) {
      case "{":
        this.#depth += 1;
        return;
      case "}":
        this.#depth -= 1;
        if (this.#depth < 0) throw new Invalid();
        this.#end();
        return;
      case "e":
        this.#runs = true;
        this.#line();
        return;
      case "s":
        this.#substitution();
        return;
      case "y": {
        const delimiter = this.#delimiter();
        this.#delimited(delimiter, false);
        this.#delimited(delimiter, false);
        this.#end();
        return;
      }
      case ":":
      case "b":
      case "t":
      case "T":
        this.#skip(/^[ \t]*[\w.-]*/);
        this.#labelled = true;
        this.#end();
        return;
      case "a":
      case "i":
      case "c":
        this.#inserted();
        return;
      case "r":
      case "R":
        this.#reads.push(this.#file());
        return;
      case "w":
      case "W":
        this.#writes.push(this.#file());
        return;
      case "l":
      case "L":
      case "q":
      case "Q":
        this.#skip(/^[ \t]*\d*/);
        this.#end();
        return;
      case "v":
        this.#skip(/^[ \t]*[\w.]*/);
        this.#end();
        return;
      default:
        if (letter === "" || !"=dDgGhHnNpPxzF".includes(letter)) throw new Invalid();
        this.#end();
        return;
    }
  }

  #substitution(): void {
    const delimiter = this.#delimiter();
    this.#delimited(delimiter, true);
    this.#delimited(delimiter, false);
    this.#skip(/^[gpiIMm\d]*/);
    if (this.#peek() === "e") {
      this.#runs = true;
      this.#line();
    } else if (this.#peek() === "w") {
      this.#at += 1;
      this.#writes.push(this.#file());
    } else this.#end();
  }

  #inserted(): void {
    if (this.#labelled) throw new Unsure();
    this.#skip(/^[ \t]*(\\[ \t]*\n?)?/);
    this.#skip(/^(\\[\s\S]|[^\\\n])*/);
  }

  /** A file name runs to the end of the line; some seds end it earlier. */
  #file(): string {
    this.#skip(/^[ \t]*/);
    const name = this.#line().trimEnd();
    if (name === "") throw new Invalid();
    if (/[;}]/.test(name)) throw new Unsure();
    return name;
  }

  #end(): void {
    this.#skip(/^[ \t]*/);
    if (!["", "\n", ";", "}", "#"].includes(this.#peek())) throw new Invalid();
  }
}
