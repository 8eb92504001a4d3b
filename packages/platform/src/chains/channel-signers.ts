import { equalBytes, InvariantError } from "@concordat/base";
import { createCheckpointSigner, type Sealer } from "@concordat/identity";
import type { ChannelConfig, CheckpointSignerKey } from "@concordat/ledger";
import { openCertificateKey } from "../certificates/records.ts";
import type { CertificateRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { openCheckpointKey, openSmCheckpointKey } from "./channel-config.ts";

/** The checkpoint keys of the organizations, by the channels' configurations. */
export class ChannelSigners {
  readonly #dependencies: { readonly directory: Directory; readonly sealer: Sealer };
  readonly #certificatesOf: (mspId: string) => CertificateRow[];

  constructor(dependencies: { readonly directory: Directory; readonly sealer: Sealer }) {
    this.#dependencies = dependencies;
    this.#certificatesOf = dependencies.directory.table("certificates").index((row) => row.mspId);
  }

  /**
   * The checkpoint keys that a configuration names, unsealed: to be handed to the ledger and not kept. Before, during and after a change
   * of keys a channel's configuration says which of them it is.
   */
  of(config: ChannelConfig): CheckpointSignerKey[] {
    return config.organizations.flatMap(({ mspId, checkpointKeys }) =>
      checkpointKeys.map(({ publicKey }) => {
        const privateKeyDer = this.#openKey(mspId, publicKey);
        if (privateKeyDer !== undefined) return { mspId, privateKeyDer };
        throw new InvariantError(`A checkpoint key of ${mspId} is on a channel and not kept here.`);
      }),
    );
  }

  /** Almost always the organization's present key; while a rotation goes on, or after one that failed, the one before. */
  #openKey(mspId: string, publicKey: Uint8Array): Uint8Array | undefined {
    const { directory, sealer } = this.#dependencies;
    const row = directory.organization(mspId);
    if (row === undefined) throw new InvariantError(`Organization ${mspId} is on a channel and not in the directory.`);
    if (equalBytes(row.checkpointPublicKey, publicKey)) return openCheckpointKey(row, sealer);
    const smKey = directory.smCheckpointKey(mspId);
    if (smKey !== undefined && equalBytes(smKey.publicKey, publicKey)) return openSmCheckpointKey(smKey, sealer);
    return this.#certificatesOf(mspId)
      .filter(({ role }) => role === "checkpoint")
      .flatMap((certificate) => openCertificateKey(certificate, sealer) ?? [])
      .find((privateKeyDer) => equalBytes(createCheckpointSigner(mspId, privateKeyDer).publicKey, publicKey));
  }
}
