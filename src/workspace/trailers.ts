import { git, type OperatorRepository } from "./repository.ts";

export type Landed = { commit: string; value: string };

/**
 * Values of a trailer in the history of HEAD, newest first. `rev-list`, not `log`: the latter can be configured to
 * start gpg.
 */
export async function readTrailers(operator: OperatorRepository, key: string): Promise<Landed[]> {
  const format = `--format=%H%x09%(trailers:key=${key},valueonly,unfold,separator=%x09)`;
  const args = ["rev-list", "--no-commit-header", "-i", `--grep=^${key}: `, format, "HEAD", "--"];
  const lines = (await git(operator.place, args)).split("\n");
  return lines.flatMap((line) => {
    const [commit, ...values] = line.split("\t");
    return commit
      ? values.filter((value) => value !== "").map((value) => ({ commit, value: value.trim() }))
      : [];
  });
}
