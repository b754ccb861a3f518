import type { EffectKind } from "./action.ts";
import { anyName } from "./parsed-command.ts";

/**
 * Files that somebody obeys. In the worktree a change lands only after review, so that configuration which nobody runs
 * before is like any other file; what git, a shell, an editor, a package manager or an agent obeys in this very folder,
 * before anybody has read it, is asked about. Outside the worktree every write is asked about; here it gets its name.
 */

export type ActingFile = { rule: string; kind: EffectKind; who: string };

type Kind = ActingFile & {
  /** Folders, at any depth: everything in them counts. */
  folders?: readonly string[];
  /** Names of files, at any depth. */
  files?: readonly string[];
  /** The last names of a path. */
  ends?: readonly string[];
};

const words = (text: string): string[] => text.split(" ");

/** The rows of `docs/authorization.md` that are explicit in the worktree; a test compares them. */
export const actingKinds: readonly Kind[] = [
  {
    rule: "write.git-settings",
    kind: "execute-opaque",
    who: "git",
    files: words(".gitattributes .gitmodules .lfsconfig .gitconfig"),
  },
  {
    rule: "write.hook",
    kind: "execute-opaque",
    who: "git's hooks",
    folders: words(".husky .githooks .git-hooks .lefthook git-hooks"),
    files: words(
      ".pre-commit-config.yaml .pre-commit-config.yml .pre-commit-hooks.yaml lefthook.yml lefthook.yaml lefthook.toml lefthook.json .lefthook.yml .lefthook.yaml .lefthook.toml .lefthook.json lefthook-local.yml lefthook-local.yaml .lefthook-local.yml .lefthook-local.yaml .overcommit.yml .simple-git-hooks.json .simple-git-hooks.js .simple-git-hooks.cjs .simple-git-hooks.mjs simple-git-hooks.js simple-git-hooks.json .lintstagedrc .lintstagedrc.json .lintstagedrc.yaml .lintstagedrc.yml .lintstagedrc.js .lintstagedrc.mjs .lintstagedrc.cjs lint-staged.config.js lint-staged.config.mjs lint-staged.config.cjs lint-staged.config.ts .czrc .huskyrc .huskyrc.json .huskyrc.js husky.config.js prek.toml",
    ),
  },
  {
    rule: "write.shell-entry",
    kind: "execute-opaque",
    who: "a shell that enters the folder",
    folders: words(".mise"),
    files: words(
      ".envrc .tool-versions mise.toml .mise.toml mise.local.toml .mise.local.toml .miserc.toml .rtx.toml .autoenv .autoenv.zsh .autoenv_leave.zsh devbox.json devenv.nix devenv.yaml .sdkmanrc .vfox.toml .prototools .rvmrc",
    ),
  },
  {
    rule: "write.editor",
    kind: "execute-opaque",
    who: "an editor that opens the folder",
    folders: words(
      ".vscode .vscode-insiders .idea .devcontainer .fleet .zed .helix .nova .vim .nvim .vs .eclipse .settings",
    ),
    files: words(
      ".devcontainer.json .exrc .nvimrc .nvim.lua .nvimrc.lua .vimrc .lvimrc .local.vimrc .dir-locals.el .dir-locals-2.el .projectile .ycm_extra_conf.py .gitpod.yml",
    ),
  },
  {
    rule: "write.agent",
    kind: "execute-opaque",
    who: "agents that work in the folder",
    folders: words(
      ".claude .codex .gemini .cursor .windsurf .continue .roo .kiro .opencode .goose .amp .junie .clinerules .cline .augment .agent .agents .qwen .trae .factory .aider",
    ),
    files: words(
      ".mcp.json mcp.json agents.md agents.override.md agent.md claude.md claude.local.md gemini.md qwen.md warp.md .claude.json .cursorrules .cursorignore .windsurfrules .roorules .clinerules .goosehints .aider.conf.yml .aiderignore opencode.json opencode.jsonc replit.md crush.json .crush.json crush.md",
    ),
    ends: words(
      ".github/copilot-instructions.md .github/instructions .github/prompts .github/chatmodes .github/agents",
    ),
  },
  {
    rule: "write.package-manager",
    kind: "execute-opaque",
    who: "package managers and build tools",
    folders: words(".mvn .bundle .pip .cargo"),
    files: words(
      ".npmrc .yarnrc .yarnrc.yml .yarnrc.yaml .pnpmfile.cjs .pnpmfile.mjs .pnpmfile.js pnpmfile.cjs bunfig.toml .bowerrc pip.conf pip.ini .pydistutils.cfg sitecustomize.py usercustomize.py uv.toml .condarc poetry.toml .gemrc gradle-wrapper.properties gradle-wrapper.jar init.gradle init.gradle.kts .bazelrc .bazelversion nuget.config .mavenrc .wgetrc .curlrc",
    ),
    // The rest of `.yarn` is a cache that every install writes.
    ends: words(".yarn/releases .yarn/plugins"),
  },
];

