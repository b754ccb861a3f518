import { judgeRead } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  type Call,
  explicit,
  has,
  live,
  liveRead,
  named,
  prints,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

/** Tools that read, and print what they read. */
export const coreutils: Table = {
  ...named(
    "cat head tail wc cut tr fold fmt expand unexpand tac rev nl paste join comm cmp diff od hexdump hd strings base32 sha1sum sha224sum sha256sum sha384sum sha512sum b2sum md5sum cksum sum stat readlink realpath column colrm look numfmt tsort pr ls dir vdir du exa eza lsattr getfacl namei whereis zcat bzcat xzcat zstdcat tokei md5 shasum hexyl",
    reads(),
  ),
  ...named(
    "echo seq basename dirname yes sleep uname arch nproc whoami logname tty groups id expr factor dircolors tput clear reset locale getconf which getopt usleep cal ncal",
    prints(),
  ),
  file: reads(
    "b brief i mime mime-type mime-encoding k keep-going L dereference h no-dereference s special-files z uncompress r raw n no-buffer F= separator= extension v version",
  ),
  iconv: reads("f= from-code= t= to-code= l list c s silent verbose"),
  tree: reads(
    "# a d l f x L= P= I= matchdirs prune noreport charset= filelimit= p u g s h si D F q N Q n C A S i v t c U r dirsfirst J X gitignore ignore-case du timefmt= inodes device sort=",
  ),
  diffstat: reads("p= w= m r= s t u v l c C K R"),
  base64: {
    options: "d decode D i ignore-garbage w= wrap= o= output= b= break=",
    judge: (call) => [
      harmless(call.rule, "transforms text"),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, valuesOf(call.scan, "o", "output")),
    ],
  },
  date: {
    options: "u utc universal R rfc-email I=? iso-8601=? rfc-3339= d= date= r= reference= f= file= debug",
    judge: (call) =>
      call.scan.operands.every((word) => textOf(word).startsWith("+") && !word.splits)
        ? [
            harmless(call.rule, "prints the time"),
            ...readAll(call, valuesOf(call.scan, "f", "file", "r", "reference")),
          ]
        : [explicit(call, "set", "sets the clock", "device", "host")],
  },
  sort: {
    options:
      "b d f g i M h n R r V c C m s u z k= key= t= field-separator= S= buffer-size= parallel= batch-size= o= output= T= temporary-directory= files0-from= random-source= sort= check=? debug ignore-leading-blanks dictionary-order ignore-case general-numeric-sort ignore-nonprinting month-sort human-numeric-sort numeric-sort random-sort reverse version-sort merge stable unique zero-terminated",
    judge: (call) => [
      harmless(call.rule, "sorts text"),
      ...readAll(call, [...call.scan.operands, ...valuesOf(call.scan, "files0-from")]),
      ...writeAll(call, valuesOf(call.scan, "o", "output", "T", "temporary-directory")),
    ],
  },
  uniq: {
    options:
      "c count d repeated D all-repeated=? f= skip-fields= group=? i ignore-case s= skip-chars= u unique z zero-terminated w= check-chars=",
    judge: (call) => [
      harmless(call.rule, "filters text"),
      ...readAll(call, call.scan.operands.slice(0, 1)),
      ...writeAll(call, call.scan.operands.slice(1)),
    ],
  },
  shuf: {
    options: "e echo i= input-range= n= head-count= o= output= r repeat z zero-terminated random-source=",
    judge: (call) => [
      harmless(call.rule, "shuffles text"),
      ...(has(call.scan, "e", "echo") ? [] : readAll(call, call.scan.operands)),
      ...writeAll(call, valuesOf(call.scan, "o", "output")),
    ],
  },
  xxd: {
    options:
      "a autoskip b bits c= cols= C capitalize d e E g= groupsize= i include l= len= n= o= p ps plain postscript r revert R= s= seek= u uppercase",
    judge: (call) => [
      harmless(call.rule, "transforms bytes"),
      ...readAll(call, call.scan.operands.slice(0, 1)),
      ...writeAll(call, call.scan.operands.slice(1)),
    ],
  },
  less: { options: "# N n S R r i I F X E e M m s w g G c a f", judge: pager },
  more: { options: "# d f l p c u s", judge: pager },
  bat: {
    options:
      "p plain n number A show-all l= language= r= line-range= H= highlight-line= style= paging= color= decorations= theme= wrap= tabs= file-name= d diff",
    judge: (call) => [harmless(call.rule, "only reads"), ...readAll(call, call.scan.operands)],
  },
  ...named("apropos whatis", prints("e exact r regex w wildcard a and s= l long d debug v verbose")),
  man: {
    options: "k f w a S= s= L= l w where",
    judge: (call) => [
      harmless(call.rule, "shows a manual page"),
      ...call.scan.operands.flatMap((word) => judgeRead(call.place, word)),
    ],
  },
  tldr: prints("p= platform= L= language= l list v version h help"),
  printenv: {
    options: "0 null",
    plain: true,
    judge: (call) => {
      if (call.scan.operands.length === 0)
        return [
          finding("brief", "printenv.all", "prints the environment", [effect("read", "environment", "none")]),
        ];
      const isSecret = call.scan.operands.some((word) => word.value === null || isSecretName(word.value));
      return [
        isSecret
          ? explicit(call, "secret", "prints a variable that may hold a secret", "credential-read", "none")
          : harmless(call.rule, "prints a variable"),
      ];
    },
  },
  hostname: {
    options: "s short f fqdn long I all-ip-addresses i ip-address d domain A all-fqdns y",
    plain: true,
    judge: (call) => [
      call.scan.operands.length > 0
        ? explicit(call, "set", "renames the host", "service", "host")
        : harmless(call.rule, "prints the host's name"),
    ],
  },
  ...named(
    "ps pgrep pidof pstree uptime free df lsblk lscpu lsusb lspci lsmod lsmem findmnt vmstat iostat mpstat w who users last lastb lastlog netstat numastat slabtop lsns lslocks lsipc ipcs acpi",
    live(),
  ),
  sensors: live("A no-adapter u j f"),
  "nvidia-smi": live("L list-gpus q query query-gpu= format= d= display= i= id= l= loop="),
  pidstat: live("# u r d h l p= t w C= G= U=? I"),
  lshw: live("short html xml json c= C= class= businfo sanitize numeric quiet"),
  dmidecode: live("t= type= s= string= q quiet"),
  getent: {
    options: "s= service= i no-idn",
    plain: true,
    judge: (call) => {
      const isPlain = call.scan.operands.every((word) => word.value !== null && !/shadow/.test(word.value));
      return [
        isPlain
          ? liveRead(call.rule)
          : explicit(call, "secret", "may print password hashes", "credential-read", "host"),
      ];
    },
  },
  top: live("b bash= d= delay= n= iterations= p= pid= u= user= U= o= sort-override= H c i s S w=? E= e= 1"),
  lsof: live("# i=? n P p= u= U a t c= d= r=? l w F=? R g= s=?"),
  ncdu: reads("x q 0 1 2 r si color= exclude= X="),
};

/** Names of variables and words under which credentials are usually kept. */
export function isSecretName(text: string): boolean {
  return /(token|secret|passw|passphrase|passwd|api_?key|private_?key|access_?key|credential|auth(?!or)|cookie|session_?id|_pat$|_key$)/i.test(
    text,
  );
}

function pager(call: Call): Finding[] {
  // `+command` and `-O` make a pager act; the latter is not declared.
  const acts = call.scan.operands.find(
    (word) => textOf(word).startsWith("+") && !/^\+(\d+|G|\/[^|!]*)$/.test(textOf(word)),
  );
  if (acts !== undefined)
    return [
      explicit(call, "command", `${acts.text} makes the pager run a command`, "execute-opaque", "none"),
    ];
  return [harmless(call.rule, "only reads"), ...readAll(call, call.scan.operands)];
}
