import type { Logger } from "@concordat/base";
import { PostgresDialect, sql } from "kysely";
import { ControlStoreUnusableError, ControlUnavailableError } from "../errors.ts";
import type { ControlStore } from "../port.ts";
import { openSqlControlStore } from "../sql-control-store.ts";
import { guardedPool } from "./guarded-pool.ts";
import { sqlStateOf } from "./postgres-errors.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, or any that the driver knows. It may hold a password: never in logs or errors. */
  readonly url: string;
  /** Of this server; 8 by default. */
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
  /** After this long a statement counts as not answered. */
  readonly statementTimeoutMs?: number;
}

interface PoolLimits {
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

/** Chosen once: servers that migrate the same database wait for each other on it. */
const MIGRATION_LOCK = 4_018_320_175;
/** A server waits for another's migration as long as for its own. */
const MIGRATION_LIMITS: PoolLimits = { connectionsMax: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 120_000 };
/** int8: every number of the schema fits the safe integers. */
const INT8 = 20;

/**
 * Opens the control store in a PostgreSQL database (15 or later), making or migrating its tables. The database may be away at any time:
 * calls then fail, and the first that finds it again goes on.
 * @throws ControlStoreUnusableError, ControlStoreNewerError, ControlUnavailableError
 */
export async function openPostgresControlStore(
  options: PostgresOptions,
  dependencies: { readonly log: Logger },
): Promise<ControlStore> {
  const dialectOf = async (limits: PoolLimits) =>
    new PostgresDialect({ pool: guardedPool(await createPool(options.url, limits, dependencies.log)) });
  try {
    return await openSqlControlStore({
      kind: "postgres",
      dialect: await dialectOf({
        connectionsMax: options.connectionsMax ?? 8,
        connectTimeoutMs: options.connectTimeoutMs ?? 3_000,
        statementTimeoutMs: options.statementTimeoutMs ?? 5_000,
      }),
      migrationDialect: await dialectOf(MIGRATION_LIMITS),
      databaseTime: sql`CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`,
      translate: toPostgres,
      lock: sql`SELECT pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`,
    });
  } catch (error) {
    throw whyNotOpened(error);
  }
}

/** A migration's statement in PostgreSQL's words. Texts compare by their bytes, as they do in SQLite and in this program. */
export function toPostgres(statement: string): string {
  return statement.replaceAll(" BLOB", " BYTEA").replaceAll(/\bTEXT\b/g, `TEXT COLLATE "C"`);
}

async function createPool(url: string, limits: PoolLimits, log: Logger) {
  // Loaded by those servers alone that use it.
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    max: limits.connectionsMax,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    statement_timeout: limits.statementTimeoutMs,
    // For a server that does not even say any more that the time is over.
    query_timeout: limits.statementTimeoutMs + 1_000,
    idle_in_transaction_session_timeout: 2 * limits.statementTimeoutMs,
    keepAlive: true,
    application_name: "concordat",
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) },
  });
  pool.on("error", (error) => log.warn("a connection of the control store failed", { reason: error.message }));
  // A connection may also fail while it is lent out and nothing is asked of it; the next statement on it then says so.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** A wrong password, name or permission stays wrong: the operator hears which. */
function whyNotOpened(error: unknown): unknown {
  const cause = error instanceof ControlUnavailableError ? error.cause : error;
  const state = sqlStateOf(cause);
  const isRefusal = state !== undefined && /^(28|3D|42501)/.test(state);
  if (!isRefusal || !(cause instanceof Error)) return error;
  return new ControlStoreUnusableError(cause.message, "Correct the database's address, user or permissions.", cause);
}
