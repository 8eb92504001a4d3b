import type { Token, Tokens } from "../authentication/ports.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { CredentialContext, type CredentialDependencies } from "./credential-context.ts";
import type { SessionSummary, Sessions } from "./ports.ts";

export interface SessionsDependencies extends CredentialDependencies {
  readonly tokens: Tokens;
}

export class SessionsService implements Sessions {
  readonly #tokens: Tokens;
  readonly #context: CredentialContext;

  constructor(dependencies: SessionsDependencies) {
    this.#tokens = dependencies.tokens;
    this.#context = new CredentialContext("session", dependencies);
  }

  async list(caller: Caller, uid: string): Promise<readonly SessionSummary[]> {
    const owner = this.#context.requireOwner(caller, "list", uid);
    const tokens = await this.#tokens.listOf(owner.uid);
    return tokens.map(summaryOf);
  }

  async revoke(caller: Caller, sessionId: string): Promise<void> {
    const token = await this.#tokens.byHash(sessionId);
    // Nobody comes upon an id by chance, so its absence tells nothing.
    if (token === undefined) throw new PlatformError("CREDENTIAL_UNKNOWN");
    this.#context.requireRow(caller, "delete", sessionId, { uid: token.principal.uid });
    if (!(await this.#tokens.revoke(sessionId, caller))) throw new PlatformError("CREDENTIAL_UNKNOWN");
  }
}

function summaryOf({ tokenHash, kind, principal, scope, issuedMs, expiresMs }: Token): SessionSummary {
  return { sessionId: tokenHash, kind, uid: principal.uid, scope, issuedMs, expiresMs };
}
