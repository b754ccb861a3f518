import { isSecretName } from "./coreutils.ts";
import type { Finding } from "./finding.ts";
import { readsWhen, verbs } from "./query-verbs.ts";
import {
  always,
  type Call,
  explicit,
  has,
  live,
  liveRead,
  named,
  type Row,
  type Table,
  textOf,
} from "./row.ts";

const packages = "changes packages of the host";
const kind = "package" as const;

const brew = verbs({
  options:
    "formula formulae cask casks json=? versions l r reverse t 1 full-name pinned multiple installed tree include-build include-optional include-test include-requirements skip-recommended skip-optional union intersection topological direct missing annotate all n dry-run q quiet v verbose d debug g greedy greedy-latest greedy-auto-updates analytics days= github desc s search description name eval-all for-each prefix cellar repository repo cache caskroom unbrewed env version oneline max-count= declared  bottle built-from-source installed-as-dependency poured-from-bottle h help f",
  reads:
    "list ls search info abv outdated deps uses desc leaves config doctor dr log options cat formulae casks missing tap. tap-info services. services.list services.info analytics. analytics.state commands help shellenv which-formula linkage  ",
  kind,
  changes: packages,
  asks: ["prefix", "cellar", "repository", "repo", "cache", "caskroom", "version", "env"],
  special: {
    install: dryRun,
    upgrade: dryRun,
    cleanup: dryRun,
    autoremove: dryRun,
    reinstall: dryRun,
  },
});

