import { hash } from "node:crypto";
import type { AuditEvent } from "../audit/audit-entry.ts";
import { addressGroupOf } from "./address-group.ts";

/** How a caller tried to be recognised. */
export type CredentialScheme = "password" | "access-key" | "api-key" | "oauth-client" | "signature" | "token";

interface Count {
  readonly scheme: CredentialScheme;
  readonly code: string;
  count: number;
  readonly names: Set<string>;
  readonly addresses: Set<string>;
}

/** Distinct names and addresses that are told apart; beyond it a count is a lower bound. */
const DISTINCT_MAX = 4_096;

/**
 * Refusals of callers that were not recognised, by scheme and code: how many, of how many names, from how many addresses. Nothing that a
 * caller sent is kept or written down.
 */
export class RefusalCounts {
  readonly #counts = new Map<string, Count>();

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  add(scheme: CredentialScheme, code: string, name: string, address: string | undefined): void {
    const key = `${scheme} ${code}`;
    let entry = this.#counts.get(key);
    if (entry === undefined) {
      entry = { scheme, code, count: 0, names: new Set(), addresses: new Set() };
      this.#counts.set(key, entry);
    }
    entry.count++;
    addBounded(entry.names, name);
    addBounded(entry.addresses, addressGroupOf(address));
  }

  /** One event for each kind, and counts from zero again. */
  take(period: { readonly fromMs: number; readonly toMs: number }): readonly AuditEvent[] {
    const events = [...this.#counts.values()].map(
      ({ scheme, code, count, names, addresses }): AuditEvent => ({
        action: "iam:session:create",
        resource: { kind: "credential", id: scheme },
        outcome: "refused",
        occurrences: count,
        detail: {
          code,
          ...period,
          names: names.size,
          addresses: addresses.size,
          ...(names.size === DISTINCT_MAX || addresses.size === DISTINCT_MAX ? { atLeast: true } : {}),
        },
      }),
    );
    this.#counts.clear();
    return events;
  }
}

function addBounded(set: Set<string>, text: string): void {
  if (set.size < DISTINCT_MAX) set.add(hash("sha256", text, "base64").slice(0, 16));
}
