import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { NimrodError } from "../../../src/errors.ts";
import { appendToSection, setFields } from "../../../src/tickets/edit.ts";
import { openStore } from "../../../src/tickets/store.ts";
import { seeded } from "../../support/seeded.ts";
import { tempProject } from "../../support/temp-project.ts";
import { ticketText } from "./ticket-text.ts";

/**
 * A person's editor, as a process of its own: for each line it gets it waits a moment and saves the ticket, by
 * replacing the file or in place, as editors do. What it saves is what it had opened, with one line of its own.
 */
const editor = `
  const { readFileSync, writeFileSync, renameSync } = await import("node:fs");
  const { createInterface } = await import("node:readline");
  for await (const line of createInterface({ input: process.stdin })) {
    const { path, text, wait, byRename } = JSON.parse(line);
    for (const end = performance.now() + wait; performance.now() < end; );
    if (byRename) { writeFileSync(path + "~", text); renameSync(path + "~", path); }
    else writeFileSync(path, text);
    process.stdout.write("saved\\n");
  }`;

// Between Nimrod's last look and its rename are two system calls; a file that is replaced there is overwritten, for Node has
// no exchange of files (docs/residual-risk.md). On an idle machine none of 1,500 saves met it, on a loaded one 3 of 500.
const mostOverwritten = 5;

test("500 random saves while Nimrod writes: each is merged or refused; none in place is lost, hardly one by a replaced file", {
  timeout: 300_000,
}, async () => {
  const project = tempProject({ git: false });
  const path = "tickets/active/a.md";
  const store = openStore({ root: project.root, idPrefix: "nim", clock: { now: () => new Date() } });
  const child = spawn(process.execPath, ["--input-type=module", "-e", editor], {
    env: project.env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const saved = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const random = seeded(5);
  const lost = { inPlace: [] as number[], replaced: [] as number[] };
  const ends = { merged: 0, refused: 0, saver: 0 };
  for (let round = 0; round < 500; round += 1) {
    const original = ticketText(["id: nim-a", "assignee: sara"], "## Notes\n\n- first\n");
    project.write(path, original);
    const ticket = await store.find("nim-a");
    const mine = `- person ${round}`;
    // Every fourth save touches the very line that Nimrod writes.
    const clash = random(4) === 0;
    const text = `${clash ? original.replace("status: open", "status: blocked") : original}${mine}\n`;
    const wait = random(12);
    const byRename = random(2) === 0;
    child.stdin.write(`${JSON.stringify({ path: join(project.root, path), text, wait, byRename })}\n`);
    let refused = false;
    try {
      await store.update(ticket, (now) =>
        appendToSection(setFields(now, { status: "in_review" }), "Notes", `- nimrod ${round}`),
      );
    } catch (error) {
      if (!(error instanceof NimrodError)) throw error;
      expect(["conflict", "broken", "failed"]).toContain(error.code);
      refused = true;
    }
    await saved.next();
    const after = project.read(path);
    const hasPerson = after.includes(`${mine}\n`);
    const hasNimrod = after.includes(`- nimrod ${round}\n`);
    if (!hasPerson) lost[byRename ? "replaced" : "inPlace"].push(round);
    // A save after Nimrod's write is the editor's own: it opened the file before, and would be asked by any editor.
    if (refused) ends.refused += 1;
    else if (hasNimrod) ends.merged += 1;
    else ends.saver += 1;
    if (refused && hasPerson) expect(after).toBe(text);
  }
  child.stdin.end();
  await once(child, "close");
  expect(lost.inPlace).toEqual([]);
  expect(lost.replaced.length).toBeLessThanOrEqual(mostOverwritten);
  expect(Math.min(ends.merged + ends.refused, ends.saver)).toBeGreaterThan(20);
});
