import { literalWord } from "../parsed-command.ts";
import { filter } from "./coreutils.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { type Call, named, readAll, reads, type Table, textOf, valuesOf, writeAll } from "./row.ts";

/** What lists, counts and measures files. */
export const listing = (): Table => ({
  ...named("ls dir vdir gls du eza exa lsd dust dutree pdu diskus", reads()),
  tree: filter(
    // Not here: -R writes a file into every folder.
    "# a d l f x L= P= I= matchdirs prune noreport charset= filelimit= filesfirst metafirst p u g s h si D F q N Q n C A S i v t c U r dirsfirst J X H= T= gitignore gitfile= info infofile= ignore-case du timefmt= inodes device sort=? fromfile fromtabfile hyperlink scheme= authority= nolinks hintro= houtro= o= compress=",
    "o",
  ),
  ncdu: filter(
    "x q 0 1 2 r si color= exclude= X= exclude-from= o= O= f= e extended L follow-symlinks exclude-caches exclude-kernfs slow-ui-updates disk-usage apparent-size sort= c compress compress-level= t= threads= one-file-system cross-file-system graph-style= shared-column= ignore-config confirm-quit no-confirm-quit hide-hidden show-hidden show-itemcount show-mtime show-percent show-graph group-directories-first",
    "o",
    "O",
  ),
  gdu: filter(
    "n non-interactive d show-disks a show-apparent-size c no-color p no-progress s summarize t= top= o= output-file= f= input-file= i= ignore-dirs= I= x no-cross H no-hidden L follow-symlinks m= max-cores= si no-unicode no-mouse no-prefix k show-in-kib u no-delete-with-filename h help",
    "o",
    "output-file",
  ),
  ...named("tokei loc", reads()),
  scc: {
    options:
      "a avg-wage= binary by-file c no-complexity ci cocomo-project-type= count-as= d no-duplicates debug dryness exclude-dir= exclude-ext= exclude-file= f= format= format-multi= file-gc-count= gen generated i= include-ext= include-symlinks l languages large-byte-count= large-line-count= m character M= not-match= min n= no-cocomo no-gen no-gitignore no-ignore no-large no-min no-size o= output= p percent remap-all= remap-unknown= s= sort= size-unit= sloccount-format t trace u uloc v verbose w wide z",
    judge: (call) => [
      harmless(call.rule, "counts lines"),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, valuesOf(call.scan, "o", "output")),
      ...valuesOf(call.scan, "format-multi").flatMap((word) => reports(call, textOf(word))),
    ],
  },
  cloc: {
    // Not here: --extract-with and --config make it run programs.
    options:
      "by-file by-file-by-lang exclude-dir= exclude-ext= exclude-lang= exclude-list-file= include-ext= include-lang= include-content= exclude-content= match-d= not-match-d= match-f= not-match-f= fullpath list-file= vcs= git diff count-and-diff csv csv-delimiter= json xml yaml md quiet q= progress-rate= hide-rate processes= timeout= max-file-size= skip-uniqueness skip-archive= follow-links sum-reports show-lang=? show-ext=? force-lang= read-lang-def= out= report-file= sql= sql-project= 3 by-percent= no3 unicode strip-comments= original-dir ignored= counted= docstring-as-code",
    style: "word",
    judge: (call) => [
      harmless(call.rule, "counts lines"),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, valuesOf(call.scan, "out", "report-file", "sql", "ignored", "counted")),
      ...(call.scan.given.has("strip-comments")
        ? [finding("brief", "cloc.strip", "writes stripped copies", [effect("write", ".", "worktree")])]
        : []),
    ],
  },
});

/** `html:out.html,csv:stdout` */
function reports(call: Call, text: string): Finding[] {
  const files = text.split(",").map((part) => part.slice(part.indexOf(":") + 1));
  return files.filter((name) => name !== "stdout").flatMap((name) => writeAll(call, [literalWord(name)]));
}
