/**
 * A safer command for what a rule asks about or denies: another way to the same end, or a look at what would happen.
 * A hint for people and agents. It decides nothing: whoever follows it is judged again.
 */
export type Alternative = {
  /** Rules that it is for, by their beginnings, separated by spaces. */
  rules: string;
  /** Narrows it to commands of this shape. */
  when?: RegExp;
  /** An example of what is asked about. */
  after: string;
  /** A whole command; words in capitals stand for one's own. */
  safer: string;
  why: string;
  /** Why its own tier is no lower, where it is not. */
  stays?: string;
};
