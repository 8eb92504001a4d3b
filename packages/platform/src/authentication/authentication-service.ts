import type { Clock, ErrorFacts, Logger, RandomSource } from "@concordat/base";
import type { Directory } from "../directory/directory.ts";
import { isEnabled } from "../directory/enabled.ts";
import { PlatformError } from "../errors.ts";
import type { AccessKey, Caller, CredentialKind, Principal, Scope } from "../ports.ts";
import { credentialKindOf } from "../tokens/credential-kind.ts";
import type { PasswordCost } from "./password-hash.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { Authentication, CallOrigin, SignatureTries, TokenKind, Tokens, UserName } from "./ports.ts";
import type { CredentialScheme } from "./refusal-counts.ts";
import { RefusalTrail } from "./refusal-trail.ts";
import { isSecretOf, secretHashOf, UNMATCHED_SECRET_HASH } from "./secrets.ts";
import { Throttle, type ThrottleOptions } from "./throttle.ts";
import { UserLookup } from "./user-lookup.ts";

export interface AuthenticationOptions {
  readonly throttle?: Partial<ThrottleOptions>;
  /** Of new passwords; those set before keep theirs. */
  readonly passwordCost?: PasswordCost;
}

export interface AuthenticationDependencies {
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly passwords: PasswordHasher;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

/** What a try was made with; the name is as the caller gave it, or the user's id where that is known. */
interface Try {
  readonly scheme: CredentialScheme;
  readonly name: string;
  readonly origin: CallOrigin;
}

type RefusalCode = "CREDENTIALS_WRONG" | "CREDENTIALS_SLOWED";

/** Recognises callers. See {@link Authentication} for what its refusals promise. */
export class AuthenticationService implements Authentication {
  readonly #dependencies: AuthenticationDependencies;
  readonly #throttle: Throttle;
  readonly #trail: RefusalTrail;
  readonly #users: UserLookup;

  constructor(options: AuthenticationOptions, dependencies: AuthenticationDependencies) {
    this.#dependencies = dependencies;
    this.#throttle = new Throttle(options.throttle ?? {}, dependencies);
    this.#trail = new RefusalTrail(dependencies);
    this.#users = new UserLookup(dependencies);
  }

  async byPassword(user: UserName, password: string, origin: CallOrigin): Promise<Caller> {
    const attempt: Try = { scheme: "password", name: this.#users.find(user)?.uid ?? JSON.stringify(user), origin };
    this.#refuseSlowed(attempt);
    const { directory, passwords } = this.#dependencies;
    return passwords.inTurn(origin.sourceAddress, async (isPassword) => {
      // Tries that waited together are judged by what those before them have shown.
      this.#refuseSlowed(attempt);
      const principal = this.#users.find(user);
      const row = principal && directory.row("passwords", principal.uid);
      const isRight = await isPassword(row?.hash, password);
      if (principal === undefined || row === undefined || !isRight) throw this.#wrong(attempt);
      return this.#accept(attempt, principal, { kind: "password", id: principal.uid });
    });
  }

  async byAccessKey(accessKeyId: string, secret: string, origin: CallOrigin): Promise<Caller> {
    const expected = this.#dependencies.directory.accessKey(accessKeyId)?.secret;
    const secretHash = expected === undefined ? UNMATCHED_SECRET_HASH : secretHashOf(expected);
    const attempt: Try = { scheme: "access-key", name: accessKeyId, origin };
    return this.#byKey(attempt, () => isSecretOf(secretHash, secret));
  }

  async bySignature(
    accessKeyId: string,
    verify: (accessKey: AccessKey) => boolean,
    origin: CallOrigin,
  ): Promise<Caller> {
    return this.#byKey({ scheme: "signature", name: accessKeyId, origin }, verify);
  }

  #byKey(attempt: Try, verify: (accessKey: AccessKey) => boolean): Caller {
    this.#refuseSlowed(attempt);
    const { directory } = this.#dependencies;
    const known = directory.accessKey(attempt.name);
    // An unknown id takes the same work, so that time does not tell which ids exist.
    const isRight = verify(known ?? strangersKey);
    if (known === undefined || !isRight) throw this.#wrong(attempt);
    const credential = { kind: "access-key", id: known.accessKeyId } as const;
    if (!known.active) throw this.#refuseInactive(attempt, known.principal, credential);
    return this.#accept(attempt, known.principal, credential);
  }

  async byApiKey(apiKey: string, secret: string, origin: CallOrigin): Promise<Caller> {
    const row = this.#dependencies.directory.row("apiKeys", apiKey);
    return this.#bySecret({ scheme: "api-key", name: apiKey, origin }, row, secret);
  }

  async byOAuthClient(clientId: string, secret: string, origin: CallOrigin) {
    const row = this.#dependencies.directory.row("oauthClients", clientId);
    const caller = this.#bySecret({ scheme: "oauth-client", name: clientId, origin }, row, secret);
    return { caller, grantTypes: row?.grantTypes ?? [], scopes: row?.scopes ?? [] };
  }

