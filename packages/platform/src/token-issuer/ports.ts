import type { Caller } from "../ports.ts";

/** What a key signs: OAuth access tokens (RS256, with a key id and a public half) or BIF access tokens (HS256, without). */
export type SigningPurpose = "oauth" | "bif";

/** The payload of a token, in the order in which its members are written. Times are in seconds. */
export type TokenClaims = Readonly<Record<string, unknown>>;

/**
 * How long tokens live at most. A key that was replaced verifies for so long and no longer.
 * @source BIF open API document, access token: 2 hours
 */
export const tokenLifetimesMs: Readonly<Record<SigningPurpose, number>> = { oauth: 3_600_000, bif: 7_200_000 };

export interface SigningKey {
  readonly keyId: string;
  readonly purpose: SigningPurpose;
  readonly createdMs: number;
  /** Since then it only verifies; null for the key that signs. */
  readonly retiredMs: number | null;
}

/** RFC 7517; never a private part. */
export type PublicJwk = Readonly<Record<string, unknown>>;

/**
 * Signs and reads the JSON Web Tokens of this installation. Keys are made at their first use, and sealed at rest. A signature says that
 * a token was issued here; whether it still counts, the record of tokens says (see Tokens).
 */
export interface TokenIssuer {
  /** The `iss` of OAuth tokens: a URN of the installation, the same on every server and behind every address. */
  readonly issuer: string;
  /** @param claims with an `exp` within the purpose's lifetime */
  sign(purpose: SigningPurpose, claims: TokenClaims): Promise<string>;
  /** Undefined for a text that no key of ours for this purpose signed, or that has expired. */
  verify(purpose: SigningPurpose, text: string): Promise<TokenClaims | undefined>;
  /** The public keys that verify OAuth tokens: the present one first, then those replaced whose tokens may still live. */
  publicKeys(): Promise<readonly PublicJwk[]>;
  /** Installation administrators only. */
  keys(caller: Caller): readonly SigningKey[];
  /** Installation administrators only. From now on another key signs; tokens of the one before are good until they expire. */
  rotate(caller: Caller, purpose: SigningPurpose): Promise<SigningKey>;
  /** Tokens of a client that was disabled or removed do not count any more. From memory. */
  isApiKeyActive(apiKey: string): boolean;
  isOAuthClientActive(clientId: string): boolean;
}
