import { effect, type Finding, finding } from "./finding.ts";

/** What it means to get one address: who is asked, and what the address itself could carry out. */

/** Path and query of an ordinary page. A longer one can carry a file, whoever receives it. */
export const longestAddress = 1024;

/** Where machines in clouds hand out credentials; nothing else is there. */
const metadataHosts = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
  "100.100.100.200",
  "168.63.129.16",
  "fd00:ec2::254",
]);

/** Free where policy or plan names the host, which the gate decides by `needs`. */
export function judgeAddress(text: string): Finding[] {
  const url = URL.canParse(text) ? new URL(text) : null;
  const refuse = (rule: string, reason: string) => [
    finding("deny", `fetch.${rule}`, reason, [effect("network-send", text.slice(0, 200), "remote")]),
  ];
  // Readers disagree about where a backslash or a space ends the host.
  if (url === null || /[\\\s\p{Cc}]/u.test(text)) return refuse("address", "not an address");
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return refuse("scheme", `${url.protocol} is not http or https`);
  if (url.username !== "" || url.password !== "")
    return refuse("credentials", "the address holds credentials, which its host would be sent");
  const host = hostOfUrl(url);
  if (isMetadataHost(host))
    return refuse("metadata", `${host} is where a machine is told its own credentials`);
  const effects = [effect("network-read", host, "remote")];
  const isLong = url.pathname.length + url.search.length > longestAddress;
  const read = isLong
    ? finding("explicit", "fetch.long", `an address this long can carry data to ${host}`, effects)
    : finding("none", "fetch.get", `reads from ${host}`, effects);
  return [{ ...read, needs: [host] }];
}

/** As the policy spells it: lower case, without the brackets of IPv6. */
function hostOfUrl(url: URL): string {
  return url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
}

/** Link-local addresses, in every form that a URL leaves them in, and the known names. */
export function isMetadataHost(host: string): boolean {
  const name = host.replace(/\.$/, "");
  if (metadataHosts.has(name) || /^169\.254\./.test(name)) return true;
  // IPv6 as URL writes it: compressed, an IPv4 address inside as two groups.
  return /^fe[89ab][0-9a-f]:/.test(name) || /^(::ffff:(0:)?|64:ff9b::|::)a9fe:/.test(name);
}
