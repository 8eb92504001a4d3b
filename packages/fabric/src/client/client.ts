import type { Clock, Logger, RandomSource } from "@concordat/base";
import { status } from "@grpc/grpc-js";
import { FabricError } from "../errors.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { Nodes } from "../node/nodes.ts";
import { RpcError, toRpcError } from "../node/rpc-error.ts";
import type { InvokeRequest, InvokeResult } from "../ports.ts";
import { WireMessage } from "../wire/read.ts";
import { writeMessage } from "../wire/write.ts";
import { createProposal, sign } from "./proposal.ts";

export interface ClientDependencies {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
  readonly nodes: Nodes;
}

/** A Gateway client inside the process: the same checks, endorsements and orders as over the wire, without the wire. */
export class Client {
  readonly #dependencies: ClientDependencies;

  constructor(dependencies: ClientDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws ConcordatError INVOKE_REFUSED */
  invoke(request: InvokeRequest): Promise<InvokeResult> {
    return this.#refusing(async () => {
      const gateway = this.#gateway(request);
      const { signedProposal } = createProposal(request, this.#dependencies);
      const organizations = request.endorsingOrganizations ?? [];
      const payload = await gateway.endorse({ signedProposal, organizations }, neverAborted());
      const envelope = writeMessage([1, payload], [2, sign(request.signer, payload)]);
      const { txId, block, validationCode } = await gateway.submit({ channelId: request.channelId, envelope });
      return { txId, block, validationCode, result: resultOf(payload) };
    });
  }

  /** @throws ConcordatError INVOKE_REFUSED */
  query(request: InvokeRequest): Promise<Uint8Array> {
    return this.#refusing(async () => {
      const gateway = this.#gateway(request);
      const { signedProposal } = createProposal(request, this.#dependencies);
      const organizations = request.endorsingOrganizations ?? [];
      const response = await gateway.evaluate({ signedProposal, organizations }, neverAborted());
      return response.payload;
    });
  }

  #gateway({ channelId, signer }: InvokeRequest): Gateway {
    const gateway = this.#dependencies.nodes.gatewayFor(channelId, signer.mspId);
    if (gateway !== undefined) return gateway;
    throw new RpcError(status.UNAVAILABLE, `no peer is running on channel ${channelId}`);
  }

  async #refusing<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      const { code, message, details } = toRpcError(error, (unforeseen) =>
        this.#dependencies.log.error("A call broke off", { error: String(unforeseen) }),
      );
      const texts = details.map((detail) => `${detail.mspId} ${detail.address}: ${detail.message}`);
      throw new FabricError("INVOKE_REFUSED", message, { facts: { grpcCode: code, details: texts }, cause: error });
    }
  }
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

/** What the contract answered: Payload.data -> Transaction -> ChaincodeActionPayload -> ProposalResponsePayload -> ChaincodeAction.response */
function resultOf(payload: Uint8Array): Uint8Array {
  const [action] = new WireMessage(payload).message(2).all(1);
  if (action === undefined) return new Uint8Array(0);
  const responsePayload = new WireMessage(action).message(2).message(2).message(1);
  return responsePayload.message(2).message(3).bytes(3);
}
