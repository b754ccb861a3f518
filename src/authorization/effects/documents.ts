import type { Word } from "../parsed-command.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { converts, isAddress, readsOrFetches } from "./media.ts";
import {
  always,
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

/** Documents and drawings: text and facts out of them, and other formats from them. */

const pandocOptions =
  "f= from= r= read= t= to= w= write= o= output= s standalone toc table-of-contents toc-depth= lof lot N number-sections number-offset= metadata= M= metadata-file= V= variable= c= css= self-contained embed-resources resource-path= wrap= columns= highlight-style= syntax-definition= shift-heading-level-by= base-header-level= template= H= include-in-header= B= include-before-body= A= include-after-body= reference-doc= citeproc C bibliography= csl= citation-abbreviations= i incremental p preserve-tabs tab-stop= eol= dpi= D= print-default-template= print-default-data-file= print-highlight-style= list-input-formats list-output-formats list-extensions=? list-highlight-languages list-highlight-styles v verbose quiet fail-if-warnings no-highlight mathjax=? katex=? mathml webtex=? gladtex slide-level= id-prefix= title-prefix= T= reference-links reference-location= markdown-headings= atx-headers list-tables strip-comments sandbox ascii section-divs html-q-tags email-obfuscation= top-level-division= pdf-engine= track-changes= default-image-extension= file-scope trace dump-args ignore-args epub-cover-image= epub-metadata= split-level= epub-chapter-level= nobreak";

function judgePandoc(call: Call): Finding[] {
  const { scan } = call;
  const script = valuesOf(scan, "f", "from", "r", "read", "t", "to", "w", "write").find((word) =>
    /[/.]|lua/.test(word.value ?? "."),
  );
  const engine = valuesOf(scan, "pdf-engine").find(
    (word) =>
      !/^(pdflatex|xelatex|lualatex|tectonic|latexmk|weasyprint|wkhtmltopdf|typst|pdfroff|groff|context|prince)$/.test(
        word.value ?? "?",
      ),
  );
  const odd = script ?? engine;
  if (odd !== undefined)
    return [explicit(call, "option", `${odd.text} may be a program`, "execute-opaque", "none")];
  return [
    harmless(call.rule, "converts"),
    ...readsOrFetches(call, scan.operands),
    ...writeAll(
      call,
      valuesOf(scan, "o", "output").filter((word) => word.value !== "-"),
    ),
  ];
}

/** Prints to its output when told `-`, else beside its input or to the operand that follows. */
function extracts(options: string, extension: string): Row {
  return {
    options,
    style: "word",
    judge: (call) => {
      const [source, target] = call.scan.operands;
      if (source === undefined) return [harmless(call.rule, "prints help")];
      const read = readAll(call, [source]);
      if (target?.value === "-" || has(call.scan, "list", "stdout"))
        return [harmless(call.rule, "prints text"), ...read];
      return [
        finding("brief", call.rule, `writes ${extension}`, [effect("write", "files", "worktree")]),
        ...read,
        ...writeAll(call, [target ?? source]),
      ];
    },
  };
}

const poppler =
  "f= l= r= rx= ry= x= y= W= H= layout raw fixed= nopgbrk htmlmeta tsv bbox bbox-layout enc= eol= nodiag colspacing= opw= upw= q box isodates rawdates meta custom js struct struct-text dests url list png tiff j jp2 jbig2 ccitt all p print-filenames jpeg jpegopt= jpegcqtopt= mono gray singlefile scale-to= scale-to-x= scale-to-y= cropbox svg pdf ps eps transp s c i noframes stdout zoom= xml hidden nomerge nodrm fontfullname wbt= v progress sep= forcenum aa= aaVector= antialias= tiffcompression= icc= listencs subst loc locs";

function judgeQpdf(call: Call): Finding[] {
  const words = call.args.map((word) => textOf(word));
  const odd = words.find(
    (word, index) =>
      call.args[index]?.splits === true ||
      /^@|^--(job-json-file|job-json-help|add-attachment|copy-attachments-from|password-file|verbose-file)/.test(
        word,
      ),
  );
  if (odd !== undefined)
    return [explicit(call, "option", `${odd} is not known to be harmless`, "unknown", "none")];
  const files = call.args.filter((word) => !textOf(word).startsWith("-"));
  const isLook = words.some((word) =>
    /^--(check|check-linearization|show-.*|list-attachments|is-encrypted|requires-password|json(=.*)?|with-images|filtered-stream-data|version)$/.test(
      word,
    ),
  );
  if (
    isLook &&
    !words.some((word) => /^--(json-output|replace-input|pages|decrypt|encrypt|linearize)/.test(word))
  )
    return [harmless(call.rule, "only checks"), ...readAll(call, files)];
  const target = words.includes("--replace-input") ? files[0] : files.at(-1);
  return [
    finding("brief", call.rule, "writes a document", [effect("write", "files", "worktree")]),
    ...readAll(call, files),
    ...(target === undefined || target.value === "-" ? [] : writeAll(call, [target])),
  ];
}

function judgePdftk(call: Call): Finding[] {
  const words = call.args.map((word) => textOf(word));
  const at = words.indexOf("output");
  const files = call.args.filter((word) => /\.pdf$/i.test(textOf(word)));
  const isLook = words.some((word) => /^dump_data(_utf8|_fields|_fields_utf8|_annots)?$/.test(word));
  const target = call.args[at + 1];
  if (
    words.some((word) => /^(burst|unpack_files|attach_files|PROMPT|do_ask)$/i.test(word)) ||
    (at === -1 && !isLook)
  )
    return [explicit(call, "", "writes files it names itself", "write", "worktree")];
  return [
    harmless(call.rule, "converts"),
    ...readAll(
      call,
      files.filter((word) => word !== target),
    ),
    ...(at === -1 || target === undefined || target.value === "-" ? [] : writeAll(call, [target])),
  ];
}

/** PostScript is a program: only files under the safe mode, and no code on the command line. */
function judgeGhostscript(call: Call): Finding[] {
  const outputs: Word[] = [];
  const inputs: Word[] = [];
  for (let index = 0; index < call.args.length; index += 1) {
    const word = call.args[index];
    if (word === undefined) break;
    const text = word.value ?? "?";
    const named = /^-sOutputFile=(.*)$/.exec(text)?.[1] ?? /^-o(.+)$/.exec(text)?.[1];
    const next = call.args[index + 1];
    if (text === "-o" && next !== undefined) {
      outputs.push(next);
      index += 1;
    } else if (named !== undefined)
      outputs.push({ ...word, value: named, text: named, pieces: [{ kind: "text", text: named }] });
    else if (!text.startsWith("-") && text !== "?") inputs.push(word);
    else if (
      !/^-(q|v|h|g\d+x\d+|r\d+(x\d+)?|f|-version|--help|[dD](?!NOSAFER|DELAYSAFER|DOPS)\w+(=[\w./-]+)?|sDEVICE=\w+|sPAPERSIZE=\w+|sColor\w+=\w+|sProcessColorModel=\w+|sPageList=[\d,-]+)$/.test(
        text,
      )
    )
      return [explicit(call, "option", `${text} may run code or open files`, "execute-opaque", "none")];
  }
  const piped = outputs.find((word) => /%pipe|[|]|^%(?!d|0?\dd)/.test(textOf(word)));
  if (piped !== undefined) return [explicit(call, "pipe", "pipes into a program", "execute-opaque", "none")];
  return [
    harmless(call.rule, "converts"),
    ...readAll(call, inputs),
    ...writeAll(
      call,
      outputs.filter((word) => !/^(-|%stdout%?|\/dev\/null)$/.test(textOf(word))),
    ),
  ];
}

const runsItsLanguage = always(
  "explicit",
  "execute-opaque",
  "none",
  "can read, write and run through its own language",
);

export const documents = (): Table => ({
  pandoc: { options: pandocOptions, judge: judgePandoc },
  ...named("pdfinfo pdffonts pdfsig", reads(poppler, "word")),
  pdfgrep: reads(
    "# i ignore-case n page-number c count H h with-filename no-filename r recursive R max-count= m= C= context= A= B= o only-matching F P perl-regexp q quiet p page-count color= l L e= include= exclude= password= cache unac page-range=",
  ),
  pdftotext: extracts(poppler, "a text"),
  pdftohtml: extracts(poppler, "pages"),
  ...named("pdfimages pdftoppm pdftocairo pdftops pdfseparate", extracts(poppler, "pictures")),
  pdfdetach: {
    options: "list enc= q",
    style: "word",
    judge: (call) =>
      has(call.scan, "list")
        ? readAll(call, call.scan.operands)
        : [explicit(call, "", "writes files that the document names", "write", "worktree")],
  },
  pdfunite: converts("", [], true),
  qpdf: { options: "any", judge: judgeQpdf },
  ...named("pdftk pdftk-java", { options: "any", judge: judgePdftk }),
  ...named("gs ghostscript", { options: "any", judge: judgeGhostscript }),
  ...named("ps2pdf pdf2ps ps2pdf14 pdf2djvu", {
    options: "",
    judge: (call) => converts("", [], true).judge(call),
  }),
  mutool: {
    global: "",
    subs: {
      ...named("info show pages", reads("p= e X g b t M P S F I")),
      ...named("draw convert", converts("o= F= r= p= w= h= q c= s= O= R=", ["o"])),
      ...named("clean merge", converts("o= g d i f c s z a D p=", ["o"], true)),
      "*": runsItsLanguage,
    },
  },
  tesseract: {
    options: "l= psm= oem= dpi= list-langs tessdata-dir= version",
    style: "word",
    judge: (call) =>
      has(call.scan, "list-langs") || /^(-|stdout)$/.test(textOf(call.scan.operands[1]))
        ? [harmless(call.rule, "reads a picture"), ...readAll(call, call.scan.operands.slice(0, 1))]
        : [finding("brief", call.rule, "writes a text"), ...writeAll(call, call.scan.operands.slice(1, 2))],
  },
  ocrmypdf: converts(
    "l= language= d deskew c clean i clean-final f force-ocr s skip-text r rotate-pages O= optimize= output-type= sidecar= j= jobs= redo-ocr rotate-pages-threshold= title= q quiet v=? invalidate-digital-signatures",
    ["sidecar"],
    true,
  ),
  ...named(
    "img2pdf",
    converts("o= output= S= pagesize= s= imgsize= b= border= auto-orient d", ["o", "output"]),
  ),
  ...named("dot neato fdp sfdp twopi circo osage patchwork", {
    options: "T= K= o= O G= N= E= q=? s=? y x n=? v V P",
    judge: (call) => [
      has(call.scan, "O")
        ? finding("brief", call.rule, "draws beside its input")
        : harmless(call.rule, "draws"),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, [...valuesOf(call.scan, "o"), ...(has(call.scan, "O") ? call.scan.operands : [])]),
    ],
  }),
  ...named(
    "gvpr m4 groff troff latex xelatex lualatex tex pdftex luatex latexmk context plantuml lout",
    runsItsLanguage,
  ),
  ...named("antiword catdoc odt2txt xls2csv catppt", reads("")),
  ...named("wvText djvutxt", converts("", [], true)),
  // The text, or the pictures, land beside the document.
  docx2txt: extracts("", "text"),
  unrtf: {
    options: "html text latex rtf nopict n quiet verbose version help",
    style: "word",
    judge: (call) => [
      harmless(call.rule, "prints text"),
      ...readAll(call, call.scan.operands),
      ...(has(call.scan, "nopict", "n") ? [] : writeAll(call, call.scan.operands)),
    ],
  },
  ...named("libreoffice soffice lowriter unoconv", {
    options: "any",
    judge: (call) => {
      const words = call.args.map((word) => textOf(word));
      const isKnown = call.args.every(
        (word, index) =>
          word.value !== null &&
          (/^--(headless|convert-to|outdir|norestore|invisible|nologo|nofirststartwizard|version|cat)$/.test(
            word.value,
          ) ||
            (!word.value.startsWith("-") && !isAddress(word)) ||
            /^--(convert-to|outdir)$/.test(words[index - 1] ?? "")),
      );
      if (!isKnown || !words.includes("--convert-to") || !words.includes("--headless"))
        return runsItsLanguage.judge(call);
      const folder = call.args[words.indexOf("--outdir") + 1];
      return [
        finding("brief", call.rule, "converts documents", [effect("write", "files", "worktree")]),
        ...writeAll(call, words.includes("--outdir") && folder !== undefined ? [folder] : []),
      ];
    },
  }),
});
