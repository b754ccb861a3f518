import { execFile, execFileSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { appendToSection, setFields } from "../../../src/tickets/edit.ts";
import { openStore } from "../../../src/tickets/store.ts";
import { tempProject } from "../../support/temp-project.ts";
import { ticketText } from "./ticket-text.ts";

const clock = { now: () => new Date("2026-11-22T07:12:40.500Z") };

function world(files: Record<string, string> = {}) {
  const project = tempProject({ git: false });
  for (const [path, content] of Object.entries(files)) project.write(`tickets/${path}`, content);
  return { project, store: openStore({ root: project.root, idPrefix: "nim", clock }) };
}
const ticketFiles = (root: string) =>
  readdirSync(join(root, "tickets/active")).filter((name) => name !== ".gitkeep");
const one = (id: string, body = "", more: string[] = []) => ticketText([`id: ${id}`, ...more], body);

describe("scan", () => {
  test("reads tickets/, active and closed; other files are none", async () => {
    const { store } = world({
      "a.md": one("nim-a"),
      "active/b.md": one("nim-b"),
      "closed/c.MD": one("nim-c"),
      "active/line\nfeed.md": one("nim-feed"),
      "active/d.txt": "x",
      "active/.#b.md": "x",
      "README.md": "# Tickets\n",
    });
    const { tickets, broken } = await store.scan();
    expect(tickets.map(({ id, path, archived }) => [id, path, archived])).toEqual([
      ["nim-a", "tickets/a.md", false],
      ["nim-b", "tickets/active/b.md", false],
      ["nim-feed", "tickets/active/line\nfeed.md", false],
      ["nim-c", "tickets/closed/c.MD", true],
    ]);
    expect(broken).toEqual([]);
  });

  test("what cannot be read is a row, never a gap", async () => {
    const { project, store } = world({
      "active/good.md": one("nim-good"),
      "active/empty.md": "",
      "active/big.md": "x".repeat(1024 * 1024 + 1),
      "README.md": one("nim-readme", "", ["status: wip"]),
    });
    const active = join(project.root, "tickets/active");
    execFileSync("sh", ["-c", `mkfifo "$0"`, join(active, "fifo.md")]);
    symlinkSync("good.md", join(active, "link.md"));
    symlinkSync("/nowhere", join(active, "dangling.md"));
    mkdirSync(join(active, "folder.md"));
    const { tickets, broken } = await store.scan();
    expect(tickets.map(({ id }) => id)).toEqual(["nim-good"]);
    expect(broken.map(({ path, line, found }) => `${path}:${line} ${found}`)).toEqual([
      'tickets/README.md:4 status is "wip"',
      expect.stringMatching(/^tickets\/active\/big\.md:1 the file has 1048577 bytes/),
      "tickets/active/dangling.md:1 a symbolic link",
      "tickets/active/empty.md:1 an empty line",
      "tickets/active/fifo.md:1 a named pipe",
      "tickets/active/folder.md:1 a folder",
      "tickets/active/link.md:1 a symbolic link",
    ]);
  });

  test("both files of a doubled id are broken, whatever its case", async () => {
    const { store } = world({
      "active/a.md": one("TASK-1"),
      "closed/b.md": `---\n# x\nid: task-1\ntitle: B\nstatus: closed\n---\n`,
    });
    const { tickets, broken } = await store.scan();
    expect(tickets).toEqual([]);
    expect(broken).toMatchObject([
      { path: "tickets/active/a.md", line: 2, found: 'id "TASK-1", also in tickets/closed/b.md' },
      { path: "tickets/closed/b.md", line: 3, found: 'id "task-1", also in tickets/active/a.md' },
    ]);
  });

  test("a doubled id is told of by its id, also where the files are called otherwise and another id holds it", async () => {
    const { store } = world({
      "active/a.md": one("nim-x"),
      "active/b.md": one("nim-x"),
      "active/c.md": one("nim-xy"),
    });
    await expect(store.find("nim-x")).rejects.toMatchObject({
      code: "broken",
      where: "tickets/active/a.md:2",
    });
    await expect(store.find("nim-xy")).resolves.toMatchObject({ id: "nim-xy" });
  });

  test("no tickets folder is an empty scan", async () => {
    const project = tempProject({ git: false, tickets: false });
    expect(await openStore({ root: project.root, idPrefix: "nim", clock }).scan()).toEqual({
      tickets: [],
      broken: [],
    });
  });
});

describe("find", () => {
  const files = {
    "active/nim-7k3f9q-renew.md": one("nim-7k3f9q"),
    "active/nim-7k3f9qx-other.md": one("nim-7k3f9qx"),
    "active/nim-2ab9xx.md": one("nim-2ab9xx"),
    "active/nim-broken-one.md": "---\nid: nim-broken\n",
  };
  test.each([
    ["nim-2ab9xx", "nim-2ab9xx"],
    [" 2AB ", "nim-2ab9xx"],
    ["nim-7k3f9q", "nim-7k3f9q"],
    ["tickets/active/nim-7k3f9q-renew.md", "nim-7k3f9q"],
    ["./tickets/active/nim-7k3f9q-renew.md", "nim-7k3f9q"],
  ])("%j", async (query, id) => {
    expect((await world(files).store.find(query)).id).toBe(id);
  });

  test("an absolute path", async () => {
    const { project, store } = world(files);
    expect((await store.find(join(project.root, "tickets/active/nim-2ab9xx.md"))).id).toBe("nim-2ab9xx");
  });

  test("several fit: candidates in lines", async () => {
    await expect(world(files).store.find("7k3")).rejects.toMatchObject({
      code: "ambiguous",
      lines: ["nim-7k3f9q  A", "nim-7k3f9qx  A"],
    });
  });

  test.each(["zzz", "", "  ", "tickets/active/none.md"])("%j fits nothing", async (query) => {
    await expect(world(files).store.find(query)).rejects.toMatchObject({ code: "not_found" });
  });

  test("only a broken file fits: it says what is wrong with it", async () => {
    await expect(world(files).store.find("broken")).rejects.toMatchObject({
      code: "broken",
      where: "tickets/active/nim-broken-one.md:1",
    });
  });
});

describe("create", () => {
  test("a random id, a slug and a readable file", async () => {
    const { project, store } = world();
    const ticket = await store.create({
      title: "Renew the vault's certificate: #1",
      type: "chore",
      priority: 0,
      labels: ["tls", "a, b".replace(",", "")],
      links: { depends_on: ["nim-2ab9xx"], related: ["nim-x"] },
      body: "Because it ends.",
    });
    expect(ticket.id).toMatch(/^nim-[0-9a-z]{6}$/);
    expect(ticket.path).toBe(`tickets/active/${ticket.id}-renew-the-vault-s-certificate-1.md`);
    expect(project.read(ticket.path)).toBe(
      `---\nid: ${ticket.id}\ntitle: "Renew the vault's certificate: #1"\nstatus: open\ntype: chore\npriority: 0\nlabels: [tls, a b]\ndepends_on: [nim-2ab9xx]\nrelated: [nim-x]\ncreated: 2026-11-22T07:12:40Z\n---\n\n## Description\n\nBecause it ends.\n`,
    );
    expect(await store.find(ticket.id)).toEqual(ticket);
  });

  test.each(["12", "yes", "- a", "---", "été", "漢字", "a\u2028b", "x".repeat(300), "'", "../../etc/passwd"])(
    "the title %j is kept",
    async (title) => {
      const { project, store } = world();
      const ticket = await store.create({ title });
      expect((await store.scan()).tickets).toMatchObject([{ title, path: ticket.path }]);
      expect(ticketFiles(project.root)).toHaveLength(1);
    },
  );

  test.each(["", " ", "a\nb", "a\u001b[31m"])(
    "the title %j is refused, and no file is left",
    async (title) => {
      const { project, store } = world();
      await expect(store.create({ title })).rejects.toMatchObject({ code: "usage" });
      expect(ticketFiles(project.root)).toEqual([]);
    },
  );
});

describe("update", () => {
  test("writes the edit and nothing else", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a", "", ["x: 1 # y"]) });
    const updated = await store.update(await store.find("nim-a"), (text) =>
      setFields(text, { status: "blocked" }),
    );
    expect(updated.status).toBe("blocked");
    expect(project.read("tickets/active/a.md")).toBe(
      one("nim-a", "", ["x: 1 # y"]).replace("open", "blocked"),
    );
    expect(ticketFiles(project.root)).toEqual(["a.md"]);
  });

  test("an edit that is refused says of which ticket, and what helps", async () => {
    const { store } = world({ "active/a.md": one("nim-a", "## Notes\n\n## Notes\n") });
    const edit = (text: string) => appendToSection(text, "Notes", "- x");
    await expect(store.update("tickets/active/a.md", edit)).rejects.toMatchObject({
      code: "failed",
      where: "tickets/active/a.md",
      hint: "nimrod edit nim-a",
    });
  });

  test("a person's change to other bytes is kept", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a", "## Notes\n- one\n") });
    const ticket = await store.find("nim-a");
    project.write("tickets/active/a.md", one("nim-a", "## Notes\n- one\n- mine\n", ["assignee: sara"]));
    await store.update(ticket, (text) =>
      appendToSection(setFields(text, { stage: "plan" }), "Notes", "- two"),
    );
    expect(project.read("tickets/active/a.md")).toBe(
      one("nim-a", "## Notes\n- one\n- mine\n- two\n", ["assignee: sara", "stage: plan"]),
    );
  });

  test("a person's change to the same key is a conflict, and stays", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a") });
    const ticket = await store.find("nim-a");
    const theirs = one("nim-a").replace("open", "blocked");
    project.write("tickets/active/a.md", theirs);
    await expect(
      store.update(ticket, (text) => setFields(text, { status: "in_review" })),
    ).rejects.toMatchObject({
      code: "conflict",
    });
    expect(project.read("tickets/active/a.md")).toBe(theirs);
  });

  test("a key that a person removed is not brought back", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a", "", ["assignee: sara"]) });
    const ticket = await store.find("nim-a");
    project.write("tickets/active/a.md", one("nim-a"));
    await expect(store.update(ticket, (text) => setFields(text, { assignee: "li" }))).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("the same change by both is no conflict", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a") });
    const ticket = await store.find("nim-a");
    project.write("tickets/active/a.md", one("nim-a").replace("open", "blocked"));
    expect((await store.update(ticket, (text) => setFields(text, { status: "blocked" }))).status).toBe(
      "blocked",
    );
  });

  test("two edits at once both arrive", async () => {
    const { store } = world({ "active/a.md": one("nim-a") });
    const ticket = await store.find("nim-a");
    await Promise.all([
      store.update(ticket, (text) => setFields(text, { stage: "plan" })),
      store.update(ticket, (text) => setFields(text, { assignee: "sara" })),
    ]);
    expect(await store.find("nim-a")).toMatchObject({ stage: "plan", assignee: "sara" });
  });

  test("a save between reading and renaming is not overwritten", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a", "## Notes\n") });
    let calls = 0;
    await store.update("tickets/active/a.md", (text) => {
      calls += 1;
      if (calls === 1) project.write("tickets/active/a.md", one("nim-a", "## Notes\n- saved meanwhile\n"));
      return appendToSection(text, "Notes", "- mine");
    });
    expect(project.read("tickets/active/a.md")).toBe(one("nim-a", "## Notes\n- saved meanwhile\n- mine\n"));
  });

  test("a file that moves at every attempt parks, unharmed", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a", "## Notes\n") });
    let calls = 0;
    const update = store.update("tickets/active/a.md", (text) => {
      calls += 1;
      project.write("tickets/active/a.md", one("nim-a", `## Notes\n- ${calls}\n`));
      return appendToSection(text, "Notes", "- mine");
    });
    await expect(update).rejects.toMatchObject({ code: "conflict" });
    expect(project.read("tickets/active/a.md")).toBe(one("nim-a", `## Notes\n- ${calls}\n`));
  });

  test("two processes lose no edit", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a", "## Notes\n") });
    const url = (name: string) =>
      JSON.stringify(new URL(`../../../src/tickets/${name}.ts`, import.meta.url).href);
    const script = `
      const { openStore } = await import(${url("store")});
      const { appendToSection } = await import(${url("edit")});
      const store = openStore({ root: ".", idPrefix: "nim", clock: { now: () => new Date() }, lockFolder: "locks" });
      for (let i = 0; i < 15; i += 1)
        await store.update("tickets/active/a.md", (text) => appendToSection(text, "Notes", "- " + process.argv[1] + i));`;
    const run = (name: string) =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, name], {
        cwd: project.root,
      });
    await Promise.all([run("a"), run("b"), run("c")]);
    const notes = (await store.find("nim-a")).text.match(/^- [abc]\d+$/gm);
    expect(new Set(notes).size).toBe(45);
    expect(readdirSync(join(project.root, "locks"))).toEqual([]);
  });

  test.each<[string, (text: string) => string, RegExp]>([
    [
      "breaks the ticket",
      (text) => text.replace("status: open", "status: wip"),
      /would break it: status is "wip"/,
    ],
    ["changes the id", (text) => text.replace("nim-a", "nim-b"), /would change the id/],
  ])("an edit that %s is not written", async (_, edit, message) => {
    const { project, store } = world({ "active/a.md": one("nim-a") });
    await expect(store.update(await store.find("nim-a"), edit)).rejects.toThrow(message);
    expect(project.read("tickets/active/a.md")).toBe(one("nim-a"));
  });

  test("a ticket that a person renamed or moved is found by its id", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a") });
    const ticket = await store.find("nim-a");
    renameSync(join(project.root, "tickets/active/a.md"), join(project.root, "tickets/b.md"));
    const updated = await store.update(ticket, (text) => setFields(text, { stage: "plan" }));
    expect(updated.path).toBe("tickets/b.md");
  });

  test("a ticket that is gone is a conflict; another one in its place too", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a") });
    const ticket = await store.find("nim-a");
    project.write("tickets/active/a.md", one("nim-b"));
    const edit = (text: string) => setFields(text, { stage: "plan" });
    await expect(store.update(ticket, edit)).rejects.toMatchObject({ code: "conflict" });
    renameSync(join(project.root, "tickets/active/a.md"), join(project.root, "x"));
    await expect(store.update(ticket, edit)).rejects.toMatchObject({ code: "conflict" });
    await expect(store.update("tickets/active/a.md", edit)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("move", () => {
  test("there and back, and again without harm", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a", "", ["status: closed"]) });
    const ticket = await store.find("nim-a");
    const closed = await store.move(ticket, "closed");
    expect(closed).toMatchObject({ path: "tickets/closed/a.md", archived: true });
    expect(await store.move(ticket, "closed")).toEqual(closed);
    expect(existsSync(join(project.root, ticket.path))).toBe(false);
    expect((await store.move(closed, "active")).path).toBe("tickets/active/a.md");
  });

  test("never over another file", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a"), "closed/a.md": one("nim-b") });
    await expect(store.move(await store.find("nim-a"), "closed")).rejects.toMatchObject({ code: "conflict" });
    expect(project.read("tickets/closed/a.md")).toBe(one("nim-b"));
  });

  test("a kill between the two names of a move hides nothing, and the move can be finished", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a", "", ["status: closed"]) });
    const path = (folder: string) => join(project.root, "tickets", folder, "a.md");
    mkdirSync(join(project.root, "tickets/closed"), { recursive: true });
    linkSync(path("active"), path("closed"));
    const { tickets, broken } = await store.scan();
    expect(broken).toEqual([]);
    expect(tickets.map((ticket) => ticket.path)).toEqual(["tickets/closed/a.md"]);
    expect((await store.move(tickets[0]!, "closed")).path).toBe("tickets/closed/a.md");
    expect(existsSync(path("active"))).toBe(false);
  });

  test("a write after such a kill does not make two tickets of the two names", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a", "", ["status: closed"]) });
    const path = (folder: string) => join(project.root, "tickets", folder, "a.md");
    mkdirSync(join(project.root, "tickets/closed"), { recursive: true });
    linkSync(path("active"), path("closed"));
    const ticket = await store.find("nim-a");
    expect((await store.update(ticket, (text) => setFields(text, { priority: 1 }))).path).toBe(ticket.path);
    const { tickets, broken } = await store.scan();
    expect(broken).toEqual([]);
    expect(tickets).toMatchObject([{ path: "tickets/closed/a.md", priority: 1 }]);
    expect(existsSync(path("active"))).toBe(false);
  });

  test("a symbolic link with the same name elsewhere is not its second name", async () => {
    const { project, store } = world({ "active/a.md": one("nim-a") });
    mkdirSync(join(project.root, "tickets/closed"), { recursive: true });
    symlinkSync("../active/a.md", join(project.root, "tickets/closed/a.md"));
    await store.update(await store.find("tickets/active/a.md"), (text) => setFields(text, { priority: 1 }));
    expect(project.read("tickets/closed/a.md")).toContain("priority: 1");
  });
});
