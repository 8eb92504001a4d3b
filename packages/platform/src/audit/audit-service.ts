import { isConcordatError } from "@concordat/base";
import type { Receipt } from "@concordat/ledger";
import type { Authorizer } from "../access/authorizer.ts";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { platformLimits } from "../limits.ts";
import type { Caller } from "../ports.ts";
import type { AuditChannel } from "./audit-channel.ts";
import type { AuditStore } from "./audit-store.ts";
import { rowToEntry, textToEntry } from "./audit-text.ts";
import type { AuditEntry, AuditFilter, AuditTrail } from "./ports.ts";

export interface AuditDependencies {
  readonly store: AuditStore;
  readonly channel: Pick<AuditChannel, "find" | "get" | "receipt">;
  readonly authorizer: Pick<Authorizer, "allows" | "require">;
}

export class AuditService implements AuditTrail {
  readonly #dependencies: AuditDependencies;

  constructor(dependencies: AuditDependencies) {
    this.#dependencies = dependencies;
  }

  async list(caller: Caller, filter: AuditFilter) {
    const { limit } = filter;
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > platformLimits.auditPageSizeMax) {
      throw new PlatformError("PAGE_INVALID");
    }
    const { store, authorizer } = this.#dependencies;
    const action = "platform:audit:list";
    const seesAll = authorizer.allows(caller, action, { kind: "audit", tenantId: null });
    const tenantId = filter.tenantId ?? (seesAll ? undefined : caller.tenantId);
    if (tenantId !== undefined) authorizer.require(caller, action, { kind: "audit", tenantId });
    // One more than asked for tells whether there is a next page.
    const { tenantId: _, ...rest } = filter;
    const rows = await store.list({ ...rest, ...(tenantId === undefined ? {} : { tenantId }), limit: limit + 1 });
    const items = rows.slice(0, limit).map(rowToEntry);
    return { items, next: rows.length > limit ? items.at(-1)?.entryId : undefined };
  }

  async get(caller: Caller, entryId: string): Promise<AuditEntry> {
    const entry = await this.#find(entryId);
    if (entry === undefined) throw unknown(entryId);
    const resource = { kind: "audit", id: entryId, tenantId: entry.tenantId };
    if (this.#dependencies.authorizer.allows(caller, "platform:audit:get", resource)) return entry;
    throw entry.tenantId === caller.tenantId ? new PlatformError("ACCESS_DENIED") : unknown(entryId);
  }

  async receipt(caller: Caller, entryId: string, options: { readonly withEnvelope: boolean }): Promise<Receipt> {
    const { txId } = await this.get(caller, entryId);
    if (txId === null) throw new PlatformError("AUDIT_ENTRY_PENDING", undefined, { facts: { entryId } });
    return onLedger(() => this.#dependencies.channel.receipt(txId, options));
  }

  /** In the control store, or on the ledger when it was removed from there. */
  async #find(entryId: string): Promise<AuditEntry | undefined> {
    const { store, channel } = this.#dependencies;
    if (!/^[0-9a-f]{32}$/.test(entryId)) return undefined;
    const row = await store.find(entryId);
    if (row !== undefined) return rowToEntry(row);
    try {
      const [txId = null] = await channel.find([entryId]);
      return txId === null ? undefined : textToEntry(await channel.get(entryId), txId);
    } catch (error) {
      // Before the first entry there is no channel.
      if (isConcordatError(error, "CHANNEL_UNKNOWN")) return undefined;
      return onLedger(() => Promise.reject(error));
    }
  }
}

function unknown(entryId: string): PlatformError {
  return new PlatformError("AUDIT_ENTRY_UNKNOWN", undefined, { facts: { entryId } });
}
