import { literalWord } from "../parsed-command.ts";
import type { Finding } from "./finding.ts";
import { leadingText } from "./options.ts";
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
import { guardRow, hasFlag, listens, opaque, query, runs, secret, split, valuesGiven } from "./verbs.ts";

/** What looks into compiled programs, follows running ones, and measures them. */

const looks: Row = {
  options: "any",
  judge: (call) => [...query.judge(call), ...readAll(call, call.scan.operands)],
};

/** Writes its last operand, or its only one in place. */
const rewrites: Row = {
  options: "any",
  judge: (call) => [
    ...writeAll(call, call.scan.operands.slice(-1)),
    ...writeAll(call, valuesGiven(call, "o", "output")),
  ],
};

/** Runs another program and reports on it: what it runs is judged as itself, and its report is a file. */
function follows(
  options: string,
  outputs: readonly string[],
  more: { refused?: readonly string[]; byDefault?: string } = {},
): Row {
  const { refused = [], byDefault } = more;
  return guardOwn(
    {
      options,
      style: "first",
      wraps: true,
      plain: true,
      judge: (call) => [
        ...query.judge(call),
        ...(call.scan.operands.length === 0 ? [] : call.nested(call.scan.operands)),
        ...writeAll(
          call,
          has(call.scan, ...outputs) || byDefault === undefined
            ? valuesOf(call.scan, ...outputs)
            : [literalWord(byDefault)],
        ),
      ],
    },
    refused,
  );
}

/** A report that starts with `|` or `!` goes to a program. */
function guardOwn(row: Row, refused: readonly string[]): Row {
  return {
    ...row,
    judge: (call) => {
      const odd = valuesOf(call.scan, "o", "output", "log-file").some((word) => /^[|!]/.test(textOf(word)));
      return call.scan.given.has("p")
        ? secret.judge(call)
        : odd || refused.some((name) => call.scan.given.has(name))
          ? opaque.judge(call)
          : row.judge(call);
    },
  };
}

const perfReads =
  "i= input= stdio tui n show-nr-samples T s= sort= F= fields= g=? call-graph=? G no-children children percent-limit= max-stack= comms= c= dsos= d= S= symbols= U v verbose header header-only q quiet k= vmlinux= kallsyms= f force t= field-separator= p= parent= w= percentage= hierarchy inline no-inline demangle no-demangle time= cpu= C= per-thread C D= D M= l L P a e= event= stats tasks mmaps no-source ns show-mmap-events ignore-vmlinux itrace= reltime deltatime show-info show-task-events";

/** A benchmark hands each operand, and each command around it, to a shell. */
function judgeHyperfine(call: Call): Finding[] {
  const texts = [
    ...call.scan.operands,
    ...valuesOf(call.scan, "p", "prepare", "s", "setup", "c", "cleanup", "C", "conclude", "reference"),
  ];
  return [
    ...query.judge(call),
    ...texts.flatMap((word) =>
      word.value === null
        ? [explicit(call, "opaque", "runs text that is only known at run time", "execute-opaque", "none")]
        : call.script(word.value.replace(/\{[\w-]+\}/g, "x")),
    ),
    ...writeAll(
      call,
      valuesOf(
        call.scan,
        "export-json",
        "export-csv",
        "export-markdown",
        "export-asciidoc",
        "export-orgmode",
      ),
    ),
  ];
}

/** A debugger's shell can do anything; a batch of commands that only print a core file's state is still its language. */
const debuggers = split(
  (call) => call.args.length === 1 && /^(--version|-v|--help|--config)$/.test(textOf(call.args[0])),
  query,
  opaque,
);

