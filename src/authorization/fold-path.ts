/**
 * The same key for every spelling of a name that some file system takes for the same file: case, composition,
 * and the invisible characters that HFS+ ignores.
 */
export function foldPath(path: string): string {
  return path
    .normalize("NFC")
    .replace(/\p{Cf}/gu, "")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize("NFC");
}
