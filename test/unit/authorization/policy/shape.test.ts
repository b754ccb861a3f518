import { describe, expect, test } from "vitest";
import type { Action } from "../../../../src/authorization/action.ts";
import { effectKinds } from "../../../../src/authorization/action.ts";
import { decide } from "../../../../src/authorization/gate.ts";
import { belowFloor, standingEffects } from "../../../../src/authorization/policy/floor.ts";
import { misfit } from "../../../../src/authorization/policy/shape.ts";
import { context } from "../context.ts";
import { parse, reload } from "./standing-world.ts";

const standingOf = (changes: Record<string, unknown> = {}) => {
  const [standing] = parse({ standing: [reload(changes)] }).standing;
  if (standing === undefined) throw new Error("a policy without its standing approval");
  return standing;
};

function fits(changes: Record<string, unknown>, action: Action, place = context()): string | null {
  const options = { context: place, policy: parse({}), inPlan: null, plannedHosts: [] };
  return misfit(standingOf(changes), action, decide(action, options), place);
}
const onHost = (command: string): Action => ({ kind: "run", command, target: "host" });

describe("a standing approval covers its shape", () => {
  test.each([
    ["the command as text", onHost("systemctl reload caddy")],
    ["with other white space", onHost("  systemctl   reload\tcaddy ")],
    ["as an argv", { kind: "run", argv: ["systemctl", "reload", "nginx"], target: "host" }],
    ["in the worktree's root, said so", { ...onHost("systemctl reload caddy"), cwd: "." }],
  ] as [string, Action][])("%s", (_, action) => {
    expect(fits({}, action)).toBeNull();
  });

  test.each([
    ["another value", onHost("systemctl reload ssh"), /another shape/],
    ["a word more", onHost("systemctl reload caddy nginx"), /another shape/],
    ["an option more", onHost("systemctl --force reload caddy"), /another shape/],
    ["another verb", onHost("systemctl stop caddy"), /another shape/],
    ["another target", { kind: "run", command: "systemctl reload caddy" }, /is for the host/],
    ["another folder", { ...onHost("systemctl reload caddy"), cwd: "tools" }, /another folder/],
    ["another program of that name", onHost("./systemctl reload caddy"), /another shape/],
    ["another program by its path", onHost("/usr/bin/systemctl reload caddy"), /another shape/],
    ["a second command", onHost("systemctl reload caddy; id"), /not one plain command/],
    ["a second command after a line feed", onHost("systemctl reload caddy\nid"), /not one plain command/],
    ["a redirection", onHost("systemctl reload caddy > /tmp/x"), /not one plain command/],
    ["an assignment", onHost("A=b systemctl reload caddy"), /not one plain command/],
    ["the background", onHost("systemctl reload caddy &"), /not one plain command/],
    ["a substitution", onHost("systemctl reload $(echo caddy)"), /not one plain command/],
    ["a quoted word", onHost("systemctl reload 'caddy'"), /not one plain command/],
    ["a comment", onHost("systemctl reload caddy # fine"), /not one plain command/],
    ["a wrapper", onHost("sudo systemctl reload caddy"), /another shape/],
    ["a negation", onHost("! systemctl reload caddy"), /not one plain command/],
    ["a file that is written", { kind: "write", path: "a", content: "b", target: "host" }, /only commands/],
  ] as [string, Action, RegExp][])("not %s", (_, action, why) => {
    expect(fits({}, action)).toMatch(why);
  });

  test("a star is part of one name: no option, no other folder", () => {
    const stars = { parts: { unit: ["*"] }, examples: { match: ["systemctl reload a"] } };
    expect(fits(stars, onHost("systemctl reload my-app.service"))).toBeNull();
    for (const word of ["--force", "-H", "../x", "a/b", ".hidden"])
      expect(
        fits(stars, { kind: "run", argv: ["systemctl", "reload", word], target: "host" }),
      ).not.toBeNull();
  });

  test("the same part is the same value wherever it stands", () => {
    const twice = {
      run: ["rsync", "-a", "site/{name}/", "nas:/srv/{name}/"],
      parts: { name: ["blog", "docs"] },
      examples: { match: ["rsync -a site/blog/ nas:/srv/blog/"] },
    };
    expect(fits(twice, onHost("rsync -a site/docs/ nas:/srv/docs/"))).toBeNull();
    expect(fits(twice, onHost("rsync -a site/docs/ nas:/srv/blog/"))).toMatch(/another shape/);
  });

  test("files that it changes are those it names", () => {
    const making = (paths: string[]) => ({
      name: "build",
      run: ["make", "-C", "site", "all"],
      parts: {},
      target: "worktree",
      paths,
      examples: { match: ["make -C site all"] },
    });
    const copy = {
      run: ["cp", "a.txt", "b.txt"],
      parts: {},
      target: "worktree",
      examples: { match: ["cp a.txt b.txt"] },
    };
    expect(() => standingOf({ ...copy, paths: [] })).toThrow(/changes b.txt, which is not among its paths/);
    expect(standingOf({ ...copy, paths: ["b.*"] }).paths).toEqual(["b.*"]);
    expect(standingOf(making([])).run[0]).toBe("make");
  });

  test("what is asked about for another reason is asked about", () => {
    const decision = (rule: string) => ({
      tier: "explicit" as const,
      rule,
      reason: "",
      effects: [{ kind: "service" as const, target: "reload caddy", scope: "host" as const }],
    });
    const action = onHost("systemctl reload caddy");
    for (const rule of ["systemctl.reload", "policy.3", "plan.deviation", "run.host"])
      expect(misfit(standingOf(), action, decision(rule), context()), rule).toBeNull();
    for (const rule of ["resource.undeclared", "second-opinion", "gate.failed", "anything.else"])
      expect(misfit(standingOf(), action, decision(rule), context()), rule).toMatch(/another reason/);
    for (const tier of ["none", "brief", "deny"] as const)
      expect(misfit(standingOf(), action, { ...decision("x"), tier }, context())).toBe(`it is ${tier}`);
  });
});

