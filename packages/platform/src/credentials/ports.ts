import type { TokenKind } from "../authentication/ports.ts";
import type { Caller, Scope } from "../ports.ts";

/** Everything that principals show to be recognised. Secrets are answered once, when they are made, and can never be read again. */
export interface Credentials {
  readonly passwords: Passwords;
  readonly accessKeys: AccessKeys;
  readonly apiKeys: ApiKeys;
  readonly oauthClients: OAuthClients;
  readonly sessions: Sessions;
}

export interface Passwords {
  /**
   * Sets a user's password and ends all its sessions but the caller's own. Users change their own password by showing the one they have;
   * administrators set another's without.
   * @param input.password a random one is made when it is left out
   * @returns the password that was made, if one was
   * @throws PlatformError ACCESS_DENIED, USER_UNKNOWN, PASSWORD_INVALID; CREDENTIALS_WRONG, CREDENTIALS_SLOWED for the old one
   */
  set(
    caller: Caller,
    input: { readonly uid: string; readonly password?: string; readonly oldPassword?: string },
  ): Promise<{ readonly password?: string }>;
}

export interface AccessKeySummary {
  readonly accessKeyId: string;
  readonly uid: string;
  readonly active: boolean;
  readonly createdMs: number;
}

export interface AccessKeys {
  /** @throws PlatformError ACCESS_DENIED, USER_UNKNOWN, KEY_LIMIT_REACHED: a user has two at most */
  create(
    caller: Caller,
    input: { readonly uid: string },
  ): Promise<{ readonly accessKey: AccessKeySummary; readonly secret: string }>;
  /** Oldest first. @throws PlatformError ACCESS_DENIED, USER_UNKNOWN */
  list(caller: Caller, uid: string): readonly AccessKeySummary[];
  /** @throws PlatformError ACCESS_DENIED, ACCESS_KEY_UNKNOWN */
  setActive(caller: Caller, input: { readonly accessKeyId: string; readonly active: boolean }): Promise<void>;
  /** @throws PlatformError ACCESS_DENIED, ACCESS_KEY_UNKNOWN; RESOURCE_IN_USE for the installation's first key */
  delete(caller: Caller, accessKeyId: string): Promise<void>;
}

export interface ApiKeySummary {
  /** 16 letters and digits. */
  readonly apiKey: string;
  readonly uid: string;
  readonly active: boolean;
  readonly createdMs: number;
}

export interface ApiKeys {
  /** @throws PlatformError ACCESS_DENIED, USER_UNKNOWN, KEY_LIMIT_REACHED */
  create(
    caller: Caller,
    input: { readonly uid: string },
  ): Promise<{ readonly apiKey: ApiKeySummary; readonly secret: string }>;
  /** Oldest first. @throws PlatformError ACCESS_DENIED, USER_UNKNOWN */
  list(caller: Caller, uid: string): readonly ApiKeySummary[];
  /** @throws PlatformError ACCESS_DENIED, CREDENTIAL_UNKNOWN */
  setActive(caller: Caller, input: { readonly apiKey: string; readonly active: boolean }): Promise<void>;
  /** @throws PlatformError ACCESS_DENIED, CREDENTIAL_UNKNOWN */
  delete(caller: Caller, apiKey: string): Promise<void>;
}

export type OAuthGrantType = "client_credentials" | "password";

export interface OAuthClientSummary {
  /** 32 lower-case hex digits. */
  readonly clientId: string;
  /** Whom the client acts as with its own credentials. */
  readonly uid: string;
  readonly name: string;
  readonly grantTypes: readonly OAuthGrantType[];
  readonly scopes: readonly string[];
  readonly active: boolean;
  readonly createdMs: number;
}

export interface NewOAuthClient {
  readonly uid: string;
  /** 1 to 64 printable characters. */
  readonly name: string;
  /** At least one. */
  readonly grantTypes: readonly OAuthGrantType[];
  /** What tokens may be asked for; at most 20, each 1 to 128 visible ASCII characters without quotes and backslashes. */
  readonly scopes: readonly string[];
}

export interface OAuthClients {
  /** @throws PlatformError ACCESS_DENIED, USER_UNKNOWN, CREDENTIAL_INVALID, KEY_LIMIT_REACHED */
  create(
    caller: Caller,
    input: NewOAuthClient,
  ): Promise<{ readonly client: OAuthClientSummary; readonly secret: string }>;
  /** Oldest first. @throws PlatformError ACCESS_DENIED, USER_UNKNOWN */
  list(caller: Caller, uid: string): readonly OAuthClientSummary[];
  /** @throws PlatformError ACCESS_DENIED, CREDENTIAL_UNKNOWN */
  setActive(caller: Caller, input: { readonly clientId: string; readonly active: boolean }): Promise<void>;
  /** @throws PlatformError ACCESS_DENIED, CREDENTIAL_UNKNOWN */
  delete(caller: Caller, clientId: string): Promise<void>;
}

export interface SessionSummary {
  /** SHA-256 of the token, hex. */
  readonly sessionId: string;
  readonly kind: TokenKind;
  readonly uid: string;
  readonly scope: Scope;
  readonly issuedMs: number;
  readonly expiresMs: number;
}

/** Sessions and tokens of every dialect. */
export interface Sessions {
  /** Newest first. @throws PlatformError ACCESS_DENIED, USER_UNKNOWN */
  list(caller: Caller, uid: string): Promise<readonly SessionSummary[]>;
  /** @throws PlatformError ACCESS_DENIED, CREDENTIAL_UNKNOWN */
  revoke(caller: Caller, sessionId: string): Promise<void>;
}
