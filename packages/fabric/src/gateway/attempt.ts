import { ProposalRefused } from "../endorser/check-proposal.ts";
import type { Execution } from "../endorser/contract-call.ts";
import { type Endorser, failedResponse, type ProposalResponse, unendorsed } from "../endorser/endorser.ts";
import { ExecutionError } from "../endorser/execution-error.ts";
import type { Proposal } from "../endorser/proposal.ts";
import type { OpenSimulation } from "../endorser/simulation.ts";
import { AbortedError } from "../node/peer-channel.ts";
import type { RunningNode } from "../node/running-node.ts";
import { type Outcome, outcomeOf, refusalOf } from "./outcome.ts";

/** One peer's answer to a proposal, as its gateway sees it. */
export interface Attempt {
  readonly node: RunningNode;
  readonly outcome: Outcome;
  readonly response: ProposalResponse | undefined;
  /** The peer does not have the contract. */
  readonly isAbsent: boolean;
}

/** Lets one peer check a proposal and begin with it; or why it will not. */
export async function begin(
  endorser: Endorser,
  node: RunningNode,
  proposal: Proposal,
  sameStateAs?: OpenSimulation,
): Promise<{ readonly execution: Execution } | { readonly refusal: Attempt }> {
  try {
    return { execution: await endorser.begin(node, proposal, sameStateAs) };
  } catch (error) {
    if (!(error instanceof ProposalRefused)) throw error;
    const outcome = refusalOf(error.message);
    return { refusal: { node, outcome, response: undefined, isAbsent: false } };
  }
}

/** Called with the open simulation of a run that went well, before it ends. */
export type BeforeEnd = (execution: Execution, simulation: OpenSimulation) => Promise<void>;

/** Lets one peer run and endorse a proposal that was admitted. */
export async function attempt(
  endorser: Endorser,
  execution: Execution,
  signal: AbortSignal,
  beforeEnd?: BeforeEnd,
): Promise<Attempt> {
  const { node, simulation } = execution;
  try {
    const outcome = await abandonable(endorser.execute(execution), signal);
    const isFailure = outcome instanceof ExecutionError;
    if (!isFailure && simulation !== undefined) await beforeEnd?.(execution, simulation);
    const response = await endorser.complete(execution, outcome);
    return { node, outcome: outcomeOf(response), response, isAbsent: isFailure && outcome.isAbsent };
  } finally {
    simulation?.abandon();
  }
}

/** Lets one peer run a proposal that was admitted, for the contract's answer alone. */
export async function attemptQuery(endorser: Endorser, execution: Execution, signal: AbortSignal): Promise<Attempt> {
  const { node, simulation } = execution;
  try {
    const outcome = await abandonable(endorser.execute(execution), signal);
    const isFailure = outcome instanceof ExecutionError;
    const response = isFailure ? failedResponse(outcome.message) : unendorsed(outcome);
    return { node, outcome: outcomeOf(response), response, isAbsent: isFailure && outcome.isAbsent };
  } finally {
    simulation?.abandon();
  }
}

/** Stops waiting when the caller has gone. The contract runs to its end or its own timeout; nobody takes what it answers. */
function abandonable<Answer>(work: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new AbortedError());
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
