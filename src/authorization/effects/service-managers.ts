import { effect, type Finding, finding, harmless } from "./finding.ts";
import { ofHosts } from "./named-hosts.ts";
import { readsWhen, verbs } from "./query-verbs.ts";
import {
  always,
  type Call,
  explicit,
  has,
  live,
  liveRead,
  named,
  readAll,
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";

const changes = "changes a service of the host";

/** What starts and watches services where systemd does not, and what turns their logs and alternatives over. */
export const serviceManagers = (): Table => ({
  service: { options: "any", plain: true, judge: (call) => judgeInit(call, 1) },
  "invoke-rc.d": { options: "any", plain: true, judge: (call) => judgeInit(call, 1) },
  "rc-service": {
    options:
      "l list e= exists= r= resolve= C nocolor v verbose q quiet D nodeps i ifexists I ifinactive N ifnotstarted s ifstarted S ifstopped c ifcrashed U user",
    plain: true,
    judge: (call) =>
      has(call.scan, "l", "list", "e", "exists", "r", "resolve") ? [liveRead(call.rule)] : judgeInit(call, 1),
  },
  "rc-status": live(
    "a all c crashed C nocolor f= format= l list m manual r runlevel s servicelist S supervised u unused U user v verbose q quiet",
  ),
  "rc-update": verbs({
    options: "a all v verbose C nocolor q quiet s stack U user",
    reads: "show",
    kind: "service",
    changes,
  }),
  initctl: verbs({
    options: "system session user no-wait quiet q v verbose",
    reads: "list status version show-config check-config list-env list-sessions",
    kind: "service",
    changes,
    bare: "acts",
  }),
  launchctl: verbs({
    options: "",
    reads:
      "list print print-cache print-disabled plist procinfo hostinfo resolveport blame dumpstate dumpjpcategory managerpid manageruid managername error variant version help",
    kind: "service",
    changes,
  }),
  sv: verbs({ options: "v w=", reads: "status s", kind: "service", changes, bare: "acts" }),
  "s6-svstat": live(),
  "s6-rc": verbs({ options: "a u d l= v= b", reads: "list listall diff help", kind: "service", changes }),
  "s6-rc-db": live("c= b l= u d"),
  chkconfig: readsWhen("list type= level= t=", ["list"], "service", changes),
  supervisorctl: ofHosts(
    {
      options: "# c= configuration= s= serverurl= u= username= h help r= history-file=",
      plain: true,
      judge: judgeSupervisor,
    },
    ["s", "serverurl"],
  ),
  monit: verbs({
    options: "g= B batch v verbose h V I",
    reads: "status summary report procmatch",
    kind: "service",
    changes,
    bare: "acts",
  }),
  pm2: verbs({
    options:
      "lines= raw nostream err out json timestamp=? format highlight= no-color no-colors s silent m mini-list sort= v version h help",
    reads: "list ls l ps status describe desc info show logs id pid ping reportkeys slist conf.",
    kind: "process",
    changes: "changes running programs",
    special: {
      jlist: programsEnvironment,
      prettylist: programsEnvironment,
      env: programsEnvironment,
      report: programsEnvironment,
    },
  }),
  logrotate: {
    options: "d debug v verbose s= state= f force version usage",
    judge: (call) =>
      has(call.scan, "d", "debug", "version", "usage")
        ? [harmless(call.rule, "only says what it would do"), ...readAll(call, call.scan.operands)]
        : [
            explicit(
              call,
              "",
              "rotates logs and runs their scripts",
              "service",
              "host",
              call.args.map(textOf).join(" "),
            ),
          ],
  },
  "update-alternatives": readsWhen(
    "list= display= query= get-selections quiet verbose debug admindir= altdir=",
    ["list", "display", "query", "get-selections"],
    "service",
    "changes which program a name stands for",
  ),
  alternatives: readsWhen(
    "list display= verbose",
    ["list", "display"],
    "service",
    "changes which program a name stands for",
  ),
  ldconfig: readsWhen(
    "p print-cache v verbose C= N X",
    ["p", "print-cache"],
    "service",
    "changes the cache of libraries",
  ),
  runlevel: live(),
  doveconf: live("n a d f= m= N H h"),
  postfix: verbs({ options: "c= v", reads: "check status", kind: "service", changes, bare: "acts" }),
  postconf: live("d n f h H x p P M F m l a A C= c= o= T= t v"),
  ...named(
    "reboot shutdown halt poweroff init telinit update-rc.d insserv s6-svc s6-svscanctl runsvdir dbus-send dbus-monitor qdbus locale-gen update-locale dpkg-reconfigure pm2-runtime",
    always("explicit", "service", "host", changes),
  ),
});

/** `service NAME status`: the verb comes after the service. */
function judgeInit(call: Call, at: number): Finding[] {
  const words = call.args
    .map((word) => word.value ?? "?")
    .filter((text) => !/^--(quiet|verbose)$/.test(text));
  const isQuery =
    (words.length === 1 && words[0] === "--status-all") ||
    (words.length === at + 1 &&
      /^(status|describe)$/.test(words[at] ?? "") &&
      /^[\w@.-]+$/.test(words[0] ?? ""));
  return isQuery ? [liveRead(call.rule)] : [explicit(call, "", changes, "service", "host", words.join(" "))];
}

const supervisor = verbs({
  options: "",
  reads: "status avail pid version tail maintail help",
  kind: "service",
  changes: "changes running programs",
  bare: "acts",
});

/** Its configuration can name plug-ins, so one that anybody may have written is code. */
function judgeSupervisor(call: Call): Finding[] {
  const own = valuesOf(call.scan, "c", "configuration").filter(
    (word) => !/^\/etc\/(?!.*\.\.)/.test(word.value ?? ""),
  );
  if (own.length > 0)
    return [
      explicit(call, "configuration", "a configuration can name code to load", "execute-opaque", "host"),
    ];
  if (has(call.scan, "r", "history-file"))
    return [explicit(call, "history", "writes a history file", "write", "host")];
  const found = supervisor.judge(call);
  // Without -c it also looks for one in the folder it runs in: then it had better run in the sandbox.
  return has(call.scan, "c", "configuration") ? found : found.map((one) => ({ ...one, live: false }));
}

/** Tokens are handed over in environments. */
function programsEnvironment(call: Call): Finding[] {
  return [
    finding("brief", call.rule, "prints the environment of running programs", [
      effect("read", "environment", "host"),
    ]),
  ];
}
