import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { claimTicket } from "../../src/pipeline/claims.ts";
import { nimrod, nimrodJson } from "../support/run-nimrod.ts";
import { pageTicket, ticketPath } from "../support/sample-work.ts";
import { at, twoClones } from "../support/two-clones.ts";

/** One ticket is run in two clones: what the ticket says of its evidence after the merge. */

const id = "nim-aaaaaa";
const file = ticketPath(id);

type Clones = ReturnType<typeof twoClones>;

/** Both clones ran the ticket, and `b` has taken in what `a` sent. */
async function ranInBoth({
  driver,
}: {
  driver: boolean;
}): Promise<Clones & { merge: { clean: boolean; said: string } }> {
  const clones = twoClones({
    ".gitattributes": "/tickets/**/*.md merge=nimrod\n.nimrod/evidence/** -text -merge\n",
    ...pageTicket({ id }),
  });
  for (const clone of [clones.a, clones.b]) {
    if (driver) await nimrod(["init", "--git"], at(clone));
    expect((await nimrod(["run", id], at(clone))).exitCode).toBe(0);
  }
  clones.a.publish();
  return { ...clones, merge: clones.b.merge() };
}

const stateFolderOf = ({ root, env }: Clones["b"]) => {
  const top = join(env["XDG_STATE_HOME"] ?? "", "nimrod");
  return join(top, readdirSync(top).find((name) => name.startsWith(`${basename(root)}-`)) ?? "");
};

const anchorOf = (text: string) => /^evidence: (.*)$/m.exec(text)?.[1] ?? "";

/** Two whole runs, on a busy machine. */
const timeout = 120_000;

test("with the driver the ticket names the newest segments of both, and they verify", {
  timeout,
}, async () => {
  const { b, merge } = await ranInBoth({ driver: true });
  expect(merge).toMatchObject({ clean: true });
  const verify = await nimrodJson(["verify", id], at(b));
  expect(verify).toMatchObject({ exitCode: 0, ok: true, joined: false });
  const [{ count, heads }] = verify["results"] as [{ count: number; heads: string[] }];
  expect(heads).toHaveLength(2);
  expect(anchorOf(b.read(file))).toBe(`${count} ${heads.join(",")}`);
  // And Nimrod goes on with it: it lands, which seals one more segment.
  expect(await nimrodJson(["close", id], at(b))).toMatchObject({ exitCode: 0, result: "closed" });
  expect(await nimrodJson(["verify", id], at(b))).toMatchObject({ exitCode: 0, ok: true });
});

test("without it a person takes one side: verify names the command that joins them, and that one hides nothing", {
  timeout,
}, async () => {
  const { b, merge } = await ranInBoth({ driver: false });
  expect(merge.clean).toBe(false);
  b.change(file, (marked) => marked.replaceAll(/<{7}.*\n((?:.*\n)*?)={7}\n(?:.*\n)*?>{7}.*\n/g, "$1"));
  b.git("add", "-A");
  b.git("commit", "-qm", "ours");
  const text = b.read(file);
  const before = await nimrod(["verify", id], at(b));
  expect(before.exitCode).toBe(8);
  expect(before.stdout).toContain("the evidence field does not know of");
  expect(before.stdout).toContain(`nimrod verify ${id} --join`);

  const refused = async (why: string) => {
    const kept = b.read(file);
    const done = await nimrod(["verify", id, "--join"], at(b));
    expect(done).toMatchObject({ exitCode: 8, stdout: "" });
    expect(done.stderr).toContain(why);
    expect(b.read(file)).toBe(kept);
    expect((await nimrod(["verify", id], at(b))).stdout).not.toContain("--join");
    b.git("checkout", "--", ".");
  };
  const { results } = await nimrodJson(["verify", id], at(b));
  const [{ segments }] = results as [{ segments: { file: string; head: string }[] }];
  const own = segments.find(({ head }) => anchorOf(text).includes(head))?.file ?? "";
  const other = segments.find(({ head }) => !anchorOf(text).includes(head))?.file ?? "";
  rmSync(join(b.root, own));
  await refused("names segment");
  b.change(file, (now) => now.replace(/^evidence: .*\n/m, ""));
  await refused("has no evidence field");
  b.change(other, (lines) => lines.replace(/"seq":1/, '"seq":7'));
  await refused("nothing was joined");

  const claim = await claimTicket({ stateFolder: stateFolderOf(b) }, id, "nimrod run");
  expect(await nimrod(["verify", id, "--join"], at(b))).toMatchObject({ exitCode: 7 });
  if (claim.kind === "claimed") await claim.release();

  // On a machine that sealed none of it: joined, and still said.
  const elsewhere = { cwd: b.root, env: { ...b.env, XDG_STATE_HOME: join(b.root, "..", "elsewhere") } };
  const foreign = await nimrod(["verify", id, "--join"], elsewhere);
  expect(foreign.exitCode).toBe(8);
  expect(foreign.stdout).toContain("(untrusted-key)");
  expect(foreign.stdout).not.toContain("(anchor)");
  b.git("checkout", "--", ".");

  const joined = await nimrod(["verify", id, "--join"], at(b));
  expect(joined).toMatchObject({ exitCode: 0, stderr: "" });
  expect(joined.stdout).toContain("now names the segments of both sides");
  const line = /^evidence: .*$/m;
  expect(b.read(file).replace(line, "")).toBe(text.replace(line, ""));
  expect(anchorOf(b.read(file)).split(",")).toHaveLength(2);
  expect(await nimrodJson(["verify", id, "--join"], at(b))).toMatchObject({ exitCode: 0, joined: false });
  expect((await nimrod(["verify", "--all", "--join"], at(b))).exitCode).toBe(2);
});