/** Rows of what lies outside the worktree, tried in this order; the path is folded. */
const hostKinds: readonly { pattern: RegExp; kind: EffectKind; what: string }[] = [
  {
    pattern: /\/(cron[^/]*|anacrontab|incron[^/]*)(\/|$)|\/spool\/at(\/|$)|\.timer$/,
    kind: "schedule",
    what: "schedules what runs",
  },
  {
    pattern:
      /\/(systemd|init\.d|rc\.d|rc\.local|runit|s6|supervisor|monit|openrc|launchdaemons|launchagents)(\/|$)|\.(service|socket|mount|path|target|slice)$/,
    kind: "service",
    what: "defines a service",
  },
  {
    pattern:
      /^\/etc\/(sudoers|doas\.conf|pam\.|polkit|passwd|shadow|group|gshadow|subuid|subgid|login\.defs|security\/|nsswitch\.conf)/,
    kind: "account",
    what: "decides who may do what",
  },
  {
    pattern: /\/(ufw|firewalld|fail2ban|nftables[^/]*|iptables[^/]*|crowdsec|shorewall)(\/|$)/,
    kind: "firewall",
    what: "is the firewall's",
  },
  {
    pattern:
      /\/(wireguard|openvpn|netplan|networkmanager|network|ipsec[^/]*|strongswan|tinc|dnsmasq[^/]*|unbound|bind|named|pihole|resolv\.conf|hosts|hosts\.(allow|deny)|dhcp[^/]*|frr|keepalived)(\/|$)/,
    kind: "service",
    what: "is the network's",
  },
  {
    pattern:
      /\/(nginx|apache2|httpd|caddy|traefik|haproxy|lighttpd|envoy|varnish|squid|ssh|samba|exports|vsftpd[^/]*|postfix|dovecot|letsencrypt)(\/|$)|\/(caddyfile|sshd_config)$/,
    kind: "expose",
    what: "decides what is reachable",
  },
  {
    pattern:
      /\/(docker|containerd|containers|podman|cni|lxc|pve|libvirt)(\/|$)|\/(docker-)?compose[^/]*\.ya?ml$/,
    kind: "container",
    what: "decides how containers run",
  },
  { pattern: /\/(kubernetes|rancher|k3s)(\/|$)/, kind: "cluster", what: "is the cluster's" },
  {
    pattern: /^\/etc\/(apt|yum|dnf|pacman|zypp|apk|portage)/,
    kind: "package",
    what: "decides where packages come from",
  },
  {
    pattern:
      /^\/(boot|sys|proc)(\/|$)|^\/etc\/(fstab|crypttab|modprobe|modules|udev|sysctl|default\/grub|grub|exports|zfs|lvm|mdadm|initramfs|ld\.so)/,
    kind: "device",
    what: "decides how the machine starts",
  },
  { pattern: /\/(authorized_keys2?|known_hosts)$/, kind: "credential-write", what: "decides who may log in" },
  {
    pattern:
      /\/\.(bash[^/]*|zsh[^/]*|zlog[^/]*|zprofile|profile|login|logout|cshrc|kshrc|inputrc|xprofile|xinitrc|xsession|pam_environment|gitconfig|vimrc|emacs|tmux\.conf|screenrc|npmrc|pythonrc)$|\/\.?config\/(fish|git|nvim|autostart|direnv|mise|environment\.d)(\/|$)|^\/etc\/(profile|bash|zsh|environment|skel|xdg|update-motd\.d)/,
    kind: "execute-opaque",
    what: "is obeyed by the next shell",
  },
];

/** The kind of a folded path relative to the worktree that is obeyed before review; null for all others. */
export function actingInWorktree(key: string): ActingFile | null {
  const names = key.split("/");
  // A page of the documentation about agents is for people.
  if (names[0] === "docs" && names.length === 2 && key.endsWith(".md")) return null;
  return actingKinds.find((each) => isOf(each, names)) ?? null;
}

function isOf(kind: Kind, names: readonly string[]): boolean {
  const last = names.at(-1) ?? "";
  return (
    names.some((name) => holds(kind.folders, name)) ||
    holds(kind.files, last) ||
    (kind.ends ?? []).some((end) => {
      const parts = end.split("/");
      return names.some((_, at) => parts.every((part, step) => couldBeNamed(names[at + step] ?? "", part)));
    })
  );
}

function holds(known: readonly string[] | undefined, name: string): boolean {
  return (known ?? []).some((each) => couldBeNamed(name, each));
}

/** A wildcard counts when it begins like the name; what a bare `*` really changed is judged afterwards. */
function couldBeNamed(pattern: string, name: string): boolean {
  if (!pattern.includes(anyName)) return pattern === name;
  const parts = pattern.split(anyName);
  return (parts[0] ?? "") !== "" && name.startsWith(parts[0] ?? "") && name.endsWith(parts.at(-1) ?? "");
}

/** What a folded path outside the worktree is part of, when that has a name. */
export function actingOnHost(key: string): { kind: EffectKind; what: string } | null {
  return hostKinds.find((each) => each.pattern.test(key)) ?? null;
}
