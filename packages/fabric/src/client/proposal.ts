import type { Clock, RandomSource } from "@concordat/base";
import { privateKeyFromDer, signMessage } from "@concordat/identity";
import { transactionIdOf } from "../endorser/proposal.ts";
import { serializeIdentity } from "../node/running-node.ts";
import type { InvokeRequest, Signer } from "../ports.ts";
import { type PresentField, type WireField, writeMessage } from "../wire/write.ts";

const NONCE_BYTES = 24;
const ENDORSER_TRANSACTION = 3;
const CHAINCODE_TYPE_NODE = 2;

export interface ClientProposal {
  readonly txId: string;
  /** A serialized SignedProposal. */
  readonly signedProposal: Uint8Array;
}

/** Makes and signs a proposal, as Fabric's clients do. */
export function createProposal(
  request: InvokeRequest,
  { clock, random }: { readonly clock: Pick<Clock, "nowMs">; readonly random: RandomSource },
): ClientProposal {
  const creator = serializeIdentity(request.signer.mspId, request.signer.certificatePem);
  const nonce = random.bytes(NONCE_BYTES);
  const txId = transactionIdOf(nonce, creator);
  const contractId = writeMessage([2, request.contract]);
  const nowMs = clock.nowMs();
  const channelHeader = writeMessage(
    [1, ENDORSER_TRANSACTION],
    [3, writeMessage([1, Math.floor(nowMs / 1_000)], [2, (nowMs % 1_000) * 1_000_000])],
    [4, request.channelId],
    [5, txId],
    [7, writeMessage([2, contractId])],
  );
  const header = writeMessage([1, channelHeader], [2, writeMessage([1, creator], [2, nonce])]);
  const proposalBytes = writeMessage([1, header], [2, payloadOf(request, contractId)]);
  const signedProposal = writeMessage([1, proposalBytes], [2, sign(request.signer, proposalBytes)]);
  return { txId, signedProposal };
}

/** ECDSA over SHA-256, DER, low s. */
export function sign(signer: Signer, message: Uint8Array): Uint8Array {
  return signMessage(privateKeyFromDer(signer.privateKeyDer), message);
}

/** A `ChaincodeProposalPayload`. */
function payloadOf({ fn, args, transient }: InvokeRequest, contractId: Uint8Array): Uint8Array {
  const texts = [fn, ...args].map((text): PresentField => ({ present: 1, value: Buffer.from(text) }));
  const spec = writeMessage([1, CHAINCODE_TYPE_NODE], [2, contractId], { present: 3, value: writeMessage(...texts) });
  const secrets = Object.entries(transient ?? {}).map(
    ([name, value]): WireField => [2, writeMessage([1, name], [2, value])],
  );
  return writeMessage([1, writeMessage([1, spec])], ...secrets);
}
