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
  type Row,
  type Table,
  textOf,
} from "./row.ts";

const device = "changes a device or what is on it";

// No --config: it can name a log file to write.
const lvmReport =
  "a all A o= options= O= sort= S= select= units= noheadings headings= nosuffix separator= reportformat= logonly configreport= aligned unquoted rows unbuffered nameprefixes binary P partial v verbose q quiet d debug devices= devicesfile= journal= segments pvsegments maps m c colon C columns s short foreign shared ignorelockingfailure ignoreskippedcluster readonly history H nolocking b blockdevice n novolumegroup e exported u uuid t test driverloaded= lockopt= nohints nameprefixes trustcache version";
const lvmReads = named(
  "pvs vgs lvs fullreport pvdisplay vgdisplay lvdisplay pvscan vgscan lvscan lvmdiskscan",
  live(lvmReport),
);

/** Volumes: what lies between a disk and a file system, and file systems that bring their own. */
export const volumes = (): Table => ({
  stratis: verbs({
    options: "",
    reads: "pool. pool.list filesystem. filesystem.list blockdev. blockdev.list report daemon.version",
    kind: "device",
    changes: "changes a pool of disks",
  }),
  // Not the configuration and the keys: they have secrets in them.
  ceph: verbs({
    options: "s status f= format= v version h help",
    reads:
      "status. health. health.detail df osd.tree osd.df osd.status osd.stat osd.ls osd.dump osd.perf. osd.pool.ls osd.pool.stats osd.pool.get osd.pool.autoscale-status pg.stat pg.ls pg.dump mon.stat mon.dump quorum_status mds.stat fs.ls fs.status fs.dump fs.get mgr.stat mgr.services versions. features. version. device.ls crash.ls crash.info crash.stat balancer.status orch.ls orch.ps orch.status orch.host.ls orch.device.ls log.last",
    kind: "cluster",
    changes: "changes a storage cluster, or prints its keys",
    asks: ["s", "status", "v", "version"],
    bare: "acts",
  }),
  zfs: {
    options:
      "r R H p P o= s=? S= t= d=? j json json-int v n dryrun verbose parsable f F h i= I= c w raw L D e b u a A x= X= redact= q U V k keep backup compressed large-block embed proctitle",
    plain: true,
    judge: judgeZfs,
  },
  // No -c: it runs a script for every line.
  zpool: verbs({
    options:
      "a A D d= e f F g H i j json json-int json-flat-vdevs json-pool-key-guid l L n N o= O= p P q r R= s S t t= T= v V w x y power altroot=",
    reads: "list status get iostat history version events wait",
    kind: "device",
    changes: "changes a pool",
    special: {
      create: rehearsed,
      add: rehearsed,
      split: rehearsed,
      upgrade: listed,
      import: listed,
    },
  }),
  zdb: live("A b c C d D e F G h i k l L m M N P s S u v U= X Y"),
  ...lvmReads,
  lvm: {
    global: "",
    subs: { ...lvmReads, "*": always("explicit", "device", "host", device) },
    bare: always("explicit", "device", "host", "opens its own shell"),
  },
  ...named(
    "lvmconfig",
    live(
      "type= typeconfig= l list withcomments withgeneralpreamble withlocalpreamble withsummary withversions withspaces unconfigured validate atversion= sinceversion= showdeprecated ignoreadvanced ignoreunsupported mergedconfig",
    ),
  ),
  mdadm: readsWhen(
    "misc D detail E examine Q query b brief Y export s scan v verbose t test X examine-bitmap detail-platform examine-badblocks c= config= no-devices V version h help",
    [
      "D",
      "detail",
      "E",
      "examine",
      "Q",
      "query",
      "X",
      "examine-bitmap",
      "detail-platform",
      "examine-badblocks",
      "V",
      "version",
      "h",
    ],
    "device",
    "changes an array",
  ),
  btrfs: {
    global: "v verbose q quiet format= log=",
    subs: {
      ...named(
        "filesystem filesy files file fi fil",
        btrfsVerbs("show df usage du us usa sh", { label: judgeLabel }),
      ),
      ...named("subvolume subvol subv sub su", btrfsVerbs("list show get-default find-new li ls sh")),
      ...named(
        "device devi dev de",
        btrfsVerbs("usage ready", { stats: judgeCounters, stat: judgeCounters }),
      ),
      ...named("scrub scr sc", btrfsVerbs("status")),
      ...named("balance bal ba", btrfsVerbs("status")),
      ...named("qgroup qg", btrfsVerbs("show")),
      ...named("quota quo", btrfsVerbs("status")),
      ...named("replace rep", btrfsVerbs("status")),
      ...named(
        "inspect-internal inspect ins",
        btrfsVerbs(
          "dump-super dump-tree inode-resolve logical-resolve subvolid-resolve min-dev-size rootid tree-stats list-chunks map-swapfile",
        ),
      ),
      ...named("property prop", btrfsVerbs("get list")),
      // It repairs only when told to.
      check: live(
        "readonly p progress b backup Q qgroup-report subvol-extents= E= s= super= r= tree-root= chunk-root= check-data-csum mode=",
      ),
      "*": always("explicit", "device", "host", device),
    },
  },
  dmsetup: verbs({
    // No --showkeys.
    options:
      "c C columns noheadings o= options= separator= tree target= v verbose O= sort= S= select= units= count= interval= noflush",
    reads: "ls info status table deps version targets splitname help report",
    kind: "device",
    changes: device,
  }),
  cryptsetup: verbs({
    // No --dump-volume-key.
    options:
      "v verbose q batch-mode debug header= type= M= c= cipher= s= key-size= h= hash= dump-json-metadata disable-locks V version",
    reads: "status isLuks luksUUID luksDump bitlkDump fvault2Dump benchmark",
    kind: "device",
    changes: "changes an encrypted volume",
    asks: ["V", "version"],
  }),
  snapper: verbs({
    options:
      "q quiet v verbose utc iso t= table-style= abbreviate c= config= no-dbus json jsonout csvout separator= no-headers columns= a all-configs type= machine-readable= disable-used-space",
    reads: "list ls list-configs get-config status",
    kind: "device",
    changes: "changes snapshots",
  }),
  timeshift: readsWhen(
    "list list-snapshots list-devices version scripted verbose quiet snapshot-device=",
    ["list", "list-snapshots", "list-devices", "version"],
    "device",
    "changes snapshots",
  ),
  multipath: readsWhen("l v=", ["l"], "device", "changes device maps"),
  ...named(
    "lvcreate lvremove lvextend lvreduce lvresize lvrename lvchange lvconvert vgcreate vgremove vgextend vgreduce vgchange vgrename vgimport vgexport vgmerge vgsplit vgck vgcfgbackup vgcfgrestore vgmknodes pvcreate pvremove pvresize pvmove pvchange pvck lvmdump btrfstune btrfs-convert bcache-super-show make-bcache veritysetup integritysetup  vdo multipathd syncoid zfs-auto-snapshot",
    always("explicit", "device", "host", device),
  ),
});

