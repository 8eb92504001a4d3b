import { DatabaseSync } from "node:sqlite";
import { type Logger, ManualClock, silentLogger, systemRandom } from "@concordat/base";
import { SqliteDialect, sql } from "kysely";
import type { ControlDatabase } from "../control-store/schema.ts";
import { openSqlControlStore } from "../control-store/sql-control-store.ts";
import { kyselyDatabase } from "../control-store/sqlite/kysely-database.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { JobStore } from "./job-store.ts";
import { type JobOptions, JobsService } from "./jobs-service.ts";

/** A control store that lives as long as the test, whatever happens to the services over it. */
export function openMemoryStore() {
  const database = { ...kyselyDatabase(new DatabaseSync(":memory:")), close: () => {} };
  const dialect = new SqliteDialect({ database });
  return openSqlControlStore({
    kind: "sqlite",
    dialect,
    migrationDialect: dialect,
    databaseTime: sql`CAST(1700000000000 AS INTEGER)`,
    translate: (statement) => statement,
  });
}

export const tenantId = "a".repeat(32);
export const otherTenantId = "b".repeat(32);

export function callerOf(tenant: string, allowed = true): Caller {
  const uid = `1${tenant.slice(0, 1)}${allowed ? "1" : "0"}`;
  return {
    principal: {
      uid,
      userId: uid,
      accountUid: uid,
      kind: "account",
      name: uid,
      mspId: "OrgMSP",
      ledgerServiceOpened: true,
      installationAdministrator: false,
      enabled: true,
    },
    tenantId: tenant,
    scope: { kind: "tenant", tenantId: tenant },
    credential: { kind: "access-key", id: "LTAItest" },
    sourceAddress: undefined,
    requestId: "request",
  };
}

/** Who works: the tenant's own callers whose uid ends in 1. */
const authorizer = {
  allows: (caller: Caller, _action: string, resource: { readonly tenantId: string | null }) =>
    caller.tenantId === resource.tenantId && caller.principal.uid.endsWith("1"),
  require(caller: Caller, action: string, resource: { readonly tenantId: string | null }) {
    if (!this.allows(caller, action, resource)) throw new PlatformError("ACCESS_DENIED");
  },
};

/** Where a process can be cut off or held: every call of the store and every effect passes here. */
export class Gate {
  /** The process is gone at this passage, counted from 0. */
  diesAt = Number.POSITIVE_INFINITY;
  passages = 0;
  #isDead = false;
  #held: Promise<void> = Promise.resolve();
  #letGo = () => {};

  /** Nothing of the process happens any more. */
  die(): void {
    this.#isDead = true;
  }

  /** The process stands still until it is let go. */
  hold(): void {
    this.#letGo();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    this.#letGo = resolve;
  }

  letGo(): void {
    this.#letGo();
  }

  /** On the way to the store. A process that stalls after the answer acts late, which no claim can prevent: none does here. */
  async enter(): Promise<void> {
    await this.#held;
    await this.pass();
  }

  async pass(): Promise<void> {
    if (this.passages++ === this.diesAt) this.die();
    if (this.#isDead) await new Promise(() => {});
  }
}

/** A store whose calls can be cut off before they happen, and after they did but before they are answered. */
function gatedStore(database: ControlDatabase, gate: Gate): JobStore {
  return new Proxy(new JobStore(database), {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return async (...given: unknown[]) => {
        await gate.enter();
        const answer: unknown = await member.apply(target, given);
        await gate.pass();
        return answer;
      };
    },
  });
}

export interface TestProcess {
  readonly jobs: JobsService;
  readonly gate: Gate;
}

export class JobWorld {
  readonly clock = new ManualClock(1_700_000_000_000);
  readonly database: ControlDatabase;
  readonly store: JobStore;

  constructor(database: ControlDatabase) {
    this.database = database;
    this.store = new JobStore(database);
  }

  static async open(): Promise<JobWorld> {
    return new JobWorld((await openMemoryStore()).database);
  }

  /** A process over the store; its kinds are registered by `prepare`. */
  start(prepare: (started: TestProcess) => void, options: Partial<JobOptions> = {}, log: Logger = silentLogger) {
    const gate = new Gate();
    const jobs = new JobsService(options, {
      database: this.database,
      jobStore: gatedStore(this.database, gate),
      authorizer,
      clock: this.clock,
      random: systemRandom,
      log,
    });
    const started: TestProcess = { jobs, gate };
    prepare(started);
    jobs.open();
    return started;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let round = 0; round < 12; round++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets time go by in small steps, until it is so. */
  async until(isSo: () => Promise<boolean> | boolean, stepMs = 1_000): Promise<void> {
    for (let step = 0; step < 1_000; step++) {
      await this.settle();
      if (await isSo()) return;
      this.clock.advance(stepMs);
    }
    throw new Error("It never came to be.");
  }
}
