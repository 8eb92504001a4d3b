import { type Clock, InvariantError, isConcordatError } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import { type ContractDefinition, isPolicySatisfied, type Member } from "@concordat/ledger/endorsement";
import type { ContractHost, ContractResponse } from "../contracts/ports.ts";
import type { RunningNode } from "../node/running-node.ts";
import { policyFailure } from "./access.ts";
import { runBuiltIn } from "./built-in.ts";
import { SYSTEM_CONTRACTS } from "./check-proposal.ts";
import { type Approvals, type Definitions, definitionPlace } from "./definitions.ts";
import { asCallersError, asEndorsersError, ExecutionError } from "./execution-error.ts";
import { InstalledPackages } from "./installed-packages.ts";
import type { Proposal } from "./proposal.ts";
import { getState, OpenSimulation } from "./simulation.ts";

/** Where Fabric keeps the version that a contract was initialized for. */
const INITIALIZED_KEY = "\u0000\u{10ffff}initialized";
const DEPTH_MAX = 16;
/** What a called contract leaves its caller of the remaining time: a tenth, but no more than this. */
const CALLERS_TIME_MAX_MS = 1_000;

export interface ContractCallOptions {
  readonly contractTimeoutMs: number;
}

export interface ContractCallDependencies {
  readonly ledger: Ledger;
  readonly contracts: ContractHost;
  readonly approvals: Approvals;
  readonly definitions: Definitions;
  readonly clock: Clock;
}

/** One proposal on one peer: which contracts it called, and what their definitions were. */
export interface Execution {
  readonly node: RunningNode;
  readonly proposal: Proposal;
  readonly creator: Member;
  /** Undefined for system contracts that only read what is stored. */
  readonly simulation: OpenSimulation | undefined;
  /** Of every contract that was called on the proposal's channel; null for one without. */
  readonly definitions: Map<string, ContractDefinition | null>;
}

type SimulatedExecution = Execution & { readonly simulation: OpenSimulation };

interface Call {
  readonly contract: string;
  readonly args: readonly Uint8Array[];
  readonly isInit: boolean;
  readonly depth: number;
  /** When it must have ended; undefined: as long as a contract may take, from its start. */
  readonly deadlineMs: number | undefined;
}

export interface CallOutcome {
  readonly response: ContractResponse;
  readonly contractVersion: string;
}

/** Runs contracts for endorsers, whoever made them and wherever they run. */
export class ContractCalls {
  readonly #options: ContractCallOptions;
  readonly #dependencies: ContractCallDependencies;
  readonly #installed: InstalledPackages;

  constructor(options: ContractCallOptions, dependencies: ContractCallDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#installed = new InstalledPackages(dependencies);
  }

