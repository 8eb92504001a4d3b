import type { Clock } from "@concordat/base";
import type { Creator } from "@concordat/ledger";
import type { CertificateRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";

/** Calls signed before a principal's certificate changed are good for this long at most, the backdating of certificates included. */
const replayWindowMs = 45 * 60_000;

/** The certificates that principals' transactions carry, and whether they may. */
export class Creators {
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #byPem: (pem: string) => CertificateRow[];
  readonly #byUid: (uid: string) => CertificateRow[];

  constructor(dependencies: { readonly directory: Directory; readonly clock: Clock }) {
    this.#directory = dependencies.directory;
    this.#clock = dependencies.clock;
    const table = dependencies.directory.table("certificates");
    this.#byPem = table.index((row) => row.certificatePem);
    this.#byUid = table.index((row) => row.uid ?? "");
  }

  /**
   * The creator for a new transaction.
   * @throws PlatformError CERTIFICATE_NOT_USABLE when the certificate is frozen, revoked or expired
   */
  forWrite(uid: string): Creator {
    const creator = this.#directory.creator(uid);
    const row = this.#rowOf(creator);
    if (row === undefined) return creator;
    const status = row.status === "good" && this.#clock.nowMs() >= row.notAfterMs ? "expired" : row.status;
    if (status === "good") return creator;
    throw new PlatformError("CERTIFICATE_NOT_USABLE", `The caller's certificate is ${status}.`, {
      facts: { status, serialNumber: row.serialNumber },
    });
  }

  /**
   * Creators that the principal's transactions carried until lately: a transaction's id depends on its creator, so a replayed call has to
   * be looked for under these too.
   */
  lately(uid: string): Creator[] {
    const creator = this.#directory.creator(uid);
    const row = this.#rowOf(creator);
    if (row === undefined || this.#clock.nowMs() - row.notBeforeMs > replayWindowMs) return [];
    return this.#byUid(uid)
      .filter(({ certificatePem }) => certificatePem !== creator.certificatePem)
      .map(({ mspId, certificatePem }) => ({ mspId, certificatePem }));
  }

  #rowOf({ certificatePem }: Creator): CertificateRow | undefined {
    return this.#byPem(certificatePem)[0];
  }
}
