import { literalWord, type Word } from "../parsed-command.ts";
import { type Finding, harmless } from "./finding.ts";
import { readJqProgram } from "./jq-program.ts";
import { optionSpec, scanOptions } from "./options.ts";
import { type Call, explicit, has, type Row, readAll, textOf, valuesOf, writeAll } from "./row.ts";

const jqOptions = optionSpec(
  "r raw-output raw-output0 R raw-input n null-input c compact-output s slurp S sort-keys e exit-status j join-output a ascii-output ascii C color-output M monochrome-output tab indent= f= from-file= stream stream-errors seq unbuffered args jsonargs L= library-path= V build-configuration b binary debug-trace=? i in-place y yaml-output yaml-input from= to= h help version",
);
/** Options whose two values are no operands; the second may be a file. */
const pairs = new Map([
  ["--arg", false],
  ["--argjson", false],
  ["--slurpfile", true],
  ["--rawfile", true],
  ["--argfile", true],
]);

/** jq and its kin; `jaq -i` writes. */
export const jq: Row = { options: "any", plain: true, judge: judgeJq };

export const yq: Row = {
  options:
    "r raw-output unwrapScalar=? n null-input c compact-output colors C M no-colors P prettyPrint p= input-format= o= output-format= e exit-status expression= j tojson J I= indent= N no-doc i inplace in-place y yaml-output Y yaml-roundtrip S sort-keys t toml-output x xml-output f= front-matter= from-file= 0 nul-output v verbose V a= xml-attribute-prefix= xml-content-name= xml-directive-name= xml-proc-inst-prefix= xml-keep-namespace=? xml-raw-token=? xml-strict-mode xml-skip-directives xml-skip-proc-inst csv-auto-parse=? csv-separator= tsv-auto-parse=? tsv-separator= properties-separator= properties-array-brackets string-interpolation=? header-preprocess=? shell-key-separator= lua-prefix= lua-suffix= lua-unquoted lua-globals security-disable-env-ops security-disable-file-ops yaml-fix-merge-anchor-to-spec=? w= width= arg= argjson= l R raw-input debug-node-info",
  plain: true,
  judge: judgeYq,
};

function judgeJq(call: Call): Finding[] {
  const args: Word[] = [];
  const files: Word[] = [];
  for (let index = 0; index < call.args.length; index += 1) {
    const word = call.args[index];
    if (word === undefined) break;
    const holdsFile = pairs.get(word.value ?? "");
    if (holdsFile === undefined) args.push(word);
    else {
      const values = call.args.slice(index + 1, index + 3);
      if (holdsFile) files.push(...values.slice(1));
      index += 2;
    }
  }
  const scan = scanOptions(args, jqOptions, "gnu");
  // No option of jq writes or starts anything; jaq's -i does.
  const isOpen = scan.unknown !== null || scan.open !== null;
  const fromFile = has(scan, "f", "from-file");
  const inputs = scan.operands.slice(fromFile ? 0 : 1);
  const programs = fromFile ? [] : isOpen ? scan.operands.filter(isStatic) : scan.operands.slice(0, 1);
  const isPlain = has(scan, "args", "jsonargs");
  return [
    harmless(call.rule, "transforms JSON"),
    ...readAll(call, [...files, ...(isPlain ? [] : inputs), ...valuesOf(scan, "f", "from-file")]),
    ...programs.flatMap((word) => judgeFilter(call, word)),
    ...(has(scan, "i", "in-place") || (isOpen && call.rule !== "jq") ? writeAll(call, inputs) : []),
  ];
}

function isStatic(word: Word, index: number): boolean {
  return index === 0 || word.value !== null;
}

const yqCommands = /^(e|eval|ea|eval-all|r|read|m|merge|v|validate|x|compare|p|prefix|w|write|d|delete)$/;

function judgeYq(call: Call): Finding[] {
  const { operands } = call.scan;
  const given = valuesOf(call.scan, "expression", "arg", "argjson");
  const isNamed = yqCommands.test(operands[0]?.value ?? "");
  const rest = operands.slice(isNamed ? 1 : 0);
  // With one word, or a first word that looks like a file, there is no filter.
  const isFile =
    rest.length === 1 || /^[\w./-]+\.(ya?ml|json|xml|toml|csv|tsv|properties)$/.test(textOf(rest[0]));
  const inputs = rest.slice(isFile ? 0 : 1);
  return [
    harmless(call.rule, "transforms YAML"),
    ...readAll(call, [...inputs, ...valuesOf(call.scan, "from-file", "f")]),
    ...[...given, ...rest.slice(0, 1)].flatMap((word) => judgeFilter(call, word)),
    ...(has(call.scan, "i", "inplace", "in-place") ? writeAll(call, inputs) : []),
  ];
}

function judgeFilter(call: Call, word: Word): Finding[] {
  if (word.value === null)
    return [explicit(call, "computed", "a filter that is only known at run time", "credential-read", "none")];
  const program = readJqProgram(word.value);
  const found = readAll(call, program.reads.map(literalWord));
  if (program.secret || program.opaque !== null) {
    const reason = program.opaque ?? "the filter reads a variable that may hold a secret";
    found.push(explicit(call, "environment", reason, "credential-read", "none"));
  }
  return found;
}