  /** @throws ExecutionError */
  run(execution: Execution): Promise<CallOutcome> {
    const { simulation } = execution;
    if (simulation === undefined) throw new InvariantError("A contract needs a simulation.");
    const { contract, args, isInit, txId } = execution.proposal;
    const call = { contract, args, isInit, depth: 0, deadlineMs: undefined };
    return this.#call({ ...execution, simulation }, call).catch((error: unknown) => {
      throw asEndorsersError(error, txId);
    });
  }

  async #call(execution: SimulatedExecution, call: Call): Promise<CallOutcome> {
    const { node, simulation, definitions } = execution;
    const { contract, isInit } = call;
    if (call.depth > DEPTH_MAX) throw new ExecutionError(`contracts call each other more than ${DEPTH_MAX} deep`);
    const definition =
      definitions.get(contract) ?? (await this.#dependencies.definitions.read(simulation, contract)) ?? null;
    definitions.set(contract, definition);
    const channel = node.channels.get(simulation.channelId);
    if (channel?.head.config.contracts.includes(contract) === true) {
      if (isInit) throw invalidInvocation(`chaincode '${contract}' does not require initialization but called as init`);
      return runBuiltIn({ contract, args: call.args, creator: execution.creator, simulation });
    }
    if (definition === null) throw absent(call, simulation.channelId, `chaincode ${contract} not found`);
    await this.#checkInit(simulation, definition, isInit);
    return { response: await this.#runForeign(execution, call, definition), contractVersion: definition.version };
  }

  /** Exactly one init for each version, as far as the definition asks for it. */
  async #checkInit(simulation: OpenSimulation, definition: ContractDefinition, isInit: boolean): Promise<void> {
    const { name, version, initRequired } = definition;
    if (!initRequired) {
      if (isInit) throw invalidInvocation(`chaincode '${name}' does not require initialization but called as init`);
      return;
    }
    const value = await getState(simulation, name, INITIALIZED_KEY);
    const isInitialized = value !== undefined && Buffer.from(value).toString() === version;
    if (!isInit && !isInitialized) {
      throw invalidInvocation(`chaincode '${name}' has not been initialized for this version, must call as init first`);
    }
    if (!isInit) return;
    if (isInitialized) throw invalidInvocation(`chaincode '${name}' is already initialized but called as init`);
    await simulation.step({ kind: "put", namespace: name, key: INITIALIZED_KEY, value: Buffer.from(version) });
  }

  async #runForeign(
    execution: SimulatedExecution,
    call: Call,
    definition: ContractDefinition,
  ): Promise<ContractResponse> {
    const { contracts, clock } = this.#dependencies;
    const { node, proposal, simulation } = execution;
    const packageId = await this.#packageId(execution, call, definition);
    let nested = 0;
    try {
      const connection = await contracts.connection(node.mspId, packageId);
      const deadlineMs = call.deadlineMs ?? clock.nowMs() + this.#options.contractTimeoutMs;
      return await connection.call({
        channelId: simulation.channelId,
        txId: proposal.txId,
        contract: call.contract,
        isInit: call.isInit,
        args: call.args,
        signedProposal: { proposalBytes: proposal.proposalBytes, signature: proposal.signature },
        simulation,
        invoke: async (target, args) => {
          nested++;
          try {
            return await this.#invoke(execution, { ...call, deadlineMs }, target, args);
          } finally {
            nested--;
          }
        },
        timeoutMs: Math.max(1, deadlineMs - clock.nowMs()),
      });
    } catch (error) {
      // One that waits for another contract is not the one that does not answer.
      if (isConcordatError(error, "CONTRACT_TIMEOUT") && nested === 0) {
        contracts.reset(node.mspId, packageId, "A call did not end within its time.");
      }
      throw executionFailure(error, packageId);
    }
  }

  async #packageId(
    { node, simulation }: SimulatedExecution,
    call: Call,
    { name, sequence }: ContractDefinition,
  ): Promise<string> {
    const { channelId } = simulation;
    const packageId = await this.#dependencies.approvals.packageIdOf(simulation, node.mspId, name, sequence);
    if (packageId === undefined) {
      const what = `chaincode definition for '${name}' at sequence ${sequence} on channel '${channelId}'`;
      throw absent(call, channelId, `${what} has not yet been approved by this org`);
    }
    if (packageId === "" || !(await this.#installed.has(node.nodeId, packageId))) {
      throw absent(call, channelId, `chaincode definition for '${name}' exists, but chaincode is not installed`);
    }
    return packageId;
  }

  /** Chaincode-to-chaincode: in the same simulation on the same channel; elsewhere to read only. The called one's event is dropped. */
  async #invoke(
    execution: SimulatedExecution,
    caller: Call,
    target: string,
    args: readonly Uint8Array[],
  ): Promise<ContractResponse> {
    const [nameAndVersion = "", ...rest] = target.split("/");
    const contract = nameAndVersion.split(":")[0] ?? "";
    const channelId = rest.join("/") || execution.simulation.channelId;
    if (SYSTEM_CONTRACTS.has(contract)) {
      throw new ExecutionError(`system chaincode ${contract} cannot be called by another chaincode`);
    }
    const deadlineMs = caller.deadlineMs === undefined ? undefined : this.#earlier(caller.deadlineMs);
    const call = { contract, args, isInit: false, depth: caller.depth + 1, deadlineMs };
    if (channelId === execution.simulation.channelId) {
      return this.#callNested(execution, call);
    }
    return this.#readElsewhere(execution, channelId, call);
  }

  async #callNested(execution: SimulatedExecution, call: Call): Promise<ContractResponse> {
    try {
      const { response } = await this.#call(execution, call);
      return { ...response, event: undefined };
    } catch (error) {
      throw asCallersError(error);
    }
  }

  /** The called contract's deadline: the caller must have time left to hear that it passed. */
  #earlier(deadlineMs: number): number {
    const leftMs = Math.max(0, deadlineMs - this.#dependencies.clock.nowMs());
    return deadlineMs - Math.min(CALLERS_TIME_MAX_MS, leftMs / 10);
  }

  async #readElsewhere(execution: SimulatedExecution, channelId: string, call: Call): Promise<ContractResponse> {
    const { node, proposal, creator } = execution;
    const channel = node.channels.get(channelId);
    if (channel === undefined) throw new ExecutionError(`failed to find ledger for channel: ${channelId}`);
    const there = channel.head.msps.identify(creator.serialized, (proposal.timestamp?.seconds ?? 0) * 1_000).member;
    const writers = { kind: "channel", name: "Writers" } as const;
    if (there === undefined || !isPolicySatisfied(writers, [there], channel.head.config)) {
      throw new ExecutionError(policyFailure(channelId, "Writers"));
    }
    const origin = { channelId, txId: proposal.txId, timestamp: proposal.timestamp ?? { seconds: 0, nanos: 0 } };
    const reads = [definitionPlace(call.contract)];
    const simulation = await OpenSimulation.open(this.#dependencies.ledger, origin, { reads });
    try {
      return await this.#callNested({ ...execution, simulation, definitions: new Map() }, call);
    } finally {
      simulation.abandon();
    }
  }
}

/** What keeps a contract from answering. Failures of the engine stay what they are. */
function executionFailure(error: unknown, packageId: string): unknown {
  if (!isConcordatError(error) || error instanceof ExecutionError) return error;
  if (error.code === "CONTRACT_TIMEOUT") {
    return new ExecutionError("error sending: timeout expired while executing transaction");
  }
  if (error.code !== "CONTRACT_NOT_RUNNING") return new ExecutionError(error.message);
  const reason = typeof error.facts["reason"] === "string" ? error.facts["reason"] : error.message;
  return new ExecutionError(`could not launch chaincode ${packageId}: ${reason}`);
}

function invalidInvocation(text: string): ExecutionError {
  return new ExecutionError(`invalid invocation: ${text}`);
}

/** Fabric looks a proposal's own contract up before it simulates, and that of a contract's call as a part of it. */
function absent({ contract, depth }: Call, channelId: string, reason: string): ExecutionError {
  const context =
    depth === 0
      ? `make sure the chaincode ${contract} has been successfully defined on channel ${channelId} and try again`
      : `invalid invocation: [channel ${channelId}] failed to get chaincode container info for ${contract}`;
  return new ExecutionError(`${context}: ${reason}`, { isAbsent: true });
}
