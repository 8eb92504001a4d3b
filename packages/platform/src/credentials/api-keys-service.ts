import { ALPHANUMERIC, randomText } from "@concordat/base";
import { secretHashOf } from "../authentication/secrets.ts";
import type { ApiKeyRow } from "../control-store/rows.ts";
import { drawFree } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { byCreation, CredentialContext, type CredentialDependencies } from "./credential-context.ts";
import type { ApiKeySummary, ApiKeys } from "./ports.ts";

const KEYS_MAX = 20;
const ID_CHARACTERS = 16;
/** About 238 bits. */
const SECRET_CHARACTERS = 40;

/** The key pairs of the BIF API. A secret is kept as its hash: the API sends it as it is. */
export class ApiKeysService implements ApiKeys {
  readonly #dependencies: CredentialDependencies;
  readonly #context: CredentialContext;
  readonly #rowsOf: (uid: string) => ApiKeyRow[];

  constructor(dependencies: CredentialDependencies) {
    this.#dependencies = dependencies;
    this.#context = new CredentialContext("apiKey", dependencies);
    this.#rowsOf = dependencies.directory.table("apiKeys").index((row) => row.uid);
  }

  create(caller: Caller, input: { readonly uid: string }) {
    const { directory, clock, random } = this.#dependencies;
    return directory.change(async () => {
      const { uid } = this.#context.requireOwner(caller, "create", input.uid);
      if (this.#rowsOf(uid).length >= KEYS_MAX) throw new PlatformError("KEY_LIMIT_REACHED");
      const apiKey = drawFree(
        () => randomText(random, ALPHANUMERIC, ID_CHARACTERS),
        (id) => directory.row("apiKeys", id) !== undefined,
      );
      const secret = randomText(random, ALPHANUMERIC, SECRET_CHARACTERS);
      const row: ApiKeyRow = { apiKey, uid, secretHash: secretHashOf(secret), active: true, createdMs: clock.nowMs() };
      const audit = this.#context.audit(caller, "create", apiKey, { uid });
      return { changes: [{ table: "apiKeys", row }], audit, result: { apiKey: summaryOf(row), secret } };
    });
  }

  list(caller: Caller, uid: string): readonly ApiKeySummary[] {
    const owner = this.#context.requireOwner(caller, "list", uid);
    return byCreation(this.#rowsOf(owner.uid)).map(summaryOf);
  }

  setActive(caller: Caller, { apiKey, active }: { readonly apiKey: string; readonly active: boolean }) {
    return this.#dependencies.directory.change(async () => {
      const row = this.#require(caller, "update", apiKey);
      const audit = this.#context.audit(caller, "update", apiKey, { uid: row.uid, active });
      return { changes: [{ table: "apiKeys", row: { ...row, active } }], audit, result: undefined };
    });
  }

  delete(caller: Caller, apiKey: string): Promise<void> {
    return this.#dependencies.directory.change(async () => {
      const row = this.#require(caller, "delete", apiKey);
      const audit = this.#context.audit(caller, "delete", apiKey, { uid: row.uid });
      return { changes: [{ table: "apiKeys", row, remove: true }], audit, result: undefined };
    });
  }

  #require(caller: Caller, verb: string, apiKey: string): ApiKeyRow {
    return this.#context.requireRow(caller, verb, apiKey, this.#dependencies.directory.row("apiKeys", apiKey));
  }
}

function summaryOf({ secretHash: _, ...summary }: ApiKeyRow): ApiKeySummary {
  return summary;
}
