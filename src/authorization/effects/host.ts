import type { EffectKind } from "../action.ts";
import { harmless } from "./finding.ts";
import { readsWhen } from "./query-verbs.ts";
import { always, explicit, liveRead, named, type Row, showing, type Table } from "./row.ts";

/** A tool that reads under some verbs and changes the host under all others. `refused` are words that spoil a read. */
export function readsUnder(
  verbs: string,
  kind: EffectKind,
  options: { refused?: RegExp; bare?: boolean; isLive?: boolean; scope?: "host" | "remote" } = {},
): Row {
  const known = new Set(verbs.split(/\s+/));
  const { refused, bare = false, isLive = true, scope = "host" } = options;
  return {
    options: "any",
    plain: true,
    judge: (call) => {
      const words = call.args.map((word) => word.value);
      // Options before the verb may take a value; only switches are stepped over, so that a value is taken for the verb.
      const first = words.findIndex((word) => word === null || !/^--?[\w-]+(=.*)?$/.test(word));
      const at = words[0] != null && known.has(words[0]) ? 0 : first;
      const verb = at === -1 ? (bare ? "" : "?") : (words[at] ?? "?");
      const isRead = (verb === "" && bare) || known.has(verb) || known.has(`${verb}.${words[at + 1] ?? ""}`);
      const isOpen = call.args.some((word) => word.splits);
      const spoiled = isOpen || (refused !== undefined && words.some((word) => refused.test(word ?? "?")));
      const rule = verb === "" || verb === "?" ? call.rule : `${call.rule}.${verb}`;
      if (isRead && !spoiled) return [isLive ? liveRead(rule) : harmless(rule, "only reads")];
      return [
        explicit(
          { rule },
          "",
          "changes the host, or is not known to be a read",
          kind,
          scope,
          words.map((word) => word ?? "?").join(" "),
        ),
      ];
    },
  };
}

/** Servers of the machine. */
export const host = (): Table => ({
  dnsmasq: showing(
    readsWhen(
      "test C= conf-file= v version help",
      ["test", "v", "version", "help"],
      "expose",
      "starts a server",
    ),
    "C",
    "conf-file",
  ),
  sshd: showing(readsWhen("t T G f= C= o= h= V", ["t", "T", "G", "V"], "expose", "starts a server"), "f"),
  ...named(
    " named unbound vsftpd minio redis-server postgres mysqld mongod rabbitmq-server smbd",
    always("explicit", "expose", "host", "starts or controls a server"),
  ),
});
