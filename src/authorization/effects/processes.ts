import { effect, type Finding, finding } from "./finding.ts";
import { verbs } from "./query-verbs.ts";
import { always, type Call, explicit, has, live, liveRead, named, type Table, textOf } from "./row.ts";

/** Processes, load and memory: what runs, and what it takes. */
export const processes = (): Table => ({
  ps: { options: "any", plain: true, judge: judgePs },
  ...named(
    "pgrep pidof pstree uptime free vmstat iostat mpstat cifsiostat tapestat w who users last lastb netstat numastat slabtop lsns lslocks lsipc ipcs pwdx top htop gotop bottom btm procs tload lsfd irqtop lsirq prtstat",
    live(),
  ),
  lastlog: live("b= before= t= time= u= user= R= root= h help"),
  smem: live("t k u m w s= c= r p n a H P= U= M= realmem= K= totals userfilter= processfilter="),
  btop: live("p= preset= u= update= lc low-color t tty_on tty no-tty utf-force v version h help", "word"),
  atop: live(
    "# a A b= begin= B c C d D e= end= f F g G H i I j k K l L= m M n N o p P= r=? R s S t u U v V x y Y z= 1",
  ),
  atopsar: live(
    "# a A b= B c d D e= f F g G h H i I k l m M n N o O p P r=? R= s S t T u U v w W x X y Y Z= C E B",
  ),
  // No --export and no -w: they send and listen.
  glances: live(
    "1 2 3 4 5 6 7 b byte q quiet t= time= stdout= stdout-csv= stdout-json= stdout-issue disable-process percpu fs-free-space process-short-name process-long-name disable-plugin= enable-plugin= D= hide-kernel-threads tree theme-white V version h help",
  ),
  nmon: live("s= c="),
  iotop: live(
    "o only b batch n= iter= d= delay= p= pid= u= user= P processes a accumulated k kilobytes t time q quiet no-help version h help",
  ),
  sar: live(
    "# A B b C D d F=? H h p q=? r=? S t u=? V v W w x y z I= m= n= P= s=? e=? i= j= f=? iface= dev= fs= int= dec= human pretty sadc help",
  ),
  sadf: live("# C d g j p r x H h T t U V P= s=? e=? i= c dev= fs= iface= int= dec= raw"),
  pidstat: live("# u r d h l p= t w C= G= T= U=? I R s v V H human dec= N"),
  ...named(
    "dstat dool",
    live(
      "# a all b c cpu d disk D= g page h i int I= l load m mem n net N= p proc r io s swap S= t time T epoch u ui U v vmstat y sys aio fs ipc lock raw socket tcp udp unix vm zones list nocolor noheaders noupdate float integer bits bytes full V version profile top-cpu top-io top-mem top-bio top-latency disk-util disk-tps freespace f C=",
    ),
  ),
  pmap: live("x extended X d device q quiet p show-path A= range= V v h"),
  lsof: live(
    "# i=? n P p= u= U a t c=? d= r=? l w F=? R g=? s=? K=? o b O T=? X x=? V v h N L E e= f=? S=? M",
  ),
  fuser: {
    options:
      "v verbose m mount M n= namespace= u user a all 4 ipv4 6 ipv6 c I ismountpoint s silent l list-signals V version",
    plain: true,
    judge: (call) => [liveRead(call.rule)],
  },
  nvtop: live(),
  "nvidia-smi": { options: "any", plain: true, judge: judgeNvidia },
  ...named(
    "rocm-smi",
    live(
      "a showid showtemp showuse showmemuse showpower showclocks showproductname showdriverversion showmeminfo= json csv d= t u f P g showhw i v",
      "word",
    ),
  ),
  ...named("radeontop intel_gpu_top", live("d= l= i= J s= L")),
  ...named("numactl", { options: "H hardware s show", plain: true, style: "first", judge: judgeNuma }),
  chronyc: verbs({
    options: "n N c v 4 6",
    reads:
      "tracking sources sourcestats activity clients ntpdata serverstats rtcdata selectdata authdata sourcename help",
    kind: "device",
    changes: "changes the clock",
    bare: "acts",
  }),
  ...named(
    "pkill killall killall5 skill snice xkill renice pidwait",
    always("explicit", "process", "host", "signals other processes"),
  ),
});

/** Written the BSD way, `e` prints the environment of every process. */
function judgePs(call: Call): Finding[] {
  const values = call.args.map((word) => word.value ?? "?");
  const isValue = (index: number): boolean =>
    /^(-[a-zA-Z]*[CGgpostTuUOkq]|--\w[\w-]*|[a-z]*[oOkpqtU])$/.test(values[index - 1] ?? "");
  const dumps = values.some((word, index) =>
    word.startsWith("-")
      ? /^-[a-zA-Z]*x[a-zA-Z]*e|^-[a-zA-Z]*e[a-zA-Z]*x/.test(word) && !/[CGgpostTuUOkq]./.test(word)
      : /^[aefghjlnrStTuvwxXcLmZ?]*e[aefghjlnrStTuvwxXcLmZ]*$/.test(word) && !isValue(index),
  );
  if (!dumps) return [liveRead(call.rule)];
  return [
    finding("brief", "ps.environment", "prints the environment of processes", [
      effect("read", "environment", "host"),
    ]),
  ];
}

// Its one-dash names are no clusters: `-pl` sets a limit, `-lgc` a clock.
const nvidiaReads =
  /^(-q|--query|-L|--list-gpus|-B|--list-excluded-gpus|-x|--xml-format|--dtd|-u|--unit|-i|--id(=.*)?|-d|--display(=.*)?|-l|--loop(=.*)?|-lms|--loop-ms(=.*)?|--query-[\w-]+=.*|--format=.*|--help-[\w-]+|-h|--help|--version)$/;

function judgeNvidia(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "-?");
  const [first = "", ...rest] = words;
  const isMonitor =
    /^(topo|dmon|pmon|nvlink)$/.test(first) &&
    rest.every((word) => /^(-(m|mp|s|c|p|i|l|d|e|h|n|o)|[\w.,:]+)$/.test(word)) &&
    !(first === "nvlink" && rest.some((word) => !/^(-(s|c|p|i|l|e|h)|\d+)$/.test(word)));
  const isQuery =
    words.every((word) =>
      word.startsWith("-") ? nvidiaReads.test(word) : /^[\d,.:A-Za-z_-]+$/.test(word),
    ) &&
    (words.length === 0 || first.startsWith("-"));
  return isMonitor || isQuery
    ? [liveRead(call.rule)]
    : [explicit(call, "", "changes a graphics card", "device", "host", words.join(" "))];
}

function judgeNuma(call: Call): Finding[] {
  return has(call.scan, "H", "hardware", "s", "show") && call.scan.operands.length === 0
    ? [liveRead(call.rule)]
    : [explicit(call, "", "is not known to be a read", "unknown", "none", call.args.map(textOf).join(" "))];
}