/** Packages of systems other than Debian's family, and of the managers beside them. */
export const systemPackages = (): Table => ({
  "nix-channel": readsWhen("list", ["list"], "package", "changes where packages come from"),
  "subscription-manager": verbs({
    options: "installed available consumed all list list-enabled list-disabled",
    reads: "status. identity. version. list. facts. repos.",
    kind: "package",
    changes: "changes what the machine is subscribed to",
  }),
  ...named(
    "dnf dnf5 yum dnf-3 microdnf tdnf",
    verbs({
      // No --setopt, --config, --installroot and --repofrompath.
      options:
        "q quiet v verbose y assumeyes assumeno C cacheonly refresh enablerepo= disablerepo= repo= repoid= x= exclude= excludepkgs= installed available updates upgrades upgrade recent extras all autoremove obsoletes security bugfix enhancement newpackage sec-severity= secseverity= severity= advisory= advisories= bz= bzs= cve= cves= with-bz with-cve showduplicates best nobest skip-broken allowerasing releasever= forcearch= noplugins disableplugin= d= e= debuglevel= errorlevel= color= latest-limit= qf= queryformat= l list i info s source requires provides conflicts whatrequires= whatprovides= whatdepends= whatrecommends= file= f= arch= archlist= a unneeded userinstalled duplicates nevra nvr envra resolve recursive tree deplist changelogs changelog location h help version summary references hidden ids reverse contains-pkgs= json nogpgcheck r reboothint services exclude-services",
      reads:
        "list search info repolist repoinfo repoquery rq provides whatprovides deplist check check-update check-upgrade updateinfo changelog leaves history. history.list history.info history.userinstalled group.list group.info group.summary grouplist groupinfo module.list module.info module.provides module.repoquery advisory.list advisory.info advisory.summary alias.list versionlock. versionlock.list needs-restarting repo.list repo.info help system-upgrade.log offline.status offline.log environment.list environment.info",
      kind,
      changes: packages,
      rehearsal: {
        by: ["assumeno"],
        unless: ["y", "assumeyes"],
        of: "install remove upgrade update downgrade reinstall autoremove distro-sync erase upgrade-minimal localinstall swap",
      },
    }),
  ),
  "needs-restarting": live("r reboothint s services u useronly"),
  rpm: { options: rpmOptions(), plain: true, judge: judgeRpm },
  rpmkeys: readsWhen(
    "l list K checksig v",
    ["l", "list", "K", "checksig"],
    kind,
    "changes whose packages are trusted",
  ),
  rpm2cpio: live(),
  ...named("pacman yay paru", { options: pacmanOptions(), plain: true, judge: judgePacman }),
  checkupdates: live("n nosync nocolor c h help"),
  ...named(
    "pactree expac",
    live(
      "# r reverse d= depth= u unique l linear s sync c color g graph a ascii o= optional=? S Q H= e= p 1 t= v",
    ),
  ),
  paccache: readsWhen(
    "d dryrun k= keep= u uninstalled q quiet v verbose c= cachedir= i= ignore= a= arch= nocolor z null h help",
    ["d", "dryrun", "h", "help"],
    kind,
    "deletes cached packages",
  ),
  pkgfile: live(
    "s search l list r regex g glob i ignorecase b binaries v verbose q quiet d directories w raw R= repo=",
  ),
  zypper: verbs({
    // No -D, -R, -c and --root: they name another configuration.
    options:
      "n non-interactive non-interactive-include-reboot-patches q quiet v verbose no-refresh no-color x xmlout s details t= type= r= repo= i installed-only installed u uninstalled-only not-installed match-exact match-words match-substrings provides requires recommends suggests conflicts obsoletes C case-sensitive f file-list search-descriptions a all b= bugzilla= cve= issue= g= category= severity= sort-by-name sort-by-repo sort-by-catalog N P sort-by-priority E show-enabled-only uri U l no-gpg-checks dry-run no-cd terse table-style= pullin recommended orphaned unneeded autoinstalled userinstalled system suggested solver date= updatestack-only with-optional without-optional version h help match= label m matches d force-resolution no-recommends y no-confirm auto-agree-with-licenses download-only",
    reads:
      "search se info if list-updates lu list-patches lp patch-check pchk repos lr services ls packages pa patterns pt products pd patches pch what-provides wp locks ll targetos tos versioncmp vcmp ps needs-rebooting licenses patch-info pattern-info product-info system-architecture help shell-help",
    kind,
    changes: packages,
    rehearsal: {
      by: ["dry-run"],
      of: "install in remove rm update up patch dist-upgrade dup verify install-new-recommends inr",
    },
  }),
  apk: verbs({
    options:
      "v verbose q quiet a all L contents W who-owns r rdepends R depends P provides i install-if w webpage s size simulate d description D t triggers n no-network license replaces I installed u upgradeable upgradable O orphaned available o origin no-cache e exact has-description progress no-progress print-arch V version h help wait= l= limit= c check full recursive backup packages permissions system",
    reads: "info search list policy version stats dot audit help",
    kind,
    changes: packages,
    rehearsal: { by: ["simulate"], of: "add del upgrade fix" },
    asks: ["print-arch"],
  }),
  opkg: verbs({
    options: "V= verbosity= A a size t= no-action noaction test short-description",
    reads:
      "list list-installed list-upgradable list-changed-conffiles files search find info status compare-versions print-architecture depends whatdepends whatprovides help",
    kind,
    changes: packages,
    rehearsal: { by: ["noaction", "test"], of: "install remove upgrade" },
  }),
  pkg: verbs({
    options:
      "n dry-run y yes q quiet v verbose N a all g glob x regex i case-insensitive F f full o origin p prefix r= repository= e exact U no-repo-update l s d R raw raw-format= I L= S= C O B b Q= w c",
    reads: "info search query rquery stats which version help list-installed list-all show files shlib",
    kind,
    changes: packages,
    special: {
      // With -F it first fetches the list of what is vulnerable into the system's own folder.
      audit: (call) =>
        has(call.scan, "F") ? [explicit(call, "", packages, kind, "host")] : [liveRead(call.rule)],
    },
  }),
  ...named("pkg_info xbps-query qlist equery eix qfile qdepends", live()),
  emerge: namesOnly(
    readsWhen(
      "p pretend s= search= S= searchdesc= info list-sets v verbose=? u update D deep N newuse U changed-use t tree q quiet 1 oneshot o onlydeps c depclean P prune C unmerge with-bdeps= columns backtrack= version V help h color= nospinner",
      ["p", "pretend", "s", "search", "S", "searchdesc", "info", "list-sets", "version", "V"],
      kind,
      packages,
    ),
  ),
  snap: verbs({
    options:
      "all color= unicode= abs-time verbose channel= n= f d l list time format= last= p timeout= i help h version",
    reads:
      "list info find search version changes change tasks connections interfaces interface services logs warnings known model saved whoami debug.timings debug.connectivity help recovery aliases components validate.",
    kind,
    changes: packages,
    special: {
      get: settingsOfSnap,
      refresh: (call) =>
        has(call.scan, "list", "time") ? [liveRead(call.rule)] : [explicit(call, "", packages, kind, "host")],
    },
  }),
  flatpak: verbs({
    options:
      "app runtime columns= a all d show-details u user system installation= arch= r ref show-ref o origin c commit m show-metadata l show-location s size show-permissions M updates cached app-runtime= log since= until= reverse ostree-verbose v verbose version gl-drivers supported-arches default-arch installations show-sdk show-extensions file-access= show-disabled sideloaded j json",
    reads:
      "list info search remotes remote-ls remote-info history ps permissions permission-show documents document-info config. help",
    kind,
    changes: packages,
  }),
  brew: {
    ...brew,
    judge: (call) => {
      const isList = /^tap-info$/.test(textOf(call.scan.operands[0]));
      const file = call.scan.operands.find(
        (word) =>
          // A tap that is not there yet is fetched, and its formula run.
          (!isList && /^(?!homebrew\/(core|cask)\/)[^/]+\/[^/]+\/[^/]+$/i.test(textOf(word))) ||
          !/^[\w@+-][\w@+.-]*(\/[\w@+.-]+){0,2}$/.test(word.value ?? "") ||
          textOf(word).endsWith(".rb"),
      );
      return file === undefined
        ? brew.judge(call)
        : [
            explicit(
              call,
              "file",
              "a formula is a program, and reading it runs it",
              "execute-opaque",
              "host",
              textOf(file),
            ),
          ];
    },
  },
  // Without a name it runs the Portfile of the folder it is in.
  port: verbs({
    options: "v q d",
    reads: "installed list search outdated echo version help location",
    kind,
    changes: packages,
    bare: "acts",
    special: {
      info: ofNamedPort,
      deps: ofNamedPort,
      rdeps: ofNamedPort,
      variants: ofNamedPort,
      contents: ofNamedPort,
      dependents: ofNamedPort,
      notes: ofNamedPort,
    },
  }),
  mas: verbs({
    options: "price",
    reads: "list outdated search info account config version help",
    kind,
    changes: packages,
  }),
  softwareupdate: readsWhen(
    "l list history all list-full-installers",
    ["l", "list", "history", "list-full-installers"],
    kind,
    packages,
  ),
  "rpm-ostree": verbs({
    options: "json b booted v verbose advisories a preview check",
    reads: "status db.list db.diff db.version search kargs. help",
    kind,
    changes: packages,
  }),
  ...named(
    "fwupdtool  installpkg removepkg slackpkg sbopkg swupd conary pkg_add pkg_delete cnf-update-db packagekitd rpmdb yumdownloader dnf-automatic  debtap appimaged",
    always("explicit", kind, "host", packages),
  ),
});

