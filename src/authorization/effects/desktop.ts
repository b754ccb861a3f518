import { effect, type Finding, finding, harmless } from "./finding.ts";
import { readsWhen, verbs } from "./query-verbs.ts";
import { always, type Call, explicit, has, live, liveRead, named, reads, type Table, textOf } from "./row.ts";

const changes = "changes the desktop or a device";

/** Printers, sound, displays and the settings of a desktop. */
export const desktop = (): Table => ({
  "gnome-extensions": verbs({
    options: "enabled disabled active inactive user system updates d details",
    reads: "list. info show version",
    kind: "process",
    changes: "changes the desktop",
  }),
  ...named("lpstat lpq lpinfo", live()),
  lpoptions: live("l p= h= E U="),
  ...named("lp lpr", always("explicit", "network-send", "remote", "prints")),
  xrandr: live(
    "q query listmonitors listproviders listactivemonitors current verbose prop properties props d= display= screen= version help v",
    "word",
  ),
  xset: {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.length === 1 && /^-?q$/.test(textOf(call.args[0]))
        ? [liveRead(call.rule)]
        : [explicit(call, "", changes, "device", "host")],
  },
  ...named("xdpyinfo xwininfo xlsclients xlsatoms xlsfonts wayland-info", live()),
  xprop: live("root id= name= len= notype spy frame font= d= display= fs=", "word"),
  wmctrl: readsWhen("l d m p G x u", ["l", "d", "m"], "process", "acts on windows"),
  xinput: verbs({
    options: "list list-props= long short name-only id-only version",
    reads: "list list-props query-state",
    kind: "device",
    changes,
    style: "word",
  }),
  setxkbmap: readsWhen("query print verbose= v= display=", ["query", "print"], "device", changes, "word"),
  xmodmap: readsWhen("pke pk pm pp verbose display=", ["pke", "pk", "pm", "pp"], "device", changes, "word"),
  "notify-send": {
    options:
      "u= urgency= t= expire-time= a= app-name= i= icon= c= category= h= hint= p print-id r= replace-id= e transient",
    plain: true,
    judge: (call) => [
      finding("brief", call.rule, "shows a message on the desktop", [effect("process", "a message", "host")]),
    ],
  },
  "xdg-mime": verbs({ options: "", reads: "query", kind: "service", changes }),
  "xdg-settings": verbs({ options: "list", reads: "get check", kind: "service", changes }),
  // It is a shell script that pastes the name into its text.
  "xdg-user-dir": {
    options: "",
    plain: true,
    judge: (call) =>
      call.scan.operands.every((word) => /^[A-Z]+$/.test(word.value ?? ""))
        ? [harmless(call.rule, "prints the name of a folder")]
        : [explicit(call, "name", "is not the name of a folder", "execute-opaque", "none")],
  },
  gsettings: verbs({
    options: "schemadir=",
    reads:
      "get monitor writable range describe list-schemas list-relocatable-schemas list-keys list-children list-recursively help",
    kind: "service",
    changes,
  }),
  dconf: verbs({ options: "", reads: "read list dump watch help", kind: "service", changes }),
  gio: verbs({
    options: "a= attributes= f filesystem w writable n nofollow-symlinks l long h hidden d u",
    reads: "info list tree version help",
    kind: "service",
    changes,
  }),
  pactl: verbs({
    options: "f= format= s= server= n= client-name= version",
    reads:
      "info stat list get-default-sink get-default-source get-sink-volume get-source-volume get-sink-mute get-source-mute subscribe help",
    kind: "device",
    changes: "changes sound",
  }),
  wpctl: verbs({
    options: "k nick n name r= remote=",
    reads: "status get-volume inspect",
    kind: "device",
    changes: "changes sound",
  }),
  ...named("pw-top pw-dump pw-mon", live()),
  amixer: verbs({
    options: "c= card= D= device= q quiet i inactive a= abstract= M mapped-volume R raw-volume",
    reads: "scontrols scontents sget controls contents get cget info",
    kind: "device",
    changes: "changes sound",
  }),
  ...named(
    "aplay arecord",
    readsWhen(
      "l list-devices L list-pcms version",
      ["l", "list-devices", "L", "list-pcms", "version"],
      "device",
      "plays or records sound",
    ),
  ),
  playerctl: verbs({
    options: "l list-all p= player= f= format= a all-players i= ignore-player= s no-messages",
    reads: "status metadata",
    kind: "process",
    changes: "controls a player",
  }),
  brightnessctl: verbs({
    options: "l list m machine-readable q quiet c= class= d= device= p pretend n=? e",
    reads: "get g info i max m",
    kind: "device",
    changes: "changes a display",
  }),
  "v4l2-ctl": live(
    "list-devices list-formats list-formats-ext list-ctrls list-ctrls-menus all D info d= device= get-fmt-video V get-input get-ctrl= C= get-parm P list-inputs list-framesizes= list-frameintervals= help L",
  ),
  ...named("fc-list fc-match fc-query fc-pattern fc-scan fc-conflist", reads()),
  swaymsg: { options: "t= type= r raw p pretty q quiet s= socket=", plain: true, judge: judgeMessage },
  ...named("i3-msg", { options: "t= r raw q quiet s=", plain: true, judge: judgeMessage }),
  hyprctl: verbs({
    options: "j i= instance= q quiet",
    reads:
      "monitors workspaces activeworkspace clients activewindow devices binds version layers splash getoption cursorpos animations instances layouts configerrors systeminfo",
    kind: "process",
    changes,
    bare: "acts",
  }),
  ...named(
    "lpadmin lpmove lprm cancel cupsenable cupsdisable cupsaccept cupsreject cupsctl accept xdg-open xdg-email xdotool ydotool xinit startx gnome-session-quit  kwriteconfig5 kwriteconfig6 zenity kdialog alsactl alsamixer pavucontrol pulseaudio pipewire scrot grim xclip xsel wl-copy wl-paste xhost xauth nitrogen feh speaker-test espeak",
    always("explicit", "device", "host", changes),
  ),
});

function judgeMessage(call: Call): Finding[] {
  const type = textOf(call.scan.given.get("t")?.[0] ?? call.scan.given.get("type")?.[0]);
  return /^get_\w+$/.test(type) && has(call.scan, "t", "type")
    ? [liveRead(call.rule)]
    : [explicit(call, "", changes, "process", "host", call.args.map(textOf).join(" "))];
}
