import { describe, expect, test } from "vitest";
import type { Action, Decision } from "../../../src/authorization/action.ts";
import { classify } from "../../../src/authorization/classify.ts";
import type { ClassifyContext } from "../../../src/authorization/context.ts";
import { defaultPolicy } from "../../../src/authorization/policy.ts";
import { context, run } from "./context.ts";

function act(action: Action, changes: Partial<ClassifyContext> = {}): Decision {
  return classify(action, context(changes), defaultPolicy);
}

/** One effect, many spellings. `git checkout` and interpreters may only be stricter: they hide what else they do. */
const routes: [string, (path: string) => Action][] = [
  ["the write tool", (path) => ({ kind: "write", path, content: "x" })],
  ["the edit tool", (path) => ({ kind: "edit", path, old: "a", new: "b" })],
  ["a redirection", (path) => ({ kind: "run", command: `echo x > ${path}` })],
  ["a here-document", (path) => ({ kind: "run", command: `cat > ${path} <<'EOF'\nx\nEOF` })],
  ["tee in a pipe", (path) => ({ kind: "run", command: `echo x | tee ${path}` })],
  ["sed -i", (path) => ({ kind: "run", command: `sed -i s/a/b/ ${path}` })],
  ["cp", (path) => ({ kind: "run", command: `cp src/a ${path}` })],
  ["dd", (path) => ({ kind: "run", argv: ["dd", "if=src/a", `of=${path}`] })],
  [
    "install in a nested shell",
    (path) => ({ kind: "run", command: `bash -c 'install -m 644 src/a ${path}'` }),
  ],
  ["sort -o", (path) => ({ kind: "run", command: `sort -o ${path} src/a` })],
  ["curl -o", (path) => ({ kind: "run", command: `curl -o ${path} https://example.org/a` })],
];

describe("one effect gets one tier by every route", () => {
  test.each(routes)("%s", (_name, route) => {
    expect(act(route("proxy/nginx.conf")).tier).toBe("brief");
    expect(act(route("tickets/active/nim-1.md")).tier).toBe("deny");
    expect(act(route("./src/../.nimrod/policy.json")).tier).toBe("deny");
    expect(act(route(".git/hooks/pre-commit")).tier).toBe("explicit");
    expect(act(route(".env")).tier).toBe("explicit");
    expect(act(route("test/a.test.ts"), { frozen: (path) => path === "test/a.test.ts" }).tier).toBe(
      "explicit",
    );
  });

  test("routes that hide more are stricter, never laxer", () => {
    for (const command of [
      "git checkout main -- proxy/nginx.conf",
      "python3 -c \"open('proxy/nginx.conf','w')\"",
      "perl -i -pe s/a/b/ proxy/nginx.conf",
    ]) {
      expect(run(command).tier, command).toBe("explicit");
    }
  });

  test("a symbolic link is judged by where it leads", () => {
    const realPath = (path: string): string =>
      path.replace("/home/ann/lab/link", "/etc").replace("/home/ann/lab/inner", "/home/ann/lab/tickets");
    for (const [, route] of routes) {
      expect(act(route("inner/a.md"), { realPath }).tier).toBe("deny");
      expect(["explicit", "deny"]).toContain(act(route("link/hosts"), { realPath }).tier);
    }
    expect(act({ kind: "read", path: "link/shadow" }, { realPath }).tier).toBe("explicit");
  });
});

describe("writing and editing", () => {
  const write = (path: string, changes: Partial<ClassifyContext> = {}): Decision =>
    act({ kind: "write", path, content: "" }, changes);

  test.each([
    "../x",
    "/etc/hosts",
    "/home/ann/labs/x",
    "/home/ann/LAB/x",
    "a/../../x",
    "/tmp/x",
    "/dev/null",
    "",
    "a\0b",
  ])("%j leads out and is denied", (path) => {
    expect(write(path).tier).toBe("deny");
  });

  test.each(["README.md", "docs/setup.txt", "notes/a.MD"])("%s is a draft of documentation", (path) => {
    expect(write(path)).toMatchObject({ tier: "none", rule: "write.docs" });
  });

  test.each([
    "Tickets/a",
    "TICKETS/a",
    "nimrod.JSON",
    "t\u0131ckets/../tickets/a",
    "ticket\u017f/a",
    "tick\u200bets/a",
    "agents",
    ".nimrod",
    "docs/changes/a.md",
  ])("%j is a name only Nimrod writes", (path) => {
    expect(write(path).tier).toBe("deny");
  });

  test("composed and decomposed names are the same file", () => {
    const frozenName = "caf\u00e9";
    const project = `/home/ann/${frozenName}`;
    expect(run(`echo x > /home/ann/cafe\u0301/tickets/a`, { project }).tier).toBe("deny");
  });

  test("~ is a name to a tool and home to a shell", () => {
    expect(write("~/x.ts").tier).toBe("brief");
    expect(run("echo x > ~/x.ts").rule).toBe("write.outside");
  });

  test("the operator's checkout is as closed as the worktree", () => {
    expect(run("echo x > /srv/lab/tickets/a", { project: "/srv/lab" }).tier).toBe("deny");
    expect(run("echo x > /srv/lab/nimrod.json").tier).toBe("deny");
  });

  test("a worktree inside the state folder is still the worktree", () => {
    const changes = { worktree: "/home/ann/.local/state/nimrod/lab-00000000/t/worktree" };
    expect(write("src/a.ts", changes).tier).toBe("brief");
    expect(write("../git/config", changes).tier).toBe("deny");
    expect(run("cat ../git/HEAD", changes).tier).toBe("deny");
  });

  test("a path on the host is at least explicit", () => {
    expect(act({ kind: "write", path: "/etc/hosts", content: "", target: "host" })).toMatchObject({
      tier: "explicit",
      rule: "write.host",
    });
    expect(act({ kind: "write", path: "/srv/x/nimrod.json", content: "", target: "host" }).tier).toBe("deny");
  });
});

