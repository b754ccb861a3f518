import { literalWord } from "../parsed-command.ts";
import { effect, finding, harmless } from "./finding.ts";
import { leadingText } from "./options.ts";
import {
  explicit,
  has,
  named,
  prints,
  type Row,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

/** Tools that read, and print what they read. */
export const coreutils = (): Table => ({
  ...named(
    "cat head tail wc cut tr fold fmt expand unexpand tac rev nl paste join comm cmp diff od hexdump hd strings sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum b3sum md5sum cksum stat readlink realpath column colrm col colcrt ul look numfmt tsort pr lsattr getfacl namei whereis zcat bzcat lz4cat md5 shasum sha256 sha512 crc32 hexyl xxhsum xxh64sum datamash zdiff zcmp bzdiff xzdiff xzcmp colordiff icdiff wdiff dwdiff difft difftastic isutf8 combine choose bc jless fincore",
    reads(),
  ),
  ...named(
    "echo seq jot basename dirname yes sleep uname arch nproc whoami logname tty groups id expr factor dircolors tput clear reset locale getconf which getopt gettext ngettext usleep cal ncal hostid pathchk uuidgen uuidparse mcookie sync ts errno primes toe infocmp",
    prints(),
  ),
  // `-C` compiles a magic file into the folder it runs in.
  file: {
    options: "any",
    judge: (call) => [
      harmless(call.rule, "only reads"),
      ...readAll(call, call.scan.operands),
      ...(call.args.some((word) => /^(-\w*C|--c)/.test(leadingText(word)) || word.splits)
        ? writeAll(call, [literalWord("magic.mgc")])
        : []),
    ],
  },
  iconv: filter(
    "f= from-code= t= to-code= l list c s silent verbose byte-subst= widechar-subst= unicode-subst= o= output=",
    "o",
    "output",
  ),
  diff3: reads(
    "A show-all e ed E show-overlap 3 easy-only x overlap-only X m merge L= label= i a text T initial-tab strip-trailing-cr",
  ),
  sdiff: filter(
    "o= output= i ignore-case E ignore-tab-expansion Z ignore-trailing-space b ignore-space-change W ignore-all-space B ignore-blank-lines I= ignore-matching-lines= strip-trailing-cr a text w= width= l left-column s suppress-common-lines t expand-tabs tabsize= d minimal H speed-large-files",
    "o",
    "output",
  ),
  ...named("zstdcat xzcat lzcat", reads("q quiet v verbose f force k keep T= threads= M= memory= no-check")),
  diffstat: reads("p= w= m r= s t u v l c C K R b d f= k n= N= q S= T x"),
  ...named(
    "base64 base32 basenc",
    filter(
      "d decode D i ignore-garbage w= wrap= o= output= b= break= base64 base64url base32 base32hex base16 base2msbf base2lsbf z85 input=",
      "o",
      "output",
    ),
  ),
  date: {
    options:
      "u utc universal R rfc-email rfc-2822 I=? iso-8601=? rfc-3339= d= date= r= reference= f= file= debug resolution j v= n",
    judge: (call) =>
      // BSD: -j only converts, and -f is the format of what it converts.
      call.scan.operands.every((word) => textOf(word).startsWith("+") && !word.splits) || has(call.scan, "j")
        ? [
            harmless(call.rule, "prints the time"),
            ...readAll(call, valuesOf(call.scan, "f", "file", "r", "reference")),
          ]
        : [explicit(call, "set", "sets the clock", "device", "host")],
  },
  sort: {
    options:
      "b d f g i M h n R r V c C m s u z H k= key= t= field-separator= S= buffer-size= parallel= batch-size= o= output= T= temporary-directory= files0-from= random-source= sort= check=? debug ignore-leading-blanks dictionary-order ignore-case general-numeric-sort ignore-nonprinting month-sort human-numeric-sort numeric-sort random-sort reverse version-sort merge stable unique zero-terminated",
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
});

/** Names of variables and words under which credentials are usually kept. */
export function isSecretName(text: string): boolean {
  return /(token|secret|passw|passphrase|passwd|api_?key|private_?key|access_?key|credential|auth(?!or)|cookie|session_?id|_pat$|_key$)/i.test(
    text,
  );
}

/** Reads its operands; what the named options say is written. */
export function filter(options: string, ...outputs: string[]): Row {
  return {
    options,
    judge: (call) => [
      harmless(call.rule, "transforms text"),
      ...readAll(call, call.scan.operands),
      ...writeAll(
        call,
        valuesOf(call.scan, ...outputs).filter((word) => word.value !== "-"),
      ),
    ],
  };
}
