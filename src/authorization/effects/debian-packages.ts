import { literalWord } from "../parsed-command.ts";
import { runsInWorktree } from "../paths.ts";
import { effect, type Finding, finding } from "./finding.ts";
import { readsWhen, verbs } from "./query-verbs.ts";
import {
  always,
  type Call,
  explicit,
  has,
  live,
  liveRead,
  named,
  type Table,
  textOf,
  writeAll,
} from "./row.ts";

const packages = "changes packages of the host";

// No -o and -c: a setting can name a program to run. No --build and --compile.
const aptOptions =
  "s simulate just-print dry-run recon no-act y yes assume-yes assume-no q=? quiet=? d download-only f fix-broken m ignore-missing fix-missing t= target-release= default-release= a all-versions= host-architecture= V verbose-versions U u show-upgraded installed upgradable upgradeable manual-installed all-versions names-only n full F format= no-all-versions no-install-recommends install-recommends install-suggests no-install-suggests reinstall purge autoremove auto-remove allow-downgrades allow-remove-essential allow-change-held-packages no-remove no-upgrade only-upgrade with-new-pkgs without-new-pkgs no-download print-uris no-recommends no-suggests no-conflicts no-breaks no-replaces no-enhances no-pre-depends recurse important i implicit g generate p= s= download source-only only-source dsc-only tar-only diff-only no-color color show-progress trivial-only error-on= comment= no-pager h help v version";

const apt = {
  options: aptOptions.replace(" p= s= ", " "),
  kind: "package" as const,
  changes: packages,
  rehearsal: {
    by: ["s", "simulate", "just-print", "dry-run", "recon", "no-act", "print-uris"],
    of: "install remove purge upgrade safe-upgrade dist-upgrade full-upgrade autoremove autopurge build-dep satisfy dselect-upgrade reinstall clean autoclean",
  },
  asks: ["h", "help", "v", "version"],
};
const asked =
  "list search show showsrc policy depends rdepends madison why why-not changelog indextargets check moo help history-list history-info";

