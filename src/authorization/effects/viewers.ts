import { judgeRead } from "../paths.ts";
import { filter } from "./coreutils.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { leadingText } from "./options.ts";
import {
  type Call,
  explicit,
  has,
  named,
  prints,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

// Not here: -o and -O keep a copy, -k loads keys, -T and -t look for tags.
const lessOptions =
  "# N n S R r i I F X E e M m s w W g G c C a A f q Q u U V j= J p= P= x= z= b= h= y= D= ~ RAW-CONTROL-CHARS raw-control-chars chop-long-lines LINE-NUMBERS line-numbers no-init quit-if-one-screen ignore-case IGNORE-CASE squeeze-blank-lines follow-name mouse MOUSE tabs= pattern= use-color header= quit-at-eof QUIT-AT-EOF quit-on-intr LONG-PROMPT long-prompt hilite-unread no-histdups shift= window= jump-target= status-column force wordwrap incsearch";

/** Programs that show files to a person, page by page or coloured. */
export const viewers = (): Table => ({
  ...named("less zless bzless xzless lzless zstdless", { options: lessOptions, judge: pager }),
  ...named("more zmore bzmore most pg", {
    options: "# d f l p c u s e n= lines= silent logical no-pause print-over clean-print squeeze plain w",
    judge: pager,
  }),
  ...named("bat batcat", {
    options:
      "p plain pp n number A show-all l= language= r= line-range= H= highlight-line= style= paging= color= decorations= theme= theme-dark= theme-light= wrap= tabs= file-name= d diff diff-context= S chop-long-lines u unbuffered P no-paging f force-colorization s squeeze-blank squeeze-limit= strip-ansi= terminal-width= italic-text= map-syntax= m= ignored-suffix= L list-languages list-themes nonprintable-notation= binary= set-terminal-title no-config config-file config-dir cache-dir acknowledgements",
    judge: (call) =>
      call.scan.operands[0]?.value === "cache"
        ? [explicit(call, "cache", "rebuilds its cache in the home folder", "write", "home")]
        : [harmless(call.rule, "only reads"), ...readAll(call, call.scan.operands)],
  }),
  ...named(
    "delta",
    reads(
      "s side-by-side n line-numbers w= width= paging= theme= syntax-theme= light dark features= navigate hyperlinks color-only diff-so-fancy diff-highlight keep-plus-minus-markers list-languages list-syntax-themes list-themes show-config show-syntax-themes show-themes show-colors tabs= wrap-max-lines= max-line-length= file-style= hunk-header-style= true-color= 24-bit-color= relative-paths raw no-gitconfig default-language=",
    ),
  ),
  ...named("glow mdcat mdless mdv", {
    options: "p pager s= style= w= width= a all l local columns= n preserve-new-lines",
    judge: (call) => {
      const word = call.scan.operands[0];
      if (word !== undefined && /^(\w+:\/\/|git(hub|lab)\.com\/|(github|gitlab):)/.test(textOf(word)))
        return [outbound(call, textOf(word))];
      if (/^(stash|config)$/.test(textOf(word)))
        return [explicit(call, "stash", "changes its own files", "write", "home")];
      return [harmless(call.rule, "only reads"), ...readAll(call, call.scan.operands)];
    },
  }),
  ...named("pygmentize highlight", filter("l= f= o= O= g s= S= i= n", "o")),
  // A file without -i is written again beside itself, in colour.
  "source-highlight": {
    options: "f= out-format= s= src-lang= i= input= o= output= n line-number=? d doc",
    judge: (call) => [
      harmless(call.rule, "colours"),
      ...readAll(call, [...call.scan.operands, ...valuesOf(call.scan, "i", "input")]),
      ...writeAll(call, [
        ...call.scan.operands,
        ...valuesOf(call.scan, "o", "output").filter((word) => word.value !== "STDOUT"),
      ]),
    ],
  },
  ...named("apropos whatis", prints("e exact r regex w wildcard a and s= l long d debug v verbose")),
  man: {
    // Not here: -P and -H start a program, -C reads a configuration that names some.
    options:
      "k apropos f whatis w where path location W a all S= s= sections= L= locale= m= systems= M= manpath= l local-file K global-apropos i ignore-case I match-case regex wildcard names-only e= extension= E= encoding= r= prompt= 7 ascii c catman d debug no-hyphenation nh no-justification nj no-subpages warnings=? t troff Z ditroff u update D default",
    judge: (call) => [
      harmless(call.rule, "shows a manual page"),
      ...call.scan.operands.flatMap((word) => judgeRead(call.place, word)),
    ],
  },
  info: reads("k= apropos= a all f= file= n= node= w where s subnodes O usage index-search=", "gnu"),
  ...named(
    "tldr tealdeer cheat",
    prints("p= platform= L= language= l list v version h help m markdown raw a c o"),
  ),
  ...named("fzf sk", { options: fzfOptions(), judge: judgeFinder }),
});

function pager(call: Call): Finding[] {
  // `+command` makes a pager act; so do options that are not declared.
  const acts = call.scan.operands.find(
    (word) => leadingText(word).startsWith("+") && !/^\+\+?(\d+|G|F|\/[^|!]*)?$/.test(textOf(word)),
  );
  if (acts !== undefined)
    return [
      explicit(call, "command", `${acts.text} makes the pager run a command`, "execute-opaque", "none"),
    ];
  const files = call.scan.operands.filter((word) => !leadingText(word).startsWith("+"));
  return [harmless(call.rule, "only reads"), ...readAll(call, files)];
}

export function outbound(call: Call, address: string): Finding {
  return finding("brief", call.rule, "reads from the network", [effect("network-read", address, "remote")]);
}

function fzfOptions(): string {
  // Not here: --bind, --listen, --history, --become; what follows a preview is judged.
  return "q= query= f= filter= e exact x extended i d= delimiter= n= nth= with-nth= m multi=? no-multi 1 select-1 0 exit-0 print-query print0 read0 tac no-sort s sort=? ansi height= reverse layout= border=? prompt= header= header-lines= pointer= marker= color= no-color cycle preview= preview-window= info= tiebreak= scheme= sync tabstop= no-mouse margin= padding= keep-right no-hscroll case= no-unicode expect=";
}

/** A preview is a shell command for each line; the placeholder stands for a quoted word. */
function judgeFinder(call: Call): Finding[] {
  const previews = valuesOf(call.scan, "preview");
  const open = previews.some((word) => word.value === null);
  if (open) return [explicit(call, "opaque", "previews with computed text", "execute-opaque", "none")];
  return [
    harmless(call.rule, "picks lines"),
    ...(has(call.scan, "preview")
      ? previews.flatMap((word) => call.script(textOf(word).replace(/\{[-\w.+,]*\}/g, "./line")))
      : []),
  ];
}
