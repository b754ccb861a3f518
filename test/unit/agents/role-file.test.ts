import { mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { loadRole, narrowLimits, parseRoleFile, type RoleFile } from "../../../src/agents/role-file.ts";
import { promptRoles } from "../../../src/agents/role-names.ts";
import { roleJsonSchema } from "../../../src/agents/schema.ts";

const shipped = await loadRole("researcher");
const parse = (text: string, base: RoleFile | null = shipped) =>
  parseRoleFile({ role: "researcher", path: "agents/researcher.md", text, base });

describe("shipped roles", () => {
  test.each(promptRoles)(
    "%s has a name, capabilities and a prompt that names every field of its schema",
    async (role) => {
      const file = await loadRole(role);
      expect(file.name).toBe(role === "triager" ? "nimrod-ticket-triager" : `nimrod-${role}`);
      // A page and a half: what is longer is not read to its end.
      expect(file.template.length).toBeLessThan(5_000);
      const fields = Object.keys(JSON.parse(roleJsonSchema(role)).properties);
      for (const field of fields) expect(file.template).toContain(field);
    },
  );

  test("may do no more than their row of the pass table", async () => {
    const granted = await Promise.all(
      promptRoles.map(async (role) => [role, (await loadRole(role)).capabilities.join(" ")]),
    );
    expect(Object.fromEntries(granted)).toEqual({
      triager: "read",
      researcher: "read run-none ask delegate",
      planner: "read ask delegate",
      implementer: "read write run ask",
      reviewer: "read run-none run-in-copy delegate",
      closer: "",
      delegate: "read run-none",
    });
  });
});

describe("shipped roles as definitions of sub-agents", () => {
  test.each(promptRoles)("%s reads the same as YAML, with the keys that other CLIs want", async (role) => {
    const { name, description, path } = await loadRole(role);
    const [, front = ""] = (await readFile(path, "utf8")).split(/^---$/m);
    const yaml = parseYaml(front);
    expect(yaml).toMatchObject({ name, description, model: "inherit" });
    // Lower case and hyphens; said when to use it.
    expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(description).toMatch(/Use it /);
    for (const value of Object.values(yaml)) expect(typeof value).toBe("string");
  });
});

describe("a project's own role file", () => {
  test("is no link: a model would be sent what nobody saw who read the repository", async () => {
    const top = await mkdtemp(join(tmpdir(), "nimrod-roles-"));
    for (const folder of ["home", "agents"]) await mkdir(join(top, folder));
    await writeFile(join(top, "home/researcher.md"), "the operator's own words");
    await symlink(join(top, "home/researcher.md"), join(top, "agents/researcher.md"));
    await symlink(join(top, "home"), join(top, "roles"));
    for (const folder of ["agents", "roles"])
      await expect(loadRole("researcher", [join(top, folder)])).rejects.toThrow("is no link");
  });

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

  test("may name an agent and a model; `inherit` and an absent key leave both to the configuration", () => {
    expect(shipped).toMatchObject({ agent: null, model: null, limits: {} });
    expect(parse("---\nagent: local\nmodel: small-7b\n---\nLook.")).toMatchObject({
      agent: "local",
      model: "small-7b",
    });
    const named = parse("---\nagent: local\nmodel: small-7b\n---\nLook.");
    expect(parse("---\nmodel: inherit\n---\nLook.", named)).toMatchObject({ agent: "local", model: null });
  });

  const bounded = parse(
    "---\nlimits: turns=40 minutes=15 usd=1.5 tokens=400000 promptBytes=9000\n---\nLook.",
  );

  test("may lower limits, and keeps those that it does not name", () => {
    expect(bounded.limits).toEqual({ turns: 40, minutes: 15, usd: 1.5, tokens: 400_000, promptBytes: 9000 });
    expect(parse("---\nlimits: turns=10, usd=0\n---\nLook.", bounded).limits).toEqual({
      ...bounded.limits,
      turns: 10,
      usd: 0,
    });
  });

  test("never raises what is configured", () => {
    const configured = {
      startSeconds: 1,
      idleSeconds: 2,
      wallSeconds: 600,
      turns: 80,
      tokens: 1000,
      usd: 2,
      answerBytes: 3,
    };
    expect(narrowLimits(configured, bounded.limits)).toEqual({ ...configured, turns: 40, usd: 1.5 });
    expect(narrowLimits(configured, {})).toEqual(configured);
    expect(narrowLimits(configured, { minutes: 1, usd: 0 })).toMatchObject({ wallSeconds: 60, usd: 0 });
  });

  test.each([
    ["turns=41", /:2: turns=41 is above the 40 of the researcher; .*only narrow/],
    ["usd=1.51", /:2: usd=1.51 is above the 1.5/],
    ["promptBytes=9001", /:2: promptBytes=9001 is above/],
    ["turns=0", /:2: turns=0 is not a number/],
    ["turns=1.5", /:2: turns=1.5 is not a number/],
    ["turns=1e9", /:2: limit "turns=1e9"/],
    ["turns=-1", /:2: limit "turns=-1"/],
    ["turns", /:2: limit "turns" is not one of turns, minutes, usd, tokens, promptBytes/],
    ["files=3", /:2: limit "files=3"/],
    ["turns=3 turns=4", /:2: turns occurs twice/],
  ])("with limits: %s is refused, with its line", (limits, message) => {
    expect(() => parse(`---\nlimits: ${limits}\n---\nLook.`, bounded)).toThrow(message);
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
