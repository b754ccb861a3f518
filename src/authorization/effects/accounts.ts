import { type Finding, harmless } from "./finding.ts";
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

const account = "changes an account";

/** Who may do what on this machine. */
export const accounts = (): Table => ({
  semodule: readsWhen(
    "l=? list-modules=? C",
    ["l", "list-modules"],
    "account",
    "changes what the machine allows",
  ),
  authselect: verbs({
    options: "r raw",
    reads: "current. list. list-features show check.",
    kind: "account",
    changes: "changes how people sign in",
    bare: "acts",
  }),
  getent: {
    options: "s= service= i no-idn A no-addrconfig",
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
  passwd: readsWhen("S status a all", ["S", "status"], "account", "changes a password"),
  chage: readsWhen("l list i iso8601", ["l", "list"], "account", account),
  ...named("chsh", readsWhen("l list-shells", ["l", "list-shells"], "account", account)),
  visudo: {
    options: "c check q quiet s strict f= file= O P I no-includes V version h help x=",
    plain: true,
    judge: (call) =>
      has(call.scan, "c", "check", "V", "version", "h", "help") && !has(call.scan, "x")
        ? [
            harmless(call.rule, "only checks"),
            ...readAll(
              call,
              valuesOf(call.scan, "f", "file").filter((word) => !/^\/etc\/sudoers/.test(textOf(word))),
            ),
          ]
        : [explicit(call, "", "changes who may act as root", "account", "host")],
  },
  ...named("pwck grpck", readsWhen("r read-only q quiet", ["r", "read-only"], "account", account)),
  ...named(
    "lslogins pinky sestatus getenforce aa-status apparmor_status getsebool seinfo sesearch matchpathcon aureport ausearch ac lastcomm getcap",
    live(),
  ),
  // With a host it sends a name there, and prints what comes back.
  finger: {
    options: "l m p s g h o k T",
    plain: true,
    judge: (call) =>
      call.scan.operands.some((word) => word.value === null || word.value.includes("@"))
        ? [explicit(call, "host", "asks another machine", "network-send", "remote")]
        : [liveRead(call.rule)],
  },
  faillog: live("a all u= user= t= time="),
  faillock: live("user= dir= conf= legacy-output"),

  sssctl: verbs({
    options: "",
    reads: "domain-list domain-status user-checks user-show group-show config-check",
    kind: "account",
    changes: account,
    bare: "reads",
  }),
  realm: verbs({
    options: "v verbose all name-only a n",
    reads: "list discover",
    kind: "account",
    changes: account,
  }),
  // No -w: it prints the hashes.
  pdbedit: readsWhen("L list v verbose d= u= user=", ["L", "list"], "account", account),
  wbinfo: readsWhen(
    "u g t p D= domain-users domain-groups check-secret ping ping-dc own-domain all-domains trusted-domains online-status m n= name-to-sid= i= user-info= r= user-groups=",
    [
      "u",
      "g",
      "t",
      "p",
      "D",
      "domain-users",
      "domain-groups",
      "check-secret",
      "ping",
      "ping-dc",
      "own-domain",
      "all-domains",
      "trusted-domains",
      "online-status",
      "m",
      "n",
      "name-to-sid",
      "i",
      "user-info",
      "r",
      "user-groups",
    ],
    "account",
    account,
  ),
  semanage: { options: "l list n noheading C locallist E extract", plain: true, judge: judgeSemanage },
  auditctl: readsWhen("l s v h i", ["l", "s", "v", "h"], "account", "changes what is audited"),
  restorecon: readsWhen("n v R r F i D x m e= T= 0 p", ["n"], "account", "changes security labels"),
  sudoreplay: readsWhen("l d= f= h V", ["l", "V", "h"], "credential-read", "replays what somebody typed"),
  ...named(
    "kdestroy useradd userdel usermod adduser deluser addgroup delgroup groupadd groupdel groupmod groupmems chpasswd chgpasswd chfn gpasswd vipw vigr newusers pwconv pwunconv grpconv grpunconv smbpasswd htpasswd setsebool setenforce aa-enforce aa-complain aa-disable aa-teardown apparmor_parser  authconfig  pam-auth-update kpasswd kadmin kadmin.local adcli dsconfigad newuidmap newgidmap cracklib-check saslpasswd2",
    always("explicit", "account", "host", account),
  ),
});

function judgeSemanage(call: Call): Finding[] {
  const isList = has(call.scan, "l", "list", "E", "extract") && call.scan.operands.length === 1;
  return isList &&
    /^(port|fcontext|boolean|login|user|module|interface|node|permissive|ibpkey)$/.test(
      textOf(call.scan.operands[0]),
    )
    ? [liveRead(call.rule)]
    : [explicit(call, "", "changes the security policy", "account", "host")];
}
