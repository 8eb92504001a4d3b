import { EndorseError, type Gateway, GatewayError, type Proposal } from "@hyperledger/fabric-gateway";
import { gateway as messages } from "@hyperledger/fabric-protos";
import { expect } from "vitest";
import {
  type ContractHome,
  EVALUATION_NONCE,
  type HomeOptions,
  nonceRow,
  type Outcome,
  refusalOf,
} from "./contract-homes.ts";
import { type Caller, makeProposal } from "./fabric-messages.ts";
import { type HomeNetwork, startHomeNetwork } from "./home-network.ts";
import { committedWrites } from "./home-writes.ts";

/** gRPC's UNKNOWN: a contract that failed while it was evaluated. */
const UNKNOWN = 2;
/** gRPC's ABORTED: a contract that failed while it was to be endorsed. */
const ABORTED = 10;

/** A built-in contract of a channel, called through a peer by the official Gateway client. */
export async function openNetworkHome(options: HomeOptions): Promise<ContractHome> {
  const network = await startHomeNetwork(options, { builtIn: [options.contract], serviceAddresses: [] });
  return { ...networkCalls(options, network), close: () => network.close() };
}

/** The home's calls as proposals with its nonces and times, through the network's gateway. */
export function networkCalls(
  { world, contract, clock }: HomeOptions,
  network: HomeNetwork,
): Pick<ContractHome, "submit" | "evaluate"> {
  const nextNonce = nonceRow();
  const { channelId } = world;
  const propose = (fn: string, args: readonly string[], caller: Caller, nonce: Uint8Array): Proposal => {
    const input = { channelId, chaincode: contract.name, caller, args: [fn, ...args], nonce, timeMs: clock.nowMs() };
    return proposalOf(network.gateway(caller), input);
  };
  return {
    async submit(fn, args, caller = world.principal) {
      const proposal = propose(fn, args, caller, nextNonce());
      const transaction = await contractFailureOr(proposal.endorse());
      if ("outcome" in transaction) return transaction.outcome;
      const commit = await transaction.value.submit();
      const status = await commit.getStatus();
      expect(status).toMatchObject({ code: 0, successful: true });
      const txId = proposal.getTransactionId();
      // The time that the ledger has on record, and where the client was told to look.
      const { timestampMs, block } = await network.ledger.transaction(channelId, txId);
      expect(BigInt(block.number)).toBe(status.blockNumber);
      const writes = await committedWrites(network.ledger, { channelId, txId, contract: contract.name });
      return { answer: textOf(transaction.value.getResult()), txId, timeMs: timestampMs, writes };
    },
    async evaluate(fn, args) {
      const answer = await contractFailureOr(propose(fn, args, world.principal, EVALUATION_NONCE).evaluate());
      return "outcome" in answer ? answer.outcome : { answer: textOf(answer.value) };
    },
  };
}

function proposalOf(gateway: Gateway, input: Parameters<typeof makeProposal>[0]): Proposal {
  const { txId, signed } = makeProposal(input);
  const proposed = new messages.ProposedTransaction();
  proposed.setTransactionId(txId);
  proposed.setProposal(signed);
  return gateway.newSignedProposal(proposed.serializeBinary(), signed.getSignature_asU8());
}

/** What a call answers; or, when the contract itself has failed, how. Throws whatever else went wrong. */
async function contractFailureOr<Value>(
  call: Promise<Value>,
): Promise<{ readonly value: Value } | { readonly outcome: Outcome }> {
  try {
    return { value: await call };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expect(error.code, error.message).toBe(error instanceof EndorseError ? ABORTED : UNKNOWN);
    const [detail, ...others] = error.details;
    expect(others).toEqual([]);
    const [, text] = /^chaincode response 500, (.*)$/s.exec(detail?.message ?? "") ?? [];
    if (text === undefined) throw error;
    return { outcome: refusalOf(text) };
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
