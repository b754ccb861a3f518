import type { Alternative } from "./alternative.ts";

export const packageAlternatives: readonly Alternative[] = [
  {
    rules: "dpkg",
    when: /\s(?:-i|--install)/,
    after: "dpkg -i app.deb",
    safer: "dpkg --info FILE",
    why: "shows the package and what it needs",
  },
  {
    rules: "dnf.install yum.install",
    after: "dnf install nginx",
    safer: "dnf info NAME",
    why: "shows the package that would be installed",
  },
  {
    rules: "pacman",
    after: "pacman -S nginx",
    safer: "pacman -Si NAME",
    why: "shows the package that would be installed",
  },
  {
    rules: "brew.upgrade brew.update",
    after: "brew upgrade",
    safer: "brew outdated",
    why: "names what would be upgraded",
  },
  {
    rules: "brew.install",
    after: "brew install jq",
    safer: "brew info NAME",
    why: "shows what would be installed",
  },
  {
    rules: "snap.install",
    after: "snap install jq",
    safer: "snap info NAME",
    why: "shows what would be installed",
  },
  {
    rules: "npm",
    when: /\s(?:-g|--global)\b/,
    after: "npm install -g typescript",
    safer: "npm install --save-dev NAME",
    why: "stays in the project; npm exec finds it there",
  },
  {
    rules: "npm.publish",
    after: "npm publish",
    safer: "npm pack --dry-run",
    why: "names what would be published",
  },
  {
    rules: "npx npm.exec",
    after: "npx cowsay",
    safer: "npm view NAME",
    why: "says whose package that is",
  },
  {
    rules: "cargo.install",
    after: "cargo install ripgrep",
    safer: "cargo search NAME",
    why: "says which crate that is",
  },
];
