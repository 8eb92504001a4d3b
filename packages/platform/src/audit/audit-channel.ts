import { createHash } from "node:crypto";
import { bytesToUtf8 } from "@concordat/base";
import type { Creator, Ledger, Receipt } from "@concordat/ledger";
import { auditChannelId } from "../chains/channel-config.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { Directory } from "../directory/directory.ts";

export interface AuditChannelDependencies {
  readonly ledger: Pick<Ledger, "submit" | "evaluate" | "receipt">;
  readonly directory: Directory;
  readonly steps: Pick<ChannelSteps, "createOwnChannel">;
}

const ownerSetting = "audit-channel-owner";
const contract = "audit";

/** The ledger's channel that holds the audit trail. Its organization is that of the installation's first account, which writes to it. */
export class AuditChannel {
  readonly #dependencies: AuditChannelDependencies;
  #isThere = false;

  constructor(dependencies: AuditChannelDependencies) {
    this.#dependencies = dependencies;
  }

  /** Makes the channel unless it is there. @returns false while the installation has no account */
  async open(): Promise<boolean> {
    if (this.#isThere) return true;
    const { directory, steps } = this.#dependencies;
    const owner = await directory.change(async () => {
      const known = directory.setting(ownerSetting);
      const uid = known ?? this.#firstAccount();
      if (known !== undefined || uid === undefined) return { changes: [], result: uid };
      return { changes: [{ table: "settings", row: { name: ownerSetting, value: uid } } as const], result: uid };
    });
    if (owner === undefined) return false;
    const channel = { channelId: auditChannelId, displayName: "Audit trail", ownerUid: owner, contracts: [contract] };
    await steps.createOwnChannel(channel);
    this.#isThere = true;
    return true;
  }

  /** For each entry id the transaction that wrote the entry, or null. */
  async find(entryIds: readonly string[]): Promise<readonly (string | null)[]> {
    return JSON.parse(await this.#evaluate("find", entryIds)) as readonly (string | null)[];
  }

  /** The entry's text. @throws ConcordatError CONTRACT_REFUSED when it is not there */
  get(entryId: string): Promise<string> {
    return this.#evaluate("get", [entryId]);
  }

  /**
   * Writes entries, durably. The same entries give the same transaction id, so that they are not written twice at the same time.
   * @returns for each the transaction that wrote it
   */
  async append(texts: readonly string[]): Promise<readonly string[]> {
    const hash = createHash("sha256");
    for (const text of texts) hash.update(text).update("\n");
    const nonce = new Uint8Array(hash.digest().subarray(0, 24));
    const request = { channelId: auditChannelId, creator: this.#creator(), contract, fn: "append", args: texts, nonce };
    const { result } = await this.#dependencies.ledger.submit(request);
    return JSON.parse(bytesToUtf8(result)) as readonly string[];
  }

  receipt(txId: string, options: { readonly withEnvelope: boolean }): Promise<Receipt> {
    return this.#dependencies.ledger.receipt(auditChannelId, txId, options);
  }

  async #evaluate(fn: string, args: readonly string[]): Promise<string> {
    const request = { channelId: auditChannelId, creator: this.#creator(), contract, fn, args };
    return bytesToUtf8(await this.#dependencies.ledger.evaluate(request));
  }

  /** Its present certificate, whatever its state: the trail goes on when an account is frozen. */
  #creator(): Creator {
    const { directory } = this.#dependencies;
    return directory.creator(directory.setting(ownerSetting) ?? this.#firstAccount() ?? "");
  }

  #firstAccount(): string | undefined {
    const accounts = this.#dependencies.directory
      .table("principals")
      .all()
      .filter((row) => row.kind === "account" && row.installationAdministrator);
    return accounts.sort((a, b) => a.createdMs - b.createdMs || (a.uid < b.uid ? -1 : 1))[0]?.uid;
  }
}