function rehearsed(call: Call): Finding[] {
  return has(call.scan, "n", "dryrun") ? [liveRead(call.rule)] : refuse(call, "changes a pool or a dataset");
}

/** Named nothing and not told to take all: prints what there is. */
function listed(call: Call): Finding[] {
  return call.scan.operands.length === 1 && !has(call.scan, "a", "f", "F")
    ? [liveRead(call.rule)]
    : refuse(call, "changes a pool or a dataset");
}

function refuse(call: Call, reason: string): Finding[] {
  return [explicit(call, "", reason, "device", "host", call.args.map(textOf).join(" "))];
}

const zfs = verbs({
  options: "",
  reads: "list get version diff holds userspace groupspace projectspace allow help wait",
  kind: "device",
  changes: "changes a dataset",
  special: {
    destroy: rehearsed,
    mount: listed,
    upgrade: listed,
    receive: rehearsed,
    recv: rehearsed,
    send: (call) =>
      has(call.scan, "n", "dryrun")
        ? [liveRead(call.rule)]
        : [
            finding("brief", call.rule, "prints a dataset as a stream", [
              effect("read", textOf(call.scan.operands.at(-1)), "host"),
            ]),
          ],
  },
});

function judgeZfs(call: Call): Finding[] {
  const { operands } = call.scan;
  // `allow DATASET` lists rights, with more words it gives them.
  if (operands[0]?.value === "allow" && call.args.length > 2)
    return refuse({ ...call, rule: "zfs.allow" }, "gives rights");
  return zfs.judge(call);
}

/** No option of these verbs changes anything, except where said. */
function btrfsVerbs(reads: string, special: Record<string, Row["judge"]> = {}): Row {
  const inner = verbs({
    options: "",
    reads,
    kind: "device",
    changes: "changes a file system",
    special,
    bare: "reads",
  });
  return { ...inner, options: "any" };
}

function judgeCounters(call: Call): Finding[] {
  const resets = call.args.some((word) => word.value === null || /^(-[a-zA-Z]*z|--r)/.test(word.value));
  return resets ? refuse(call, "resets the counters") : [liveRead(call.rule)];
}

function judgeLabel(call: Call): Finding[] {
  return call.scan.operands.length === 2 ? [liveRead(call.rule)] : refuse(call, "renames a file system");
}
