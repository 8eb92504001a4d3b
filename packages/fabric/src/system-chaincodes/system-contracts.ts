import type { ContractResponse } from "../contracts/ports.ts";
import type { CallOutcome, Execution } from "../endorser/contract-call.ts";
import type { Proposal } from "../endorser/proposal.ts";

/** A contract of the peer itself. */
export type SystemContract = (execution: Execution) => Promise<ContractResponse>;

/** What Fabric calls the version of its own contracts. */
const VERSION = "syscc";

/** The contracts that every peer brings along. */
export class SystemContracts {
  readonly #contracts: ReadonlyMap<string, SystemContract>;

  constructor(contracts: Readonly<Record<string, SystemContract>>) {
    this.#contracts = new Map(Object.entries(contracts));
  }

  has(name: string): boolean {
    return this.#contracts.has(name);
  }

  /** `qscc` and `cscc` read what is stored, and a proposal without a channel has no state to be simulated on. */
  needsSimulation({ contract, channelId }: Proposal): boolean {
    return channelId !== "" && contract !== "qscc" && contract !== "cscc";
  }

  async run(execution: Execution): Promise<CallOutcome> {
    const { contract } = execution.proposal;
    const run = this.#contracts.get(contract);
    const response = run === undefined ? failure(`chaincode ${contract} not found`) : await run(execution);
    return { response, contractVersion: VERSION };
  }
}

const NOTHING = new Uint8Array(0);

export function success(payload: Uint8Array): ContractResponse {
  return { status: 200, message: "", payload, event: undefined };
}

export function failure(message: string, status = 500): ContractResponse {
  return { status, message, payload: NOTHING, event: undefined };
}
