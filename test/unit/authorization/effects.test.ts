import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actingKinds } from "../../../src/authorization/acting-files.ts";
import type { Action, Decision, Tier } from "../../../src/authorization/action.ts";
import { classify } from "../../../src/authorization/classify.ts";
import type { ClassifyContext } from "../../../src/authorization/context.ts";
import { foldPath } from "../../../src/authorization/fold-path.ts";
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
  ["mv", (path) => ({ kind: "run", command: `mv src/a ${path}` })],
  ["a symbolic link", (path) => ({ kind: "run", command: `ln -sf a ${path}` })],
  ["a patch", (path) => ({ kind: "run", command: `patch -p0 <<'EOF'\n--- ${path}\n+++ ${path}\nEOF` })],
  ["w of sed", (path) => ({ kind: "run", command: `sed -n 'w ${path}' src/a` })],
  ["print of awk", (path) => ({ kind: "run", command: `awk '{print > "${path}"}' src/a` })],
];

/** Every kind of file that somebody obeys, by the tier of writing it in the worktree. */
const obeyed: readonly [kind: string, tier: Tier, rule: string, paths: readonly string[]][] = [
  ["units", "brief", "write.worktree", ["systemd/web.service", "units/backup.timer"]],
  ["compose files", "brief", "write.worktree", ["compose.yaml", "web/docker-compose.yml", "Dockerfile"]],
  ["schedules", "brief", "write.worktree", ["cron/backup.cron", "crontab"]],
  ["rights", "brief", "write.worktree", ["files/sudoers.d/op"]],
  ["proxies", "brief", "write.worktree", ["proxy/nginx.conf", "Caddyfile", "haproxy/haproxy.cfg"]],
  ["firewall and VPN", "brief", "write.worktree", ["firewall/rules.nft", "vpn/wg0.conf"]],
  ["CI", "brief", "write.worktree", [".github/workflows/ci.yml", ".woodpecker.yml", "ci/Jenkinsfile"]],
  ["package scripts", "brief", "write.worktree", ["package.json", "Cargo.toml", "Makefile"]],
  ["infrastructure as code", "brief", "write.worktree", ["main.tf", "roles/web/tasks/main.yml"]],
  ["what runs below docs", "brief", "write.worktree", ["docs/conf.py", "docs/Makefile"]],
  ["documents", "none", "write.docs", ["README.md", "docs/setup.txt", "docs/agents.md"]],
  ["git", "explicit", "write.git", [".git/hooks/pre-commit", ".git/config", "sub/.GIT/config"]],
  [
    "git's settings",
    "explicit",
    "write.git-settings",
    [".gitattributes", "sub/.gitmodules", ".GitAttributes"],
  ],
  [
    "hooks",
    "explicit",
    "write.hook",
    [".husky/pre-commit", "lefthook.yml", ".pre-commit-config.yaml", ".Husky/a"],
  ],
  ["shell entry", "explicit", "write.shell-entry", [".tool-versions", "mise.toml", ".mise/config.toml"]],
  [
    "editors",
    "explicit",
    "write.editor",
    [".vscode/tasks.json", ".idea/workspace.xml", "sub/.VSCode/settings.json"],
  ],
  [
    "agents",
    "explicit",
    "write.agent",
    [".claude/settings.json", ".mcp.json", "AGENTS.md", "agents.MD", ".codex/config.toml"],
  ],
  [
    "package managers",
    "explicit",
    "write.package-manager",
    [".yarnrc.yml", "pip.conf", ".cargo/config.toml", ".mvn/jvm.config"],
  ],
  ["names like options", "explicit", "write.option-name", ["src/-rf", "./--checkpoint=1"]],
  ["secrets", "explicit", "write.secret", [".env", ".envrc", ".npmrc", "tls/site.key"]],
  [
    "Nimrod's own",
    "deny",
    "write.nimrod",
    ["nimrod.json", "Tickets/a.md", ".nimrod/policy.json", "agents/reviewer.md"],
  ],
];

