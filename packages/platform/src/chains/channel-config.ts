import type { Sealer } from "@concordat/identity";
import type { BlockCutting, ChannelConfig, OrganizationConfig } from "@concordat/ledger";
import type { OrganizationRow, RetiredAuthorityRow, SmCheckpointKeyRow } from "../control-store/rows.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { ChainService } from "../ports.ts";

/** The channel that holds the installation's audit trail. */
export const auditChannelId = "audit";

export function channelIdOf(bizChainId: string): string {
  return `ltl-${bizChainId}`;
}

/** The contract that a business chain runs. */
export const contractOfService: Readonly<Record<ChainService, string>> = {
  proof: "evidence",
  collaboration: "collaboration",
};

/** @source docs/reference/ledger-format.md section 1 (origin) */
export function createChannelConfig(input: {
  readonly installationId: string;
  readonly channelId: string;
  readonly displayName: string;
  readonly organizations: readonly OrganizationConfig[];
  readonly blockCutting: BlockCutting;
  readonly cryptography: ChannelConfig["cryptography"];
  /** goleveldb when left out. */
  readonly stateDatabase?: ChannelConfig["stateDatabase"];
  /** Evidence when left out. */
  readonly contracts?: readonly string[];
}): ChannelConfig {
  return {
    channelId: input.channelId,
    origin: `concordat/${input.installationId}/${input.channelId}`,
    displayName: input.displayName,
    organizations: input.organizations,
    blockCutting: input.blockCutting,
    stateDatabase: input.stateDatabase ?? "goleveldb",
    cryptography: input.cryptography,
    recordRefusals: false,
    contracts: input.contracts ?? ["evidence"],
  };
}

/**
 * @param smKey for SM channels
 * @param otherAuthorities for identities, which the organization had before or is about to have: what they issued stays checkable
 */
export function toOrganizationConfig(
  row: OrganizationRow,
  smKey: SmCheckpointKeyRow | undefined,
  otherAuthorities: readonly RetiredAuthorityRow[],
): OrganizationConfig {
  return {
    mspId: row.mspId,
    displayName: row.name,
    caCertificates: [row.caCertificatePem, ...otherAuthorities.map(({ certificatePem }) => certificatePem)],
    checkpointKeys: [
      { algorithm: "Ed25519", publicKey: row.checkpointPublicKey, certificate: row.checkpointCertificate },
      ...(smKey === undefined
        ? []
        : [{ algorithm: "SM2" as const, publicKey: smKey.publicKey, certificate: smKey.certificate }]),
    ],
  };
}

/** An organization's checkpoint key, unsealed: to be handed to the ledger and not kept. PKCS#8. */
export function openCheckpointKey({ mspId, checkpointKeySealed }: OrganizationRow, sealer: Sealer): Uint8Array {
  return sealer.open(sealingPurposes.organizationKey(mspId, "checkpoint"), checkpointKeySealed);
}

/** The same of the key for SM channels. */
export function openSmCheckpointKey({ mspId, keySealed }: SmCheckpointKeyRow, sealer: Sealer): Uint8Array {
  return sealer.open(sealingPurposes.organizationKey(mspId, "sm-checkpoint"), keySealed);
}
