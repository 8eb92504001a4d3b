import { hash } from "node:crypto";
import type { Clock, RandomSource } from "@concordat/base";
import { auditEntry } from "../audit/audit-entry.ts";
import type { NewToken, Token, TokenKind, Tokens } from "../authentication/ports.ts";
import type { ControlDatabase } from "../control-store/schema.ts";
import type { Directory } from "../directory/directory.ts";
import { isEnabled } from "../directory/enabled.ts";
import type { Caller, Scope } from "../ports.ts";
import { credentialKindOf } from "./credential-kind.ts";
import { TokenCache } from "./token-cache.ts";
import { type StoredToken, TokenStore } from "./token-store.ts";

export interface TokenOptions {
  /** How long a token that was read is believed without another look; at most a second. */
  readonly freshMs?: number;
  /** Tokens kept in memory. */
  readonly entriesMax?: number;
}

export interface TokensDependencies {
  readonly directory: Directory;
  readonly database: ControlDatabase;
  readonly clock: Clock;
  readonly random: RandomSource;
}

const TEXT_BYTES = 32;
const PRUNE_EVERY_MS = 600_000;

/**
 * Sessions and tokens of all dialects, kept as hashes in the control store.
 *
 * Invariants: a token is on disk with the audit entry of its sign-in before its text is answered. Principal and scope come from the
 * directory at every look, so a disabled user's tokens fail at once.
 */
export class TokensService implements Tokens {
  readonly #dependencies: TokensDependencies;
  readonly #store: TokenStore;
  readonly #cache: TokenCache;
  #pruneAtMs = 0;

  constructor(options: TokenOptions, dependencies: TokensDependencies) {
    this.#dependencies = dependencies;
    this.#store = new TokenStore(dependencies.database);
    this.#cache = new TokenCache({
      freshMs: Math.min(options.freshMs ?? 1_000, 1_000),
      entriesMax: options.entriesMax ?? 20_000,
    });
  }

  async issue(token: NewToken): Promise<{ readonly text: string; readonly token: Token }> {
    const { clock, random } = this.#dependencies;
    const issuedMs = clock.nowMs();
    await this.#prune(issuedMs);
    const text = token.text ?? Buffer.from(random.bytes(TEXT_BYTES)).toString("base64url");
    const stored: StoredToken = {
      tokenHash: tokenHashOf(text),
      kind: token.kind,
      uid: token.principal.uid,
      scope: JSON.stringify(token.scope),
      binding: token.binding === undefined ? null : JSON.stringify(token.binding),
      detail: JSON.stringify(token.detail ?? {}),
      issuedMs,
      expiresMs: issuedMs + token.lifetimeMs,
    };
    await this.#store.put(stored, this.#signIn(token, stored));
    this.#cache.remove(stored.tokenHash);
    return { text, token: { ...readToken(stored), principal: token.principal } };
  }

  async find(kind: TokenKind, text: string): Promise<Token | undefined> {
    const { directory, clock } = this.#dependencies;
    const nowMs = clock.nowMs();
    const stored = await this.#read(tokenHashOf(text), nowMs);
    if (stored === undefined || stored.kind !== kind || stored.expiresMs <= nowMs) return undefined;
    const principal = directory.principal(stored.uid);
    if (principal === undefined || !isEnabled(principal, directory)) return undefined;
    return { ...readToken(stored), principal };
  }

  async revoke(tokenHash: string, by?: Caller): Promise<boolean> {
    const event = { action: "iam:session:delete", resource: { kind: "session", id: tokenHash } };
    const audit = by && auditEntry(by, event, this.#dependencies);
    const wasThere = await this.#store.remove(tokenHash, audit);
    this.#cache.remove(tokenHash);
    return wasThere;
  }

  async revokeAllOf(uid: string, except?: string): Promise<number> {
    const count = await this.#store.removeAllOf(uid, except);
    this.#cache.clear();
    return count;
  }

  async byHash(tokenHash: string): Promise<Token | undefined> {
    const stored = await this.#store.find(tokenHash);
    const principal = stored && this.#dependencies.directory.principal(stored.uid);
    if (stored === undefined || principal === undefined) return undefined;
    return stored.expiresMs <= this.#dependencies.clock.nowMs() ? undefined : { ...readToken(stored), principal };
  }

  async listOf(uid: string): Promise<readonly Token[]> {
    const principal = this.#dependencies.directory.principal(uid);
    if (principal === undefined) return [];
    const stored = await this.#store.listOf(uid, this.#dependencies.clock.nowMs());
    return stored.map((each) => ({ ...readToken(each), principal }));
  }

  async #read(tokenHash: string, nowMs: number): Promise<StoredToken | undefined> {
    const known = this.#cache.find(tokenHash, nowMs);
    if (known !== undefined) return known;
    const { removals } = this.#cache;
    const found = await this.#store.find(tokenHash);
    if (found !== undefined) this.#cache.add(found, nowMs, removals);
    return found;
  }

  #signIn({ principal, scope, kind, lifetimeMs, caller, origin }: NewToken, { tokenHash }: StoredToken) {
    const credential = { kind: credentialKindOf(kind), id: tokenHash };
    const tenantId = this.#dependencies.directory.tenantIdOf(principal);
    const { sourceAddress, requestId = "" } = caller ?? origin ?? { sourceAddress: undefined };
    return auditEntry(
      caller ?? { principal, tenantId, scope, credential, sourceAddress, requestId },
      {
        action: "iam:session:create",
        resource: { kind: "session", id: tokenHash },
        detail: { uid: principal.uid, kind, scope, lifetimeMs },
      },
      this.#dependencies,
    );
  }

  async #prune(nowMs: number): Promise<void> {
    if (nowMs < this.#pruneAtMs) return;
    this.#pruneAtMs = nowMs + PRUNE_EVERY_MS;
    await this.#store.prune(nowMs);
  }
}

/** SHA-256 of a token's text, hex. Texts have at least 128 bits of chance, so a plain hash keeps them. */
export function tokenHashOf(text: string): string {
  return hash("sha256", text, "hex");
}

function readToken(stored: StoredToken): Omit<Token, "principal"> {
  const { tokenHash, kind, issuedMs, expiresMs } = stored;
  return {
    kind,
    tokenHash,
    // Written by `issue` from values of these types.
    scope: JSON.parse(stored.scope) as Scope,
    binding: stored.binding === null ? undefined : (JSON.parse(stored.binding) as Record<string, unknown>),
    detail: JSON.parse(stored.detail) as Record<string, unknown>,
    issuedMs,
    expiresMs,
  };
}
