import type { ControlDatabase } from "../control-store/schema.ts";

export interface IdempotencyEntry {
  readonly key: string;
  readonly principalUid: string;
  readonly operation: string;
  /** Sealed, like the answer: a password may be part of the request. Earlier releases kept it as it is. */
  readonly requestHash: string;
  /** Sealed JSON; undefined while the first run has not ended. */
  readonly response: string | undefined;
  readonly createdMs: number;
}

/** What of an entry is sealed, and where it belongs. */
export type SealedEntry = Pick<IdempotencyEntry, "principalUid" | "key" | "requestHash" | "response">;

/** The kept answers, by principal and key. */
export class IdempotencyStore {
  readonly #database: ControlDatabase;

  constructor(database: ControlDatabase) {
    this.#database = database;
  }

  async find(principalUid: string, key: string): Promise<IdempotencyEntry | undefined> {
    const found = await this.#database
      .selectFrom("idempotency")
      .selectAll()
      .where("principalUid", "=", principalUid)
      .where("key", "=", key)
      .executeTakeFirst();
    if (found === undefined) return undefined;
    return { ...found, response: found.response ?? undefined, createdMs: Number(found.createdMs) };
  }

  /** Inserts or replaces. */
  async put(entry: IdempotencyEntry): Promise<void> {
    const row = { ...entry, response: entry.response ?? null };
    await this.#database
      .insertInto("idempotency")
      .values(row)
      .onConflict((conflict) => conflict.columns(["principalUid", "key"]).doUpdateSet(row))
      .execute();
  }

  async remove(principalUid: string, key: string): Promise<void> {
    await this.#database
      .deleteFrom("idempotency")
      .where("principalUid", "=", principalUid)
      .where("key", "=", key)
      .execute();
  }

  /** What of every entry is sealed. */
  async sealed(): Promise<readonly SealedEntry[]> {
    const found = await this.#database
      .selectFrom("idempotency")
      .select(["principalUid", "key", "requestHash", "response"])
      .execute();
    return found.map((entry) => ({ ...entry, response: entry.response ?? undefined }));
  }

  /** Puts another form of the same request and answer in the place of an entry, unless it has changed meanwhile. */
  async replaceSealed(
    entry: SealedEntry,
    { requestHash, response }: Pick<SealedEntry, "requestHash" | "response">,
  ): Promise<void> {
    await this.#database
      .updateTable("idempotency")
      .set({ requestHash, response: response ?? null })
      .where("principalUid", "=", entry.principalUid)
      .where("key", "=", entry.key)
      .where("requestHash", "=", entry.requestHash)
      .where("response", entry.response === undefined ? "is" : "=", entry.response ?? null)
      .execute();
  }

  /** Removes entries created before a time; answers their number. */
  async prune(beforeMs: number): Promise<number> {
    const removed = await this.#database.deleteFrom("idempotency").where("createdMs", "<", beforeMs).executeTakeFirst();
    return Number(removed.numDeletedRows);
  }
}