export const binaries = (): Table => ({
  ...named(
    "nm readelf size addr2line c++filt llvm-nm llvm-readelf llvm-size llvm-cxxfilt llvm-dwarfdump dwarfdump otool pahole abidiff elfdump checksec rabin2 llvm-symbolizer llvm-readobj gobjdump greadelf dyldinfo",
    guardRow(looks, ["plugin"]),
  ),
  ...named("objdump llvm-objdump", guardRow(looks, ["debuginfod", "plugin"])),
  // The dynamic loader may run what it lists.
  ldd: {
    options: "v verbose u unused d data-relocs r function-relocs version",
    judge: (call) =>
      split(
        (inner) => inner.scan.operands.every((word) => /^\/(usr|bin|sbin|lib)/.test(textOf(word))),
        query,
        runs,
      ).judge(call),
  },
  ...named(
    "strip objcopy patchelf chrpath install_name_tool",
    split(
      (call) =>
        hasFlag(call, "--print-needed", "--print-rpath", "--print-soname", "--print-interpreter", "-l"),
      looks,
      rewrites,
    ),
  ),
  ranlib: rewrites,
  ...named("gcov gprof lcov genhtml gcovr llvm-cov llvm-profdata dsymutil", {
    options: "any",
    judge: (call) => [
      ...runs.judge(call),
      ...writeAll(call, valuesGiven(call, "o", "output", "output-file", "output-directory", "output-dir")),
    ],
  }),
  ...named("gdb lldb dlv rr cgdb pdb radare2 r2 ghidra", debuggers),
  "gdb-multiarch": debuggers,
  strace: follows(
    "# f ff c C T t tt ttt r y yy v x xx i k q qq D z Z n w d e= s= o= A S= a= O= P= trace= string-limit= output= summary summary-only follow-forks absolute-timestamps=? no-abbrev status= U=",
    ["o", "output"],
  ),
  ltrace: follows("f c C S T t tt ttt r i L e= s= o= a= n= l= x= output=", ["o", "output"]),
  valgrind: follows(
    "q quiet v verbose tool= leak-check= show-leak-kinds= track-origins= error-exitcode= num-callers= suppressions= log-file= xml= xml-file= track-fds= trace-children= time-stamp= undef-value-errors= errors-for-leak-kinds= gen-suppressions= read-var-info= callgrind-out-file= cachegrind-out-file= massif-out-file= dump-instr= collect-jumps= branch-sim= cache-sim= stacks= fair-sched= keep-debuginfo= malloc-fill= free-fill= expensive-definedness-checks= leak-resolution= show-reachable= log-fd= main-stacksize= read-inline-info=",
    ["log-file", "xml-file", "callgrind-out-file", "cachegrind-out-file", "massif-out-file"],
  ),
  ...named("callgrind_annotate cg_annotate ms_print", looks),
  hyperfine: {
    options:
      "w= warmup= r= runs= m= min-runs= M= max-runs= p= prepare= s= setup= c= cleanup= C= conclude= reference= i=? ignore-failure=? N style= time-unit= u= n= command-name= show-output sort= export-json= export-csv= export-markdown= export-asciidoc= export-orgmode=",
    judge: judgeHyperfine,
    plain: true,
  },
  perf: {
    global: "h help v version no-pager",
    bare: query,
    subs: {
      ...Object.fromEntries(
        ["report", "annotate", "script", "diff", "evlist", "buildid-list"].map((name) => [
          name,
          name === "script" ? scriptOnly() : reads(perfReads),
        ]),
      ),
      list: query,
      stat: follows(
        "# d e= event= r= repeat= o= output= x= field-separator= A no-aggr B big-num j json-output n null v verbose i no-inherit M= metrics= table no-big-num topdown td-level= detailed scale S sync delay= D= timeout=",
        ["o", "output"],
      ),
      record: follows(
        "# g call-graph= F= freq= e= event= o= output= c= count= q quiet v verbose d data b branch-any j= branch-filter= T timestamp s stat n no-samples N no-buildid-cache z=? m= mmap-pages= i no-inherit",
        ["o", "output"],
        { byDefault: "perf.data" },
      ),
    },
  },
  "py-spy": split(
    (call) => call.args.length === 1 && /^(--version|-V|--help|-h)$/.test(textOf(call.args[0])),
    query,
    secret,
  ),
  ...named("flamegraph inferno-flamegraph stackcollapse-perf.pl flamegraph.pl", looks),
  snakeviz: listens,
  ...named("rbspy austin dtrace dtruss sample sysdig", secret),
  ...named("ctags etags cscope gtags bear compiledb cppcheck iwyu include-what-you-use clang-query", {
    options: "any",
    judge: (call) => [...runs.judge(call), ...writeAll(call, valuesGiven(call, "o", "f", "output"))],
  }),
  ...named(
    "ccache sccache",
    split(
      (call) =>
        hasFlag(call, "-s", "--show-stats", "-p", "--show-config", "--version", "-x", "--show-compression"),
      query,
      split(
        (call) =>
          hasFlag(
            call,
            "-C",
            "--clear",
            "-c",
            "--cleanup",
            "-z",
            "--zero-stats",
            "-M",
            "-F",
            "-o",
            "--stop-server",
            "--start-server",
            "--dist-auth",
          ),
        secret,
        { options: "any", wraps: true, judge: (call) => call.nested(call.args) },
      ),
    ),
  ),
  "pkg-config": query,
  pkgconf: query,
  ...named(
    "typescript-language-server gopls rust-analyzer clangd pyright-langserver lua-language-server jdtls",
    split(
      (call) =>
        call.args.every((word) => !/^-+(listen|socket|port|http|debug|remote)/.test(leadingText(word))),
      runs,
      listens,
    ),
  ),
});

function scriptOnly(): Row {
  return {
    options: perfReads,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [...query.judge(call), ...readAll(call, valuesOf(call.scan, "i", "input"))]
        : opaque.judge(call),
  };
}
