import { ALPHANUMERIC, bytesToHex, randomText } from "@concordat/base";
import { isChainName } from "../access/names.ts";
import { secretHashOf } from "../authentication/secrets.ts";
import type { OAuthClientRow } from "../control-store/rows.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { byCreation, CredentialContext, type CredentialDependencies } from "./credential-context.ts";
import type { NewOAuthClient, OAuthClientSummary, OAuthClients } from "./ports.ts";

const CLIENTS_MAX = 20;
const SCOPES_MAX = 20;
const ID_BYTES = 16;
const SECRET_CHARACTERS = 40;
/** @source RFC 6749, section 3.3 */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

/** OAuth 2 clients. A secret is kept as its hash. */
export class OAuthClientsService implements OAuthClients {
  readonly #dependencies: CredentialDependencies;
  readonly #context: CredentialContext;
  readonly #rowsOf: (uid: string) => OAuthClientRow[];

  constructor(dependencies: CredentialDependencies) {
    this.#dependencies = dependencies;
    this.#context = new CredentialContext("oauthClient", dependencies);
    this.#rowsOf = dependencies.directory.table("oauthClients").index((row) => row.uid);
  }

  create(caller: Caller, input: NewOAuthClient) {
    const { directory, clock, random } = this.#dependencies;
    return directory.change(async () => {
      const { uid } = this.#context.requireOwner(caller, "create", input.uid);
      requireWellFormed(input);
      if (this.#rowsOf(uid).length >= CLIENTS_MAX) throw new PlatformError("KEY_LIMIT_REACHED");
      const secret = randomText(random, ALPHANUMERIC, SECRET_CHARACTERS);
      const row: OAuthClientRow = {
        clientId: bytesToHex(random.bytes(ID_BYTES)),
        uid,
        name: input.name,
        secretHash: secretHashOf(secret),
        grantTypes: [...new Set(input.grantTypes)],
        scopes: [...new Set(input.scopes)],
        active: true,
        createdMs: clock.nowMs(),
      };
      const { clientId, name, grantTypes, scopes } = row;
      const audit = this.#context.audit(caller, "create", clientId, { uid, name, grantTypes, scopes });
      return { changes: [{ table: "oauthClients", row }], audit, result: { client: summaryOf(row), secret } };
    });
  }

  list(caller: Caller, uid: string): readonly OAuthClientSummary[] {
    const owner = this.#context.requireOwner(caller, "list", uid);
    return byCreation(this.#rowsOf(owner.uid)).map(summaryOf);
  }

  setActive(caller: Caller, { clientId, active }: { readonly clientId: string; readonly active: boolean }) {
    return this.#dependencies.directory.change(async () => {
      const row = this.#require(caller, "update", clientId);
      const audit = this.#context.audit(caller, "update", clientId, { uid: row.uid, active });
      return { changes: [{ table: "oauthClients", row: { ...row, active } }], audit, result: undefined };
    });
  }

  delete(caller: Caller, clientId: string): Promise<void> {
    return this.#dependencies.directory.change(async () => {
      const row = this.#require(caller, "delete", clientId);
      const audit = this.#context.audit(caller, "delete", clientId, { uid: row.uid });
      return { changes: [{ table: "oauthClients", row, remove: true }], audit, result: undefined };
    });
  }

  #require(caller: Caller, verb: string, clientId: string): OAuthClientRow {
    return this.#context.requireRow(caller, verb, clientId, this.#dependencies.directory.row("oauthClients", clientId));
  }
}

/** @throws PlatformError CREDENTIAL_INVALID */
function requireWellFormed({ name, grantTypes, scopes }: NewOAuthClient): void {
  const fault = !isChainName(name)
    ? "The client's name must have 1 to 64 printable characters."
    : grantTypes.length === 0
      ? "A client needs at least one grant type."
      : scopes.length > SCOPES_MAX || !scopes.every((scope) => SCOPE.test(scope))
        ? `A client has at most ${SCOPES_MAX} scopes of 1 to 128 visible ASCII characters.`
        : undefined;
  if (fault !== undefined) throw new PlatformError("CREDENTIAL_INVALID", fault);
}

function summaryOf({ secretHash: _, ...summary }: OAuthClientRow): OAuthClientSummary {
  return summary;
}