/** Packages of Debian and its family. */
export const debianPackages = (): Table => ({
  ...named("apt apt-get", verbs({ ...apt, reads: asked, special: { download: fetched, source: fetched } })),
  aptitude: verbs({
    ...apt,
    options: `${apt.options} w= width= O= sort= disable-columns show-reasons= W`,
    reads: "search show versions why why-not changelog help",
    special: { download: fetched },
    bare: "acts",
  }),
  "apt-cache": verbs({
    // No -p and -s: they name files that it writes.
    options:
      "n names-only f full a all-versions no-all-versions installed i important g generate recurse no-pre-depends no-depends no-recommends no-suggests no-conflicts no-breaks no-replaces no-enhances implicit virtual-only q=? quiet=? h help v version host-architecture= with-source= names-only no-generate",
    reads:
      "policy show showpkg showsrc showauto search depends rdepends madison stats dump dumpavail pkgnames unmet dotty xvcg help",
    kind: "package",
    changes: packages,
  }),
  "apt-mark": verbs({
    options: "s simulate q=? quiet=? y h help v version",
    reads: "showmanual showauto showhold showinstall showremove showpurge",
    kind: "package",
    changes: packages,
    rehearsal: { by: ["s", "simulate"], of: "auto manual hold unhold minimize-manual" },
  }),
  "apt-config": verbs({
    options: "empty format= v version h help",
    reads: "dump",
    kind: "package",
    changes: "is not known to be a read",
  }),
  "apt-file": verbs({
    options:
      "x regexp F fixed-string i ignore-case l package-only a= architecture= D from-deb f from-file I= index-names= filter-origins= filter-suites= substring-match v h help",
    reads: "search find show list list-indices",
    kind: "package",
    changes: "fetches lists",
  }),
  "apt-key": verbs({
    options: "keyring=",
    reads: "list finger",
    kind: "package",
    changes: "changes whose packages are trusted",
  }),
  ...named(
    "apt-show-versions",
    live("u a p= r R b n h help upgradeable allversions package= brief nohold regex"),
  ),
  "apt-rdepends": live("r reverse d dotty p print-state f= follow= s= show= b build-depends"),
  dpkg: {
    options:
      "l list L listfiles s status S search p print-avail get-selections c contents I info f field W show V verify version print-architecture print-foreign-architectures compare-versions C audit yet-to-unpack predep-package assert-support-predepends assert-multi-arch validate-pkgname validate-version validate-archname no-pager verify-format= ctrl-tarfile fsys-tarfile",
    plain: true,
    judge: (call) => [liveRead(call.rule)],
  },
  "dpkg-query": live(
    "# W show l list s status L listfiles S search p print-avail f= showformat= control-list control-show control-path no-pager load-avail admindir= root=",
  ),
  "dpkg-deb": {
    options:
      "I info c contents f field W show v verbose x extract X vextract e control R raw-extract showformat= fsys-tarfile ctrl-tarfile",
    judge: judgeDeb,
  },
  "dpkg-architecture": live("a= host-arch= q= query= l list i= is= e= equal= L list-known"),
  "dpkg-divert": readsWhen(
    "list listpackage= truename=",
    ["list", "listpackage", "truename"],
    "package",
    packages,
  ),
  "dpkg-statoverride": readsWhen("list", ["list"], "package", packages),
  debsums: live(
    "s silent c changed l list-missing a all e config ignore-permissions ignore-obsolete r= root= no-locale-purge no-prelink x",
  ),
  deborphan: live(
    "a all-packages guess-all guess-dev libdevel f= n nice-mode s show-section P show-priority z show-size d show-deps",
  ),
  "debconf-show": live("listowners listdbs db="),
  "debconf-get-selections": live("installer"),
  needrestart: readsWhen(
    "b p k l v q w V version help",
    ["b", "p", "V", "version", "help"],
    "service",
    "restarts services",
  ),
  checkrestart: live("v h n"),
  "do-release-upgrade": readsWhen(
    "c check-dist-upgrade-only p proposed d devel-release q quiet V version",
    ["c", "check-dist-upgrade-only", "V", "version"],
    "package",
    "upgrades the system",
  ),
  ...named(
    "unattended-upgrade unattended-upgrades",
    readsWhen(
      "dry-run d debug v verbose apt-debug h help",
      ["dry-run", "h", "help"],
      "package",
      "upgrades the system",
    ),
  ),
  ...named(
    "pro ua ubuntu-advantage",
    verbs({
      options: "format= all wait assume-yes dry-run version",
      reads: "status security-status version help",
      kind: "package",
      changes: packages,
      rehearsal: { by: ["dry-run"], of: "fix" },
    }),
  ),
  ...named("hwe-support-status ubuntu-security-status popcon-largest-unused", live()),
  tasksel: readsWhen(
    "list-tasks task-packages= task-desc= t test",
    ["list-tasks", "task-packages", "task-desc"],
    "package",
    packages,
  ),
  lsb_release: live(),
  ...named(
    "add-apt-repository apt-add-repository apt-ftparchive apt-clone apt-extracttemplates debootstrap dselect gdebi synaptic update-command-not-found debconf-set-selections dpkg-preconfigure apt-cdrom",
    always("explicit", "package", "host", packages),
  ),
});

/** Writes what it fetches into the folder it runs in. */
function fetched(call: Call): Finding[] {
  if (!runsInWorktree(call.place))
    return [explicit(call, "outside", "writes into a folder outside the worktree", "write", "host")];
  const names = call.scan.operands.slice(1).map(textOf).join(" ");
  return [
    finding("brief", call.rule, "fetches a package into the worktree", [
      effect("network-read", names, "remote"),
      effect("write", "files of the package", "worktree"),
    ]),
  ];
}

function judgeDeb(call: Call): Finding[] {
  if (!has(call.scan, "x", "extract", "X", "vextract", "e", "control", "R", "raw-extract"))
    return [liveRead(call.rule)];
  const folder = call.scan.operands[1] ?? literalWord("DEBIAN");
  return [explicitWhenBare(call), ...writeAll(call, [folder])].flat();
}

/** Over the worktree itself it may replace anything. */
function explicitWhenBare(call: Call): Finding[] {
  return /^\.?\/?$/.test(textOf(call.scan.operands[1]).trim())
    ? [explicit(call, "tree", "unpacks over the folder it is in", "write", "worktree")]
    : [];
}
