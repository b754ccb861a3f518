import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadRole, parseRoleFile } from "../../../src/agents/role-file.ts";
import { roles } from "../../../src/agents/roles.ts";
import { roleJsonSchema } from "../../../src/agents/schema.ts";

const shipped = await loadRole("researcher");
const parse = (text: string) =>
  parseRoleFile({ role: "researcher", path: "agents/researcher.md", text, base: shipped });

describe("shipped roles", () => {
  test.each(roles)(
    "%s has a name, capabilities and a prompt that names every field of its schema",
    async (role) => {
      const file = await loadRole(role);
      expect(file.name).toMatch(/^nimrod-/);
      const fields = Object.keys(JSON.parse(roleJsonSchema(role)).properties);
      for (const field of fields) expect(file.template).toContain(field);
    },
  );

  test("may do no more than their row of the pass table", async () => {
    const granted = await Promise.all(
      roles.map(async (role) => [role, (await loadRole(role)).capabilities.join(" ")]),
    );
    expect(Object.fromEntries(granted)).toEqual({
      triager: "read",
      researcher: "read run-none ask",
      planner: "read ask",
      implementer: "read write run ask",
      reviewer: "read run-none run-in-copy",
      closer: "",
    });
  });
});

describe("a project's own role file", () => {
  test("replaces the text, the first folder that has it", async () => {
    const [empty, own] = [await mkdtemp(join(tmpdir(), "roles-")), await mkdtemp(join(tmpdir(), "roles-"))];
    await writeFile(join(own, "researcher.md"), "Look into {{ticket}}.\n");
    const file = await loadRole("researcher", [empty, own]);
    expect(file).toMatchObject({
      name: shipped.name,
      capabilities: shipped.capabilities,
      template: "Look into {{ticket}}.",
    });
    expect(file.sha256).not.toBe(shipped.sha256);
    expect((await loadRole("planner", [empty, own])).name).toBe("nimrod-planner");
  });

  test("may narrow what the role may do", () => {
    expect(parse("---\ncapabilities: read\n---\nLook.").capabilities).toEqual(["read"]);
    expect(parse("---\ncapabilities: none\n---\nLook.").capabilities).toEqual([]);
  });

  test.each([
    [
      "wider capabilities",
      "---\nname: x\ncapabilities: read, write\n---\nLook.",
      /researcher\.md:3: .*write.*only narrow/,
    ],
    ["an unknown capability", "---\ncapabilities: sudo\n---\nLook.", /:2: capability "sudo"/],
    ["an unknown key", "---\ntools: Bash\n---\nLook.", /:2: expected one of name, description, capabilities/],
    ["a key twice", "---\nname: a\nname: b\n---\nLook.", /:3: name occurs twice/],
    ["no end of its front matter", "---\nname: a\nLook.", /:1: .*not closed/],
    ["no prompt", "---\nname: a\n---\n\n", /no prompt/],
    ["code in its front matter", "---\nname: a\n- !!js/function x\n---\nLook.", /:3: expected one of/],
  ])("with %s is refused, with its line", (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
