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
  /** Those of the channel; the first is that of the principal. */
  readonly organizations: readonly [WorldOrganization, ...WorldOrganization[]];
  readonly principal: Caller;
  /** Its certificate has no attributes. */
  readonly nobody: Caller;
}

export interface WorldOrganization {
  readonly mspId: string;
  readonly config: OrganizationConfig;
  readonly signer: CheckpointSignerKey;
  /** A node or an administrator, anew with each call. */
  member(role: NodeUnit): Promise<Caller>;
  /** The client that Fabric's own authority would enroll under this name: one and the same for each home. */
  client(enrollmentId: string): Promise<Caller>;
}

export interface HomeOptions {
  readonly world: World;
  readonly contract: Contract;
  readonly clock: ManualClock;
}

export const START_MS = 1_700_000_000_123;
export const PRINCIPAL_UID = "1000000000000001";

/** @param names of the organizations: `Foods` is MSP `FoodsMSP` */
export async function createWorld(names: readonly string[] = ["Foods"]): Promise<World> {
  const [founder, ...partners] = await Promise.all(names.map(createWorldOrganization));
  if (founder === undefined) throw new Error("A channel has an organization.");
  return {
    channelId: "cold-chain",
    organizations: [founder.organization, ...partners.map(({ organization }) => organization)],
    principal: founder.principal,
    nobody: founder.nobody,
  };
}

async function createWorldOrganization(name: string) {
  const dependencies = { clock: new ManualClock(START_MS), random: systemRandom };
  const mspId = `${name}MSP`;
  const { identity, privateKeys } = await createOrganization({ name, mspId }, dependencies);
  const ca = { certificatePem: identity.caCertificatePem, privateKeyDer: privateKeys.ca };
  const attributes = { tenant: PRINCIPAL_UID, principal: PRINCIPAL_UID };
  const principal = await issuePrincipalCertificate(ca, { uid: PRINCIPAL_UID, attributes }, dependencies);
  const authority = openCertificateAuthority(ca, dependencies);
  const issue = async (role: NodeUnit, commonName: string, attributes: Readonly<Record<string, string>> = {}) => {
    return { mspId, ...(await issueKeyedCertificate(authority, { role, commonName, attributes })) };
  };
  const clients = new Map<string, Promise<Caller>>();
  const organization: WorldOrganization = {
    mspId,
    config: {
      mspId,
      displayName: name,
      caCertificates: [identity.caCertificatePem],
      checkpointKeys: [identity.checkpointKey],
    },
    signer: { mspId, privateKeyDer: privateKeys.checkpoint },
    member: (role) => issue(role, role),
    client(enrollmentId) {
      const client = clients.get(enrollmentId) ?? issue("client", enrollmentId, { "hf.EnrollmentID": enrollmentId });
      clients.set(enrollmentId, client);
      return client;
    },
  };
  return { organization, principal: { mspId, ...principal }, nobody: await issue("client", "nobody") };
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
