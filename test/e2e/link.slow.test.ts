import { expect, test } from "vitest";
import { linkKinds } from "../../src/tickets/ticket.ts";
import { run, runJson, ticketPath } from "../support/sample-work.ts";
import { tempProject, ticketFile } from "../support/temp-project.ts";

const [a, b] = ["nim-aaa111", "nim-bbb222"] as const;
const scene = () =>
  tempProject({ git: false, files: { ...ticketFile({ id: a }), ...ticketFile({ id: b }) } });

test.each(linkKinds)("%s stands in both files, once, and is gone from both again", async (kind) => {
  const project = scene();
  const [before, other] = [project.read(ticketPath(a)), project.read(ticketPath(b))];
  expect(await runJson(project, "link", a, kind.replaceAll("_", "-"), "bbb")).toEqual({
    exitCode: 0,
    schemaVersion: 1,
    kind: "link",
    from: a,
    link: kind,
    to: b,
    removed: false,
    changed: true,
  });
  expect(project.read(ticketPath(a))).toBe(before.replace("\n---\n\n##", `\n${kind}: [${b}]\n---\n\n##`));
  const linked = project.read(ticketPath(b));
  expect(linked.startsWith(other)).toBe(true);
  expect(linked.slice(other.length)).toMatch(new RegExp(`^\n## Links\n\n- [a-z ]+ ${a}\n$`));
  expect((await run(project, "doctor")).stdout).not.toMatch(/does not say so|circle/);

  expect(await runJson(project, "link", a, kind, b)).toMatchObject({ exitCode: 0, changed: false });
  expect(project.read(ticketPath(b))).toBe(linked);

  expect(await runJson(project, "link", "@", kind, b, "--remove")).toMatchObject({
    exitCode: 0,
    changed: true,
  });
  expect(project.read(ticketPath(a))).toBe(before.replace("\n---\n\n##", `\n${kind}: []\n---\n\n##`));
  expect(project.read(ticketPath(b))).toBe(other);
  expect(await runJson(project, "link", a, kind, b, "--remove")).toMatchObject({
    exitCode: 0,
    changed: false,
  });
});