describe("reading", () => {
  test.each([
    ["src/a.ts", "none"],
    ["/etc/nginx/nginx.conf", "none"],
    [".env.example", "none"],
    ["certs/fullchain.pem", "none"],
    [".env", "explicit"],
    ["certs/server.pem", "explicit"],
    ["/etc/shadow", "explicit"],
    ["/home/ann/.ssh/id_rsa.pub", "none"],
    ["/proc/self/environ", "explicit"],
    ["/home/ann/.config/nimrod/config.json", "deny"],
  ])("%s is %s", (path, tier) => {
    expect(act({ kind: "read", path }).tier).toBe(tier);
  });
});

describe("the place", () => {
  test("without a sandbox only what changes nothing runs unasked", () => {
    const sandbox = "none" as const;
    expect(run("git log", { sandbox }).tier).toBe("none");
    for (const command of [
      "npm test",
      "touch a",
      "git add .",
      "echo x > docs/a.md",
      "curl https://example.org",
    ]) {
      expect(run(command, { sandbox }).tier, command).toBe("explicit");
    }
    expect(act({ kind: "write", path: "src/a.ts", content: "" }, { sandbox }).tier).toBe("brief");
    expect(act({ kind: "write", path: "docs/a.md", content: "" }, { sandbox }).tier).toBe("none");
  });

  test("on the host everything that is more than a read is explicit", () => {
    expect(act({ kind: "run", command: "npm test", target: "host" }).tier).toBe("explicit");
    expect(act({ kind: "run", command: "uptime", target: "host" }).tier).toBe("none");
  });

  test("a role that may not write is refused every change, by name", () => {
    const changes = { mayWrite: false, role: "reviewer" };
    for (const command of [
      "touch a",
      "echo x > docs/a.md",
      "rm a",
      "git push",
      "systemctl restart x",
      "sed -i s/a/b/ a",
    ]) {
      expect(run(command, changes), command).toMatchObject({
        tier: "deny",
        reason: "the reviewer may not write",
      });
    }
    expect(run("npm test", changes).tier).toBe("brief");
    expect(run("git diff", changes).tier).toBe("none");
    expect(run("ls > /tmp/list", changes).tier).toBe("brief");
    expect(act({ kind: "edit", path: "a", old: "", new: "" }, changes).tier).toBe("deny");
  });

  test("a folder outside the worktree is no place to run in", () => {
    expect(act({ kind: "run", command: "ls", cwd: "../other" }).tier).toBe("deny");
    expect(act({ kind: "run", command: "ls", cwd: "/etc" }).tier).toBe("deny");
    expect(act({ kind: "run", command: "echo x > a", cwd: "tickets" }).tier).toBe("deny");
  });

  test("one plain live read runs on the host; a pipe of them does not", () => {
    expect(run("ss -tln")).toMatchObject({ tier: "none", vantage: "host" });
    expect(act({ kind: "run", argv: ["docker", "ps"] }).vantage).toBe("host");
    expect(run("ss -tln | grep 80").vantage).toBeUndefined();
    expect(run("X=1 ss -tln").vantage).toBeUndefined();
    expect(run("cat a").vantage).toBeUndefined();
  });

  test("the hosts of an outbound read are named", () => {
    expect(run("curl https://user@Example.org:8443/a").needs).toEqual(["example.org"]);
    expect(run("curl --resolve example.org:443:192.0.2.1 https://example.org").needs).toEqual([
      "example.org",
      "192.0.2.1",
    ]);
    expect(run("git fetch https://example.org/x.git").needs).toEqual(["example.org"]);
    expect(run("git fetch").needs).toEqual(["remote:origin"]);
    expect(run("curl 'https://good.example\\@evil.example/'").tier).toBe("explicit");
  });

  test("starting an agent of somebody else is asked about", () => {
    expect(act({ kind: "start-agent", vendor: "v", hosts: [] }).tier).toBe("explicit");
  });

  test("a fact that throws closes the door", () => {
    const realPath = (): string => {
      throw new Error("gone");
    };
    expect(run("cat a", { realPath })).toMatchObject({ tier: "explicit", rule: "gate.failed" });
    expect(act({ kind: "write", path: "a", content: "" }, { realPath }).tier).toBe("explicit");
  });
});
