import { createHash } from "node:crypto";
import { proposalHashOf, withoutTransient } from "@concordat/ledger/endorsement";
import { WireError, WireMessage } from "../wire/read.ts";

/** A signed proposal taken apart. Byte fields are views of what came. */
export interface Proposal {
  readonly proposalBytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly type: bigint;
  readonly channelId: string;
  readonly txId: string;
  readonly epoch: bigint;
  /** Undefined when the header has none. */
  readonly timestamp: { readonly seconds: number; readonly nanos: number } | undefined;
  readonly channelHeader: Uint8Array;
  readonly signatureHeader: Uint8Array;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  /** By the header's extension, as it is endorsed. */
  readonly contract: string;
  readonly args: readonly Uint8Array[];
  readonly isInit: boolean;
  readonly hasTransient: boolean;
  /** The proposal's payload without its transient map. */
  readonly payload: Uint8Array;
  readonly proposalHash: Uint8Array;
}

/** @param signedProposal a serialized `protos.SignedProposal` @throws WireError for whatever cannot be read */
export function readProposal(signedProposal: Uint8Array): Proposal {
  const signed = new WireMessage(signedProposal);
  const proposalBytes = signed.bytes(1);
  if (proposalBytes.length === 0) throw new WireError("empty proposal bytes");
  const proposal = new WireMessage(proposalBytes);
  const header = proposal.message(1);
  const channelHeader = header.bytes(1);
  const signatureHeader = header.bytes(2);
  const fields = new WireMessage(channelHeader);
  const signer = new WireMessage(signatureHeader);
  const payload = withoutTransient(proposal.bytes(2));
  if (payload === undefined) throw new WireError("the chaincode proposal payload is malformed");
  return {
    proposalBytes,
    signature: signed.bytes(2),
    type: fields.integer(1),
    channelId: fields.text(4),
    txId: fields.text(5),
    epoch: fields.integer(6),
    timestamp: fields.has(3) ? readTimestamp(fields.message(3)) : undefined,
    channelHeader,
    signatureHeader,
    creator: signer.bytes(1),
    nonce: signer.bytes(2),
    ...readInvocation(fields.bytes(7), new WireMessage(proposal.bytes(2))),
    payload,
    proposalHash: proposalHashOf({ channelHeader, signatureHeader, proposalPayload: payload }),
  };
}

/** @source protos.ChaincodeHeaderExtension, ChaincodeProposalPayload, ChaincodeInvocationSpec, ChaincodeSpec, ChaincodeInput */
function readInvocation(extension: Uint8Array, payload: WireMessage) {
  const extensionFields = new WireMessage(extension);
  if (!extensionFields.has(2)) throw new WireError("ChaincodeHeaderExtension.ChaincodeId is nil");
  const contract = extensionFields.message(2).text(2);
  if (contract === "") throw new WireError("ChaincodeHeaderExtension.ChaincodeId.Name is empty");
  const invocation = payload.message(1);
  if (!invocation.has(1)) throw new WireError("chaincode invocation spec did not contain chaincode spec");
  const spec = invocation.message(1);
  if (!spec.has(3)) throw new WireError("chaincode input did not contain any input");
  const specName = spec.message(2).text(2);
  // Fabric runs the header's and looks only the other's endorsers up; here both must say the same.
  if (specName !== contract) throw new WireError("the chaincode of the header extension is not the one of the payload");
  const input = spec.message(3);
  return { contract, args: input.all(1), isInit: input.integer(3) !== 0n, hasTransient: payload.has(2) };
}

function readTimestamp(message: WireMessage): { seconds: number; nanos: number } {
  return { seconds: message.number(1), nanos: message.number(2) };
}

/** Fabric's transaction id. */
export function transactionIdOf(nonce: Uint8Array, creator: Uint8Array): string {
  return createHash("sha256").update(nonce).update(creator).digest("hex");
}
