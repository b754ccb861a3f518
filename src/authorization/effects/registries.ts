import { act, image, signIn } from "./container-actions.ts";
import type { Finding } from "./finding.ts";
import { type Call, named, type Table, textOf, writeAll } from "./row.ts";
import { fetches, query, subcommands, switches } from "./subcommands.ts";

/** What moves images between registries, and asks registries. */

/** Where skopeo's image goes decides: a local layout is a download, a registry a publication. */
function judgeCopy(call: Call): Finding[] {
  const [from, to] = call.scan.operands;
  const target = textOf(to);
  const local = /^(oci|dir|docker-archive|oci-archive):([^:]+)/.exec(target);
  if (from === undefined || to === undefined || to.value === null) return act.judge(call);
  if (/^(docker-daemon|containers-storage):/.test(target)) return [image(call)];
  if (local === null) return act.judge(call);
  const path = {
    ...to,
    text: local[2] ?? "",
    value: local[2] ?? "",
    pieces: [{ kind: "text" as const, text: local[2] ?? "" }],
  };
  return [image(call), ...writeAll(call, [path])];
}

const skopeoAccess = "tls-verify no-creds authfile= cert-dir= retry-times= daemon-host=";

const skopeo = subcommands(
  {
    inspect: query(`raw config format= f= n no-tags manifest-digest ${skopeoAccess}`),
    "list-tags|manifest-digest": query(skopeoAccess),
    copy: {
      options: switches(
        "a all q quiet f= format= multi-arch= src-tls-verify dest-tls-verify src-no-creds preserve-digests override-arch= override-os= dest-compress dest-decompress retry-times= remove-signatures",
      ),
      plain: true,
      judge: judgeCopy,
    },
    "login|logout": signIn,
  },
  act,
  "debug insecure-policy override-arch= override-os= override-variant= command-timeout= v version h help",
);

/** Clients of registries: what they ask is public or theirs already. */
const crane = subcommands(
  {
    "ls|manifest|digest|config|catalog|validate|version": query(
      "full-ref O omit-digest-tags platform= full-ref tarball= fast remote=",
    ),
    "pull|export": fetches("format= c= cache_path= platform=", "an image", { operandFrom: 1 }),
    "auth|push|append|copy|cp|delete|mutate|rebase|tag|flatten": act,
  },
  act,
  "v verbose insecure platform= allow-nondistributable-artifacts h help",
);

const regctl = subcommands(
  {
    "tag|repo|artifact|referrer ls|list|tree": query(
      "format= limit= last= include= exclude= filter-artifact-type=",
    ),
    "image|manifest inspect|digest|get|head|manifest|check-base|config": query(
      "format= p= platform= list require-list",
    ),
    "version|ping": query("format="),
  },
  act,
  "v= verbosity= logopt= h help",
);

const oras = subcommands(
  {
    "repo ls|tags|list": query("last= format= exclude-digest-tags plain-http insecure"),
    "manifest fetch|fetch-config": query("pretty descriptor platform= format= plain-http insecure"),
    "discover|version|resolve": query(
      "o= output= format= platform= artifact-type= v verbose plain-http insecure",
    ),
    pull: fetches("o= output= platform= k keep-old-files plain-http insecure format=", "an artifact", {
      into: ["o", "output"],
    }),
  },
  act,
);

export const registries: Table = {
  skopeo,
  ...named("crane gcrane", crane),
  regctl,
  oras,
};
