import type { Word } from "../parsed-command.ts";

const hostName = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** Host a URL, an scp-like address or a bare name points to; null when it cannot be told. */
export function hostOf(word: Word): string | null {
  if (word.value === null) return null;
  const text = word.value;
  // Programs disagree about where a backslash or a space ends the host.
  if (/[\\\s]/.test(text)) return null;
  const withScheme = /^(https?|ftps?|ssh|git|sftp|rsync):\/\/([^/?#]*)/i.exec(text);
  const authority =
    withScheme?.[2] ??
    (/^[a-z0-9+.-]+:\/\//i.test(text) || /^[a-z]+::/i.test(text) ? null : text.split(/[/?#]/)[0]);
  if (authority == null) return null;
  const bare = authority.replace(/^[^@]*@/, "").replace(/:.*$/, "");
  return hostName.test(bare) ? bare.toLowerCase() : null;
}

/** `user@host:path` or `host:path`, as scp and rsync read it: a colon before the first slash. */
export function isRemotePath(word: Word): boolean {
  return /^[^/]*:/.test(word.value ?? word.text);
}
