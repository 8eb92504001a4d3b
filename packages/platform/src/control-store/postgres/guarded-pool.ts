import type { PostgresPool, PostgresPoolClient } from "kysely";
import { ControlUnavailableError } from "../errors.ts";
import { fromPostgresError } from "./postgres-errors.ts";

/**
 * A pool whose errors are those of the control store, and which never hands out a connection again that failed: its server may still be
 * busy with the statement that nobody waits for any more.
 */
export function guardedPool(pool: PostgresPool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      try {
        return guardedClient(await pool.connect());
      } catch (error) {
        throw fromPostgresError(error);
      }
    },
  };
}

function guardedClient(client: PostgresPoolClient): PostgresPoolClient {
  let hasFailed = false;
  const guarded = async (sql: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(sql, parameters);
    } catch (error) {
      const known = fromPostgresError(error);
      hasFailed ||= known instanceof ControlUnavailableError;
      throw known;
    }
  };
  return {
    // Cursors are not used: every query comes as its text.
    query: guarded as PostgresPoolClient["query"],
    release: (destroy) => client.release(destroy === true || hasFailed),
  };
}
