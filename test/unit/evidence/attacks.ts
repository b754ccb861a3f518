import {
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseAnchor } from "../../../src/evidence/anchor.ts";
import { lineHash, toLink } from "../../../src/evidence/chain.ts";
import type { ProblemKind } from "../../../src/evidence/problems.ts";
import {
  addSegment,
  editRecord,
  evidenceOf,
  fixAnchor,
  forgersKey,
  otherTicket,
  publishKey,
  readLines,
  rehash,
  segmentFiles,
  ticket,
  type World,
  writeLines,
} from "./ledger-fixture.ts";

export const nth = (world: World, index: number) => segmentFiles(world).at(index)!;
const changeLines = (path: string, change: (lines: string[]) => string[]) => {
  writeLines(path, change(readLines(path)));
};

export type Attack = {
  name: string;
  /** Kinds that must be among the problems. */
  found: ProblemKind[];
  /** `file:line` that one of the problems must name. */
  at?: (world: World) => string;
  attack: (world: World) => void | Promise<void>;
};

const rel = (world: World, path: string) => path.slice(world.root.length + 1);

export const attacks: Attack[] = [
  {
    name: "a value is edited",
    found: ["chain"],
    at: (world) => `${rel(world, nth(world, 0))}:4`,
    attack: (world) =>
      changeLines(nth(world, 0), (lines) => lines.with(2, lines[2]!.replace('"exit":0', '"exit":1'))),
  },
  {
    name: "the verdict in a seal is edited",
    found: ["chain", "signature", "missing-parent", "witness"],
    attack: (world) =>
      changeLines(nth(world, 0), (lines) => lines.with(4, lines[4]!.replace("finished", "approved"))),
  },
  {
    name: "two lines are swapped",
    found: ["chain", "seq"],
    attack: (world) => changeLines(nth(world, 1), (lines) => lines.with(1, lines[2]!).with(2, lines[1]!)),
  },
  {
    name: "a line is inserted",
    found: ["chain", "seq", "seal-count"],
    attack: (world) => changeLines(nth(world, 1), (lines) => lines.toSpliced(2, 0, lines[1]!)),
  },
  {
    name: "a key is there twice",
    found: ["not-canonical"],
    attack: (world) =>
      changeLines(nth(world, 1), (lines) => lines.with(2, lines[2]!.replace('{"actor"', '{"v":1,"actor"'))),
  },
  {
    name: "the same JSON in other bytes",
    found: ["not-canonical", "chain"],
    attack: (world) =>
      changeLines(nth(world, 1), (lines) =>
        lines.with(2, JSON.stringify(JSON.parse(lines[2]!), null, 1).replaceAll("\n", "")),
      ),
  },
  {
    name: "the newest segment is cut short at a line",
    found: ["unsealed", "anchor", "witness"],
    attack: (world) => changeLines(nth(world, -1), (lines) => lines.slice(0, 3)),
  },
  {
    name: "only the signature line is cut off",
    found: ["unsealed"],
    attack: (world) => changeLines(nth(world, -1), (lines) => lines.slice(0, -1)),
  },
  {
    name: "the newest segment is cut in the middle of a line",
    found: ["torn", "unsealed"],
    attack: (world) => truncateSync(nth(world, -1), readFileSync(nth(world, -1)).length - 30),
  },
  {
    name: "the last line feed is missing",
    found: ["torn", "unsealed"],
    attack: (world) => truncateSync(nth(world, -1), readFileSync(nth(world, -1)).length - 1),
  },
  {
    name: "a segment in the middle is deleted",
    found: ["missing-parent", "witness"],
    attack: (world) => rmSync(nth(world, 1)),
  },
  {
    name: "the newest segment is deleted",
    found: ["anchor", "witness"],
    attack: (world) => rmSync(nth(world, -1)),
  },
  {
    name: "all segments are deleted",
    found: ["anchor", "trailer", "witness"],
    attack: (world) => rmSync(evidenceOf(world), { recursive: true }),
  },
  {
    name: "the newest segment is rolled back and the anchor fixed",
    found: ["witness"],
    attack: async (world) => {
      rmSync(nth(world, -1));
      await fixAnchor(world);
    },
  },
  {
    name: "three segments are rolled back and the anchor fixed",
    found: ["witness", "trailer"],
    attack: async (world) => {
      for (const path of segmentFiles(world).slice(-3)) rmSync(path);
      await fixAnchor(world);
    },
  },
  {
    name: "everything is deleted, with anchor and trailer",
    found: ["witness"],
    attack: (world) => {
      rmSync(evidenceOf(world), { recursive: true });
      world.anchor = null;
      world.trailers = [];
    },
  },
  {
    name: "everything is hashed and signed again with a key that the repository brings",
    found: ["untrusted-key", "witness"],
    attack: async (world) => {
      const key = forgersKey();
      publishKey(world, key);
      const newest = nth(world, -1);
      const check = (line: string) => editRecord(line, (record) => (record.data["exit"] = 1));
      changeLines(newest, (lines) => rehash(lines.with(3, check(lines[3]!)), key));
      await fixAnchor(world);
    },
  },
  {
    name: "a forged segment is appended, signed with a key that is nowhere",
    found: ["unknown-key"],
    attack: async (world) => {
      await addSegment({ ...world, key: forgersKey() }, "review");
      await fixAnchor(world);
    },
  },
  {
    name: "a forged segment claims the machine's key",
    found: ["signature"],
    attack: async (world) => {
      const { sign } = forgersKey();
      await addSegment({ ...world, key: { ...world.key, sign } }, "review");
      await fixAnchor(world);
    },
  },
  {
    name: "a sealed segment that the ticket does not know of",
    found: ["anchor"],
    attack: async (world) => void (await addSegment(world, "review")),
  },
  {
    name: "all signatures are stripped and the anchor fixed",
    found: ["unsealed", "anchor"],
    attack: async (world) => {
      for (const path of segmentFiles(world)) changeLines(path, (lines) => lines.slice(0, -1));
    },
  },
  {
    name: "the signature is spelled differently",
    found: ["signature"],
    attack: (world) =>
      changeLines(nth(world, -1), (lines) =>
        lines.with(
          -1,
          editRecord(lines.at(-1)!, (record) => (record.data["sig"] = `${record.data["sig"]}=`)),
        ),
      ),
  },
  {
    name: "the time of the signature line is edited",
    found: ["signature"],
    attack: (world) =>
      changeLines(nth(world, -1), (lines) =>
        lines.with(
          -1,
          editRecord(lines.at(-1)!, (record) => (record["ts"] = "2026-11-23T00:00:00Z")),
        ),
      ),
  },
  {
    name: "the segment of another ticket is put in",
    found: ["wrong-ticket"],
    attack: async (world) => {
      const path = segmentFiles(world, otherTicket)[0]!;
      copyFileSync(path, join(evidenceOf(world), path.slice(path.lastIndexOf("/") + 1)));
      await fixAnchor(world);
    },
  },
  {
    name: "an old segment is replayed under a new name",
    found: ["file-name"],
    attack: (world) =>
      copyFileSync(nth(world, 0), join(evidenceOf(world), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ-review.jsonl")),
  },
  {
    name: "a segment is renamed to another pass",
    found: ["file-name"],
    attack: (world) => renameSync(nth(world, -1), nth(world, -1).replace("-close", "-review")),
  },
  {
    name: "line ends become CRLF",
    found: ["line-ending", "not-canonical", "chain"],
    attack: (world) =>
      writeFileSync(nth(world, 0), readFileSync(nth(world, 0), "utf8").replaceAll("\n", "\r\n")),
  },
  {
    name: "a byte order mark is put in front",
    found: ["not-utf8"],
    attack: (world) => writeFileSync(nth(world, 0), `\uFEFF${readFileSync(nth(world, 0), "utf8")}`),
  },
  {
    name: "a record of an unknown type, sealed with the machine's own key",
    found: ["unknown-type"],
    attack: (world) =>
      changeLines(nth(world, -1), (lines) =>
        rehash(
          lines.with(
            2,
            editRecord(lines[2]!, (record) => (record["type"] = "approval")),
          ),
          world.key,
        ),
      ),
  },
  {
    name: "a record with one field too many, sealed with the machine's own key",
    found: ["shape"],
    attack: (world) =>
      changeLines(nth(world, -1), (lines) =>
        rehash(
          lines.with(
            2,
            editRecord(lines[2]!, (record) => (record["note"] = "x")),
          ),
          world.key,
        ),
      ),
  },
  {
    name: "records after the end",
    found: ["order", "chain"],
    attack: (world) => changeLines(nth(world, -1), (lines) => [...lines, lines[1]!]),
  },
  {
    name: "a second signature line that fits the first one",
    found: ["order"],
    attack: (world) =>
      changeLines(nth(world, -1), (lines) => {
        const last = lines.at(-1)!;
        const second = editRecord(last, (record) => {
          record["seq"] = lines.length;
          record["prev"] = toLink(lineHash(last));
          record.data["over"] = record["prev"];
        });
        return [...lines, second];
      }),
  },
  {
    name: "two runs in one segment, sealed with the machine's own key",
    found: ["wrong-run"],
    attack: (world) =>
      changeLines(nth(world, -1), (lines) =>
        rehash(
          lines.with(
            2,
            editRecord(lines[2]!, (record) => (record["run"] = "01OTHER")),
          ),
          world.key,
        ),
      ),
  },
  {
    name: "the ticket's evidence field is edited",
    found: ["anchor"],
    attack: (world) => {
      world.anchor = `4 ${parseAnchor(world.anchor!)!.heads.join(",")}`;
    },
  },
  {
    name: "the ticket's evidence field is junk",
    found: ["anchor"],
    attack: (world) => {
      world.anchor = "5";
    },
  },
  {
    name: "the ticket's evidence field is gone",
    found: ["anchor"],
    attack: (world) => {
      world.anchor = null;
    },
  },
  {
    name: "a trailer names what never was",
    found: ["trailer"],
    attack: (world) => void world.trailers.push(`${ticket} 1 ${"0".repeat(64)}`),
  },
  {
    name: "a trailer counts more segments than its head stands for",
    found: ["trailer"],
    attack: (world) => {
      world.trailers = world.trailers.map((text) => text.replace(" 4 ", " 6 "));
    },
  },
  {
    name: "a public key is replaced",
    found: ["key-file"],
    attack: (world) =>
      writeFileSync(join(world.root, ".nimrod", "keys", `${world.key.fingerprint}.pub`), forgersKey().pem),
  },
  {
    name: "a segment is a link to somewhere else",
    found: ["unreadable", "anchor"],
    attack: (world) => {
      const path = nth(world, -1);
      renameSync(path, join(world.folder, "elsewhere"));
      symlinkSync(join(world.folder, "elsewhere"), path);
    },
  },
  {
    name: "a stray file",
    found: ["file-name"],
    attack: (world) => writeFileSync(join(evidenceOf(world), "notes.txt"), "x"),
  },
];
