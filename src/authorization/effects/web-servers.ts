import { harmless } from "./finding.ts";
import { readsUnder } from "./host.ts";
import { always, explicit, named, type Table, textOf } from "./row.ts";

/** Servers and proxies that put something before the world. */
export const webServers: Table = {
  nginx: {
    options: "t T v V q c= p= e= h",
    plain: true,
    judge: (call) =>
      call.scan.given.size > 0 && call.args.some((word) => /^-[tTvVh]/.test(textOf(word)))
        ? [harmless("nginx.check", "only checks")]
        : [explicit(call, "", "starts or signals a server", "expose", "host")],
  },
  caddy: readsUnder("version fmt validate list-modules help build-info", "expose", {
    isLive: false,
    refused: /^(--overwrite|-w)$/,
  }),
  ...named(
    "apache2 apache2ctl httpd haproxy traefik",
    always("explicit", "expose", "host", "starts or controls a server"),
  ),
};
