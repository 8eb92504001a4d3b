import { hash } from "node:crypto";
import { concatBytes, systemRandom, utf8ToBytes } from "@concordat/base";
import {
  certificateSummary,
  type IdentityDependencies,
  issueKeyedCertificate,
  openCertificateAuthority,
  privateKeyFromDer,
  signMessage,
} from "@concordat/identity";
import { serializeIdentity } from "../encoding/identity.ts";
import { WireWriter } from "../encoding/wire-writer.ts";
import type { EndorsedTransaction, Endorsement, MemberRole } from "../endorsement/ports.ts";
import {
  encodeProposalResponsePayload,
  encodeTransactionPayload,
  proposalHashOf,
  withoutTransient,
} from "../endorsement/write-transaction.ts";
import type { TestOrganization } from "./organizations.ts";

/** Somebody with a certificate of an organization and its P-256 key. */
export interface TestMember {
  readonly mspId: string;
  readonly role: MemberRole;
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly privateKeyDer: Uint8Array;
  /** Lower-case hex. */
  readonly serialNumber: string;
  /** A serialized identity. */
  readonly serialized: Uint8Array;
  /** ECDSA over SHA-256, DER, low s. */
  sign(message: Uint8Array): Uint8Array;
}

export async function createTestMember(
  organization: Pick<TestOrganization, "ca" | "config">,
  role: MemberRole,
  dependencies: Pick<IdentityDependencies, "clock">,
): Promise<TestMember> {
  const { mspId } = organization.config;
  const authority = openCertificateAuthority(organization.ca, { ...dependencies, random: systemRandom });
  const request = { role, commonName: `${role}.${mspId}`, validDays: "authority" } as const;
  const { certificatePem, privateKeyDer } = await issueKeyedCertificate(authority, request);
  const key = privateKeyFromDer(privateKeyDer);
  return {
    mspId,
    role,
    certificatePem,
    privateKeyDer,
    serialNumber: certificateSummary(certificatePem).serialNumber,
    serialized: serializeIdentity(mspId, certificatePem),
    sign: (message) => signMessage(key, message),
  };
}

/** A revocation list of the organization's authority that names these members. */
export function revocationListOf(
  organization: Pick<TestOrganization, "ca">,
  members: readonly TestMember[],
  dependencies: Pick<IdentityDependencies, "clock">,
): Promise<string> {
  const revokedAtMs = dependencies.clock.nowMs();
  const entries = members.map(({ serialNumber }) => ({ serialNumber, revokedAtMs, reason: 1 }));
  const authority = openCertificateAuthority(organization.ca, { ...dependencies, random: systemRandom });
  return authority.revocationList({ number: 1n, entries });
}

export interface TestProposal {
  readonly creator: TestMember;
  readonly channelId: string;
  readonly contract: string;
  readonly txId: string;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly channelHeader: Uint8Array;
  readonly signatureHeader: Uint8Array;
  /** A `ChaincodeProposalPayload`, with the transient map when one was given. */
  readonly proposalPayload: Uint8Array;
  /** A `protos.Proposal`: what the creator signs, and sends with the signature as a `SignedProposal`. */
  readonly proposalBytes: Uint8Array;
}

export interface ProposalRequest {
  readonly channelId: string;
  readonly contract: string;
  /** The first is the function's name. */
  readonly args: readonly string[];
  readonly timestampMs: number;
  /** In place of those that the milliseconds give. */
  readonly nanos?: number;
  /** 24 random bytes when left out. */
  readonly nonce?: Uint8Array;
  /** In place of the id that nonce and creator give. */
  readonly txId?: string;
  /** `common.HeaderType`; 3 when left out. */
  readonly type?: number;
  readonly epoch?: number;
  readonly transient?: Readonly<Record<string, Uint8Array>>;
}

