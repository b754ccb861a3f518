import { changes } from "./subcommands.ts";

/** What is done to guests, whichever hypervisor does it. */

export const act = changes("service", "host", "changes virtual machines or what they use");

export const inside = changes("remote-exec", "host", "runs a command inside a guest");

export const prints = changes("credential-read", "host", "prints secrets of the hypervisor");
