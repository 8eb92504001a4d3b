import type { Sealer } from "@concordat/identity";
import { issueAccessKey } from "../accounts/credentials.ts";
import type { AccessKeyRow } from "../control-store/rows.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { byCreation, CredentialContext, type CredentialDependencies } from "./credential-context.ts";
import type { AccessKeySummary, AccessKeys } from "./ports.ts";

/** Two, so that one can be replaced while the other serves. @source the vendor's documented limit for RAM users */
const KEYS_MAX = 2;

export interface AccessKeysDependencies extends CredentialDependencies {
  readonly sealer: Sealer;
}

export class AccessKeysService implements AccessKeys {
  readonly #dependencies: AccessKeysDependencies;
  readonly #context: CredentialContext;
  readonly #rowsOf: (uid: string) => AccessKeyRow[];

  constructor(dependencies: AccessKeysDependencies) {
    this.#dependencies = dependencies;
    this.#context = new CredentialContext("accessKey", dependencies);
    this.#rowsOf = dependencies.directory.table("accessKeys").index((row) => row.uid);
  }

  create(caller: Caller, input: { readonly uid: string }) {
    return this.#dependencies.directory.change(async () => {
      const { uid } = this.#context.requireOwner(caller, "create", input.uid);
      if (this.#rowsOf(uid).length >= KEYS_MAX) throw new PlatformError("KEY_LIMIT_REACHED");
      const { row, secret } = issueAccessKey(uid, this.#dependencies);
      const audit = this.#context.audit(caller, "create", row.accessKeyId, { uid });
      return { changes: [{ table: "accessKeys", row }], audit, result: { accessKey: summaryOf(row), secret } };
    });
  }

  list(caller: Caller, uid: string): readonly AccessKeySummary[] {
    const owner = this.#context.requireOwner(caller, "list", uid);
    return byCreation(this.#rowsOf(owner.uid)).map(summaryOf);
  }

  setActive(caller: Caller, { accessKeyId, active }: { readonly accessKeyId: string; readonly active: boolean }) {
    return this.#dependencies.directory.change(async () => {
      const row = this.#require(caller, "update", accessKeyId);
      const audit = this.#context.audit(caller, "update", accessKeyId, { uid: row.uid, active });
      return { changes: [{ table: "accessKeys", row: { ...row, active } }], audit, result: undefined };
    });
  }

  delete(caller: Caller, accessKeyId: string): Promise<void> {
    const { directory } = this.#dependencies;
    return directory.change(async () => {
      const row = this.#require(caller, "delete", accessKeyId);
      if (directory.setting("bootstrap-access-key") === accessKeyId) {
        throw new PlatformError("RESOURCE_IN_USE", "The installation's first access key can be disabled, not deleted.");
      }
      const audit = this.#context.audit(caller, "delete", accessKeyId, { uid: row.uid });
      return { changes: [{ table: "accessKeys", row, remove: true }], audit, result: undefined };
    });
  }

  #require(caller: Caller, verb: string, accessKeyId: string): AccessKeyRow {
    const row = this.#dependencies.directory.accessKeyRow(accessKeyId);
    return this.#context.requireRow(caller, verb, accessKeyId, row, "ACCESS_KEY_UNKNOWN");
  }
}

function summaryOf({ accessKeyId, uid, active, createdMs }: AccessKeyRow): AccessKeySummary {
  return { accessKeyId, uid, active, createdMs };
}
