import type { Word } from "../parsed-command.ts";
import { explicit, has, liveRead, type Row, repoChange, valuesOf, writeAll } from "./row.ts";
import { changes, fetched, switches, written } from "./subcommands.ts";

/** What the command lines of forges have in common: a branch, a copy or a file comes here. */

export const act = changes("network-send", "remote", "publishes or changes something on the forge");

export const prints = changes("credential-read", "remote", "prints or changes credentials");

export const status: Row = {
  options: switches("hostname= h= t show-token a active json= q= jq= all"),
  plain: true,
  judge: (call) => (has(call.scan, "t", "show-token") ? prints.judge(call) : [liveRead(call.rule, "forge")]),
};

/** Downloads into the worktree, or where it is told. */
export const download: Row = {
  options: switches(
    "R= repo= n= name= p= pattern= D= dir= O= output= A= archive= clobber skip-existing tag= path= o= asset-name= l= limit= digest-alg= t= asset-tag=",
  ),
  judge: (call) => {
    const into = valuesOf(call.scan, "D", "dir", "O", "output", "path");
    return [fetched(call.rule, "files from the forge"), ...into.flatMap((word) => written(call.place, word))];
  },
};

/** The branch of a request comes here, as with git. */
export const checkout: Row = {
  options: switches("R= repo= b= branch= detach f force recurse-submodules u= set-upstream-to= t track"),
  plain: true,
  judge: (call) => [
    has(call.scan, "f", "force")
      ? explicit(call, "force", "resets the local branch", "discard", "repo")
      : repoChange(call, "checks out a branch of the forge"),
    fetched(call.rule, "a branch from the forge"),
  ],
};

export const clone: Row = {
  options: switches(
    "u= upstream-remote-name= p preserve-namespace g= group= no-upstream a archived=? G= paginate per-page= page= sort= order-by= v= visibility= m mine W with-shared=?",
  ),
  judge: (call) =>
    handedOn(call.args).some((word) => !gitCloneWord.test(word.value ?? "?"))
      ? [explicit(call, "git", "hands options to git", "execute-opaque", "host")]
      : [
          fetched(call.rule, "a repository"),
          ...writeAll(
            call,
            call.scan.operands.slice(1, 2).filter((word) => !handedOn(call.args).includes(word)),
          ),
        ],
};

/** What git gets: how much of the repository, and where it is put. */
function handedOn(args: readonly Word[]): readonly Word[] {
  const at = args.findIndex((word) => word.value === "--");
  return at === -1 ? [] : args.slice(at + 1);
}
const gitCloneWord =
  /^(--(depth|branch|shallow-since|jobs)(=[\w./-]+)?|--filter=blob:none|--(single-branch|no-tags|quiet|bare|mirror|no-checkout)|-[bqj]|[\w.][\w.-]*)$/;

/** Older versions keep the token in the configuration. */
export const configGet: Row = {
  options: switches("h= host= g global R= repo="),
  plain: true,
  judge: (call) =>
    call.scan.operands.some((word) => /token|oauth|user_config/i.test(word.value ?? "token"))
      ? prints.judge(call)
      : [liveRead(call.rule)],
};
