import { BlockList, isIP, isIPv6 } from "node:net";

/** A server that an agent may reach. `host`: a name, or an IP address with or without brackets. */
export type Destination = {
  host: string;
  port: number;
  /** The operator named it: it may be in a private network. A vendor's own name may not. */
  private?: boolean;
};

/**
 * The words after `CONNECT`, or between `http://` and the path. Null for everything that two readers could read as
 * two hosts: user names, percent signs, zones, a dot at the end.
 */
export function parseAuthority(text: string, defaultPort: number | null): Destination | null {
  const match =
    /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?))(?::([0-9]{1,5}))?$/i.exec(text);
  if (match === null) return null;
  const [, bracketed, name] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) return null;
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  if (port === null || port < 1 || port > 65_535) return null;
  return { host: canonicalHost(bracketed ?? name ?? ""), port };
}

/** Of equal hosts the same text: lower case, IPv6 in its short form without brackets. Names keep every dot. */
export function canonicalHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return isIPv6(bare) && !bare.includes("%") ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
}

/** `host:port` as it is compared, recorded and shown. */
export function showDestination({ host, port }: Destination): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

const loopback = subnets(["127.0.0.0/8", "::1/128"]);
/** Reached by no name: this machine, its link (cloud metadata), and what is no single host. */
const machine = subnets([
  ...[
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
  ],
  ...["::/96", "fe80::/10", "ff00::/8", "2002::/16", "2001::/32"],
]);
const privateNetworks = subnets([
  ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"],
]);

/** Whether the host is on this machine by its very name: an address of loopback, or `localhost` and what ends in it. */
export function isLoopback(host: string): boolean {
  return isIP(host) === 0 ? /(?:^|\.)localhost$/.test(host) : isIn(loopback, host);
}

/**
 * Whether a name that may be reached may be reached at this address. Against names whose owner lets them point into
 * the machine or its network (DNS rebinding).
 */
export function mayResolveTo(destination: Destination, address: string): boolean {
  if (isLoopback(destination.host)) return isIn(loopback, address);
  const inner = embeddedIPv4(address) ?? address;
  if (isIn(machine, inner)) return false;
  return destination.private === true || !isIn(privateNetworks, inner);
}

/** NAT64, by which networks without IPv4 reach every IPv4 server: what counts is the address inside. */
function embeddedIPv4(address: string): string | null {
  const groups = /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{0,4})$/.exec(canonicalHost(address));
  if (groups === null) return null;
  const [high, low] = [Number.parseInt(groups[1] || "0", 16), Number.parseInt(groups[2] || "0", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** Also true for an IPv4 address that is written as IPv6 (`::ffff:…`). */
function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

function subnets(rows: string[]): BlockList {
  const list = new BlockList();
  for (const row of rows) {
    const [network = "", prefix] = row.split("/");
    list.addSubnet(network, Number(prefix), isIPv6(network) ? "ipv6" : "ipv4");
  }
  return list;
}
