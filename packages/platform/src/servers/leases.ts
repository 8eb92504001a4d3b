import { type RawBuilder, sql } from "kysely";
import type { ControlDatabase } from "../control-store/schema.ts";

export interface LeaseRequest {
  readonly name: string;
  /** One process: a later process of the same server is another holder. */
  readonly holder: string;
  /** Where the holder answers. */
  readonly url: string;
  readonly lifetimeMs: number;
}

export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly url: string;
  /** Grows with each change of holder. */
  readonly fencingToken: number;
}

export interface LeasesDependencies {
  readonly database: ControlDatabase;
  /** The one clock that all holders share: see ControlStore. */
  readonly databaseTime: RawBuilder<number>;
}

/**
 * Who may do what only one server may do.
 *
 * Invariants: at any moment of the database's time a lease has at most one holder. A holder counts its lease's life from before it asked,
 * so it stops before the database would give the lease away. Each method is one statement.
 */
export class Leases {
  readonly #dependencies: LeasesDependencies;

  constructor(dependencies: LeasesDependencies) {
    this.#dependencies = dependencies;
  }

  /** Takes a lease that is free, has expired or is the holder's already. @returns undefined while another holds it */
  async acquire({ name, holder, url, lifetimeMs }: LeaseRequest): Promise<Lease | undefined> {
    const { database, databaseTime } = this.#dependencies;
    const taken = await database
      .insertInto("leases")
      .values({ name, holder, url, fencingToken: 1, expiresMs: this.#after(lifetimeMs) })
      .onConflict((conflict) =>
        conflict
          .column("name")
          .doUpdateSet((query) => ({
            holder,
            url,
            fencingToken: query
              .case()
              .when("leases.holder", "=", holder)
              .then(query.ref("leases.fencingToken"))
              .else(query("leases.fencingToken", "+", 1))
              .end(),
            expiresMs: query.ref("excluded.expiresMs"),
          }))
          .where((query) =>
            query.or([query("leases.holder", "=", holder), query("leases.expiresMs", "<=", databaseTime)]),
          ),
      )
      .returning("fencingToken")
      .executeTakeFirst();
    return taken && { name, holder, url, fencingToken: Number(taken.fencingToken) };
  }

  /** @returns false when another has the lease by now */
  async renew({ name, holder, fencingToken }: Lease, lifetimeMs: number): Promise<boolean> {
    const renewed = await this.#dependencies.database
      .updateTable("leases")
      .set({ expiresMs: this.#after(lifetimeMs) })
      .where("name", "=", name)
      .where("holder", "=", holder)
      .where("fencingToken", "=", fencingToken)
      .executeTakeFirst();
    return Number(renewed.numUpdatedRows) === 1;
  }

  /** Gives the lease free at once. Its row stays, so that the token goes on growing. */
  async release({ name, holder, fencingToken }: Lease): Promise<void> {
    await this.#dependencies.database
      .updateTable("leases")
      .set({ expiresMs: 0 })
      .where("name", "=", name)
      .where("holder", "=", holder)
      .where("fencingToken", "=", fencingToken)
      .execute();
  }

  /** Who holds the lease, or held it last. */
  async find(name: string): Promise<Lease | undefined> {
    const row = await this.#dependencies.database
      .selectFrom("leases")
      .selectAll()
      .where("name", "=", name)
      .executeTakeFirst();
    return row && { name, holder: row.holder, url: row.url, fencingToken: Number(row.fencingToken) };
  }

  #after(lifetimeMs: number): RawBuilder<number> {
    return sql`${this.#dependencies.databaseTime} + ${lifetimeMs}`;
  }
}
