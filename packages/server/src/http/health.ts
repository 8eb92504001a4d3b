import type { FastifyInstance } from "@concordat/api-kit";
import { VERSION } from "../version.ts";

/** What the ledger says of itself: how many channels it serves, and which it had to stop. */
export interface LedgerHealth {
  readonly channelCount: number;
  readonly failedChannels: readonly string[];
}

/** `GET /healthz`: 200 when everything serves, 503 when the ledger does not answer or a channel failed. Before that, the listener answers. */
export function registerHealth(app: FastifyInstance, ledgerHealth: () => Promise<LedgerHealth>): void {
  app.get("/healthz", async (_request, reply) => {
    const ledger = await ledgerHealth().catch(() => undefined);
    const failed = ledger === undefined || ledger.failedChannels.length > 0;
    reply.code(failed ? 503 : 200).header("cache-control", "no-store");
    return { status: failed ? "failed" : "ok", version: VERSION, ...(ledger ?? {}) };
  });
}
