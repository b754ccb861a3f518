import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recipesPage, runRecipe, slowRecipes } from "../support/recipes.ts";
import { type TempProject, tempProject, ticketFile } from "../support/temp-project.ts";
import { fencedBlocks, textOf } from "../unit/docs/page.ts";

const blocks = fencedBlocks(textOf(recipesPage));
const named = (info: string) => /^\w+ recipe ([\w-]+)$/.exec(info)?.[1];

/** A ticket that waits for a person, one that is ready, one that is done. */
const threeTickets = () =>
  tempProject({
    git: false,
    files: {
      ...ticketFile({ id: "nim-aaaaaa", title: "Reviewed one", status: "in_review" }),
      ...ticketFile({ id: "nim-bbbbbb", title: "Ready one" }),
      ...ticketFile({ id: "nim-cccccc", title: "Done one", status: "closed" }),
    },
  });

const homeFile = (project: TempProject, path: string) => readFileSync(join(project.home, path), "utf8");

const expectations: Record<string, (text: string) => void> = {
  aliases(text) {
    const { stdout, stderr } = runRecipe(threeTickets(), text, "n ready; nl; ns");
    expect(stderr).toBe("");
    expect(stdout).toContain("Ready one");
    expect(stdout).toContain("Reviewed one");
    expect(stdout).toContain("NEEDS YOU (1)");
    expect(text).toContain("alias nn='nimrod next'");
  },
  timer(text) {
    expect(text.split("\n").filter((line) => line.startsWith("["))).toEqual(["[Timer]", "[Install]"]);
    expect(text).toMatch(/^OnCalendar=Mon\.\.Fri 07\.\.19:00\/30$/m);
  },
  systemctl(text) {
    expect(runRecipe(tempProject({ git: false }), text)).toMatchObject({
      exitCode: 0,
      called: ["systemctl [--user] [daemon-reload]", "systemctl [--user] [enable] [--now] [nimrod.timer]"],
    });
  },
  jq(text) {
    expect(runRecipe(threeTickets(), text)).toMatchObject({
      exitCode: 0,
      stderr: "",
      stdout: "nim-bbbbbb Ready one\nclosed 1\nin_review 1\nopen 1\nnimrod close nim-aaaaaa\n",
    });
  },
  prompt(text) {
    const shown = (project: TempProject) =>
      runRecipe(project, `PS1='$ '\n${text}`, `echo "\${PS1@P}"`).stdout;
    expect(shown(threeTickets())).toBe("[1 for you] $ \n");
    expect(shown(tempProject({ git: false, tickets: false }))).toBe("$ \n");
  },
  login(text) {
    const done = runRecipe(threeTickets(), `cd /\n${text}`);
    expect(done.stdout).toContain("NEEDS YOU (1)");
  },
  completion(text) {
    const project = tempProject({ git: false });
    expect(runRecipe(project, text)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(homeFile(project, ".local/share/bash-completion/completions/nimrod")).toContain("complete -F");
    expect(homeFile(project, ".zfunc/_nimrod")).toContain("#compdef nimrod");
    expect(homeFile(project, ".config/fish/completions/nimrod.fish")).toContain("complete ");
  },
};

describe("docs/shell-recipes.md", () => {
  test("each of its blocks is a recipe, and each has an expectation", () => {
    expect(blocks.map(({ info }) => named(info)).sort()).toEqual(
      [...Object.keys(expectations), ...slowRecipes].sort(),
    );
  });

  const needsJq = ["jq", "prompt"];
  const hasJq = (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, "jq")));
  for (const { info, text } of blocks) {
    const name = named(info) ?? "";
    const expectation = expectations[name];
    if (expectation === undefined) continue;
    test.skipIf(needsJq.includes(name) && !hasJq)(`${name} does what the page says`, () => {
      expectation(text);
    });
  }
});