/** What a snap was set to; a whole document has what is secret in it as well. */
function settingsOfSnap(call: Call): Finding[] {
  const [, name, ...keys] = call.scan.operands;
  const isWhole = has(call.scan, "d") && keys.length === 0 && !/^(system|core)$/.test(textOf(name));
  const odd = keys.find((word) => word.value === null || isSecretName(word.value));
  return isWhole || odd !== undefined
    ? [explicit(call, "secret", "shows a setting that may be a secret", "credential-read", "host")]
    : [liveRead(call.rule)];
}

function ofNamedPort(call: Call): Finding[] {
  const names = call.scan.operands.slice(1);
  return names.length > 0 && names.every((word) => /^[\w+][\w+.-]*$/.test(word.value ?? ""))
    ? [liveRead(call.rule)]
    : [explicit(call, "file", "runs a Portfile", "execute-opaque", "host")];
}

function dryRun(call: Call): Finding[] {
  return has(call.scan, "n", "dry-run")
    ? [liveRead(call.rule)]
    : [explicit(call, "", packages, kind, "host", call.args.map(textOf).join(" "))];
}

// No --specfile, --eval, --pipe, --define and --root: macros run programs. No -h: it goes with -i.
function rpmOptions(): string {
  return "q query V verify K checksig a all f file p package i info l list c configfiles d docfiles s state L licensefiles R requires changelog changes scripts provides conflicts obsoletes recommends suggests supplements enhances triggers filetriggers whatprovides whatrequires whatrecommends whatconflicts whatobsoletes last dump qf= queryformat= g group querybynumber hdrid pkgid tid triggeredby nodigest nosignature nofiles noscripts noconfig nomtime nomode nouser nogroup nosize nolinkto v verbose quiet xml artifactfiles filesbypkg fileclass filecolor fileprovide filerequire nomanifest noglob querytags showrc version";
}

