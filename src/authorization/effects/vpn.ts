import { always, named, type Table } from "./row.ts";

/** Tunnels between machines. */
export const vpn: Table = named(
  "wg wg-quick openvpn tailscale",
  always("explicit", "firewall", "host", "changes a tunnel"),
);