describe("a file that somebody obeys has the tier of that by every route", () => {
  // What these do besides is brief by itself.
  const busy = new Set(["mv", "curl -o", "a patch"]);

  test.each(obeyed)("%s: %s by %s", (_kind, tier, rule, paths) => {
    for (const path of paths) {
      expect(act({ kind: "write", path, content: "" }), path).toMatchObject({ tier, rule });
      const used = routes.filter(([name]) => tier !== "none" || !busy.has(name));
      const found = used.map(([name, route]) => [name, path, act(route(path)).tier]);
      expect(found).toEqual(used.map(([name]) => [name, path, tier]));
    }
  });

  test("the table in the documentation has every kind", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../docs/authorization.md"), "utf8");
    for (const { rule } of actingKinds) expect(text).toContain(`| explicit | \`${rule}\` |`);
  });

  test.each([
    ["/etc/systemd/system/web.service", "service"],
    ["~/.config/systemd/user/web.service", "service"],
    ["/etc/cron.d/backup", "schedule"],
    ["/etc/doas.conf", "account"],
    ["/etc/nginx/conf.d/site.conf", "expose"],
    ["/etc/nftables.conf", "firewall"],
    ["/srv/stack/compose.yaml", "container"],
    ["/etc/apt/sources.list.d/x.list", "package"],
    ["/etc/fstab", "device"],
    ["~/.bashrc", "execute-opaque"],
    ["~/.gitconfig", "execute-opaque"],
    ["/srv/other/.vscode/tasks.json", "write"],
  ])("%s outside the worktree is explicit and named %s", (path, kind) => {
    const decision = run(`tee ${path} < src/a`);
    expect(decision).toMatchObject({ tier: "explicit", rule: "write.outside" });
    expect(decision.effects.map((each) => each.kind)).toContain(kind);
  });

  test("a wildcard that begins like a name counts as that name", () => {
    for (const command of ["touch .vsc*/tasks.json", "cp src/a .hus*", "sed -i s/a/b/ AG*.md"])
      expect(run(command).tier, command).toBe("explicit");
    expect(run("sed -i s/a/b/ src/*.ts").tier).toBe("brief");
  });

  test("links and .. are resolved, also .. behind a link", () => {
    const realPath = (path: string): string =>
      path
        .replace("/home/ann/lab/deep", "/srv/data/deep")
        .replace("/home/ann/lab/tasks", "/home/ann/lab/.vscode/tasks.json");
    expect(run("echo x > src/../.vscode/tasks.json").rule).toBe("write.editor");
    expect(run("echo x > tasks", { realPath }).rule).toBe("write.editor");
    expect(run("echo x > deep/../a.ts", { realPath }).rule).toBe("write.outside");
    expect(run("cat deep/../a.ts", { realPath }).tier).toBe("none");
    expect(run("echo x > src/./x/../a.ts", { realPath }).tier).toBe("brief");
  });

  test("composed and decomposed spellings of a frozen name are one file", () => {
    const frozen = (path: string): boolean => path === "test/caf\u00e9.ts";
    expect(run("echo x > test/cafe\u0301.ts", { frozen }).rule).toBe("write.frozen");
    expect(run("echo x > test/caf\u00e9.ts", { frozen }).rule).toBe("write.frozen");
  });

  test("folding knows every spelling of a name, and folds once", () => {
    const letters = fc.constantFrom(
      ..."aAeEkKsS\u212a\u017f\u00e9\u00c9\u00df\u1e9e\u0130\u0131\u0301\u0327\u200b\ufeff.-_",
    );
    fc.assert(
      fc.property(fc.array(letters), (name) => {
        const text = name.join("");
        const key = foldPath(text);
        expect(foldPath(key)).toBe(key);
        expect(foldPath(text.normalize("NFD"))).toBe(key);
        expect(foldPath(text.toUpperCase())).toBe(key);
      }),
    );
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

  test.each([
    ["nodetool -h db.lan status", ["db.lan"]],
    ["nodetool status -h db.lan", ["db.lan"]],
    ["etcdctl --endpoints a.lan:2379,https://b.lan:2379 get x", ["a.lan", "b.lan"]],
    ["etcdctl get x --endpoints=a.lan:2379", ["a.lan"]],
    ["etcdctl --endpoints [::1]:2379,127.0.0.1:2379 get x", undefined],
    ["supervisorctl -s http://a.lan:9001 status", ["a.lan"]],
    ["supervisorctl -s unix:///run/supervisor.sock status", undefined],
    ["showmount -e a.lan", ["a.lan"]],
    ["showmount -e", undefined],
    ["rpcinfo -p a.lan", ["a.lan"]],
    ["ntpq -p a.lan", ["a.lan"]],
    ["mongostat --uri mongodb://u@a.lan:27017/x", ["a.lan"]],
    ["kafka-topics --list --bootstrap-server a.lan:9092", ["a.lan"]],
  ])("the host that a query names is what it needs: %s", (command, hosts) => {
    const decision = run(command);
    expect(decision.tier).toBe("none");
    expect(decision.needs).toEqual(hosts);
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
