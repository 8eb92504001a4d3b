import { type Logger, ManualClock, silentLogger, systemRandom } from "@concordat/base";
import { beforeEach, expect, it } from "vitest";
import type { ControlDatabase } from "../control-store/schema.ts";
import { openMemoryStore, tenantId } from "../jobs/jobs.fixture.ts";
import { ledgerError } from "../testing/fake-ledger.ts";
import { type AuditEvent, auditEntry } from "./audit-entry.ts";
import { type AuditOptions, AuditOutbox, defaultAuditOptions } from "./audit-outbox.ts";
import { AuditStore } from "./audit-store.ts";

/** What the ledger's channel answers, with calls that can be made to fail before or after they took effect. */
class FakeChannel {
  readonly entries = new Map<string, { readonly text: string; readonly txId: string }>();
  readonly appends: number[] = [];
  readonly bytes: number[] = [];
  isOpen = true;
  failures: ("before" | "after")[] = [];
  refuses = "";
  #transactions = 0;

  async open(): Promise<boolean> {
    return this.isOpen;
  }

  async find(entryIds: readonly string[]) {
    return entryIds.map((entryId) => this.entries.get(entryId)?.txId ?? null);
  }

  async append(texts: readonly string[]) {
    const failure = this.failures.shift();
    if (failure === "before") throw ledgerError("CHANNEL_FAILED");
    if (this.refuses !== "" && texts.some((text) => text.includes(this.refuses))) {
      throw ledgerError("CONTRACT_REFUSED", { refusal: "ENTRY_DIFFERS" });
    }
    const txId = String(++this.#transactions);
    this.appends.push(texts.length);
    this.bytes.push(Buffer.byteLength(texts.join("")));
    for (const text of texts) {
      const { entryId } = JSON.parse(text) as { readonly entryId: string };
      if (this.entries.has(entryId)) throw new Error("written twice");
      this.entries.set(entryId, { text, txId });
    }
    if (failure === "after") throw ledgerError("OUTCOME_UNKNOWN");
    return texts.map(() => txId);
  }
}

let database: ControlDatabase;
let clock: ManualClock;
let channel: FakeChannel;
let lines: string[];
const log: Logger = { ...silentLogger, error: (text) => lines.push(text), warn: (text) => lines.push(text) };
beforeEach(async () => {
  ({ database } = await openMemoryStore());
  clock = new ManualClock(1_700_000_000_000);
  channel = new FakeChannel();
  lines = [];
});

const createOutbox = (options: Partial<AuditOptions> = {}) =>
  new AuditOutbox({ ...defaultAuditOptions, ...options }, { store: new AuditStore(database), channel, clock, log });

async function write(action: string, changes: { tenantId?: string | null; detail?: AuditEvent["detail"] } = {}) {
  const detail = changes.detail === undefined ? {} : { detail: changes.detail };
  const event = { action, resource: { kind: "user", id: "u" }, ...detail };
  const entry = {
    ...auditEntry(undefined, event, { clock, random: systemRandom }),
    tenantId: changes.tenantId ?? null,
  };
  await database.insertInto("auditEntries").values(entry).execute();
  return entry.entryId;
}

const txIds = async () =>
  (await database.selectFrom("auditEntries").select("txId").orderBy("entryId").execute()).map((row) => row.txId);

async function settle(): Promise<void> {
  for (let round = 0; round < 20; round++) await new Promise((resolve) => setImmediate(resolve));
}

it("appends what was committed soon afterwards, together, and marks it", async () => {
  const outbox = createOutbox();
  outbox.open();
  await write("a");
  outbox.wake();
  clock.advance(10);
  await write("b");
  outbox.wake();
  await settle();
  expect(channel.appends).toEqual([]);
  clock.advance(10);
  await settle();
  expect(channel.appends).toEqual([2]);
  expect(await txIds()).toEqual(["1", "1"]);
  await write("c");
  outbox.wake();
  clock.advance(20);
  await settle();
  expect(channel.appends).toEqual([2, 1]);
});

it("finds what others wrote without being told", async () => {
  const outbox = createOutbox();
  outbox.open();
  clock.advance(20);
  await settle();
  await write("a");
  clock.advance(2_000);
  await settle();
  expect(await txIds()).toEqual(["1"]);
});

it("keeps tenants apart and batches within bounds, oldest first", async () => {
  for (let number = 0; number < 205; number++) {
    await write("a", { tenantId: number % 2 === 0 ? tenantId : null });
    clock.advance(1);
  }
  for (let number = 0; number < 20; number++) await write("big", { detail: { text: "x".repeat(40_000) } });
  await createOutbox().flush();
  expect(channel.entries.size).toBe(225);
  expect(channel.appends.reduce((sum, count) => sum + count)).toBe(225);
  expect(channel.appends.slice(0, 2)).toEqual([100, 100]);
  expect(Math.max(...channel.bytes)).toBeLessThanOrEqual(524_288);
  for (const txId of new Set(await txIds())) {
    const found = await database.selectFrom("auditEntries").select("tenantId").where("txId", "=", txId).execute();
    expect(new Set(found.map((row) => row.tenantId)).size).toBe(1);
  }
});

it("tries again with growing pauses while the ledger is away, loses nothing and writes nothing twice", async () => {
  const outbox = createOutbox();
  outbox.open();
  await write("a");
  channel.failures = ["before", "before", "after"];
  clock.advance(20);
  await settle();
  await write("b");
  // New entries do not hurry a ledger that is away.
  outbox.wake();
  clock.advance(199);
  await settle();
  expect(channel.failures).toHaveLength(2);
  clock.advance(1);
  await settle();
  expect(channel.failures).toHaveLength(1);
  clock.advance(400);
  await settle();
  expect([channel.failures, channel.appends]).toEqual([[], [2]]);
  expect(await txIds()).toEqual([null, null]);
  clock.advance(800);
  await settle();
  expect(channel.appends).toEqual([2]);
  expect(await txIds()).toEqual(["1", "1"]);
  expect(lines).toEqual(["Audit entries wait for the ledger."]);
});

it("sets an entry aside that the ledger refuses, and appends the others", async () => {
  await write("a");
  const refused = await write("forged");
  await write("b");
  channel.refuses = "forged";
  const outbox = createOutbox();
  await outbox.flush();
  expect(channel.entries.size).toBe(2);
  await outbox.flush();
  expect(lines).toEqual(["The ledger refuses an audit entry."]);
  expect(await new AuditStore(database).pending(10)).toMatchObject([{ entryId: refused }]);
});

it("waits while the installation has no account", async () => {
  channel.isOpen = false;
  await write("a");
  const outbox = createOutbox();
  await outbox.flush();
  expect(await txIds()).toEqual([null]);
  channel.isOpen = true;
  await outbox.flush();
  expect(await txIds()).toEqual(["1"]);
});

it("appends what is left when it is closed, and does not wait for a ledger that hangs", async () => {
  const outbox = createOutbox();
  outbox.open();
  await write("a");
  await outbox.close();
  expect(await txIds()).toEqual(["1"]);

  clock.advance(1);
  await write("b");
  const hanging = createOutbox();
  channel.open = () => new Promise(() => {});
  const closed = hanging.close();
  clock.advance(2_000);
  await closed;
  expect(await txIds()).toEqual(["1", null]);
});

it("forgets entries that are on the ledger after the time that they are kept, no others", async () => {
  const outbox = createOutbox({ keptMs: 86_400_000 });
  await write("a");
  await outbox.flush();
  channel.isOpen = false;
  await write("b");
  clock.advance(86_400_000);
  await outbox.flush();
  expect(await txIds()).toHaveLength(2);
  clock.advance(3_600_000);
  await outbox.flush();
  expect(await txIds()).toEqual([null]);
});
