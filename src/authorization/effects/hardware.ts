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
  valuesOf,
  writeAll,
} from "./row.ts";

/** What the machine is made of, and how warm, full and well powered it is. */
export const hardware = (): Table => ({
  ...named(
    "lscpu lsusb lspci lsmem lsgpu acpi vainfo vdpauinfo clinfo glxinfo tlp-stat lsinitramfs lsinitrd edac-util x86info cpuid likwid-topology systool upower apcaccess",
    live(),
  ),
  "edid-decode": {
    ...live(),
    judge: (call) => [liveRead(call.rule), ...writeAll(call, call.scan.operands.slice(1))],
  },
  "lstopo-no-graphics": {
    ...live(),
    judge: (call) => [liveRead(call.rule), ...writeAll(call, call.scan.operands)],
  },
  sensors: live("A no-adapter u f fahrenheit j c= config-file= no-allow-raw v h help version"),
  // `-dump` and `-X` are not declared: one writes a file, the other opens a window.
  lshw: live(
    "short html xml json c= C= class= businfo sanitize numeric quiet notime enable= disable= version",
    "word",
  ),
  dmidecode: live(
    "t= type= s= string= q quiet u dump no-sysfs d= dev-mem= from-dump= H= handle= oem-string= h help V version",
  ),
  ...named("biosdecode vpddecode ownership", live("d= dev-mem=")),
  hwinfo: live(
    "short all cpu disk memory netcard network network-ctrl gfxcard usb usb-ctrl pci block partition bios sound monitor storage-ctrl keyboard mouse printer scanner camera cdrom tape modem wlan bluetooth framebuffer hub smp arch sys bridge isapnp listmd map only= verbose debug= help version",
  ),
  // No -i, -w and -U: they ask hosts elsewhere, or replace the program.
  inxi: live(
    "A b B C d D e E f F g G I j J l L m M n N o p P q Q R s S T t=? u v=? V x X y=? Z z a c=? r full no-host no-ssl filter",
  ),
  upscmd: readsWhen("l u=", ["l"], "device", "sends a command to a UPS"),
  upsrw: {
    options: "l h",
    plain: true,
    judge: (call) => [liveRead(call.rule)],
  },
  upslog: readsWhen("h V", ["h", "V"], "device", "writes a log until it is stopped"),
  ...named(
    "upsd upsmon upsdrvctl upssched nut-scanner",
    always("explicit", "device", "host", "controls a UPS or scans for one"),
  ),
  ipmitool: {
    // No -P and no -f: a password on the command line, or read from a file.
    options: "I= H= U= E p= L= C= k= y= A= o= v V h c g t= b= m= l= z= N= R= d= a",
    style: "first",
    plain: true,
    judge: judgeIpmi,
  },
  "ras-mc-ctl": live("summary errors status layout error-count guess-labels mainboard print-labels"),
  mcelog: readsWhen("client version", ["client", "version"], "device", "is not known to be a read"),
  cpupower: verbs({
    options:
      "c= cpu= f freq e governors l hwlimits o p policy g s m human y n no-rounding a w d related-cpus r b boost",
    reads: "frequency-info idle-info monitor info",
    kind: "device",
    changes: "changes how the processor runs",
  }),
  "tuned-adm": verbs({
    options: "v verbose ignore-missing i",
    reads: "active list recommend verify profile_info profile_mode",
    kind: "device",
    changes: "changes how the machine runs",
  }),
  powerprofilesctl: verbs({
    options: "",
    reads: "get list list-holds query-battery-aware",
    kind: "device",
    changes: "changes how the machine runs",
  }),
  rfkill: verbs({
    options: "J json n noheadings o= output= output-all r raw",
    reads: "list event",
    kind: "device",
    changes: "switches radios",
  }),
  hwclock: {
    options: "r show get v verbose u utc l localtime D test f= rtc= V version",
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [liveRead(call.rule)]
        : [explicit(call, "", "sets the clock", "device", "host")],
  },
  fwupdmgr: verbs({
    options:
      "json v verbose y assume-yes no-unreported-check no-metadata-check show-all filter= no-remote-check",
    reads:
      "get-devices get-updates get-upgrades get-history get-topology get-releases get-remotes get-results get-plugins get-details get-bios-settings get-bios-setting security get-approved-firmware get-blocked-firmware",
    kind: "device",
    changes: "changes firmware",
    bare: "acts",
  }),
  efibootmgr: {
    options: "v verbose u unicode V version",
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [liveRead(call.rule)]
        : [explicit(call, "", "changes how the machine boots", "device", "host")],
  },
  mokutil: readsWhen(
    "sb-state list-enrolled l list-new N list-delete D pk kek db dbx short test-key= t= list-sbat-revocations sbat",
    [
      "sb-state",
      "list-enrolled",
      "l",
      "list-new",
      "N",
      "list-delete",
      "D",
      "pk",
      "kek",
      "db",
      "dbx",
      "test-key",
      "t",
      "list-sbat-revocations",
      "sbat",
    ],
    "device",
    "changes what may boot",
  ),
  bluetoothctl: verbs({
    options: "t= timeout= v version",
    reads: "devices show info list paired-devices version help mgmt.info",
    kind: "device",
    changes: "changes bluetooth, or opens its own shell",
    bare: "acts",
  }),
  vcgencmd: { options: "", plain: true, judge: judgeVcgencmd },
  ...named("pinout raspi-info", live()),
  vulkaninfo: live("summary"),
  liquidctl: verbs({
    options: "json v verbose m= match= n= pick= d= device= g debug",
    reads: "list status",
    kind: "device",
    changes: "changes a cooler",
  }),
  i2cdetect: readsWhen("l F=", ["l", "F"], "device", "probes a bus"),
  ...named(
    "sensors-detect fancontrol pwmconfig i2cset i2cget i2cdump flashrom ipmiutil bmc-device stress stress-ng powertop tlp wakeonlan etherwake setpci usbreset uhubctl nvflash rtcwake setserial cpufreq-set",
    always("explicit", "device", "host", "changes a device"),
  ),
});

