import { ManualClock, systemRandom } from "@concordat/base";
import {
  createOrganization,
  issueKeyedCertificate,
  issuePrincipalCertificate,
  type NodeUnit,
  openCertificateAuthority,
} from "@concordat/identity";
import type { CheckpointSignerKey, Contract, OrganizationConfig } from "@concordat/ledger";
import type { Caller } from "./fabric-messages.ts";

/** Where a contract runs, as tests see it. Homes with the same callers give the same transaction ids, times and writes. */
export interface ContractHome {
  /** Runs a function and keeps its writes, as `caller` (by default the principal). */
  submit(fn: string, args: readonly string[], caller?: Caller): Promise<Outcome>;
  /** Runs a function and drops its writes. */
  evaluate(fn: string, args: readonly string[]): Promise<Outcome>;
  close(): Promise<void>;
}

export type Outcome =
  | Kept
  | { readonly answer: string }
  | { readonly refusal: string; readonly message: string }
  /** The contract broke off: its homes word that differently. */
  | { readonly failed: true };

/** A call whose writes were kept. */
export interface Kept {
  readonly answer: string;
  readonly txId: string;
  readonly timeMs: number;
  /** Ascending by UTF-8 bytes of the key, each key once. */
  readonly writes: readonly HomeWrite[];
}

export interface HomeWrite {
  readonly key: string;
  /** Hex; null: the key was deleted. */
  readonly value: string | null;
}

export interface World {
  readonly channelId: string;
  readonly organization: OrganizationConfig;
  readonly signer: CheckpointSignerKey;
  readonly principal: Caller;
  /** Its certificate has no attributes. */
  readonly nobody: Caller;
  /** Another member of the organization. */
  member(role: NodeUnit): Promise<Caller>;
}

export interface HomeOptions {
  readonly world: World;
  readonly contract: Contract;
  readonly clock: ManualClock;
}

export const START_MS = 1_700_000_000_123;
export const PRINCIPAL_UID = "1000000000000001";

export async function createWorld(): Promise<World> {
  const dependencies = { clock: new ManualClock(START_MS), random: systemRandom };
  const mspId = "FoodsMSP";
  const { identity, privateKeys } = await createOrganization({ name: "Foods", mspId }, dependencies);
  const ca = { certificatePem: identity.caCertificatePem, privateKeyDer: privateKeys.ca };
  const attributes = { tenant: PRINCIPAL_UID, principal: PRINCIPAL_UID };
  const principal = await issuePrincipalCertificate(ca, { uid: PRINCIPAL_UID, attributes }, dependencies);
  const authority = openCertificateAuthority(ca, dependencies);
  const member = async (role: NodeUnit, commonName: string = role) => {
    return { mspId, ...(await issueKeyedCertificate(authority, { role, commonName })) };
  };
  return {
    channelId: "cold-chain",
    organization: {
      mspId,
      displayName: "Foods",
      caCertificates: [identity.caCertificatePem],
      checkpointKeys: [identity.checkpointKey],
    },
    signer: { mspId, privateKeyDer: privateKeys.checkpoint },
    principal: { mspId, ...principal },
    nobody: await member("client", "nobody"),
    member: (role) => member(role),
  };
}

/** Transaction nonces, the same row for each home. */
export function nonceRow(): () => Uint8Array {
  let count = 0;
  return () => {
    const nonce = Buffer.alloc(24);
    nonce.writeUInt32BE(++count, 20);
    return nonce;
  };
}

/** Of every evaluation: nothing of it stays, so that it may come again. */
export const EVALUATION_NONCE = Buffer.alloc(24, 0xff);

/** What a failed response of a contract tells: of a refusal the code and the message, of any other failure that it is one. */
export function refusalOf(text: string): Outcome {
  const [, refusal, message] = /^([A-Z_]+): (.*)$/s.exec(text) ?? [];
  return refusal === undefined || message === undefined ? { failed: true } : { refusal, message };
}
