import type { Clock, Logger } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import { type Endorsement, encodeProposalResponsePayload } from "@concordat/ledger/endorsement";
import type { ContractResponse } from "../contracts/ports.ts";
import type { RunningNode } from "../node/running-node.ts";
import type { SystemContracts } from "../system-chaincodes/system-contracts.ts";
import { checkIsNew, checkProposal } from "./check-proposal.ts";
import type { CallOutcome, ContractCalls, Execution } from "./contract-call.ts";
import { definitionPlace } from "./definitions.ts";
import { ExecutionError } from "./execution-error.ts";
import { failureText } from "./failure-text.ts";
import type { Proposal } from "./proposal.ts";
import { OpenSimulation, type SimulationOrigin } from "./simulation.ts";

const ERROR_THRESHOLD = 400;
const ERROR = 500;
const NOTHING = new Uint8Array(0);

/** What an endorser makes of a proposal: `protos.ProposalResponse`. */
export interface ProposalResponse {
  readonly response: Pick<ContractResponse, "status" | "message" | "payload">;
  /** A serialized ProposalResponsePayload. Undefined: the contract was not run, or has said no with a status below 500. */
  readonly payload: Uint8Array | undefined;
  readonly endorsement: Endorsement | undefined;
  /** A serialized TxReadWriteSet; empty when nothing was simulated. */
  readonly results: Uint8Array;
}

export interface EndorserDependencies {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  readonly calls: ContractCalls;
  readonly systemContracts: SystemContracts;
}

/** Checks, runs and signs, for every peer of the process. */
export class Endorser {
  readonly #dependencies: EndorserDependencies;

  constructor(dependencies: EndorserDependencies) {
    this.#dependencies = dependencies;
  }

  /** Runs the contract once, endorses what came of it. @throws ProposalRefused */
  async processProposal(node: RunningNode, proposal: Proposal): Promise<ProposalResponse> {
    if (proposal.channelId !== "" && !node.channels.has(proposal.channelId)) {
      return failedResponse(`channel '${proposal.channelId}' not found`);
    }
    const execution = await this.begin(node, proposal);
    return this.complete(execution, await this.execute(execution));
  }

  /**
   * Checks a proposal and begins to simulate it, on the state that `sameStateAs` sees. Nothing is opened for contracts that only read what is
   * stored. @throws ProposalRefused
   */
  async begin(node: RunningNode, proposal: Proposal, sameStateAs?: OpenSimulation): Promise<Execution> {
    const { ledger, systemContracts, clock } = this.#dependencies;
    const creator = checkProposal(node, proposal, clock);
    const begun = { node, proposal, creator, definitions: new Map() };
    if (!systemContracts.needsSimulation(proposal)) {
      await checkIsNew(node, proposal);
      return { ...begun, simulation: undefined };
    }
    const reads = systemContracts.has(proposal.contract) ? [] : [definitionPlace(proposal.contract)];
    const simulation = await OpenSimulation.open(ledger, originOf(proposal), { sameStateAs, reads });
    try {
      if (simulation.isTransactionKnown) await checkIsNew(node, proposal);
      return { ...begun, simulation };
    } catch (error) {
      simulation.abandon();
      throw error;
    }
  }

  /** Runs the contract; whatever keeps it from answering becomes a text. The simulation stays open when it answered with success. */
  async execute(execution: Execution): Promise<CallOutcome | ExecutionError> {
    const { calls, systemContracts, log } = this.#dependencies;
    try {
      const isSystem = systemContracts.has(execution.proposal.contract);
      return await (isSystem ? systemContracts.run(execution) : calls.run(execution));
    } catch (error) {
      execution.simulation?.abandon();
      if (error instanceof ExecutionError) return error;
      return new ExecutionError(failureText(error, log));
    }
  }

  /** Ends the simulation and signs its results with the peer's key. */
  async complete(execution: Execution, outcome: CallOutcome | ExecutionError): Promise<ProposalResponse> {
    const { node, proposal, simulation } = execution;
    if (outcome instanceof ExecutionError) return failedResponse(outcome.message);
    const { status, message, payload: result } = outcome.response;
    const response = { status, message, payload: result };
    const isRefusal = status >= ERROR_THRESHOLD && status < ERROR;
    if (proposal.channelId === "" || isRefusal) {
      simulation?.abandon();
      return { response, payload: undefined, endorsement: undefined, results: NOTHING };
    }
    const results = simulation === undefined ? NOTHING : (await simulation.finish()).results;
    const payload = this.#encode(proposal, outcome, results);
    if (status >= ERROR) return { response, payload, endorsement: undefined, results };
    const signature = node.sign(Buffer.concat([payload, node.identity]));
    return { response, payload, endorsement: { endorser: node.identity, signature }, results };
  }

  #encode(proposal: Proposal, { response, contractVersion }: CallOutcome, results: Uint8Array): Uint8Array {
    const { event, status, message, payload } = response;
    const { contract, txId, proposalHash } = proposal;
    return encodeProposalResponsePayload({
      proposalHash,
      results,
      event: event && { contract, txId, name: event.name, payload: event.payload },
      response: { status, message, payload },
      contract,
      contractVersion,
    });
  }
}

export function originOf({ channelId, txId, timestamp }: Proposal): SimulationOrigin {
  return { channelId, txId, timestamp: timestamp ?? { seconds: 0, nanos: 0 } };
}

/** A contract's own answer, which nobody signs. Its payload is empty, and there: the answer is not the peer's. */
export function unendorsed({ response: { status, message, payload } }: CallOutcome): ProposalResponse {
  return { response: { status, message, payload }, payload: NOTHING, endorsement: undefined, results: NOTHING };
}

/** What an endorser answers when a contract could not be run: no payload, and status 500. */
export function failedResponse(message: string): ProposalResponse {
  const response = { status: ERROR, message, payload: NOTHING };
  return { response, payload: undefined, endorsement: undefined, results: NOTHING };
}