describe("the floor", () => {
  test.each([
    ["root", "sudo systemctl reload caddy"],
    ["root by another name", "doas systemctl reload caddy"],
    ["a secret", "cat .env"],
    ["a key", "ssh-keygen -t ed25519 -f key"],
    ["the firewall", "ufw allow 22"],
    ["the firewall's service", "systemctl restart ufw"],
    ["the door of the machine", "systemctl restart sshd.service"],
    ["accounts", "useradd eve"],
    ["backups that are forgotten", "restic forget --keep-last 1"],
    ["snapshots that are destroyed", "zfs destroy tank/a@b"],
    ["a mirror that deletes", "rsync -a --delete site/ nas:/srv/site/"],
    ["a published history", "git push --force origin main"],
    ["a published history, said shortly", "git push origin +main"],
    ["a published branch", "git push origin :old"],
    ["a tunnel", "ngrok http 80"],
    ["a forge's settings", "gh repo edit --visibility public"],
    ["uncommitted work", "git reset --hard"],
    ["files of the host", "cp a.conf /etc/nginx/a.conf"],
    ["opaque code", "bash deploy.sh"],
    ["downloaded code", "npx left-pad"],
    ["an unknown command", "frobnicate"],
    ["an unknown option", "git status --frobnicate"],
    ["another machine", "ssh nas uptime"],
    ["a container's inside", "docker exec vault ls"],
    ["a container that is made", "docker run -d nginx"],
    ["what is enabled for good", "systemctl enable caddy"],
    ["a schedule", "crontab jobs"],
    ["a database", "psql -c vacuum"],
    ["a cluster", "kubectl rollout restart deploy/web"],
    ["packages of the host", "apt-get install nginx"],
    ["Nimrod itself", "nimrod approve A-1"],
    ["Nimrod's files", "cp a tickets/b"],
    ["Nimrod's service", "systemctl restart nimrod"],
    ["what listens", "nc -l 80"],
    ["disks", "mkfs.ext4 /dev/sdb1"],
    ["project code on the host", "npm test"],
  ])("%s: %s is refused when the policy is loaded", (_, command) => {
    const changes = { run: command.split(" "), parts: {}, paths: ["*"], examples: { match: [command] } };
    expect(() => parse({ standing: [reload(changes)] })).toThrow(
      expect.objectContaining({
        code: "broken",
        message: expect.stringContaining("no policy may stand for it"),
      }),
    );
  });

  test("is told by what may stand: every other effect is below it", () => {
    expect(effectKinds.filter((kind) => !standingEffects.includes(kind))).toEqual([
      "discard",
      "execute-opaque",
      "expose",
      "package",
      "cluster",
      "device",
      "firewall",
      "account",
      "credential-read",
      "credential-write",
      "data-store-write",
      "schedule",
      "remote-exec",
      "privilege",
      "process",
      "unknown",
    ]);
    const finding = { tier: "explicit" as const, rule: "x", reason: "", effects: [] };
    expect(belowFloor(["x"], [finding], { target: "host", sandboxed: true }, null)).toMatch(/not known/);
    expect(belowFloor(["x"], [], { target: "host", sandboxed: true }, null)).toMatch(/nothing is known/);
  });

  test.each(["--prune", "--delete", "forget", "--delete-after", "--force=yes", "DELETE", "destroy"])(
    "%s takes something away, whatever the tables think of it",
    (word) => {
      const effects = [{ kind: "network-send" as const, target: "origin", scope: "remote" as const }];
      const found = [{ tier: "explicit" as const, rule: "git.push", reason: "", effects }];
      const at = { target: "worktree", sandboxed: true } as const;
      expect(belowFloor(["git", "push", "origin"], found, at, null)).toBeNull();
      expect(belowFloor(["git", "push", word, "origin"], found, at, null)).toMatch(/for good/);
    },
  );

  test("project code may run again in the worktree, while there is a sandbox to hold it", () => {
    const build = {
      run: ["make", "docs"],
      parts: {},
      target: "worktree",
      examples: { match: ["make docs"] },
    };
    const deviation = {
      tier: "explicit" as const,
      rule: "plan.deviation",
      reason: "",
      effects: [{ kind: "execute-project" as const, target: "make", scope: "worktree" as const }],
    };
    const action: Action = { kind: "run", command: "make docs" };
    expect(misfit(standingOf(build), action, deviation, context())).toBeNull();
    expect(misfit(standingOf(build), action, deviation, context({ sandbox: "none" }))).toMatch(/effect/);
  });
});

