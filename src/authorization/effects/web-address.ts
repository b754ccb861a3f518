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
  if (isActing(text))
    return [
      finding("explicit", "fetch.acts", `${host} does what this address says`, [
        effect("service", host, "remote"),
      ]),
    ].map((one) => ({ ...one, needs: [host] }));
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

const ownNames =
  /^[^.:]+$|\.(lan|local|localdomain|home|home\.arpa|internal|intranet|corp|private|fritz\.box)$/;
const ownNumbers =
  /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^0\.0\.0\.0$|^::1?$|^f[cd][0-9a-f]{2}:|^::ffff:(7f|a[0-9a-f]{2}:|c0a8:|ac1[0-9a-f]:)/;

/** A machine of the house: daemons and devices there do what a mere GET tells them. */
export function isOwnHost(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return ownNumbers.test(name) || (/^[\d.]+$/.test(name) ? false : ownNames.test(name));
}

const act =
  "quit|quitquitquit|abort(abortabort)?|reload|restart|reboot|shutdown|power-?(off|on|cycle)|halt|kill|stop|delete|remove|destroy|purge|wipe|(factory-?)?reset|toggle|turn-?(on|off)|switch-?(on|off)|unlock|disarm|flush|drop";
// The last name only: below `/delete/` there may be a page about it. `on` and `off` are devices' own verbs.
const actingPath = new RegExp(`^(${act}|on|off)$`);
const actingKey = new RegExp(`^(${act}|turn)$`);
const verbKey = /^(cmnd|cmd|command|action|act|do|op|operation|-?method|state|power|switch|value)$/;
const lookingValue =
  /^(get|list|show|(status|state|info|query|search|view|read|fetch|parse|raw|ping|version|health|stats|help|describe|count|check|history|opensearch|feed|head|options|export|diff|recent|index|open)(\b|\d|_|$))|\.(get|list)$/;
// What a device's state or power may be set to; other values of theirs are filters.
const settingKey = /^(state|power|switch|value)$/;
const settingValue = /^(on|off|toggle|cycle)$/;

/** Does getting it do something? On a machine of the house the names in path and query say so. */
export function isActing(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !isOwnHost(hostOfUrl(url))) return false;
  const last =
    url.pathname
      .split("/")
      .filter((name) => name !== "")
      .at(-1) ?? "";
  if (actingPath.test(plainName(last))) return true;
  return [...url.searchParams].some(([given, value]) => {
    const key = plainName(given);
    if (actingKey.test(key)) return !/^(0|false|no)$/i.test(value);
    if (!verbKey.test(key)) return false;
    const said = value.trim().toLowerCase();
    return settingKey.test(key) ? settingValue.test(said) : !lookingValue.test(said);
  });
}

function plainName(name: string): string {
  let text = name;
  try {
    text = decodeURIComponent(name);
  } catch {
    // Not encoded at all: the text is the name.
  }
  return text
    .toLowerCase()
    .replaceAll("_", "-")
    .replace(/^-(?=\w+$)|\.(cgi|php|html?|json)$/g, "");
}
