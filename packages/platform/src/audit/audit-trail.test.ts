import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@concordat/base";
import { auditEntryToText } from "@concordat/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Caller, Principal } from "../ports.ts";
import { codeOf } from "../testing/harness.ts";
import { openOverEngine } from "../testing/real-engine.ts";
import { AuditChannel } from "./audit-channel.ts";
import { AuditOutbox, defaultAuditOptions } from "./audit-outbox.ts";
import { AuditStore } from "./audit-store.ts";

/* The whole way: from a change in the directory to a receipt of the ledger. */

type Engine = Awaited<ReturnType<typeof openOverEngine>>;

let folder: string;
let engine: Engine;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "concordat-audit-"));
  await open();
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** Nothing is appended but by flush. */
async function open(): Promise<void> {
  engine = await openOverEngine(folder, systemClock, { audit: { delayMs: 1e9, pollMs: 1e9 } });
}

function callerOf(principal: Principal, requestId = "request-1"): Caller {
  const tenantId = engine.platform.provisioning.directory.tenantIdOf(principal);
  const credential = { kind: "access-key", id: "LTAItest" } as const;
  return {
    principal,
    tenantId,
    scope: { kind: "tenant", tenantId },
    credential,
    sourceAddress: "192.0.2.7",
    requestId,
  };
}

const administrator = () => callerOf(engine.boot.accessKey.principal);
const flush = () => engine.platform.provisioning.auditOutbox.flush();
const list = (caller: Caller, filter = {}) => engine.platform.audit.list(caller, { limit: 100, ...filter });

/** Blocks of the audit channel that hold the entry. */
async function blocksWith(entryId: string): Promise<number[]> {
  const { height } = await engine.ledger.status("audit");
  const blocks: number[] = [];
  for (let block = 0; block < height; block++) {
    if (Buffer.from(await engine.ledger.blockBytes("audit", block)).includes(entryId)) blocks.push(block);
  }
  return blocks;
}

it("a change becomes an entry, a transaction and a receipt, and stays one over restarts", async () => {
  const caller = administrator();
  await engine.platform.accounts.createAccount(caller, { name: "carrier" });
  const [entry] = (await list(caller, { requestId: "request-1" })).items;
  if (entry === undefined) throw new Error("no entry");
  expect(entry).toMatchObject({ uid: caller.principal.uid, sourceAddress: "192.0.2.7", outcome: "done" });
  expect(await codeOf(engine.platform.audit.receipt(caller, entry.entryId, { withEnvelope: false }))).toBe(
    "AUDIT_ENTRY_PENDING",
  );
  await flush();
  const appended = await engine.platform.audit.get(caller, entry.entryId);
  expect(appended).toEqual({ ...entry, txId: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const receipt = await engine.platform.audit.receipt(caller, entry.entryId, { withEnvelope: true });
  expect(receipt).toMatchObject({ leaf: { txId: appended.txId, validationCode: 0 } });
  expect(receipt.origin).toBe(`concordat/${engine.platform.installationId}/audit`);
  // The text whose hash the entry tells stands in the envelope.
  const { credential, resource, digest: _, txId: __, ...rest } = appended;
  const text = auditEntryToText({
    ...rest,
    credentialId: credential?.id ?? null,
    credentialKind: credential?.kind ?? null,
    resourceId: resource.id,
    resourceKind: resource.kind,
  });
  expect(Buffer.from(receipt.envelope ?? "", "base64").includes(Buffer.from(text))).toBe(true);

  const before = await engine.platform.receipts.channelStatus(caller.principal, "audit");
  await engine.close();
  await open();
  await flush();
  expect(await engine.platform.audit.get(administrator(), entry.entryId)).toEqual(appended);
  const after = await engine.platform.receipts.channelStatus(administrator().principal, "audit");
  expect(after.height).toBe(before.height);
});

/** The same object, one of whose methods never answers: cut off before it does anything, or after it did. */
function cutOff<Part extends object>(part: Part, method: string, moment: "before" | "after", onCut: () => void): Part {
  return new Proxy(part, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return async (...given: unknown[]) => {
        if (name !== method) return member.apply(target, given);
        if (moment === "after") await member.apply(target, given);
        onCut();
        return new Promise(() => {});
      };
    },
  });
}

describe("a crash of the outbox", () => {
  const moments = ["pending", "open", "find", "append", "mark"].flatMap((point) => [
    [point, "before"] as const,
    [point, "after"] as const,
  ]);

  it("wherever it happens leaves each entry on the ledger exactly once", async () => {
    for (const [point, moment] of moments) {
      await engine.platform.accounts.createAccount(administrator(), { name: `${point}-${moment}` });
      await new Promise<void>((resolve) => {
        const { ledger, store, platform } = engine;
        const { directory } = platform.provisioning;
        const channel = new AuditChannel({ ledger, directory, steps: { createOwnChannel: async () => {} } });
        const parts = {
          store: cutOff(new AuditStore(store.database), point, moment, resolve),
          channel: cutOff(channel, point, moment, resolve),
        };
        void new AuditOutbox(defaultAuditOptions, { ...parts, clock: systemClock, log: silentLogger }).flush();
      });
      await engine.crash();
      await open();
      await flush();
      const { items } = await list(administrator());
      expect(items.filter(({ txId }) => txId === null)).toEqual([]);
      for (const { entryId, txId } of items) {
        const block = (await engine.ledger.transaction("audit", txId ?? "")).block.number;
        expect(await blocksWith(entryId), `${point} ${moment}`).toEqual([block]);
      }
    }
  });

  it("of an installation that appended nothing yet loses nothing", async () => {
    await engine.crash();
    await open();
    await flush();
    const { items } = await list(administrator());
    expect(items.length).toBeGreaterThan(0);
    expect(items.filter(({ txId }) => txId === null)).toEqual([]);
  });
});