  #bySecret(
    attempt: Try & { readonly scheme: "api-key" | "oauth-client" },
    row: { readonly uid: string; readonly secretHash: string; readonly active: boolean } | undefined,
    secret: string,
  ): Caller {
    this.#refuseSlowed(attempt);
    const isRight = isSecretOf(row?.secretHash ?? UNMATCHED_SECRET_HASH, secret);
    const principal = row && this.#dependencies.directory.principal(row.uid);
    if (row === undefined || principal === undefined || !isRight) throw this.#wrong(attempt);
    const credential = { kind: attempt.scheme, id: attempt.name };
    if (!row.active) throw this.#refuseInactive(attempt, principal, credential);
    return this.#accept(attempt, principal, credential);
  }

  async byToken(kind: TokenKind, text: string, origin: CallOrigin) {
    const token = await this.#dependencies.tokens.find(kind, text);
    // Nobody guesses 256 bits: such tries are counted, and nobody has to be slowed.
    if (token === undefined) throw this.#refuse({ scheme: "token", name: kind, origin }, "CREDENTIALS_WRONG");
    const credential = { kind: credentialKindOf(kind), id: token.tokenHash };
    return { caller: this.callerOf(token.principal, credential, token.scope, origin), token };
  }

  callerOf(
    principal: Principal,
    credential: { kind: CredentialKind; id: string },
    scope: Scope,
    { sourceAddress, requestId }: CallOrigin,
  ): Caller {
    const tenantId = this.#dependencies.directory.tenantIdOf(principal);
    return { principal, tenantId, scope, credential, sourceAddress, requestId };
  }

  wholeCallerOf(principal: Principal, credential: Caller["credential"], origin: CallOrigin): Caller {
    const tenantId = this.#dependencies.directory.tenantIdOf(principal);
    return this.callerOf(principal, credential, { kind: "tenant", tenantId }, origin);
  }

  readonly signatures: SignatureTries = {
    waitMs: (accessKeyId, address) => this.#throttle.waitMs(accessKeyId, address),
    failed: (accessKeyId, address) => this.#throttle.failed(accessKeyId, address),
    refused: (accessKeyId, address, code) => this.#trail.unrecognised("signature", code, accessKeyId, address),
    succeeded: (accessKeyId, address) => this.#throttle.succeeded(accessKeyId, address),
    isEnabled: (principal) => isEnabled(principal, this.#dependencies.directory),
  };

  noteRefusal(caller: Caller, refusal: { readonly action: string; readonly code: string }): void {
    this.#trail.recognised(caller, refusal);
  }

  flushRefusals(): Promise<void> {
    return this.#trail.flush();
  }

  close(): Promise<void> {
    return this.#trail.close();
  }

  #refuseSlowed(attempt: Try): void {
    const retryAfterMs = this.#throttle.waitMs(attempt.name, attempt.origin.sourceAddress);
    if (retryAfterMs > 0) throw this.#refuse(attempt, "CREDENTIALS_SLOWED", { retryAfterMs });
  }

  #wrong(attempt: Try): PlatformError {
    this.#throttle.failed(attempt.name, attempt.origin.sourceAddress);
    return this.#refuse(attempt, "CREDENTIALS_WRONG");
  }

  #refuse({ scheme, name, origin }: Try, code: RefusalCode, facts: ErrorFacts = {}): PlatformError {
    this.#trail.unrecognised(scheme, code, name, origin.sourceAddress);
    return new PlatformError(code, undefined, { facts });
  }

  #accept(attempt: Try, principal: Principal, credential: Caller["credential"]): Caller {
    this.#throttle.succeeded(attempt.name, attempt.origin.sourceAddress);
    const caller = this.wholeCallerOf(principal, credential, attempt.origin);
    if (isEnabled(principal, this.#dependencies.directory)) return caller;
    this.#trail.recognised(caller, { action: "iam:session:create", code: "PRINCIPAL_DISABLED" });
    throw new PlatformError("PRINCIPAL_DISABLED");
  }

  /** The secret was right, so this tells a stranger nothing. */
  #refuseInactive(attempt: Try, principal: Principal, credential: Caller["credential"]): PlatformError {
    const caller = this.wholeCallerOf(principal, credential, attempt.origin);
    this.#trail.recognised(caller, { action: "iam:session:create", code: "CREDENTIAL_INACTIVE" });
    return new PlatformError("CREDENTIALS_WRONG", "The credential is disabled.", { facts: { inactive: true } });
  }
}

const strangersKey: AccessKey = {
  accessKeyId: "",
  secret: "",
  active: false,
  principal: {
    uid: "",
    userId: "",
    accountUid: "",
    kind: "account",
    name: "",
    mspId: "",
    ledgerServiceOpened: false,
    installationAdministrator: false,
    enabled: false,
  },
};
