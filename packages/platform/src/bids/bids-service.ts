import type { Clock, RandomSource } from "@concordat/base";
import {
  bidIdentityOf,
  generatePrivateKey,
  privateKeyFromDer,
  privateKeyToDer,
  type Sealer,
} from "@concordat/identity";
import { auditEntry } from "../audit/audit-entry.ts";
import type { BidKeyRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import { PlatformError } from "../errors.ts";

/** The addresses of principals on the BIF main chain. */
export interface Bids {
  /**
   * The principal's address; its key is made at the first call and kept for good.
   * @throws PlatformError USER_UNKNOWN
   */
  of(uid: string): Promise<string>;
}

export interface BidsDependencies {
  readonly directory: Directory;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export class BidsService implements Bids {
  readonly #dependencies: BidsDependencies;

  constructor(dependencies: BidsDependencies) {
    this.#dependencies = dependencies;
  }

  async of(uid: string): Promise<string> {
    return (await this.#keyOf(uid)).bid;
  }

  /** The address with its key pair in BIF's own texts, for the first run to hand to its operator. Holds a secret. */
  async identity(uid: string): Promise<ReturnType<typeof bidIdentityOf>> {
    const { keySealed } = await this.#keyOf(uid);
    return bidIdentityOf(privateKeyFromDer(this.#dependencies.sealer.open(sealingPurposes.bidKey(uid), keySealed)));
  }

  async #keyOf(uid: string): Promise<BidKeyRow> {
    const { directory, sealer, clock } = this.#dependencies;
    const known = directory.row("bidKeys", uid);
    if (known !== undefined) return known;
    const key = await generatePrivateKey("Ed25519");
    return directory.change(async () => {
      const made = directory.row("bidKeys", uid);
      if (made !== undefined) return { changes: [], result: made };
      if (directory.principal(uid) === undefined) throw new PlatformError("USER_UNKNOWN");
      const { bid } = bidIdentityOf(key);
      const keySealed = sealer.seal(sealingPurposes.bidKey(uid), privateKeyToDer(key));
      const row = { uid, bid, keySealed, createdMs: clock.nowMs() };
      const event = { action: "iam:bid:create", resource: { kind: "bid", id: bid }, detail: { uid } };
      const audit = [auditEntry(undefined, event, this.#dependencies)];
      return { changes: [{ table: "bidKeys", row }], audit, result: row };
    });
  }
}
