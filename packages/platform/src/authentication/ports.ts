import type { AccessKey, Caller, CredentialKind, Principal, Scope } from "../ports.ts";

/** From where a call comes; the address is that of the connection's other end. */
export interface CallOrigin {
  readonly sourceAddress: string | undefined;
  readonly requestId: string;
}

/** Kinds of bearer tokens, told apart by the dialect that issues them: a token of one kind never passes for another. */
export type TokenKind = "iam" | "bif" | "oauth" | "iserver-session" | "iserver-token" | "console";

export interface NewToken {
  readonly kind: TokenKind;
  readonly principal: Principal;
  readonly scope: Scope;
  readonly lifetimeMs: number;
  /** Its text, when the dialect makes it itself (a JWT); a random one when left out. */
  readonly text?: string;
  /** What must be shown beside it, compared by the dialect. Plain JSON. */
  readonly binding?: object;
  /** What the dialect remembers. Plain JSON, no secret. */
  readonly detail?: object;
  /** Who signed in and from where, for the audit entry; give the caller where there is one. */
  readonly caller?: Caller;
  readonly origin?: CallOrigin;
}

export interface Token {
  readonly kind: TokenKind;
  /** SHA-256 of its text, hex: names it in audit entries and sessions. */
  readonly tokenHash: string;
  readonly principal: Principal;
  readonly scope: Scope;
  readonly binding: Readonly<Record<string, unknown>> | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly issuedMs: number;
  readonly expiresMs: number;
}

/**
 * Sessions and tokens of all dialects. They survive a restart and are shared by the servers of one control store; a revoked one, and
 * every one of a principal that was disabled, is refused within a second everywhere.
 */
export interface Tokens {
  /** On disk before it is answered. */
  issue(token: NewToken): Promise<{ readonly text: string; readonly token: Token }>;
  /** Undefined when unknown, of another kind, expired, revoked, or its principal or tenant is disabled. */
  find(kind: TokenKind, text: string): Promise<Token | undefined>;
  /**
   * @param by who asked for it; named in the audit entry of the revocation
   * @returns false when there was none
   */
  revoke(tokenHash: string, by?: Caller): Promise<boolean>;
  /** @param except a token to keep, for instance the one that the call itself came with */
  revokeAllOf(uid: string, except?: string): Promise<number>;
  /** Whatever its kind. */
  byHash(tokenHash: string): Promise<Token | undefined>;
  /** Those that have not expired, newest first. */
  listOf(uid: string): Promise<readonly Token[]>;
}

/** A user as a caller names it. */
export type UserName =
  | { readonly tenantName: string; readonly userName: string }
  /** For dialects in which something else, a client for instance, says which tenant is meant. */
  | { readonly tenantId: string; readonly userName: string }
  | { readonly userId: string }
  /** In the tenant that the installation began with: for dialects that know no tenants. */
  | { readonly userName: string };

/**
 * Tries of signatures, for a dialect that checks them itself because each microsecond counts. Nothing here touches the disk or waits;
 * refusals are counted for the audit trail.
 */
export interface SignatureTries {
  /** How long a try of this id from this address has to wait; 0: it may be looked at. */
  waitMs(accessKeyId: string, sourceAddress: string | undefined): number;
  /** An unknown id or a wrong signature: slows further tries. */
  failed(accessKeyId: string, sourceAddress: string | undefined): void;
  /** Counts a refusal, whatever its reason, for the audit trail. */
  refused(accessKeyId: string, sourceAddress: string | undefined, code: string): void;
  succeeded(accessKeyId: string, sourceAddress: string | undefined): void;
  /** Whether the key's principal may call at all. */
  isEnabled(principal: Principal): boolean;
}

/**
 * Recognises callers by what they show. All refusals for wrong credentials are alike for what is unknown and what is wrong, take about the
 * same time, and slow down further tries of the same name from the same address: never those from elsewhere.
 *
 * Every method throws PlatformError CREDENTIALS_WRONG, CREDENTIALS_SLOWED (facts.retryAfterMs) or PRINCIPAL_DISABLED.
 */
export interface Authentication {
  byPassword(user: UserName, password: string, origin: CallOrigin): Promise<Caller>;
  /** An id and its secret shown as they are, for instance by HTTP Basic. */
  byAccessKey(accessKeyId: string, secret: string, origin: CallOrigin): Promise<Caller>;
  byApiKey(apiKey: string, secret: string, origin: CallOrigin): Promise<Caller>;
  byOAuthClient(
    clientId: string,
    secret: string,
    origin: CallOrigin,
  ): Promise<{ readonly caller: Caller; readonly grantTypes: readonly string[]; readonly scopes: readonly string[] }>;
  /** A bearer token; further conditions of its binding are the dialect's to check. */
  byToken(
    kind: TokenKind,
    text: string,
    origin: CallOrigin,
  ): Promise<{ readonly caller: Caller; readonly token: Token }>;
  /**
   * For signatures, which the dialect verifies itself: `verify` is asked with the key, and may run although the outcome is settled.
   * The id's tries are slowed like passwords.
   */
  bySignature(accessKeyId: string, verify: (accessKey: AccessKey) => boolean, origin: CallOrigin): Promise<Caller>;
  /** A caller made from what was recognised already. */
  callerOf(
    principal: Principal,
    credential: { kind: CredentialKind; id: string },
    scope: Scope,
    origin: CallOrigin,
  ): Caller;
  /** As {@link Authentication.callerOf}, for a credential that reaches its principal's whole tenant: every secret of its own does. */
  wholeCallerOf(
    principal: Principal,
    credential: { readonly kind: CredentialKind; readonly id: string },
    origin: CallOrigin,
  ): Caller;
  readonly signatures: SignatureTries;
  /**
   * Notes that a recognised caller was refused something, for the audit trail: the first of its kind in a minute at once, the others
   * counted.
   */
  noteRefusal(caller: Caller, refusal: { readonly action: string; readonly code: string }): void;
  /** Writes the refusals counted so far into the audit trail, as happens each minute by itself. */
  flushRefusals(): Promise<void>;
}
