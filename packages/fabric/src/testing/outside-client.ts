import type { Client } from "@grpc/grpc-js";
import { common, gateway, orderer, peer } from "@hyperledger/fabric-protos";
import type { Signer } from "../ports.ts";
import type { OutsideTransaction } from "./bent-transactions.ts";
import { grpcClient } from "./gateway-client.ts";
import {
  commitStatusRequest,
  type ProposalParts,
  proposalRequest,
  seek,
  seekEnvelope,
  signedEnvelope,
  signedProposal,
  signedRequest,
} from "./messages.ts";
import { callUnary, openStream } from "./raw-calls.ts";
import type { TestNetwork } from "./test-network.ts";

const NOTHING = new Uint8Array(0);

/** What a chaincode answered to a proposal. */
export interface Proposed {
  readonly txId: string;
  readonly status: number;
  readonly message: string;
  readonly payload: Uint8Array;
  /** The proposal as it was sent, and the whole answer, to make a transaction of. */
  readonly proposal: peer.Proposal;
  readonly response: peer.ProposalResponse;
}

export interface Verdict {
  readonly block: number;
  readonly code: number;
}

/** A client without an SDK: raw calls to one peer and one orderer, read with Fabric's official messages. */
export class OutsideClient {
  readonly #signer: Signer;
  readonly #peer: Client;
  readonly #orderer: Client;

  constructor(network: TestNetwork, signer: Signer, mspId = signer.mspId) {
    this.#signer = signer;
    this.#peer = grpcClient(network.peer(mspId));
    this.#orderer = grpcClient(network.orderer());
  }

  close(): void {
    this.#peer.close();
    this.#orderer.close();
  }

  /** Sends a proposal, made from `parts` or ready. */
  async propose(parts: ProposalParts): Promise<Proposed> {
    const { bytes, txId } = signedProposal(this.#signer, parts);
    return this.forward(bytes, txId);
  }

  async forward(signed: Uint8Array, txId: string): Promise<Proposed> {
    const answer = await callUnary(this.#peer, "/protos.Endorser/ProcessProposal", signed);
    const response = peer.ProposalResponse.deserializeBinary(answer);
    const result = response.getResponse();
    const { getProposalBytes_asU8 } = peer.SignedProposal.prototype;
    const proposalBytes = getProposalBytes_asU8.call(peer.SignedProposal.deserializeBinary(new Uint8Array(signed)));
    return {
      txId,
      status: result?.getStatus() ?? 0,
      message: result?.getMessage() ?? "",
      payload: result?.getPayload_asU8() ?? NOTHING,
      proposal: peer.Proposal.deserializeBinary(proposalBytes),
      response,
    };
  }

  /** Has the gateway endorse a call, and signs what it prepared. */
  async endorse(parts: ProposalParts): Promise<OutsideTransaction> {
    const { txId, bytes } = signedProposal(this.#signer, parts);
    const answer = await callUnary(this.#peer, "/gateway.Gateway/Endorse", proposalRequest(bytes));
    const prepared = gateway.EndorseResponse.deserializeBinary(answer).getPreparedTransaction();
    return { txId, envelope: signedEnvelope(this.#signer, prepared?.getPayload_asU8() ?? NOTHING) };
  }

  /** A transaction of the answers of several peers to one proposal, as `peer` and the older SDKs make it. */
  assemble(answers: readonly Proposed[]): OutsideTransaction {
    const [first] = answers;
    if (first === undefined) throw new TypeError("A transaction needs an answer.");
    const header = common.Header.deserializeBinary(first.proposal.getHeader_asU8());
    const proposalPayload = peer.ChaincodeProposalPayload.deserializeBinary(first.proposal.getPayload_asU8());
    proposalPayload.getTransientmapMap().clear();
    const endorsed = new peer.ChaincodeEndorsedAction();
    endorsed.setProposalResponsePayload(first.response.getPayload_asU8());
    endorsed.setEndorsementsList(answers.flatMap(({ response }) => response.getEndorsement() ?? []));
    const actionPayload = new peer.ChaincodeActionPayload();
    actionPayload.setChaincodeProposalPayload(proposalPayload.serializeBinary());
    actionPayload.setAction(endorsed);
    const action = new peer.TransactionAction();
    action.setHeader(header.getSignatureHeader_asU8());
    action.setPayload(actionPayload.serializeBinary());
    const transaction = new peer.Transaction();
    transaction.addActions(action);
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(transaction.serializeBinary());
    return { txId: first.txId, envelope: signedEnvelope(this.#signer, payload.serializeBinary()) };
  }

  /** Sends envelopes on one stream. Answers `common.Status` and a text for each that was answered. */
  async broadcast(...envelopes: readonly Uint8Array[]): Promise<readonly { status: number; info: string }[]> {
    const stream = openStream(this.#orderer, "/orderer.AtomicBroadcast/Broadcast");
    for (const envelope of envelopes) stream.send(envelope);
    stream.end();
    const answers: { status: number; info: string }[] = [];
    for (let bytes = await stream.next(); bytes !== undefined; bytes = await stream.next()) {
      const { status, info } = orderer.BroadcastResponse.deserializeBinary(bytes).toObject();
      answers.push({ status, info });
    }
    return answers;
  }

  /** The gateway's word on a transaction. */
  async commitStatus(txId: string): Promise<Verdict> {
    const request = signedRequest(this.#signer, commitStatusRequest(this.#signer, txId));
    const answer = await callUnary(this.#peer, "/gateway.Gateway/CommitStatus", request);
    const { blockNumber, result } = gateway.CommitStatusResponse.deserializeBinary(answer).toObject();
    return { block: blockNumber, code: result };
  }

  /** One filtered block, delivered by the peer. */
  async filteredBlock(block: number): Promise<peer.FilteredBlock> {
    const stream = openStream(this.#peer, "/protos.Deliver/DeliverFiltered");
    const range = { start: seek.block(block), stop: seek.block(block) };
    stream.send(seekEnvelope(this.#signer, range));
    const bytes = await stream.next();
    stream.cancel();
    const filtered = peer.DeliverResponse.deserializeBinary(bytes ?? NOTHING).getFilteredBlock();
    if (filtered === undefined) throw new TypeError("No filtered block came.");
    return filtered;
  }

  /** A question to a system contract. */
  query(contract: "qscc" | "cscc", ...args: readonly (string | Uint8Array)[]): Promise<Proposed> {
    return this.propose({ contract, args });
  }
}

/** The codes in a block's transactions filter. */
export function filterOf(block: common.Block): readonly number[] {
  const slot = common.BlockMetadataIndex.TRANSACTIONS_FILTER;
  return [...(block.getMetadata()?.getMetadataList_asU8()[slot] ?? [])];
}
