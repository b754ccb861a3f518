import type { Word } from "../parsed-command.ts";
import { filter } from "./coreutils.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { leadingText, optionSpec, scanOptions } from "./options.ts";
import {
  type Call,
  explicit,
  has,
  named,
  type Row,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { outbound } from "./viewers.ts";

const svOptions =
  "d= delimiter= n no-headers o= output= s= select= i ignore-case v invert-match l= limit= a all r r= R reverse N numeric c= count e= end= S= start= len= j= jobs= p= pad= w= width= everything mode modes cardinality median mad quartiles nulls infer-dates dates-whitelist= typesonly rank= left right full outer cross no-case asc seed= no-nulls not flag= u unique pretty condense= quote= quote-always quote-never escape= ascii crlf out-delimiter= t tabs trim flexible human-readable width-stats f json jsonl sheet= metadata= q quiet memcheck rnd-ratio= pct-thresh= unq-limit= lmt-threshold= other-text= no-trim invert";
const svReads =
  "cat count fixlengths flatten fmt frequency headers help input join reverse sample search select slice sort stats table behead dedup exclude explode fill jsonl json tojsonl transpose sniff safenames searchset replace rename pseudo excel enum diff datefmt count sortcheck pivotp joinp color lens";

/** Tools for tables, trees and marked-up text. */
export const structuredText = (): Table => ({
  ...named("csvcut csvgrep csvlook csvstat csvjson csvjoin csvsort csvstack csvformat", reads()),
  in2csv: reads(
    "f= format= s= schema= k= key= n names sheet= use-sheet-names reset-dimensions encoding-xls= d= delimiter= t tabs q= quotechar= u= quoting= b p= escapechar= z= maxfieldsize= e= encoding= L= locale= S skipinitialspace blanks null-value= date-format= datetime-format= H no-header-row K= skip-lines= v verbose l linenumbers zero add-bom y= snifflimit= I no-inference",
  ),
  csvclean: {
    options: "any",
    judge: (call) => [...readAll(call, call.scan.operands), ...writesBeside(call)],
  },
  csvsql: {
    // Not here: --db and --insert, which change a database; --query without them runs in memory.
    options:
      "i= dialect= query= no-constraints no-create tables= I no-inference y= snifflimit= d= delimiter= t tabs q= quotechar= e= encoding= H no-header-row K= skip-lines= S skipinitialspace v verbose z= maxfieldsize= blanks null-value=",
    judge: (call) => [harmless(call.rule, "queries tables"), ...readAll(call, call.scan.operands)],
  },
  ...named("xsv qsv", {
    global: "list version help envlist",
    subs: {
      ...named(svReads, filter(svOptions, "o", "output")),
      ...named("extdedup extsort", {
        options: svOptions,
        judge: (call) => [
          harmless(call.rule, "sorts or thins out a table"),
          ...readAll(call, call.scan.operands.slice(0, 1)),
          ...writeAll(call, [...call.scan.operands.slice(1), ...valuesOf(call.scan, "o", "output")]),
        ],
      }),
      ...named("index schema", {
        options: svOptions,
        judge: (call) => [...readAll(call, call.scan.operands), ...writesBeside(call)],
      }),
      ...named("split partition", {
        options: `${svOptions} size= chunks= kb-size= filename= prefix-length= drop`,
        judge: (call) => writeAll(call, call.scan.operands),
      }),
    },
  }),
  mlr: { options: "any", judge: judgeMiller },
  ...named("miller", { options: "any", judge: judgeMiller }),
  dasel: { options: "any", judge: judgeDasel },
  ...named("xq tomlq", {
    options:
      "r raw-output R raw-input n c compact-output s slurp S sort-keys e exit-status j join-output a= C color-output M tab indent= f= from-file= x= xpath= q= query= attr= m html node color no-color extract= json depth= t i in-place xml-output xml-force-list= xml-item-depth= xml-root= xml-dtd toml-output arg= stream",
    judge: judgeMixedQuery,
  }),
  gron: {
    options: "u ungron c colorize m monochrome s stream k insecure j json no-sort v values",
    judge: (call) => {
      const from = textOf(call.scan.operands[0]);
      return /^https?:/.test(from)
        ? [outbound(call, from)]
        : [harmless(call.rule, "prints paths of JSON"), ...readAll(call, call.scan.operands)];
    },
  },
  ...named("ungron norg fgron", reads()),
  fx: { options: "r raw s slurp yaml toml h help v version themes", judge: judgeFx },
  ...named(
    "jid jiq jp jsonpp json_pp json_verify jsonlint jl",
    reads("q query c e= f= filename= u unquoted a p p= s i"),
  ),
  jo: reads("a p B D e f= i= n o= d="),
  jc: { options: "any", wraps: true, judge: judgeJc },
  dyff: {
    global: "",
    subs: {
      between: reads(
        "b omit-header o= output= i ignore-order-changes s set-exit-code g filter= exclude= k color= c l",
      ),
    },
  },
  ...named(
    "htmlq pup html2text xml2 2xml",
    filter(
      "f= filename= o= output= t text a= attribute= p pretty w ignore-whitespace r= remove-nodes= b= base= B detect-base c color i= indent= n number charset= utf8 nobs style= width= ascii plain",
      "o",
      "output",
    ),
  ),
  xmlstarlet: xmlStarlet(),
  xml: xmlStarlet(),
  xsltproc: { options: "any", judge: judgeXslt },
  tidy: { options: "any", judge: judgeTidy },
  ...named(
    "hck",
    filter(
      "f= fields= d= delimiter= D= output-delimiter= F= header-field= L delim-is-literal r header-is-regex e= exclude= E= exclude-header= z try-decompress Z try-compress no-mmap crlf o= output= t= compression-threads= l= compression-level=",
      "o",
      "output",
    ),
  ),
  ...named(
    "tuc",
    reads(
      "f= fields= b= bytes= c= characters= l= lines= d= delimiter= e= regex= r= replace-delimiter= j join g greedy-delimiter p compress-delimiter s only-delimited m complement z zero-terminated t= trim= json fixed-memory= fallback-oob= no-join no-mmap",
    ),
  ),
  sd: {
    options: "p preview F fixed-strings s string-mode f= flags= n= max-replacements= A across line-by-line",
    plain: true,
    judge: (call) => {
      const files = call.scan.operands.slice(2);
      return [
        harmless(call.rule, "replaces text"),
        ...readAll(call, files),
        ...(has(call.scan, "p", "preview") ? [] : writeAll(call, files)),
      ];
    },
  },
  envsubst: {
    options: "v variables",
    plain: true,
    judge: (call) =>
      has(call.scan, "v", "variables")
        ? [harmless(call.rule, "lists names of variables")]
        : [
            finding("brief", call.rule, "prints values of the environment", [
              effect("read", "environment", "none"),
            ]),
          ],
  },
});

/** The output lies beside the input, under a name made from it. */
function writesBeside(call: Call): Finding[] {
  return has(call.scan, "n", "dry-run") ? [] : writeAll(call, call.scan.operands);
}

/** A verb chain: `tee`, `split` and the redirections of its language write, `system` and `exec` run. */
function judgeMiller(call: Call): Finding[] {
  const texts = call.args.map((word) => word.value);
  if (texts.includes(null) && call.args.some((word) => word.value === null && !isOperandOnly(word)))
    return [explicit(call, "computed", "a value may be part of the program", "execute-opaque", "none")];
  const found: Finding[] = [
    harmless(call.rule, "transforms records"),
    ...readAll(
      call,
      call.args.filter((word) => !leadingText(word).startsWith("-")),
    ),
  ];
  const refuse = (what: string): void => {
    found.push(
      explicit(call, "acts", `${what} may run commands or write elsewhere`, "execute-opaque", "none"),
    );
  };
  for (const [index, text] of texts.entries()) {
    if (text === null) continue;
    if (/^--?(prepipex?|load|mload|s|s-no-comment-strip|ofmt-file)$/.test(text) && index < firstVerb(texts))
      refuse(text);
    if (/\b(system|exec|os\.|ENV)\b/.test(text) && /[([]/.test(text)) refuse("the program");
    if (/\b(tee|emit\w*|print\w*|dump|edump)\b[^;}]*[|>]/.test(text)) refuse("a redirection");
    const isVerb = texts[index - 1] === "then" || index === firstVerb(texts);
    if (isVerb && text === "tee")
      found.push(
        ...writeAll(
          call,
          call.args
            .slice(index + 1)
            .slice(0, verbEnd(texts.slice(index + 1)))
            .filter((word) => !leadingText(word).startsWith("-")),
        ),
      );
    if (isVerb && (text === "split" || text === "case")) {
      const prefix = texts.slice(index).findIndex((each) => each === "--prefix" || each === "--suffix");
      if (text === "split" && prefix !== -1 && /\//.test(texts[index + prefix + 1] ?? "/"))
        refuse("split --prefix");
      else if (text === "split")
        found.push(
          finding("brief", call.rule, "writes a file for each group", [
            effect("write", "split_*", "worktree"),
          ]),
        );
    }
    if (isVerb && text === "repl") refuse("repl");
    // `put -f`: the program is in a file.
    if (isVerb && /^(put|filter)$/.test(text) && texts[index + 1] === "-f") {
      const file = call.args[index + 2];
      if (file !== undefined) found.push(...call.file(file));
    }
  }
  if (texts.slice(0, firstVerb(texts)).includes("-I"))
    found.push(
      ...writeAll(
        call,
        call.args.slice(firstVerb(texts) + 1).filter((word) => !leadingText(word).startsWith("-")),
      ),
    );
  return found;
}

/** Where the verb's own words end; without another verb its inputs follow it. */
function verbEnd(texts: readonly (string | null)[]): number {
  const end = texts.indexOf("then");
  return end === -1 ? texts.length : end;
}

function isOperandOnly(word: Word): boolean {
  return !word.splits && word.pieces.every((piece) => piece.kind === "text" || piece.kind === "glob");
}

const millerValues =
  /^--?(from|ifs|ofs|ips|ops|irs|ors|fs|ps|rs|n|nr-progress-mod|ofmt|fflatsep|flatsep|jflatsep|tz|nidx-fs|seed|records-per-batch|mfrom|prepipe|prepipex|load|mload|c2l|i|o|io|xvright-width|key-color|value-color|pass-color|fail-color|help-color|quote-char|lazy-quotes-at|s)$/;

/** Index of the first verb: what comes before are options. */
function firstVerb(texts: readonly (string | null)[]): number {
  let index = 0;
  while (index < texts.length) {
    const text = texts[index] ?? "";
    if (!text.startsWith("-")) return index;
    index += millerValues.test(text) && text !== "-n" ? 2 : 1;
  }
  return index;
}

function judgeDasel(call: Call): Finding[] {
  const scan = scanOptions(
    call.args,
    optionSpec(
      "f= file= r= read= w= write= p= parser= o= out= s= selector= n null m multiple c compact plain length merge-input-documents colour color no-colour escape-html=? indent= csv-comma= csv-write-comma= v= value= t= type= pretty=? value-file= csv-headers= root i=",
    ),
    "gnu",
  );
  if (scan.unknown !== null || scan.open !== null)
    return [explicit(call, "option", `${scan.unknown ?? scan.open?.text} is not known`, "unknown", "none")];
  const changes = /^(put|delete)$/.test(textOf(scan.operands[0]));
  const files = valuesOf(scan, "f", "file");
  const outputs = valuesOf(scan, "o", "out").filter(
    (word) => !/^(-|stdout|\/dev\/stdout)$/.test(textOf(word)),
  );
  const isPrinted = valuesOf(scan, "o", "out").length > outputs.length;
  return [
    harmless(call.rule, "selects from a document"),
    ...readAll(call, [...files, ...scan.operands, ...valuesOf(scan, "value-file")]),
    ...writeAll(call, changes && !isPrinted && outputs.length === 0 ? files : outputs),
  ];
}

function judgeMixedQuery(call: Call): Finding[] {
  const reaches = call.args.some((word) => /\benv\b|\$ENV|\bimport\b|\binclude\b/.test(word.value ?? "env"));
  return [
    reaches
      ? explicit(
          call,
          "environment",
          "the filter may read the environment or other files",
          "credential-read",
          "none",
        )
      : harmless(call.rule, "selects from a document"),
    ...readAll(call, call.scan.operands),
    ...(has(call.scan, "i", "in-place") ? writeAll(call, call.scan.operands) : []),
  ];
}

/** Expressions are JavaScript, in some versions with all of Node; a path through the document is not. */
function judgeFx(call: Call): Finding[] {
  const odd = call.scan.operands
    .slice(1)
    .find(
      (word) =>
        word.value === null ||
        !/^(\.?[\w.[\]"'-]*|\.|\?)$/.test(word.value) ||
        /^(save|process|require|import)\b/.test(word.value),
    );
  return [
    odd === undefined
      ? harmless(call.rule, "shows JSON")
      : explicit(call, "code", `${odd.text} is code`, "execute-opaque", "none"),
    ...readAll(call, call.scan.operands.slice(0, 1)),
  ];
}

/** `jc --ps` reads its input; `jc ps` starts ps. */
function judgeJc(call: Call): Finding[] {
  const at = call.args.findIndex((word) => !leadingText(word).startsWith("-"));
  return at === -1 ? [harmless(call.rule, "transforms text")] : call.nested(call.args.slice(at));
}

function xmlStarlet(): { global: string; subs: Table } {
  const edits: Row = {
    options: "any",
    judge: (call) => {
      const isInPlace = call.args.some((word) => /^(-\w*L|--inplace)/.test(leadingText(word)) || word.splits);
      return [
        harmless(call.rule, "edits a document as it passes"),
        ...readAll(call, call.scan.operands),
        ...(isInPlace ? writeAll(call, call.scan.operands.slice(-1)) : []),
      ];
    },
  };
  return {
    global: "q quiet no-doc-namespace doc-namespace net help version",
    subs: {
      ...named("sel select", selects()),
      ...named(
        "val validate fo format el elements c14n canonic ls list esc escape unesc unescape pyx xmln depyx p2x",
        reads(),
      ),
      ...named("ed edit", edits),
      ...named("tr transform", { options: "any", judge: judgeXslt }),
    },
  };
}

/** The XPath of a selection may load other documents. */
function selects(): Row {
  return {
    options: "any",
    judge: (call) => [
      call.args.some((word) => /\bdocument\(|exsl|saxon|redirect/i.test(word.value ?? "document("))
        ? explicit(call, "document", "may load or write other documents", "unknown", "none")
        : harmless(call.rule, "selects from a document"),
      ...readAll(call, call.scan.operands),
    ],
  };
}

/** A stylesheet is code: it can load and write other documents. */
function judgeXslt(call: Call): Finding[] {
  const args: Word[] = [];
  for (let index = 0; index < call.args.length; index += 1) {
    const word = call.args[index];
    if (word !== undefined && /^--?(string)?param$/.test(word.value ?? "")) index += 2;
    else if (word !== undefined) args.push(word);
  }
  const scan = scanOptions(
    args,
    optionSpec(
      "o= output= nonet nowrite nomkdir noout novalid nodtdattr html xinclude xincludestyle timing repeat path= maxdepth= maxvars= maxparserdepth= encoding= profile v verbose V version dumpextensions load-trace p= s= omit-decl embed xinclude net catalogs",
    ),
    "word",
  );
  if (scan.unknown !== null || scan.open !== null)
    return [explicit(call, "option", `${scan.unknown ?? scan.open?.text} is not known`, "unknown", "none")];
  const [sheet, ...inputs] = scan.operands;
  return [
    harmless(call.rule, "transforms a document"),
    ...(sheet === undefined ? [] : call.file(sheet)),
    ...readAll(call, inputs),
    ...writeAll(call, valuesOf(scan, "o", "output")),
  ];
}

function judgeTidy(call: Call): Finding[] {
  const spec = optionSpec(
    "o= output= output-file= config= f= file= error-file= m modify e errors q quiet i indent w= wrap= u upper c clean b bare g gdoc n numeric xml asxml asxhtml ashtml omit ascii latin0 latin1 raw iso2022 utf8 mac win1252 utf16 utf16le utf16be big5 shiftjis access= v version show-warnings= show-info= show-body-only= drop-empty-elements= indent-spaces= tidy-mark= doctype= force-output= new-blocklevel-tags= new-inline-tags= wrap-attributes= char-encoding= input-xml= output-xml= output-html= output-xhtml= vertical-space= indent-attributes= sort-attributes= merge-divs= merge-spans= markup= quiet= iu im mq eq qe mi miq ie qi",
  );
  const scan = scanOptions(call.args, spec, "word");
  if (scan.unknown !== null || scan.open !== null)
    return [explicit(call, "option", `${scan.unknown ?? scan.open?.text} is not known`, "unknown", "none")];
  return [
    harmless(call.rule, "checks markup"),
    ...readAll(call, [...scan.operands, ...valuesOf(scan, "config")]),
    ...(has(scan, "m", "modify", "im", "mq", "mi", "miq") ? writeAll(call, scan.operands) : []),
    ...writeAll(call, valuesOf(scan, "o", "output", "output-file", "f", "file", "error-file")),
  ];
}
