import type { Word } from "../parsed-command.ts";
import { effect, type Finding, finding } from "./finding.ts";
import { explicit } from "./row.ts";
import { isActing, isMetadataHost, isOwnHost, longestAddress } from "./web-address.ts";

const hostName = /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?\.?$/;

/** Host a URL, an scp-like address or a bare name points to; null when it cannot be told. */
export function hostOf(word: Word): string | null {
  const text = addressText(word);
  if (text === null) return null;
  // Programs disagree about where a backslash or a space ends the host.
  if (/[\\\s]/.test(text)) return null;
  const withScheme = /^(https?|ftps?|ssh|git|sftp|rsync):\/\/([^/?#]*)/i.exec(text);
  const authority =
    withScheme?.[2] ??
    (/^[a-z0-9+.-]+:\/\//i.test(text) || /^[a-z]+::/i.test(text) ? null : text.split(/[/?#]/)[0]);
  if (authority == null) return null;
  const bare = authority.replace(/^[^@]*@/, "");
  const ipv6 = /^\[([\da-f:.]+)\](:.*)?$/i.exec(bare)?.[1];
  if (ipv6 !== undefined) return ipv6.toLowerCase();
  const name = bare.replace(/:.*$/, "");
  return hostName.test(name) ? name.toLowerCase() : null;
}

/** A wildcard in an address is the address's own `?` or `*`: no file has such a name. */
function addressText(word: Word): string | null {
  if (word.value !== null) return word.value;
  const texts = word.pieces.map((piece) =>
    piece.kind === "text" ? piece.text : piece.kind === "glob" ? "*" : null,
  );
  return texts.includes(null) ? null : texts.join("");
}

/** `user@host:path` or `host:path`, as scp and rsync read it: a colon before the first slash. */
export function isRemotePath(word: Word): boolean {
  return /^[^/]*:/.test(word.value ?? word.text);
}

/** Gets something from an address: brief, unless nobody knows whom it asks or the address itself carries something. */
export function outbound(call: { rule: string }, where: Word | undefined): Finding[] {
  const host = where === undefined ? null : hostOf(where);
  const text = where === undefined ? null : addressText(where);
  if (text === null || host === null)
    return [explicit(call, "address", "the address is only known at run time", "network-send", "remote")];
  if (isMetadataHost(canonical(host)))
    return [
      explicit(
        call,
        "metadata",
        `${host} is where a machine is told its own credentials`,
        "credential-read",
        "remote",
        host,
      ),
    ];
  if (/^[a-z]+:\/\/[^/?#@]*:[^/?#@]+@/i.test(text))
    return [explicit(call, "credentials", "the address holds a password", "network-send", "remote", host)];
  if (text.length > longestAddress)
    return [
      explicit(
        call,
        "long",
        `an address this long can carry data to ${host}`,
        "network-send",
        "remote",
        host,
      ),
    ];
  return [
    {
      ...finding("brief", call.rule, `reads from ${host}`, [effect("network-read", host, "remote")]),
      needs: [host],
    },
  ];
}

/** A request for a page: on a machine of the house the address itself may be an order. */
export function gets(call: { rule: string }, where: Word | undefined, isDetoured = false): Finding[] {
  const found = outbound(call, where);
  const text = where === undefined ? null : addressText(where);
  const host = where === undefined ? null : hostOf(where);
  if (text === null || host === null || !(isDetoured || isOwnHost(canonical(host)))) return found;
  const path = text.replace(/^(\w+:\/\/)?[^/?#]*/, "");
  if (!isActing(`http://localhost${path.startsWith("/") ? "" : "/"}${path}`)) return found;
  return [...found, explicit(call, "acts", `${host} does what this address says`, "service", "remote", host)];
}

/** 169.254.169.254 has many spellings: one number, octal, hexadecimal. */
function canonical(host: string): string {
  const address = `http://${host.includes(":") ? `[${host}]` : host}/`;
  return URL.canParse(address) ? new URL(address).hostname.replace(/^\[|\]$/g, "") : host;
}
