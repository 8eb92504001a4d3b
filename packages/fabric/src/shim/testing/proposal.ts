import { createHash } from "node:crypto";
import { common, msp, peer } from "@hyperledger/fabric-protos";
import timestamps from "google-protobuf/google/protobuf/timestamp_pb.js";

export const PROPOSAL_SECONDS = 1_770_000_000;

/** A proposal as the Gateway client makes it, unsigned: the shim reads it and checks nothing. */
export function testProposal(options: {
  readonly txId: string;
  readonly channelId: string;
  readonly certificatePem: string;
  readonly transient?: Readonly<Record<string, string>>;
}): { readonly proposalBytes: Uint8Array; readonly signature: Uint8Array } {
  const time = new timestamps.Timestamp();
  time.setSeconds(PROPOSAL_SECONDS);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setTimestamp(time);
  channelHeader.setChannelId(options.channelId);
  channelHeader.setTxId(options.txId);
  const creator = new msp.SerializedIdentity();
  creator.setMspid("Org1MSP");
  creator.setIdBytes(Buffer.from(options.certificatePem));
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creator.serializeBinary());
  signatureHeader.setNonce(createHash("sha256").update(options.txId).digest().subarray(0, 24));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(Buffer.from("input"));
  for (const [name, value] of Object.entries(options.transient ?? {})) {
    payload.getTransientmapMap().set(name, Buffer.from(value));
  }
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  return { proposalBytes: proposal.serializeBinary(), signature: Buffer.from("signature") };
}
