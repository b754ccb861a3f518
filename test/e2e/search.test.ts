import { describe, expect, test } from "vitest";
import { run, runJson } from "../support/sample-work.ts";
import { tempProject, ticketFile } from "../support/temp-project.ts";

const files = {
  ...ticketFile({
    id: "nim-aaa111",
    title: "Renew the vault certificate",
    priority: 1,
    body: "## Description\n\nThrough the proxy.\n",
  }),
  ...ticketFile({
    id: "nim-bbb222",
    title: "Proxy logs",
    more: "labels: [logs]",
    body: "## Description\n\nThe vault too.\n\nProxy of the vault.\n",
  }),
  ...ticketFile({ id: "nim-ccc333", title: "Old vault", status: "closed" }),
};

describe("search", () => {
  test("shows what fits best first, with file, line and text", async () => {
    const project = tempProject({ git: false, files });
    const done = await run(project, "search", "vault", "PROXY");
    expect(done.exitCode).toBe(0);
    expect(done.stdout.split("\n")).toEqual([
      "nim-bbb222  open  Proxy logs",
      "  tickets/active/nim-bbb222-sample.md:15: Proxy of the vault. (+1)",
      "nim-aaa111  open  Renew the vault certificate",
      "  tickets/active/nim-aaa111-sample.md:12: Through the proxy.",
      "",
    ]);
    expect(await runJson(project, "search", "old vault", "--all")).toMatchObject({
      kind: "search",
      words: ["old", "vault"],
      tickets: [{ id: "nim-ccc333", status: "closed", matches: [] }],
      total: 1,
      broken: [],
    });
    expect(await runJson(project, "search", "vault", "-l", "logs")).toMatchObject({
      tickets: [{ id: "nim-bbb222" }],
    });
    expect(await runJson(project, "search", "vault", "--limit", "1")).toMatchObject({
      tickets: [{ id: "nim-aaa111" }],
      total: 2,
    });
  });

  test("finding nothing is an answer, and says where else it could be", async () => {
    const project = tempProject({ git: false, files });
    const done = await run(project, "search", "old");
    expect(done).toMatchObject({
      exitCode: 0,
      stdout: "",
      stderr: "nothing found; --all looks in closed ones too\n",
    });
    expect(await runJson(project, "search", "nowhere")).toMatchObject({ exitCode: 0, tickets: [], total: 0 });
  });

  test("a query of nothing is a usage error, a broken file is named and hides nothing", async () => {
    const broken = { "tickets/active/nim-ddd444.md": "---\nid: nim-ddd444\n" };
    const project = tempProject({ git: false, files: { ...files, ...broken } });
    expect(await run(project, "search", " ")).toMatchObject({ exitCode: 2, stdout: "" });
    const done = await run(project, "search", "proxy");
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toContain("nim-aaa111");
    expect(done.stderr).toContain("BROKEN  tickets/active/nim-ddd444.md:1:");
  });

  test("control characters of a ticket stay out of the terminal", async () => {
    const body = "## Description\n\nproxy \x1b]0;owned\x07 \u202e end\n";
    const project = tempProject({ git: false, files: ticketFile({ id: "nim-aaa111", body }) });
    const done = await run(project, "search", "proxy");
    expect(done.stdout).toContain("proxy \\u{1b}]0;owned\\u{7} \\u{202e} end");
    expect((await run(project, "--json", "search", "proxy")).stdout).not.toMatch(/[\x1b\u202e]/);
  });
});
