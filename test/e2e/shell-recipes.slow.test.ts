import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recipesPage, runRecipe, slowRecipes } from "../support/recipes.ts";
import { field, pageTicket, ticketPath } from "../support/sample-work.ts";
import { tempProject, ticketFile } from "../support/temp-project.ts";
import { fencedBlocks, textOf } from "../unit/docs/page.ts";

const texts = new Map(
  fencedBlocks(textOf(recipesPage)).map(({ info, text }) => [info.split(" recipe ")[1] ?? "", text]),
);

const id = "nim-aaa111";
const closed = (ticket: string) => ticketPath(ticket, "closed");

const stories: Record<string, (text: string) => void> = {
  loop(text) {
    const second = "nim-bbb222";
    const project = tempProject({
      files: { ...pageTicket({ id }), ...pageTicket({ id: second, page: "other.md" }) },
    });
    expect(runRecipe(project, text).exitCode).toBe(0);
    for (const ticket of [id, second]) expect(field(project, ticketPath(ticket), "status")).toBe("in_review");
  },
  notify(text) {
    const project = tempProject({ files: ticketFile({ id, body: "Do something.\n" }) });
    const { called } = runRecipe(project, text);
    expect(called[0]).toMatch(/^notify-send \[Nimrod needs you\] \[/);
    expect(called.join("\n")).toContain(`nimrod answer ${id}`);
  },
  "loop-code"(text) {
    expect(runRecipe(tempProject(), text)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/\nended with 3\n$/),
    });
  },
  cron(text) {
    const [, command = ""] = /^(?:[\d*/,-]+ ){5} *(.*)$/.exec(text) ?? [];
    const project = tempProject();
    expect(runRecipe(project, `cd /; /bin/sh -c '${command}'`)).toMatchObject({ exitCode: 3, stderr: "" });
    expect(readFileSync(join(project.home, "nimrod.log"), "utf8")).toContain("No ticket is open");
  },
  service(text) {
    const project = tempProject();
    const value = (key: string) =>
      new RegExp(`^${key}=(.*)$`, "m").exec(text)?.[1]?.replaceAll("%h", project.home) ?? "";
    const done = runRecipe(project, `cd '${value("WorkingDirectory")}' && ${value("ExecStart")}`);
    expect(value("SuccessExitStatus").split(" ")).toContain(String(done.exitCode));
    expect(done.exitCode).toBe(3);
  },
  close(text) {
    const project = tempProject({ files: pageTicket({ id }) });
    expect(runRecipe(project, text).exitCode).toBe(0);
    expect(field(project, closed(id), "status")).toBe("closed");
  },
  "close-all"(text) {
    const project = tempProject({ files: pageTicket({ id }) });
    expect(runRecipe(project, `nimrod next\n${text}`).exitCode).toBe(0);
    expect(field(project, closed(id), "status")).toBe("closed");
  },
};

test("every slow recipe has a story", () => {
  expect(Object.keys(stories)).toEqual(slowRecipes);
});

test.each(Object.entries(stories))(
  "%s takes tickets where the page says",
  { timeout: 120_000 },
  (name, story) => {
    story(texts.get(name) ?? "");
  },
);
