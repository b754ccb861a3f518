import type { Alternative } from "./alternative.ts";

export const gitAlternatives: readonly Alternative[] = [
  {
    rules: "git.checkout git.restore git.switch",
    after: "git checkout .",
    safer: "git stash push",
    why: "sets the changes aside; git stash pop brings them back",
  },
  {
    rules: "git.reset",
    when: /\s(?:\S*[~^]\d*|[0-9a-f]{7,40})(?:\s|$)/,
    after: "git reset --hard HEAD~1",
    safer: "git revert --no-edit HEAD",
    why: "undoes the commit by a new one; nothing is lost",
  },
  {
    rules: "git.reset",
    after: "git reset --hard",
    safer: "git stash push",
    why: "sets the changes aside; git stash pop brings them back",
  },
  {
    rules: "git.clean",
    after: "git clean -fd",
    safer: "git clean -nd",
    why: "names what would be deleted",
  },
  {
    rules: "git.push",
    when: /\s(?:--force|-f|\+\S+)(?:\s|$)/,
    after: "git push --force origin main",
    safer: "git push --force-with-lease",
    why: "refuses where somebody else has pushed since",
    stays: "it still rewrites what is published",
  },
  {
    rules: "git.push",
    after: "git push origin main",
    safer: "git log --oneline @{upstream}..",
    why: "names the commits that would be sent",
  },
  {
    rules: "git.branch",
    when: /\s-D\b|--force/,
    after: "git branch -D old",
    safer: "git branch -d NAME",
    why: "refuses where commits would be lost",
    stays: "it still deletes a name",
  },
  {
    rules: "git.stash",
    when: /clear/,
    after: "git stash clear",
    safer: "git stash list",
    why: "names what would be lost",
  },
  {
    rules: "git.stash",
    when: /drop/,
    after: "git stash drop",
    safer: "git stash show -p",
    why: "shows what would be lost",
  },
  {
    rules: "git.reflog",
    after: "git reflog expire --expire=now --all",
    safer: "git reflog",
    why: "shows what would be forgotten",
  },
  {
    rules: "git.gc git.prune",
    after: "git gc --prune=now",
    safer: "git count-objects -vH",
    why: "says how much there is to gain",
  },
  {
    rules: "git.rm",
    after: "git rm -r src",
    safer: "git rm -r --dry-run FOLDER",
    why: "names what would be deleted",
  },
];
