import { bytesToBase64, bytesToHex } from "@concordat/base";
import { createCheckpointSigner, derToPem } from "@concordat/identity";
import { ledgerErrors } from "../errors.ts";
import type {
  ChannelConfig,
  CheckpointKeyConfig,
  CheckpointSigner,
  CheckpointSignerKey,
  TrustBundleChannel,
} from "../ports.ts";

/** A configuration and the block that put it in force. */
export interface ConfigInForce {
  readonly block: number;
  readonly config: ChannelConfig;
  readonly sequence: number;
}

/**
 * The signers of a configuration: exactly one for each of its checkpoint keys.
 * @throws LedgerError CONFIG_INVALID naming the organization whose key is missing
 */
export function signersFor(config: ChannelConfig, keys: readonly CheckpointSignerKey[]): readonly CheckpointSigner[] {
  const held = new Map(
    keys.map((key) => createCheckpointSigner(key.mspId, key.privateKeyDer)).map((signer) => [nameOf(signer), signer]),
  );
  return config.organizations.flatMap((organization) =>
    organization.checkpointKeys.map((key) => {
      const signer = held.get(nameOf({ mspId: organization.mspId, publicKey: key.publicKey }));
      if (signer === undefined) {
        throw ledgerErrors.configInvalid(`The checkpoint key of ${organization.mspId} was not given.`);
      }
      return signer;
    }),
  );
}

function nameOf(key: { readonly mspId: string; readonly publicKey: Uint8Array }): string {
  return `${key.mspId} ${bytesToHex(key.publicKey)}`;
}

const PUBLIC_KEY_BYTES = { Ed25519: 32, SM2: 65 } as const;

/** @throws LedgerError CONFIG_INVALID */
export function checkConfig(config: ChannelConfig): void {
  const { blockCutting: cutting, organizations } = config;
  const refuse = (reason: string) => {
    throw ledgerErrors.configInvalid(reason);
  };
  if (organizations.length === 0) refuse("A channel has at least one organization.");
  if (new Set(organizations.map((organization) => organization.mspId)).size < organizations.length) {
    refuse("An MSP id occurs twice.");
  }
  for (const organization of organizations) {
    if (organization.checkpointKeys.length === 0) refuse(`${organization.mspId} has no checkpoint key.`);
    if (organization.checkpointKeys.some((key) => key.publicKey.length !== PUBLIC_KEY_BYTES[key.algorithm])) {
      refuse(`A checkpoint key of ${organization.mspId} has another length than its algorithm's.`);
    }
    const algorithms = new Set(organization.checkpointKeys.map((key) => key.algorithm));
    if (!algorithms.has("Ed25519")) refuse(`${organization.mspId} has no Ed25519 checkpoint key.`);
    if (algorithms.has("SM2") !== (config.cryptography === "sm")) {
      refuse(
        `${organization.mspId} has ${algorithms.has("SM2") ? "an" : "no"} SM2 checkpoint key, unlike its channel.`,
      );
    }
    if (organization.caCertificates.length === 0) refuse(`${organization.mspId} has no CA certificate.`);
  }
  const positive = [cutting.messageCountMax, cutting.bytesMax, cutting.timeoutMs];
  if (positive.some((limit) => !Number.isInteger(limit) || limit < 1))
    refuse("A block limit is not a positive integer.");
}

/**
 * The trust bundle's part for one channel: every organization and key that the channel ever had, each key with the blocks that it
 * signs. A key signs from the block that admits it to the block that retires it, both included.
 */
export function trustOf(history: readonly ConfigInForce[]): TrustBundleChannel {
  const latest = history.at(-1)?.config;
  if (latest === undefined) throw ledgerErrors.configInvalid("The channel has no configuration.");
  const organizations = new Map<string, TrustBundleChannel["organizations"][number]>();
  for (const { config } of history) {
    for (const { mspId, displayName, caCertificates } of config.organizations) {
      organizations.set(mspId, {
        mspId,
        displayName,
        caCertificates,
        checkpointKeys: intervalsOf(history, mspId),
      });
    }
  }
  return {
    origin: latest.origin,
    displayName: latest.displayName,
    organizations: [...organizations.values()].sort((a, b) => (a.mspId < b.mspId ? -1 : 1)),
  };
}

type TrustedKey = TrustBundleChannel["organizations"][number]["checkpointKeys"][number];

function intervalsOf(history: readonly ConfigInForce[], mspId: string): TrustedKey[] {
  const ended: TrustedKey[] = [];
  let open = new Map<string, { readonly key: CheckpointKeyConfig; readonly fromBlock: number }>();
  for (const { block, config } of history) {
    const keys = config.organizations.find((organization) => organization.mspId === mspId)?.checkpointKeys ?? [];
    const now = new Map(keys.map((key) => [bytesToHex(key.publicKey), key]));
    for (const [name, { key, fromBlock }] of open) {
      if (!now.has(name)) ended.push(trustedKey(key, fromBlock, block));
    }
    open = new Map([...now].map(([name, key]) => [name, { key, fromBlock: open.get(name)?.fromBlock ?? block }]));
  }
  return [...ended, ...[...open.values()].map(({ key, fromBlock }) => trustedKey(key, fromBlock, null))];
}

function trustedKey(key: CheckpointKeyConfig, fromBlock: number, toBlock: number | null): TrustedKey {
  return {
    algorithm: key.algorithm,
    publicKey: bytesToBase64(key.publicKey),
    certificate: derToPem("CERTIFICATE", key.certificate),
    fromBlock,
    toBlock,
  };
}