const ipmiReads = [
  /^sdr( (list|elist|type|get|info|entity)\b.*)?$/,
  /^sensor( (list|get)\b.*)?$/,
  /^sel( (info|list|elist|get)\b.*| time get)?$/,
  /^(chassis )?power status$/,
  /^chassis (status|poh|restart_cause|selftest|bootparam get \w+|policy list)$/,
  /^fru( (print|list)\b.*)?$/,
  /^(mc|bmc) (info|guid|getenables|selftest|watchdog get|getsysinfo \w+)$/,
  /^lan (print( \d+)?|stats get( \d+)?|alert print.*)$/,
  /^lan6 print( \d+)?.*$/,
  /^user (list|summary)( \d+)?$/,
  /^channel (info|getaccess|getciphers)\b.*$/,
  /^session info \w+.*$/,
  /^dcmi (discover|power reading|power get_limit|sensors|asset_tag|get_mc_id_string|get_temp_reading|thermalpolicy get)$/,
  /^(pef (info|status|list|policy( list)?)|sol info( \d+)?|sol payload status.*|hpm check|sunoem led get.*)$/,
];

/** The same words ask a controller here and one elsewhere. */
function judgeIpmi(call: Call): Finding[] {
  const words = call.scan.operands.map((word) => word.value ?? "?");
  const text = words.join(" ");
  const hosts = valuesOf(call.scan, "H");
  const isOpen = hosts.some((word) => word.value === null);
  if (isOpen || !(ipmiReads.some((pattern) => pattern.test(text)) || has(call.scan, "V", "h")))
    return [
      explicit(
        call,
        "",
        "controls a machine, or is not known to be a read",
        "device",
        hosts.length > 0 ? "remote" : "host",
        text,
      ),
    ];
  if (hosts.length === 0) return [liveRead(call.rule)];
  const names = hosts.map(textOf);
  return [
    {
      ...finding("none", call.rule, "asks a machine's controller", [
        effect("network-read", names.join(" "), "remote"),
      ]),
      needs: names,
    },
  ];
}

function judgeVcgencmd(call: Call): Finding[] {
  const isRead =
    /^(measure_\w+|get_\w+|vcos version|vcos log status|version|commands|bootloader_version|bootloader_config|codec_enabled|mem_\w+|pmic_read_adc|display_power)$/.test(
      textOf(call.scan.operands[0]),
    );
  const isSetting = textOf(call.scan.operands[0]) === "display_power" && call.scan.operands.length > 1;
  return isRead && !isSetting
    ? [liveRead(call.rule)]
    : [explicit(call, "", "changes a device", "device", "host")];
}
