import { type Clock, InvariantError, type RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { Authorizer } from "../access/authorizer.ts";
import type { SigningKeyRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import type { Caller } from "../ports.ts";
import { type OpenKey, SigningKeyStore } from "./key-store.ts";
import {
  type PublicJwk,
  type SigningKey,
  type SigningPurpose,
  type TokenClaims,
  type TokenIssuer,
  tokenLifetimesMs,
} from "./ports.ts";

export interface TokenIssuerDependencies {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Loaded at the first token: a server that issues none starts without it. */
type Jose = typeof import("jose");
let library: Promise<Jose> | undefined;

const algorithms: Readonly<Record<SigningPurpose, string>> = { oauth: "RS256", bif: "HS256" };
/** Tokens of ours are a tenth of it; what is longer is not looked at. */
const TEXT_LENGTH_MAX = 8_192;

export class TokenIssuerService implements TokenIssuer {
  readonly issuer: string;
  readonly #dependencies: TokenIssuerDependencies;
  readonly #keys: SigningKeyStore;

  constructor(options: { readonly installationId: string }, dependencies: TokenIssuerDependencies) {
    this.issuer = `urn:concordat:${options.installationId}`;
    this.#dependencies = dependencies;
    this.#keys = new SigningKeyStore(dependencies);
  }

  async sign(purpose: SigningPurpose, claims: TokenClaims): Promise<string> {
    this.#requireLifetime(purpose, claims);
    const { SignJWT } = await jose();
    const key = this.#keys.open(await this.#keys.current(purpose));
    // The order of a BIF token's header is the document's.
    const header =
      purpose === "oauth"
        ? { alg: algorithms.oauth, typ: "JWT", kid: key.keyId }
        : { typ: "JWT", alg: algorithms[purpose] };
    return new SignJWT({ ...claims }).setProtectedHeader(header).sign(key.signing);
  }

  async verify(purpose: SigningPurpose, text: string): Promise<TokenClaims | undefined> {
    if (text.length > TEXT_LENGTH_MAX) return undefined;
    const claims = await this.#verifyWithKnown(purpose, text);
    if (claims !== undefined || !(await this.#mayBeOfAnotherServer(purpose, text))) return claims;
    await this.#keys.lookForOthers();
    return this.#verifyWithKnown(purpose, text);
  }

  async publicKeys(): Promise<readonly PublicJwk[]> {
    await this.#keys.current("oauth");
    return this.#keys.verifying("oauth").flatMap(({ publicJwk }) => (publicJwk === null ? [] : [publicJwk]));
  }

  keys(caller: Caller): readonly SigningKey[] {
    this.#require(caller, "platform:signingKey:list");
    return this.#keys.all().map(toSigningKey);
  }

  async rotate(caller: Caller, purpose: SigningPurpose): Promise<SigningKey> {
    this.#require(caller, "platform:signingKey:rotate");
    return toSigningKey(await this.#keys.replace(caller, purpose));
  }

  isApiKeyActive(apiKey: string): boolean {
    return this.#dependencies.directory.row("apiKeys", apiKey)?.active === true;
  }

  isOAuthClientActive(clientId: string): boolean {
    return this.#dependencies.directory.row("oauthClients", clientId)?.active === true;
  }

  async #verifyWithKnown(purpose: SigningPurpose, text: string): Promise<TokenClaims | undefined> {
    for (const row of this.#keys.verifying(purpose)) {
      const claims = await this.#verifyWith(this.#keys.open(row), purpose, text);
      if (claims !== undefined) return claims;
    }
    return undefined;
  }

  async #verifyWith(key: OpenKey, purpose: SigningPurpose, text: string): Promise<TokenClaims | undefined> {
    const { jwtVerify, errors } = await jose();
    try {
      const { payload, protectedHeader } = await jwtVerify(text, key.verifying, {
        algorithms: [algorithms[purpose]],
        typ: "JWT",
        requiredClaims: ["exp"],
        currentDate: new Date(this.#dependencies.clock.nowMs()),
      });
      return purpose === "oauth" && protectedHeader.kid !== key.keyId ? undefined : payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  /** Whether the text has at least the form of a token for this purpose that none of the known keys signed. */
  async #mayBeOfAnotherServer(purpose: SigningPurpose, text: string): Promise<boolean> {
    const { decodeProtectedHeader, errors } = await jose();
    try {
      const { alg, kid } = decodeProtectedHeader(text);
      const isKnown = this.#keys.verifying(purpose).some(({ keyId }) => keyId === kid);
      return alg === algorithms[purpose] && !isKnown;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
      throw error;
    }
  }

  #requireLifetime(purpose: SigningPurpose, { exp }: TokenClaims): void {
    const leftMs = typeof exp === "number" ? exp * 1_000 - this.#dependencies.clock.nowMs() : Number.NaN;
    // A second more: `exp` counts whole seconds.
    if (!(leftMs > 0 && leftMs <= tokenLifetimesMs[purpose] + 1_000)) {
      throw new InvariantError("A token needs an expiry within the lifetime of its kind.");
    }
  }

  #require(caller: Caller, action: string): void {
    this.#dependencies.authorizer.require(caller, action, { kind: "signingKey", tenantId: null });
  }
}

function jose(): Promise<Jose> {
  library ??= import("jose");
  return library;
}

function toSigningKey({ keyId, purpose, createdMs, retiredMs }: SigningKeyRow): SigningKey {
  return { keyId, purpose, createdMs, retiredMs };
}