function judgeRpm(call: Call): Finding[] {
  const asks = has(call.scan, "q", "query", "V", "verify", "K", "checksig", "querytags", "showrc", "version");
  const remote = call.scan.operands.find((word) => word.value === null || /:\/\//.test(word.value));
  if (asks && remote !== undefined && textOf(remote).includes("://"))
    return [
      explicit(call, "remote", "fetches a package to look at it", "network-read", "remote", textOf(remote)),
    ];
  return asks
    ? [liveRead(call.rule)]
    : [explicit(call, "", packages, kind, "host", call.args.map(textOf).join(" "))];
}

function pacmanOptions(): string {
  return "Q query S sync F files T deptest R remove U upgrade D database P show s search i info l list o owns q quiet e explicit d deps t unrequired u upgrades sysupgrade g groups k check p print file n native m foreign c changelog x regex a aur v verbose w stats color= print-format= noconfirm debug machinereadable V version h help nosave recursive nodeps";
}

/** The same letter means another thing under each operation: `-Su` upgrades, `-Qu` lists. */
function judgePacman(call: Call): Finding[] {
  const letters = [...call.scan.given.keys()];
  const only = (allowed: string): boolean => letters.every((name) => allowed.split(" ").includes(name));
  const calm = "q quiet v verbose color print-format debug machinereadable noconfirm a aur";
  const isRead =
    has(call.scan, "V", "version", "h", "help", "T", "deptest") ||
    (has(call.scan, "Q", "query") &&
      !has(call.scan, "S", "R", "U", "D", "F", "sync", "remove", "upgrade", "database")) ||
    (has(call.scan, "F", "files") && only(`F files l list x regex ${calm}`)) ||
    (has(call.scan, "S", "sync") &&
      has(call.scan, "s", "search", "i", "info", "l", "list", "g", "groups", "p", "print") &&
      only(
        `S sync s search i info l list g groups p print ${has(call.scan, "p", "print") ? "u sysupgrade" : ""} ${calm}`,
      )) ||
    (has(call.scan, "R", "remove", "U", "upgrade") &&
      has(call.scan, "p", "print") &&
      !has(call.scan, "S", "sync", "D", "database")) ||
    (call.rule !== "pacman" && has(call.scan, "P", "show") && only(`P show u upgrades s stats ${calm}`));
  return isRead
    ? [liveRead(call.rule)]
    : [explicit(call, "", packages, kind, "host", call.args.map(textOf).join(" "))];
}

/** A path is an ebuild, which is a script. */
function namesOnly(row: Row): Row {
  return {
    ...row,
    judge: (call) =>
      call.scan.operands.some(
        (word) =>
          !/^[\w@+=<>~!*-][\w@+.:*=-]*(\/[\w@+.:*=-]+)?$/.test(word.value ?? "") ||
          textOf(word).endsWith(".ebuild"),
      )
        ? [explicit(call, "file", "runs an ebuild", "execute-opaque", "host")]
        : row.judge(call),
  };
}
