import { act, inside, prints } from "./guest-actions.ts";
import { explicit, liveRead, valuesOf } from "./row.ts";
import { fetched, query, subcommands } from "./subcommands.ts";

/** libvirt. */

const virshOptions =
  "all inactive autostart no-autostart persistent transient name uuid title table id state-running state-paused state-shutoff details tree roots metadata domain= network= pool= vol= capacity interface= source= full config live current maximum active guest inaddr physical lease addr snapshot= snapshotname= from= parent children descendants leaves internal external disk-only memspec date max min device= type= cellno= human backing=? wait event= raw anyway virttype= emulatorbin= arch= machine= reason inactive-only cap= filter= info statistics perf balloon vcpu block iothread state enforce nowait backing list-active cpu-total start= count= hypervisor daemon cpu= total with-snapshot without-snapshot with-managed-save without-managed-save managed-save vcpus count-only period= v= completed keep-completed";

export const virsh = subcommands(
  {
    "list|dominfo|domstate|domstats|domblklist|domblkinfo|domblkstat|domblkerror|domifaddr|domiflist|domifstat|domif-getlink|dominfo|domid|domuuid|domname|domcontrol|domjobinfo|domdisplay|domcapabilities|domhostname|domfsinfo|capabilities|nodeinfo|nodecpustats|nodememstats|nodecpumap|nodedev-list|nodedev-dumpxml|nodedev-info|net-list|net-info|net-dumpxml|net-dhcp-leases|net-uuid|net-name|net-port-list|pool-list|pool-info|pool-dumpxml|pool-uuid|pool-name|pool-capabilities|vol-list|vol-info|vol-dumpxml|vol-path|vol-key|vol-name|vol-pool|iface-list|iface-dumpxml|iface-mac|iface-name|snapshot-list|snapshot-info|snapshot-parent|checkpoint-list|checkpoint-info|vcpuinfo|vcpucount|dumpxml|secret-list|nwfilter-list|nwfilter-dumpxml|uri|hostname|version|sysinfo|freecell|freepages|maxvcpus|cpu-models|guestinfo|dommemstat|vncdisplay|ttyconsole|domlaunchsecinfo|hypervisor-cpu-baseline|managedsave-dumpxml":
      query(virshOptions),
    // A second word sets it.
    "snapshot-current": {
      ...query("name domain= pretty"),
      judge: (call) => (call.scan.operands.length <= 1 ? [liveRead(call.rule)] : act.judge(call)),
    },
    "secret-get-value|secret-dumpxml": prints,
    "console|qemu-monitor-command|qemu-agent-command|lxc-enter-namespace|send-key": inside,
  },
  act,
  "c= connect= q quiet r readonly t timing v version V h help d= debug=",
  {
    before: (scan, place) => ({
      place,
      findings: valuesOf(scan, "c", "connect").flatMap((word) => {
        const uri = word.value ?? "?";
        if (/^((qemu|lxc|xen|vbox|bhyve|test)(\+unix)?:\/\/\/\w*)$/.test(uri)) return [];
        // `?command=` names the program that connects.
        if (/^(qemu|lxc|xen)\+(ssh|tls|libssh2?):\/\/[\w.@:-]+\/\w*$/.test(uri))
          return [fetched("virsh.connect", "the state of another machine")];
        return [
          explicit(
            { rule: "virsh.connect" },
            "",
            "connects through a program or to nobody knows where",
            "remote-exec",
            "remote",
            uri,
          ),
        ];
      }),
    }),
  },
);
