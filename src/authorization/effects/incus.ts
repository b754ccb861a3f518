import { effect, finding } from "./finding.ts";
import { act, inside } from "./guest-actions.ts";
import { has, liveRead, type Row, valuesOf, writeAll } from "./row.ts";
import { query, subcommands, switches } from "./subcommands.ts";

/** incus and lxd, and the older lxc programs. */

const listed = "c= columns= f= format= fast all-projects all-remotes";

const shown = "target= project= e expanded resources show-log=? force-local show-access all-projects h";

/** Copies a file out of an instance. */
const pull: Row = {
  options: switches("r recursive p create-dirs"),
  judge: (call) => [
    finding("brief", call.rule, "copies files out of an instance", [effect("read", "instance", "host")]),
    ...writeAll(call, call.scan.operands.slice(-1)),
  ],
};

const exported: Row = {
  options: switches("instance-only optimized-storage compression= vm project= target="),
  judge: (call) => [
    finding("brief", call.rule, "writes an archive", [effect("read", "instance", "host")]),
    ...writeAll(call, call.scan.operands.slice(1)),
  ],
};

export const incus = subcommands(
  {
    "list|ls|version|info|top|monitor": query(`${listed} ${shown} type= pretty loglevel= all`),
    "config show|get": query(shown),
    "config device list|show|get": query(shown),
    "config template list|show": query(shown),
    "config metadata show": query(shown),
    "config trust list|show": query(listed),
    "image|network|profile|project|storage|cluster|operation|warning|remote|snapshot|alias list|ls|info|show|get":
      query(`${listed} ${shown} vm`),
    "image alias list|ls": query(listed),
    "network list-leases|list-allocations|get": query(`${listed} ${shown}`),
    "network acl|forward|zone|peer|load-balancer list|show|get|info": query(`${listed} ${shown}`),
    "storage volume|bucket list|ls|show|info|get": query(`${listed} ${shown}`),
    "storage volume snapshot list|show": query(listed),
    "cluster role|group list|show": query(listed),
    "remote get-default": query(""),
    console: {
      ...query("show-log t= type="),
      judge: (call) => (has(call.scan, "show-log") ? [liveRead(call.rule)] : inside.judge(call)),
    },
    query: {
      options: switches("X= request= wait raw"),
      plain: true,
      judge: (call) =>
        valuesOf(call.scan, "X", "request").every((word) => word.value === "GET")
          ? [liveRead(call.rule)]
          : act.judge(call),
    },
    "file pull": pull,
    export: exported,
    "exec|shell": inside,
  },
  act,
  "project= debug v verbose q quiet force-local h help version sub-commands",
);

export const lxcClassic = query(
  "f fancy F= fancy-format= 1 active running stopped frozen defined n= name= s state p pid i ips S stats H no-humanize c= config= P= lxcpath= L line g= groups= l list q quiet a all nesting=? filter= version",
);
