import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createApprovalKey, openSigner, type Signer } from "../../../src/authorization/approval-key.ts";
import {
  type ApprovalItem,
  type ApprovalRequest,
  openApprovals,
} from "../../../src/authorization/approvals.ts";

/** A person with a key, a folder of approvals and a clock that stands still until it is moved. */
export type World = Awaited<ReturnType<typeof approvalWorld>>;

const start = Date.parse("2026-11-22T07:12:40Z");

export function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nimrod-approvals-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function approvalWorld(passphrase = "correct horse") {
  const top = tempFolder();
  const stateHome = join(top, "state");
  const folder = join(top, "approvals");
  let time = start;
  const clock = { now: () => new Date(time) };
  await createApprovalKey(stateHome, passphrase, "2026-11-22T07:00:00Z");
  const signer: Signer = await openSigner(stateHome, passphrase);
  const approvals = openApprovals({ folder, stateHome, clock });
  return {
    top,
    stateHome,
    folder,
    clock,
    signer,
    approvals,
    /** Seconds after the start; the clock can be set back as well. */
    setClock: (seconds: number) => {
      time = start + seconds * 1000;
    },
    /** Asks for digests and gets a yes to all of them. */
    async approved(...digests: string[]): Promise<ApprovalRequest> {
      const request = await approvals.request(asking({ items: digests.map((digest) => item({ digest })) }));
      await approvals.approve(request.id, signer, "what was shown");
      return request;
    },
  };
}

export function item(given: Partial<ApprovalItem> = {}): ApprovalItem {
  return {
    digest: "d1",
    title: "reload the proxy",
    runs: ["systemctl reload caddy"],
    where: "this machine",
    tier: "explicit",
    rule: "service.change",
    reason: "changes a service",
    effects: [{ kind: "service", target: "caddy", scope: "host" }],
    undo: null,
    ...given,
  };
}

type Wanted = Omit<ApprovalRequest, "version" | "id" | "created">;

export function asking(given: Partial<Wanted> = {}): Wanted {
  return {
    kind: "action",
    ticket: "nim-000001",
    run: "R1",
    requester: "implementer/P1",
    items: [item()],
    ...given,
  };
}
