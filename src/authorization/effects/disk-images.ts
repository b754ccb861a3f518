import { finding } from "./finding.ts";
import { act } from "./guest-actions.ts";
import { explicit, has, liveRead, readAll, valuesOf, writeAll } from "./row.ts";
import { changes, subcommands, switches } from "./subcommands.ts";

/** Disk images of virtual machines. */

const imageFile = "f= output= format= U force-share image-opts backing-chain T= cache= p q quiet";

export const qemuImg = subcommands(
  {
    "info|map|compare|measure": {
      options: switches(`${imageFile} F= s size= O= l= snapshot= o= start-offset= max-length= t=`),
      judge: (call) => [liveRead(call.rule), ...readAll(call, call.scan.operands)],
    },
    check: {
      options: switches(`${imageFile} r= repair=`),
      judge: (call) =>
        has(call.scan, "r", "repair")
          ? [finding("brief", call.rule, "repairs an image", []), ...writeAll(call, call.scan.operands)]
          : [liveRead(call.rule), ...readAll(call, call.scan.operands)],
    },
    snapshot: {
      options: switches(`${imageFile} l`),
      judge: (call) =>
        has(call.scan, "l") ? [liveRead(call.rule), ...readAll(call, call.scan.operands)] : act.judge(call),
    },
    create: {
      options: switches(`${imageFile} o= b= F= u preallocation=`),
      judge: (call) => [
        finding("brief", call.rule, "makes an image", []),
        ...readAll(call, valuesOf(call.scan, "b")),
        ...writeAll(call, call.scan.operands.slice(0, 1)),
      ],
    },
    convert: {
      options: switches(`${imageFile} O= o= c S= m= W n B= F= t= l= snapshot= sparse-size= salvage bitmaps`),
      judge: (call) => [
        finding("brief", call.rule, "copies an image", []),
        ...readAll(call, call.scan.operands.slice(0, -1)),
        ...writeAll(call, call.scan.operands.slice(-1)),
      ],
    },
    resize: {
      options: switches(`${imageFile} shrink preallocation=`),
      judge: (call) =>
        has(call.scan, "shrink")
          ? [explicit(call, "shrink", "cuts an image off", "device", "host")]
          : [
              finding("brief", call.rule, "grows an image", []),
              ...writeAll(call, call.scan.operands.slice(0, 1)),
            ],
    },
  },
  changes("device", "host", "changes a disk image"),
  "h help V version T=",
);
