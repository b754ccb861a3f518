import { defaultOf, type SimpleCommand, type Word } from "./parsed-command.ts";

/** What arithmetic counts with. It evaluates the text that it finds in a name, subscripts with commands in them included. */

export type Operand = { names: string[] };

/** As much of the parser's words as is looked at. */
type TreeWord = { value: string; parts?: readonly TreePart[] | undefined };
type TreePart = {
  type: string;
  text: string;
  value?: unknown;
  parts?: readonly TreePart[] | undefined;
  prefix?: string | undefined;
  parameter?: string;
  operation?: { type: string; operand?: TreeWord | undefined } | undefined;
};

/** Names whose text would be evaluated by an arithmetic operand; "" for anything computed. */
export function operandNames(node: TreeWord): Operand {
  if (node.parts === undefined) return namesInText(node.value);
  return { names: node.parts.flatMap((part) => partNames(part).names) };
}

export function namesIn(word: TreeWord): Operand {
  if (word.parts === undefined) return namesInText(word.value);
  return { names: word.parts.flatMap((part) => partNames(part).names) };
}

function namesInText(text: string): Operand {
  if (/^(0x[\da-f]+|\d+#[\da-z]+|\d*)$/i.test(text)) return { names: [] };
  const plain = /^\$(?:(\w+)|\{(\w+)\})$/.exec(text);
  if (plain !== null) return { names: [plain[1] ?? plain[2] ?? ""] };
  if (/[$`]/.test(text)) return { names: [""] };
  return { names: text.match(/[A-Za-z_]\w*/g) ?? [] };
}

function partNames(part: TreePart): Operand {
  if (part.type === "Literal" || part.type === "SingleQuoted" || part.type === "AnsiCQuoted")
    return namesInText(String(part.value));
  if (part.type === "DoubleQuoted")
    return { names: (part.parts ?? []).flatMap((child) => partNames(child).names) };
  if (part.type === "SimpleExpansion") return { names: [part.text.slice(1)] };
  if (part.type === "ArithmeticExpansion") return { names: [] };
  if (part.type === "ParameterExpansion" && part.prefix === "#") return { names: [] };
  if (part.type === "ParameterExpansion" && part.operation === undefined)
    return { names: [part.parameter ?? ""] };
  if (part.type === "ParameterExpansion" && part.operation?.type === "Default")
    return {
      names: [
        defaultOf(part.parameter ?? ""),
        ...(part.operation.operand === undefined ? [] : namesIn(part.operation.operand).names),
      ],
    };
  return { names: printsNumber.test(part.text) ? [] : [""] };
}

/** Substitutions whose output is a number, whatever is in the files: nothing that arithmetic would evaluate. */
export const printsNumber =
  /^"?\$\(\s*(?:(?:[^;&|\n`]+\|)*\s*wc -[lwcm]\s*(?:<\s*[\w./-]+\s*)?|(?:[^;&|\n`]+\|)+\s*grep -\w*c\w* (?:'[^']*'|"[^"$`]*"|[\w.:-]+)|date(?: -u)? \+["']?%-?[YmdHMSsju]["']?|nproc|id -u|git rev-list --count [\w./~^ -]+|stat -c ["']?%[sYXZi]["']? [^;&|<>\n`]+)\s*\)"?$/;

/** Arguments of a function are text: one that looks like `a[$(…)]` would be run by arithmetic. */
export function holdsSubscript(
  commands: readonly SimpleCommand[],
  bindings: ReadonlyMap<string, readonly Word[]>,
): boolean {
  return [...commands.flatMap((each) => each.words), ...[...bindings.values()].flat()].some((word) =>
    /\[[^\]]*[$`]/.test(word.value ?? ""),
  );
}
