import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { type KeyedCertificate, privateKeyFromDer, signMessage } from "@concordat/identity";
import { common, msp, peer } from "@hyperledger/fabric-protos";

/* Fabric's messages, made by its official classes. */

export interface Caller extends KeyedCertificate {
  readonly mspId: string;
}

export interface ProposalInput {
  readonly channelId: string;
  readonly chaincode: string;
  readonly caller: Caller;
  readonly args: readonly string[];
  readonly nonce: Uint8Array;
  readonly timeMs: number;
}

export interface MadeProposal {
  readonly txId: string;
  readonly signed: peer.SignedProposal;
}

interface OfficialTimestamp {
  setSeconds(seconds: number): void;
  setNanos(nanos: number): void;
}
// google-protobuf ships no types, and is a dependency of fabric-protos rather than ours.
const requireAsFabric = createRequire(createRequire(import.meta.url).resolve("@hyperledger/fabric-protos"));
const { Timestamp } = requireAsFabric("google-protobuf/google/protobuf/timestamp_pb.js") as {
  readonly Timestamp: new () => OfficialTimestamp;
};

export function setTimestamp(message: object, timeMs: number): void {
  const timestamp = new Timestamp();
  timestamp.setSeconds(Math.floor(timeMs / 1000));
  timestamp.setNanos((timeMs % 1000) * 1_000_000);
  (message as { setTimestamp(value: OfficialTimestamp): void }).setTimestamp(timestamp);
}

export function chaincodeInput(args: readonly string[]): peer.ChaincodeInput {
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((arg) => Buffer.from(arg)));
  return input;
}

/** A proposal as a client sends it to a peer, signed with the caller's key. */
export function makeProposal(input: ProposalInput): MadeProposal {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(input.caller.mspId);
  identity.setIdBytes(Buffer.from(input.caller.certificatePem));
  const creator = identity.serializeBinary();
  const txId = createHash("sha256").update(input.nonce).update(creator).digest("hex");

  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  setTimestamp(channelHeader, input.timeMs);
  channelHeader.setChannelId(input.channelId);
  channelHeader.setTxId(txId);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId(input.chaincode));
  channelHeader.setExtension$(extension.serializeBinary());
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creator);
  signatureHeader.setNonce(input.nonce);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());

  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(proposalPayload(input));
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(proposal.serializeBinary());
  signed.setSignature(signMessage(privateKeyFromDer(input.caller.privateKeyDer), signed.getProposalBytes_asU8()));
  return { txId, signed };
}

function proposalPayload({ chaincode, args }: ProposalInput): Uint8Array {
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(chaincodeId(chaincode));
  spec.setInput(chaincodeInput(args));
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload.serializeBinary();
}

function chaincodeId(name: string): peer.ChaincodeID {
  const id = new peer.ChaincodeID();
  id.setName(name);
  return id;
}
