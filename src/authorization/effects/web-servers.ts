import type { Word } from "../parsed-command.ts";
import { isInWorktree } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { readsWhen, verbs } from "./query-verbs.ts";
import {
  always,
  type Call,
  explicit,
  type Group,
  has,
  live,
  liveRead,
  named,
  projectCode,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

const serves: Row = always("explicit", "expose", "host", "starts, stops or changes a server");

/** Servers and proxies that put something before the world. */
export const webServers = (): Table => ({
  "php-fpm": readsWhen(
    "t test y= fpm-config= c= php-ini= m modules v version h help",
    ["t", "test", "m", "modules", "v", "version", "h", "help"],
    "expose",
    "starts a server",
  ),
  varnishadm: verbs({
    options: "n=",
    reads: "status. ping. banner. vcl.list. backend.list storage.list. ban.list. param.show",
    kind: "service",
    changes: "changes a running cache",
    bare: "acts",
  }),
  ...named("nginx openresty angie", {
    options: "t T v V q c= p= e= h ?",
    plain: true,
    judge: (call) =>
      has(call.scan, "t", "T", "v", "V", "h", "?") && call.scan.operands.length === 0
        ? [
            ...checked(call, "nginx.check", valuesOf(call.scan, "c", "p")),
            ...writeAll(call, valuesOf(call.scan, "e")),
          ]
        : [explicit(call, "", "starts or signals a server", "expose", "host")],
  }),
  caddy: caddyTool(),
  ...named("apache2 apache2ctl apachectl httpd", { options: "any", plain: true, judge: judgeApache }),
  ...named("a2query", live("s m c q v h a d p M")),
  haproxy: {
    options: "c f= v vv V q C= d dW",
    plain: true,
    judge: (call) => {
      if (has(call.scan, "c") && has(call.scan, "f") && !has(call.scan, "C"))
        return checked(call, "haproxy.check", [...valuesOf(call.scan, "f"), ...call.scan.operands]);
      const isVersion = has(call.scan, "v", "vv") && !has(call.scan, "f") && call.scan.operands.length === 0;
      return isVersion
        ? [harmless(call.rule, "prints its version")]
        : [explicit(call, "", "starts a server", "expose", "host")];
    },
  },
  traefik: {
    global: "",
    subs: { version: printsVersion(), healthcheck: live(), "*": serves },
    bare: serves,
    before: (scan, place) => ({
      place,
      findings:
        scan.unknown === null || scan.unknown === "-v"
          ? []
          : [explicit({ rule: "traefik" }, "", "starts a server", "expose", "host")],
    }),
  },
  certbot: {
    options: "any",
    plain: true,
    judge: (call) => {
      const [verb, ...rest] = call.args.map((word) => word.value ?? "?");
      const calm = rest.every(
        (word, index) =>
          /^(-q|--quiet|-v+|--verbose|--no-color|--(cert-name|domains?)(=[\w.,*-]+)?|-d)$/.test(word) ||
          (/^(--cert-name|-d|--domains?)$/.test(rest[index - 1] ?? "") && /^[\w.,*-]+$/.test(word)),
      );
      if (/^(certificates|plugins|--version|help|--help|-h)$/.test(verb ?? "") && calm)
        return [liveRead(`certbot.${verb ?? ""}`)];
      return [explicit(call, "", "handles keys, certificates or secrets", "credential-write", "host")];
    },
  },
  ...named("named-checkconf named-checkzone named-compilezone kzonecheck knotc-check", {
    options: "j p x z l i= k= n= m= q d c= f= s= w= D r= S= T= t= v h C L=",
    plain: true,
    judge: (call) =>
      has(call.scan, "t", "w") || call.rule === "named-compilezone"
        ? [explicit(call, "", "writes, or reads from another root", "write", "host")]
        : has(call.scan, "p") && !has(call.scan, "x")
          ? [explicit(call, "keys", "prints the keys too, without -x", "credential-read", "host")]
          : checked(call, call.rule, call.rule === "named-checkconf" ? call.scan.operands : []).concat(
              readAll(call, call.scan.operands),
            ),
  }),
  "unbound-checkconf": {
    options: "h o=",
    plain: true,
    judge: (call) => [harmless(call.rule, "only checks"), ...readAll(call, call.scan.operands)],
  },
  ...named("varnishd lighttpd", {
    options: "t tt f= v V C",
    plain: true,
    judge: (call) =>
      has(call.scan, "t", "tt", "v", "V") && call.scan.operands.length === 0
        ? checked(call, call.rule, valuesOf(call.scan, "f"))
        : [explicit(call, "", "starts a server", "expose", "host")],
  }),
  ...named(
    "nginx-ui  a2ensite a2dissite a2enmod a2dismod a2enconf a2disconf squid uwsgi gunicorn uvicorn hypercorn daphne  miniserve http-server serve live-server webfsd darkhttpd thttpd ",
    serves,
  ),
});

/** A configuration can name modules and programs that the check already loads: of the worktree it is project code. */
function checked(call: Call, rule: string, files: readonly Word[]): Finding[] {
  const own = files.some((word) => isInWorktree(call.place, word) || word.value === null);
  return [
    own ? projectCode({ rule, place: call.place }) : harmless(rule, "only checks"),
    ...readAll(call, files),
  ];
}

function printsVersion(): Row {
  return { options: "any", plain: true, judge: (call) => [harmless(call.rule, "prints its version")] };
}

function caddyTool(): Group {
  const config = "c= config= a= adapter=";
  const check = (options: string): Row => ({
    options: `${config} ${options}`,
    plain: true,
    judge: (call) => [
      harmless(call.rule, "only checks"),
      ...readAll(call, [...valuesOf(call.scan, "c", "config"), ...call.scan.operands]),
    ],
  });
  return {
    global: "",
    subs: {
      version: printsVersion(),
      "build-info": printsVersion(),
      "list-modules": printsVersion(),
      validate: check("v"),
      adapt: check("p pretty validate"),
      fmt: {
        options: `${config} d diff w overwrite`,
        plain: true,
        judge: (call) => {
          const files = [...call.scan.operands, ...valuesOf(call.scan, "c", "config")];
          if (has(call.scan, "w", "overwrite"))
            return files.length > 0
              ? writeAll(call, files)
              : [explicit(call, "file", "rewrites a file that is not named", "write", "worktree")];
          return [harmless(call.rule, "prints it formatted"), ...readAll(call, files)];
        },
      },
      environ: {
        options: "",
        judge: (call) => [
          finding("brief", call.rule, "prints the environment", [effect("read", "environment", "none")]),
        ],
      },
      "*": serves,
    },
  };
}

const apacheCheck =
  /^(configtest|-t|-S|-M|-l|-L|-v|-V|-h|-D|DUMP_(VHOSTS|RUN_CFG|MODULES|INCLUDES|CONFIG)|status|fullstatus)$/;

/** A configuration or directive named here may load modules, so only the machine's own is checked. */
function judgeApache(call: Call): Finding[] {
  const words = call.args.map(textOf);
  const isCheck =
    words.length > 0 && words.every((word) => apacheCheck.test(word)) && words.some((word) => word !== "-D");
  return isCheck && call.args.every((word) => word.value !== null)
    ? [harmless(`${call.rule}.check`, "only checks")]
    : [explicit(call, "", "starts or controls a server", "expose", "host")];
}
