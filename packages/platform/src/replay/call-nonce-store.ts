import { createHash } from "node:crypto";
import type { Clock } from "@concordat/base";
import type { ControlDatabase } from "../control-store/schema.ts";
import type { CallNonce } from "../ports.ts";
import { bucketMs } from "./call-bucket.ts";

/** A signature lives 30 minutes, and servers' clocks may differ by as much as a call's time stamp may be off. */
const keptMs = 3 * bucketMs;
const pruneEveryMs = bucketMs;

/** Nonces that all servers on a control store share and that outlive them: on disk before a call is let through. */
export class CallNonceStore {
  readonly #database: ControlDatabase;
  readonly #clock: Clock;
  #pruneAtMs = 0;

  constructor(dependencies: { readonly database: ControlDatabase; readonly clock: Clock }) {
    this.#database = dependencies.database;
    this.#clock = dependencies.clock;
  }

  /** @returns false when the nonce was taken within the last 45 minutes */
  async take(call: CallNonce): Promise<boolean> {
    const nowMs = this.#clock.nowMs();
    await this.#prune(nowMs);
    const row = { nonceHash: nonceHashOf(call), expiresMs: nowMs + keptMs };
    const taken = await this.#database
      .insertInto("callNonces")
      .values(row)
      .onConflict((conflict) =>
        conflict.column("nonceHash").doUpdateSet(row).where("callNonces.expiresMs", "<=", nowMs),
      )
      .executeTakeFirst();
    return Number(taken.numInsertedOrUpdatedRows ?? 0) === 1;
  }

  async #prune(nowMs: number): Promise<void> {
    if (nowMs < this.#pruneAtMs) return;
    this.#pruneAtMs = nowMs + pruneEveryMs;
    await this.#database.deleteFrom("callNonces").where("expiresMs", "<=", nowMs).execute();
  }
}

function nonceHashOf({ accessKeyId, nonce }: CallNonce): string {
  return createHash("sha256").update(`${accessKeyId}\u0000${nonce}`).digest("hex");
}
