import { expect, test } from "vitest";
import { run, runJson, ticketPath } from "../support/sample-work.ts";
import { tempProject, ticketFile } from "../support/temp-project.ts";

const id = "nim-aaaaaa";

test("before a run each criterion says what it asks, how that is going to be shown, and what to type", async () => {
  const body = `## Description

Something.

## Acceptance Criteria

- [ ] the page says hello
  - verify: \`grep -q hello page.md\`
- [ ] it reads well
  - attest: Sara
- [ ] nobody said how
- [~] it sings
  - waived: there is no loudspeaker
`;
  const project = tempProject({ files: ticketFile({ id, body }) });
  const shown = await run(project, "show", id, "--evidence");
  expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
  expect(shown.stdout).toContain(`
AC1  unknown  the page says hello
     grep -q hello page.md
     → nimrod run ${id}
AC2  unknown  it reads well
     no command shows it: Sara attests it
     → nimrod run ${id}
AC3  unknown  nobody said how
     neither \`verify:\` nor \`attest:\` says how it is shown; the plan has to
     → nimrod run ${id}
AC4  met  it sings
     waived: there is no loudspeaker
`);
  expect(await runJson(project, "show", id, "--evidence")).toMatchObject({
    evidence: {
      criteria: [
        { ac: "AC1", text: "the page says hello", attest: null, next: `nimrod run ${id}` },
        { ac: "AC2", attest: "Sara" },
        { ac: "AC3", attest: null, command: null },
        { ac: "AC4", waived: "there is no loudspeaker", next: null },
      ],
    },
  });
  expect(project.read(ticketPath(id))).toContain(body);
});