it("answers from the ledger what the control store has forgotten", async () => {
  const caller = administrator();
  await engine.platform.accounts.createAccount(caller, { name: "carrier" });
  await flush();
  const { items } = await list(caller);
  await engine.close();
  engine = await openOverEngine(folder, systemClock, { audit: { delayMs: 1e9, pollMs: 1e9, keptMs: -1_000 } });
  await flush();
  expect((await list(administrator())).items).toEqual([]);
  for (const entry of items) {
    expect(await engine.platform.audit.get(administrator(), entry.entryId)).toEqual(entry);
    const receipt = await engine.platform.audit.receipt(administrator(), entry.entryId, { withEnvelope: false });
    expect(receipt.leaf.txId).toBe(entry.txId);
  }
});

it("lists by every filter, newest first, in pages that later entries do not shift", async () => {
  const caller = administrator();
  for (const name of ["one", "two", "three"]) {
    await engine.platform.accounts.createAccount({ ...caller, requestId: name }, { name });
  }
  const all = (await list(caller)).items;
  expect(all.map(({ entryId }) => entryId)).toEqual(
    all
      .map(({ entryId }) => entryId)
      .sort()
      .reverse(),
  );
  const pages: string[] = [];
  let after: string | undefined;
  do {
    const page = await list(caller, { limit: 2, ...(after === undefined ? {} : { after }) });
    pages.push(...page.items.map(({ entryId }) => entryId));
    after = page.next;
    await engine.platform.accounts.createAccount(caller, { name: `late-${pages.length}` });
  } while (after !== undefined);
  expect(pages).toEqual(all.map(({ entryId }) => entryId));
  const [entry] = (await list(caller, { requestId: "two" })).items;
  if (entry === undefined) throw new Error("no entry");
  const only = async (filter: object) => (await list(caller, { requestId: "two", ...filter })).items.length;
  const { timeMs, action, resource, uid, tenantId } = entry;
  expect(await only({ fromMs: timeMs, toMs: timeMs, uid, tenantId, outcome: "done" })).toBeGreaterThan(0);
  expect(await only({ actionPrefix: action, resourceKind: resource.kind, resourceId: resource.id })).toBeGreaterThan(0);
  expect(await only({ actionPrefix: `${action}x` })).toBe(0);
  expect(await only({ actionPrefix: action.toUpperCase() })).toBe(0);
  for (const none of [{ fromMs: timeMs + 60_000 }, { toMs: timeMs - 60_000 }, { uid: "x" }, { outcome: "failed" }]) {
    expect(await only(none)).toBe(0);
  }
  for (const none of [{ resourceKind: "x" }, { resourceId: "x" }, { requestId: "x" }, { tenantId: "x" }]) {
    expect(await only(none)).toBe(0);
  }
  for (const limit of [0, 101, 1.5]) expect(await codeOf(list(caller, { limit }))).toBe("PAGE_INVALID");
});

describe("who may see what", () => {
  it("shows tenants their own entries, installation administrators all", async () => {
    const caller = administrator();
    const { principal } = await engine.platform.accounts.createAccount(caller, { name: "carrier" });
    const tenant = callerOf(principal, "request-2");
    await engine.platform.accounts.createRamUser(tenant, { accountUid: principal.uid, name: "sensor" });
    await flush();
    const own = (await list(tenant)).items;
    expect(own.length).toBeGreaterThan(0);
    expect(new Set(own.map(({ tenantId }) => tenantId))).toEqual(new Set([tenant.tenantId]));
    const all = (await list(caller)).items;
    expect(all.length).toBeGreaterThan(own.length);
    const foreign = all.find(({ tenantId }) => tenantId !== tenant.tenantId)?.entryId ?? "";
    expect(await codeOf(engine.platform.audit.get(tenant, foreign))).toBe("AUDIT_ENTRY_UNKNOWN");
    expect(await codeOf(engine.platform.audit.receipt(tenant, foreign, { withEnvelope: true }))).toBe(
      "AUDIT_ENTRY_UNKNOWN",
    );
    expect(await codeOf(list(tenant, { tenantId: caller.tenantId }))).toBe("ACCESS_DENIED");
    expect(await codeOf(engine.platform.audit.get(caller, "0".repeat(32)))).toBe("AUDIT_ENTRY_UNKNOWN");
    const [mine] = own;
    expect(await engine.platform.audit.get(tenant, mine?.entryId ?? "")).toEqual(mine);
    expect((await engine.platform.receipts.trustBundle(principal)).channels.map(({ origin }) => origin)).toContain(
      `concordat/${engine.platform.installationId}/audit`,
    );
    expect(await codeOf(engine.platform.receipts.channelStatus(principal, "audit"))).toBe("CHANNEL_UNKNOWN");
  });
});
