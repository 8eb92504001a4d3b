import { type Clock, systemClock, systemRandom } from "@concordat/base";
import {
  createCheckpointKey,
  createOrganization,
  issuePrincipalCertificate,
  type KeyedCertificate,
} from "@concordat/identity";
import { originOf } from "../origin.ts";
import type { ChannelConfig, CheckpointSignerKey, Creator, OrganizationConfig } from "../ports.ts";

export const TEST_INSTALLATION = "0123456789abcdef";

export interface TestOrganization {
  readonly config: OrganizationConfig;
  readonly signer: CheckpointSignerKey;
  /** For every one of its checkpoint keys. */
  readonly signers: readonly CheckpointSignerKey[];
  readonly creator: Creator;
  readonly ca: KeyedCertificate;
}

/** An organization with one principal, made fresh; for SM channels with an SM2 checkpoint key besides. Its certificates begin at the clock's time. */
export async function createTestOrganization(
  mspId = "Org1MSP",
  cryptography: ChannelConfig["cryptography"] = "international",
  clock: Pick<Clock, "nowMs"> = systemClock,
): Promise<TestOrganization> {
  const dependencies = { clock, random: systemRandom };
  const { identity, privateKeys } = await createOrganization({ name: mspId, mspId }, dependencies);
  const ca = { certificatePem: identity.caCertificatePem, privateKeyDer: privateKeys.ca };
  const sm2 = cryptography === "sm" ? [await createCheckpointKey(ca, dependencies, "SM2")] : [];
  const signer = { mspId, privateKeyDer: privateKeys.checkpoint };
  const principal = await issuePrincipalCertificate(
    ca,
    { uid: "1000000000000001", attributes: { tenant: "1000000000000001", principal: "1000000000000001" } },
    dependencies,
  );
  return {
    config: {
      mspId,
      displayName: `${mspId} Ltd`,
      caCertificates: [identity.caCertificatePem],
      checkpointKeys: [identity.checkpointKey, ...sm2.map(({ key }) => key)],
    },
    signer,
    signers: [signer, ...sm2.map(({ privateKeyDer }) => ({ mspId, privateKeyDer }))],
    creator: { mspId, certificatePem: principal.certificatePem },
    ca,
  };
}

/** A channel configuration that cuts when idle; parts can be replaced. */
export function testChannelConfig(
  organizations: readonly TestOrganization[],
  parts: Partial<ChannelConfig> = {},
): ChannelConfig {
  const channelId = parts.channelId ?? "ch1";
  return {
    channelId,
    origin: originOf(TEST_INSTALLATION, channelId),
    displayName: "Test channel",
    organizations: organizations.map((organization) => organization.config),
    blockCutting: { messageCountMax: 500, bytesMax: 2 * 1024 * 1024, timeoutMs: 2_000, cutWhenIdle: true },
    stateDatabase: "goleveldb",
    cryptography: "international",
    recordRefusals: false,
    contracts: ["kv"],
    ...parts,
  };
}