/** A proposal as Fabric's gateway client makes it. */
export function createProposal(creator: TestMember, request: ProposalRequest): TestProposal {
  const nonce = request.nonce ?? systemRandom.bytes(24);
  const txId = request.txId ?? hash("sha256", concatBytes(nonce, creator.serialized), "hex");
  const { channelId, contract, timestampMs } = request;
  const timestamp = {
    seconds: Math.floor(timestampMs / 1000),
    nanos: request.nanos ?? (timestampMs % 1000) * 1_000_000,
  };
  const signatureHeader = written((writer) => {
    writer.bytesField(2, nonce);
    writer.bytesField(1, creator.serialized);
  });
  const channelHeader = written((writer) => {
    writer.stringField(2, contract);
    writer.closeUnlessEmpty(2, 0); // ChaincodeHeaderExtension.chaincode_id
    writer.closeUnlessEmpty(7, 0);
    writer.varintField(6, request.epoch ?? 0);
    writer.stringField(5, txId);
    writer.stringField(4, channelId);
    const mark = writer.length;
    writer.varintField(2, timestamp.nanos);
    writer.varintField(1, timestamp.seconds);
    writer.close(3, mark);
    writer.varintField(1, request.type ?? 3);
  });
  const proposalPayload = encodeProposalPayload(request);
  const proposalBytes = written((writer) => {
    writer.bytesField(2, proposalPayload);
    const mark = writer.length;
    writer.bytesField(2, signatureHeader);
    writer.bytesField(1, channelHeader);
    writer.close(1, mark);
  });
  return {
    creator,
    channelId,
    contract,
    txId,
    timestamp,
    channelHeader,
    signatureHeader,
    proposalPayload,
    proposalBytes,
  };
}

export interface EndorsementRequest {
  /** A serialized `TxReadWriteSet`. */
  readonly results: Uint8Array;
  readonly contractVersion?: string;
  readonly response?: EndorsedTransaction["response"];
  readonly event?: { readonly name: string; readonly payload: Uint8Array } | undefined;
  readonly endorsers: readonly TestMember[];
}

/** What the endorsers of a proposal answer, each having simulated it with the same results. */
export function endorse(proposal: TestProposal, request: EndorsementRequest) {
  const { channelHeader, signatureHeader, contract, txId } = proposal;
  const proposalPayload = withoutTransient(proposal.proposalPayload) ?? new Uint8Array(0);
  const proposalResponsePayload = encodeProposalResponsePayload({
    proposalHash: proposalHashOf({ channelHeader, signatureHeader, proposalPayload }),
    results: request.results,
    event: request.event === undefined ? undefined : { contract, txId, ...request.event },
    response: request.response ?? { status: 200, message: "", payload: new Uint8Array(0) },
    contract,
    contractVersion: request.contractVersion ?? "1",
  });
  const endorsements = request.endorsers.map((endorser): Endorsement => {
    const signature = endorser.sign(concatBytes(proposalResponsePayload, endorser.serialized));
    return { endorser: endorser.serialized, signature };
  });
  return { proposalPayload, proposalResponsePayload, endorsements };
}

/** An envelope ready to be ordered: the proposal, endorsed and signed by its creator. */
export function createEnvelope(proposal: TestProposal, request: EndorsementRequest): Uint8Array {
  const { channelHeader, signatureHeader } = proposal;
  return signEnvelope(
    proposal.creator,
    encodeTransactionPayload({ channelHeader, signatureHeader, ...endorse(proposal, request) }),
  );
}

/** A `common.Envelope` around a `common.Payload`. */
export function signEnvelope(creator: TestMember, payload: Uint8Array): Uint8Array {
  return written((writer) => {
    writer.bytesField(2, creator.sign(payload));
    writer.bytesField(1, payload);
  });
}

function encodeProposalPayload({ contract, args, transient = {} }: ProposalRequest): Uint8Array {
  return written((writer) => {
    for (const [name, value] of Object.entries(transient)) {
      const mark = writer.length;
      writer.bytesField(2, value);
      writer.stringField(1, name);
      writer.close(2, mark); // ChaincodeProposalPayload.TransientMap
    }
    const invocation = writer.length;
    for (const argument of args.toReversed()) writer.bytesElement(1, utf8ToBytes(argument));
    writer.close(3, invocation); // ChaincodeSpec.input
    const id = writer.length;
    writer.stringField(2, contract);
    writer.close(2, id); // ChaincodeSpec.chaincode_id
    writer.varintField(1, 2);
    writer.close(1, invocation); // ChaincodeInvocationSpec.chaincode_spec
    writer.close(1, invocation); // ChaincodeProposalPayload.input
  });
}

function written(write: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter(4_096);
  write(writer);
  return writer.detach();
}
