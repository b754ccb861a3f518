/** What a page shows and what is printed now, with that taken out which is another each time and on each machine. */
export function steadyText(text: string): string {
  return text
    .replaceAll(/\bnim-[0-9a-z]{6}\b/g, "nim-ID")
    .replaceAll(/( {2}branch +nimrod)\/[0-9a-z]{6}$/gm, "$1/ID")
    .replaceAll(/\d+\.\d s\b/g, "T s")
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME")
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, "ULID")
    .replaceAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{10,12})\b/g, "HASH")
    .replaceAll(/sandbox bwrap|no sandbox/g, "SANDBOX")
    .replaceAll(/folder in \S+ or above/g, "folder in FOLDER or above")
    .replaceAll(/^( {2}on {10}).*$/gm, "$1MACHINE: FOLDER");
}
