import type { FastifyInstance } from "@concordat/api-kit";
import { isConcordatError } from "@concordat/base";
import { VERSION } from "../version.ts";

/** What an installation says of itself: how many channels it serves, and which it had to stop. */
export interface Health {
  readonly channelCount: number;
  readonly failedChannels: readonly string[];
  /** Another server keeps the ledger: its channels are no matter of this one. */
  readonly ledger?: "elsewhere";
}

export const HEALTH_PATH = "/healthz";

/**
 * `GET /healthz`: 200 when everything serves, 503 with the reason when the control store or the ledger does not answer, or a channel
 * failed. Before that, the listener answers.
 */
export function registerHealth(app: FastifyInstance, healthOf: () => Promise<Health>): void {
  app.get(HEALTH_PATH, async (_request, reply) => {
    const health = await healthOf().catch((error: unknown) => ({ failedChannels: undefined, ...reasonOf(error) }));
    const failed = health.failedChannels === undefined || health.failedChannels.length > 0;
    reply.code(failed ? 503 : 200).header("cache-control", "no-store");
    return { status: failed ? "failed" : "ok", version: VERSION, ...health };
  });
}

/** Only our own errors have a text for everybody. */
function reasonOf(error: unknown): { readonly reason?: string } {
  return isConcordatError(error) ? { reason: error.message } : {};
}