test.each([
  ["without an end", { expires: undefined }],
  ["without a number", { uses: {} }],
  ["without a reason", { reason: undefined }],
  ["without an example", { examples: { match: [] } }],
  ["with an example that does not hold", { examples: { match: ["systemctl reload ssh"] } }],
  [
    "with an example against it that holds",
    { examples: { match: ["systemctl reload caddy"], notMatch: ["systemctl reload nginx"] } },
  ],
  ["with a part that nobody names", { parts: {} }],
  ["with a part that stands nowhere", { parts: { unit: ["caddy"], other: ["x"] } }],
  ["with an open brace", { run: ["systemctl", "reload", "{unit"] }],
  ["with a command that varies", { run: ["{unit}", "reload"] }],
  ["with the path of a command", { run: ["/usr/bin/systemctl", "reload", "{unit}"] }],
  ["with a value of two stars", { parts: { unit: ["a*b*"] } }],
  ["with a value that is an option", { parts: { unit: ["--force"] } }],
  ["with a word for a shell", { run: ["systemctl", "reload", "$UNIT"], parts: {} }],
  ["with another tier", { tier: "brief" }],
  ["with a window that is not there", { during: "night" }],
  ["with a name that is none", { name: "../x" }],
])("a standing approval %s is a broken policy", (_, changes) => {
  expect(() => parse({ standing: [reload(changes)] })).toThrow(expect.objectContaining({ code: "broken" }));
});

test("two of one name are a broken policy", () => {
  expect(() => parse({ standing: [reload(), reload()] })).toThrow(/reload-proxy is taken/);
});
