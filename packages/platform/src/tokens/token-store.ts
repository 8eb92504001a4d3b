import type { AuditEntryTable, ControlDatabase, TokenTable } from "../control-store/schema.ts";

/** A token as it is kept; its text is not. */
export type StoredToken = Readonly<TokenTable>;

/** The `tokens` table. Every server of a control store sees the same rows. */
export class TokenStore {
  readonly #database: ControlDatabase;

  constructor(database: ControlDatabase) {
    this.#database = database;
  }

  /** Token and audit entry are on disk together, or neither is. A token whose text was issued before is replaced. */
  async put(token: StoredToken, audit: AuditEntryTable): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction
        .insertInto("tokens")
        .values(token)
        .onConflict((conflict) => conflict.column("tokenHash").doUpdateSet(token))
        .execute();
      await transaction.insertInto("auditEntries").values(audit).execute();
    });
  }

  async find(tokenHash: string): Promise<StoredToken | undefined> {
    const found = await this.#database
      .selectFrom("tokens")
      .selectAll()
      .where("tokenHash", "=", tokenHash)
      .executeTakeFirst();
    return found === undefined ? undefined : withNumbers(found);
  }

  /** Those of a principal that have not expired, newest first. */
  async listOf(uid: string, nowMs: number): Promise<readonly StoredToken[]> {
    const found = await this.#database
      .selectFrom("tokens")
      .selectAll()
      .where("uid", "=", uid)
      .where("expiresMs", ">", nowMs)
      .orderBy("issuedMs", "desc")
      .orderBy("tokenHash")
      .execute();
    return found.map(withNumbers);
  }

  /**
   * Removes a token and writes the entry, together.
   * @returns whether there was one; otherwise nothing is written
   */
  async remove(tokenHash: string, audit: AuditEntryTable | undefined): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const removed = await transaction.deleteFrom("tokens").where("tokenHash", "=", tokenHash).executeTakeFirst();
      if (Number(removed.numDeletedRows) === 0) return false;
      if (audit !== undefined) await transaction.insertInto("auditEntries").values(audit).execute();
      return true;
    });
  }

  /** @returns how many there were */
  async removeAllOf(uid: string, except = ""): Promise<number> {
    const removed = await this.#database
      .deleteFrom("tokens")
      .where("uid", "=", uid)
      .where("tokenHash", "!=", except)
      .executeTakeFirst();
    return Number(removed.numDeletedRows);
  }

  /** Removes what expired at or before a time; answers how many. */
  async prune(nowMs: number): Promise<number> {
    const removed = await this.#database.deleteFrom("tokens").where("expiresMs", "<=", nowMs).executeTakeFirst();
    return Number(removed.numDeletedRows);
  }
}

/** PostgreSQL's driver answers its large integers as text. */
function withNumbers(token: TokenTable): StoredToken {
  return { ...token, issuedMs: Number(token.issuedMs), expiresMs: Number(token.expiresMs) };
}
