import type { Sealer } from "@concordat/identity";
import type { BlockCutting, ChannelConfig, CheckpointSignerKey, OrganizationConfig } from "@concordat/ledger";
import type { OrganizationRow } from "../control-store/port.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";

export function channelIdOf(bizChainId: string): string {
  return `ltl-${bizChainId}`;
}

/** @source docs/reference/ledger-format.md section 1 (origin) */
export function createChannelConfig(input: {
  readonly installationId: string;
  readonly channelId: string;
  readonly displayName: string;
  readonly organizations: readonly OrganizationRow[];
  readonly blockCutting: BlockCutting;
}): ChannelConfig {
  return {
    channelId: input.channelId,
    origin: `concordat/${input.installationId}/${input.channelId}`,
    displayName: input.displayName,
    organizations: input.organizations.map(toOrganizationConfig),
    blockCutting: input.blockCutting,
    stateDatabase: "goleveldb",
    cryptography: "international",
    recordRefusals: false,
    contracts: ["evidence"],
  };
}

export function toOrganizationConfig(row: OrganizationRow): OrganizationConfig {
  return {
    mspId: row.mspId,
    displayName: row.name,
    caCertificates: [row.caCertificatePem],
    checkpointKeys: [
      { algorithm: "Ed25519", publicKey: row.checkpointPublicKey, certificate: row.checkpointCertificate },
    ],
  };
}

/** The organization's checkpoint key, unsealed: to be handed to the ledger and not kept. */
export function openCheckpointKey(row: OrganizationRow, sealer: Sealer): CheckpointSignerKey {
  const purpose = sealingPurposes.organizationKey(row.mspId, "checkpoint");
  return { mspId: row.mspId, privateKeyDer: sealer.open(purpose, row.checkpointKeySealed) };
}
