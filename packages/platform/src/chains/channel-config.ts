import type { Sealer } from "@concordat/identity";
import type { BlockCutting, ChannelConfig, CheckpointSignerKey, OrganizationConfig } from "@concordat/ledger";
import type { OrganizationRow, SmCheckpointKeyRow } from "../control-store/port.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";

export function channelIdOf(bizChainId: string): string {
  return `ltl-${bizChainId}`;
}

/** @source docs/reference/ledger-format.md section 1 (origin) */
export function createChannelConfig(input: {
  readonly installationId: string;
  readonly channelId: string;
  readonly displayName: string;
  readonly organizations: readonly OrganizationConfig[];
  readonly blockCutting: BlockCutting;
  readonly cryptography: ChannelConfig["cryptography"];
}): ChannelConfig {
  return {
    channelId: input.channelId,
    origin: `concordat/${input.installationId}/${input.channelId}`,
    displayName: input.displayName,
    organizations: input.organizations,
    blockCutting: input.blockCutting,
    stateDatabase: "goleveldb",
    cryptography: input.cryptography,
    recordRefusals: false,
    contracts: ["evidence"],
  };
}

/** @param smKey for SM channels */
export function toOrganizationConfig(row: OrganizationRow, smKey: SmCheckpointKeyRow | undefined): OrganizationConfig {
  return {
    mspId: row.mspId,
    displayName: row.name,
    caCertificates: [row.caCertificatePem],
    checkpointKeys: [
      { algorithm: "Ed25519", publicKey: row.checkpointPublicKey, certificate: row.checkpointCertificate },
      ...(smKey === undefined
        ? []
        : [{ algorithm: "SM2" as const, publicKey: smKey.publicKey, certificate: smKey.certificate }]),
    ],
  };
}

/** The organization's checkpoint keys, unsealed: to be handed to the ledger and not kept. */
export function openCheckpointKeys(
  row: OrganizationRow,
  smKey: SmCheckpointKeyRow | undefined,
  sealer: Sealer,
): CheckpointSignerKey[] {
  const { mspId } = row;
  const open = (key: "checkpoint" | "sm-checkpoint", sealed: Uint8Array) => ({
    mspId,
    privateKeyDer: sealer.open(sealingPurposes.organizationKey(mspId, key), sealed),
  });
  const international = open("checkpoint", row.checkpointKeySealed);
  return smKey === undefined ? [international] : [international, open("sm-checkpoint", smKey.keySealed)];
}
