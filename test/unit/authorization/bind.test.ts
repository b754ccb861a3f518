import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Action } from "../../../src/authorization/action.ts";
import { type BindFacts, bindAction, boundDigest } from "../../../src/authorization/bind.ts";
import { sha256 } from "../../../src/platform/digest.ts";
import { tempFolder } from "./approval-world.ts";

function world() {
  const top = tempFolder();
  const worktree = join(top, "worktree");
  const bin = join(top, "bin");
  for (const folder of [worktree, bin, join(worktree, "sub")]) mkdirSync(folder);
  const program = join(bin, "deploy");
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  const facts: BindFacts = { worktree, env: { PATH: bin }, plan: "p", policy: "q", ticketText: "t" };
  return {
    worktree,
    bin,
    program,
    facts,
    write: (path: string, content: string) => writeFileSync(join(worktree, path), content),
    digest: async (action: Action, more: Partial<BindFacts> = {}) =>
      boundDigest(await bindAction(action, { ...facts, ...more })),
  };
}

type Run = Extract<Action, { kind: "run" }>;
const argv = (...words: string[]): Run => ({ kind: "run", argv: words });
const text = (command: string): Run => ({ kind: "run", command });

describe("a file that the action names is bound by its content", () => {
  test.each<[string, Action]>([
    ["an operand", argv("deploy", "app.conf")],
    ["the value of a long option", argv("deploy", "--config=app.conf")],
    ["the value of a short option", argv("deploy", "-fapp.conf")],
    ["a value of its own name", argv("deploy", "if=app.conf")],
    ["a value marked as a file", argv("deploy", "-d", "@app.conf")],
    ["a value marked as a file in an option", argv("deploy", "--data=@app.conf")],
    ["a word of a command text", text("deploy app.conf")],
    ["a quoted word", text("deploy 'app.conf'")],
    ["a word put together", text('deploy "app".conf')],
    ["a quoted option", text('deploy --config="app.conf"')],
    ["what is redirected into it", text("deploy < app.conf")],
    ["a word of any command of the text", text("cd . && (deploy; deploy app.conf | cat)")],
    ["a word inside a substitution", text("deploy $(deploy app.conf)")],
    ["the file that is edited", { kind: "edit", path: "app.conf", old: "a", new: "b" }],
    ["the file that is overwritten", { kind: "write", path: "app.conf", content: "b" }],
    ["the file that is read", { kind: "read", path: "app.conf" }],
  ])("%s", async (_, action) => {
    const { write, digest } = world();
    write("app.conf", "a");
    const before = await digest(action);
    expect(await digest(action)).toBe(before);
    write("app.conf", "b");
    expect(await digest(action)).not.toBe(before);
    write("app.conf", "a");
    expect(await digest(action)).toBe(before);
  });

  test("one that appears later is another action", async () => {
    const { write, digest } = world();
    const before = await digest(argv("deploy", "app.conf"));
    write("app.conf", "");
    expect(await digest(argv("deploy", "app.conf"))).not.toBe(before);
  });

  test("behind a symlink, the file it leads to", async () => {
    const { worktree, write, digest } = world();
    write("real.conf", "a");
    symlinkSync("real.conf", join(worktree, "app.conf"));
    const before = await digest(argv("deploy", "app.conf"));
    write("real.conf", "b");
    expect(await digest(argv("deploy", "app.conf"))).not.toBe(before);
  });

  test("that only the plan declares", async () => {
    const { write, digest } = world();
    write("hidden.conf", "a");
    const before = await digest(argv("deploy"), { declaredInputs: ["hidden.conf"] });
    write("hidden.conf", "b");
    expect(await digest(argv("deploy"), { declaredInputs: ["hidden.conf"] })).not.toBe(before);
  });

  test("relative to the folder that the action runs in", async () => {
    const { write, digest } = world();
    write("sub/app.conf", "a");
    const action: Action = { ...argv("deploy", "app.conf"), cwd: "sub" };
    const before = await digest(action);
    write("app.conf", "beside");
    expect(await digest(action)).toBe(before);
    write("sub/app.conf", "b");
    expect(await digest(action)).not.toBe(before);
  });

  test("a folder or a name with a NUL byte is bound by its name alone, without an error", async () => {
    const { digest } = world();
    await expect(digest(argv("deploy", "sub", "a\0b"))).resolves.toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("the program is bound by its content", () => {
  test.each<[string, Action]>([
    ["found by name", argv("deploy")],
    ["found by name, in a command text", text("deploy")],
    ["inside a pipe", text("true | deploy")],
    ["quoted", text("'deploy'")],
  ])("%s", async (_, action) => {
    const { program, digest } = world();
    const before = await digest(action);
    writeFileSync(program, "#!/bin/sh\n\n");
    expect(await digest(action)).not.toBe(before);
  });

  test("given by path", async () => {
    const { worktree, write, digest } = world();
    write("run.sh", "a");
    chmodSync(join(worktree, "run.sh"), 0o755);
    const before = await digest(argv("./run.sh"));
    write("run.sh", "b");
    expect(await digest(argv("./run.sh"))).not.toBe(before);
  });

  test("one put earlier on the PATH is another program", async () => {
    const { worktree, bin, program, facts } = world();
    const shim = join(worktree, "sub", "deploy");
    const both = { ...facts, env: { PATH: `${join(worktree, "sub")}:${bin}` } };
    const bound = await bindAction(argv("deploy"), both);
    expect(bound.executables).toEqual([{ path: program, sha256: sha256("#!/bin/sh\n") }]);
    writeFileSync(shim, "#!/bin/sh\n");
    chmodSync(shim, 0o755);
    expect((await bindAction(argv("deploy"), both)).executables).toMatchObject([{ path: shim }]);
  });

  test("what cannot be executed is not the program", async () => {
    const { worktree, program, facts, write } = world();
    write("sub/deploy", "");
    const both = { ...facts, env: { PATH: `${join(worktree, "sub")}:${join(program, "..")}` } };
    expect((await bindAction(argv("deploy"), both)).executables).toMatchObject([{ path: program }]);
  });
});

describe("what else it is bound to", () => {
  const action = argv("deploy", "app.conf");
  test.each<[string, Action, Partial<BindFacts>]>([
    ["the plan", action, { plan: "p2" }],
    ["no plan", action, { plan: null }],
    ["the policy", action, { policy: "q2" }],
    ["the ticket's text", action, { ticketText: "t2" }],
    ["a word", argv("deploy", "app.conf2"), {}],
    ["where words end", argv("deploy app.conf"), {}],
    ["the target", { ...action, target: "host" }, {}],
    ["text instead of words", text("deploy app.conf"), {}],
    ["the folder", { ...action, cwd: "sub" }, {}],
  ])("%s", async (_, other, facts) => {
    const { digest } = world();
    expect(await digest(other, facts)).not.toBe(await digest(action));
  });

  test("every value of the environment, without showing it", async () => {
    const { facts } = world();
    const one = await bindAction(argv("deploy"), { ...facts, env: { ...facts.env, TOKEN: "hunter2" } });
    const other = await bindAction(argv("deploy"), { ...facts, env: { ...facts.env, TOKEN: "hunter3" } });
    expect(boundDigest(one)).not.toBe(boundDigest(other));
    expect(JSON.stringify(one)).not.toContain("hunter2");
  });

  test("command text that does not parse, by its very bytes and by bash", async () => {
    const { facts, digest } = world();
    const bound = await bindAction(text("deploy '"), { ...facts, env: { PATH: "/usr/bin:/bin" } });
    expect(bound.executables.map(({ path }) => path.split("/").at(-1))).toEqual(["bash"]);
    expect(await digest(text("deploy '"))).not.toBe(await digest(text("deploy ' ")));
  });
});

describe("content that the plan promises", () => {
  const action = argv("deploy", "app.conf");

  test("stands for the file while it is asked ahead, and is met by just that content", async () => {
    const { write, digest } = world();
    const ahead = await digest(action, { promised: new Map([["app.conf", "a"]]) });
    expect(await digest(action)).not.toBe(ahead);
    write("app.conf", "b");
    expect(await digest(action)).not.toBe(ahead);
    write("app.conf", "a");
    expect(await digest(action)).toBe(ahead);
  });

  test("is found by a path from the folder the action runs in, too", async () => {
    const { digest, write } = world();
    const below: Action = { ...argv("deploy", "../app.conf"), cwd: "sub" };
    const ahead = await digest(below, { promised: new Map([["app.conf", "a"]]) });
    write("app.conf", "a");
    expect(await digest(below)).toBe(ahead);
  });
});
