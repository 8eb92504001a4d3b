import { type EndorsementPolicy, encodeTransactionPayload, LIFECYCLE_NAMESPACE } from "@concordat/ledger/endorsement";
import { status } from "@grpc/grpc-js";
import type { Execution } from "../endorser/contract-call.ts";
import { type Proposal, readProposal } from "../endorser/proposal.ts";
import type { OpenSimulation } from "../endorser/simulation.ts";
import type { PeerChannel } from "../node/peer-channel.ts";
import { RpcError } from "../node/rpc-error.ts";
import type { RunningNode } from "../node/running-node.ts";
import { WireError } from "../wire/read.ts";
import { type Attempt, attempt, begin } from "./attempt.ts";
import { type Candidate, chooseEndorsers } from "./choose-endorsers.ts";
import { Collection } from "./collection.ts";
import { firstOfEach, type GatewayDependencies } from "./evaluate.ts";
import type { ProposalRequest } from "./requests.ts";
import { areSatisfied, type KeyPolicies, policiesOf, readKeyPolicies, requirementsOf } from "./requirements.ts";

const NO_COMBINATION = "no combination of peers can be derived which satisfy the endorsement policy";

interface Session {
  readonly gateway: RunningNode;
  readonly channel: PeerChannel;
  readonly proposal: Proposal;
  readonly candidates: readonly Candidate[];
  readonly signal: AbortSignal;
  readonly dependencies: GatewayDependencies & { readonly nowMs: () => number };
}

/**
 * Has a proposal run and signed by as many organizations as its policies need, all on one state, and answers the payload that the
 * client is to sign. @throws RpcError
 */
export async function endorse(
  gateway: RunningNode,
  request: ProposalRequest,
  signal: AbortSignal,
  dependencies: Session["dependencies"],
): Promise<Uint8Array> {
  const proposal = readEndorsed(request.signedProposal);
  const channel = gateway.channels.get(proposal.channelId);
  if (channel === undefined) throw noMetadata(proposal);
  const candidates = candidatesOf(gateway, channel, dependencies);
  const session = { gateway, channel, proposal, candidates, signal, dependencies };
  const collection =
    request.organizations.length > 0
      ? await endorseByNamed(session, [...new Set(request.organizations)])
      : await endorseByPolicy(session);
  const { channelHeader, signatureHeader, payload } = proposal;
  return encodeTransactionPayload({
    channelHeader,
    signatureHeader,
    proposalPayload: payload,
    proposalResponsePayload: collection.payload,
    endorsements: collection.endorsements,
  });
}

function readEndorsed(signedProposal: Uint8Array): Proposal {
  if (signedProposal.length === 0) {
    throw new RpcError(status.INVALID_ARGUMENT, "the proposed transaction must contain a signed proposal");
  }
  try {
    return readProposal(signedProposal);
  } catch (error) {
    if (error instanceof WireError) throw new RpcError(status.INVALID_ARGUMENT, error.message);
    throw error;
  }
}

/** One peer of each organization, the gateway's own first. A peer whose certificate counts no more cannot endorse. */
function candidatesOf(
  gateway: RunningNode,
  { channelId, head }: PeerChannel,
  { network, nowMs }: Session["dependencies"],
): readonly Candidate[] {
  const peers = network.peersOf(channelId, gateway).toSorted((a, b) => Number(b === gateway) - Number(a === gateway));
  return firstOfEach(peers).flatMap((node) => {
    const { member } = head.msps.identify(node.identity, nowMs());
    return member === undefined ? [] : [{ node, member }];
  });
}

/** The client says who: all of them must agree. */
async function endorseByNamed(session: Session, mspIds: readonly string[]): Promise<Collection> {
  const { candidates, dependencies, signal } = session;
  const missing = mspIds.filter((mspId) => !candidates.some(({ node }) => node.mspId === mspId));
  if (missing.length > 0) throw noPeersFor(missing);
  const chosen = candidates.filter(({ node }) => mspIds.includes(node.mspId));
  const collection = new Collection();
  const executions = await beginAll(session, chosen, collection);
  const attempts = await Promise.all(executions.map((one) => attempt(dependencies.endorser, one, signal)));
  for (const one of attempts) collection.add(one);
  if (attempts.length > 0 && attempts.every(({ isAbsent }) => isAbsent)) throw noPeersFor(mspIds);
  if (collection.failureCount > 0) throw collection.failure();
  return collection;
}

/** All on the state that the first one sees. Those that refuse are added to the collection. */
async function beginAll(
  { dependencies, proposal }: Session,
  chosen: readonly Candidate[],
  collection: Collection,
): Promise<readonly Execution[]> {
  const executions: Execution[] = [];
  try {
    for (const { node } of chosen) {
      const begun = await begin(dependencies.endorser, node, proposal, executions[0]?.simulation);
      if ("refusal" in begun) collection.add(begun.refusal);
      else executions.push(begun.execution);
    }
    return executions;
  } catch (error) {
    for (const { simulation } of executions) simulation?.abandon();
    throw error;
  }
}

/** A first run shows what is written, and so whose signatures the transaction needs. */
async function endorseByPolicy(session: Session): Promise<Collection> {
  const anchor = new Anchor();
  try {
    const { requirements, collection } = await runFirst(session, anchor);
    if (requirements === undefined) throw new RpcError(status.FAILED_PRECONDITION, noSet());
    let remaining = session.candidates;
    for (;;) {
      const chosen = chooseEndorsers(remaining, requirements, session.channel.head.config);
      if (chosen === undefined) {
        if (collection.failureCount > 0) throw collection.failure();
        throw new RpcError(status.FAILED_PRECONDITION, noSet());
      }
      const failed = await runMissing(session, anchor.simulation, chosen, collection);
      if (failed.size === 0) return collection.only(chosen.map(({ node }) => node));
      remaining = remaining.filter((candidate) => !failed.has(candidate.node));
    }
  } finally {
    anchor.drop();
  }
}

/** Keeps the state that the first run saw, for others to run on; empty where no other peer could be needed. */
class Anchor {
  simulation: OpenSimulation | undefined;

  async hold(simulation: OpenSimulation): Promise<OpenSimulation> {
    this.simulation = await simulation.sibling();
    return this.simulation;
  }

  drop(): void {
    this.simulation?.abandon();
  }
}

interface First {
  readonly collection: Collection;
  /** Undefined: nobody can satisfy them. */
  readonly requirements: readonly EndorsementPolicy[] | undefined;
}

/** The gateway's own peer, or the next that has the contract; transient data goes nowhere else by itself. */
async function runFirst(session: Session, anchor: Anchor): Promise<First> {
  const { candidates, dependencies, gateway, proposal, signal } = session;
  for (const { node } of candidates) {
    if (proposal.hasTransient && node.mspId !== gateway.mspId) continue;
    const begun = await begin(dependencies.endorser, node, proposal);
    if ("refusal" in begun) throw firstFailure(begun.refusal);
    const { execution } = begun;
    let keyPolicies: KeyPolicies = new Map();
    const result = await attempt(dependencies.endorser, execution, signal, async (_, simulation) => {
      if (!mayNeedOthers(session, execution, simulation)) return;
      keyPolicies = await readKeyPolicies(simulation, await anchor.hold(simulation));
    });
    if (result.isAbsent) continue;
    if (result.outcome.kind === "failure" || result.response === undefined) throw firstFailure(result);
    const collection = new Collection();
    collection.add(result);
    const requirements = requirementsOf({
      contract: proposal.contract,
      creatorMspId: execution.creator.mspId,
      results: result.response.results,
      definitions: execution.definitions,
      keyPolicies,
    });
    return { collection, requirements };
  }
  if (!proposal.hasTransient) throw noMetadata(proposal);
  throw new RpcError(
    status.FAILED_PRECONDITION,
    "no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to protect transient data",
  );
}

/** Whether one organization's signature may not do: then the state must be kept until the others have run. */
function mayNeedOthers(
  { candidates, channel, proposal }: Session,
  execution: Execution,
  simulation: OpenSimulation,
): boolean {
  if (candidates.length < 2) return false;
  if (proposal.contract === LIFECYCLE_NAMESPACE || simulation.writtenKeys.length > 0) return true;
  const own = candidates.filter(({ node }) => node === execution.node).map(({ member }) => member);
  return !areSatisfied(policiesOf(execution.definitions), own, channel.head.config);
}

/** Lets those run that have not yet. Answers who failed or disagreed. */
async function runMissing(
  { dependencies, proposal, signal }: Session,
  anchor: OpenSimulation | undefined,
  chosen: readonly Candidate[],
  collection: Collection,
): Promise<ReadonlySet<RunningNode>> {
  const missing = chosen.filter(({ node }) => !collection.has(node));
  const attempts = await Promise.all(
    missing.map(async ({ node }) => {
      const begun = await begin(dependencies.endorser, node, proposal, anchor);
      return "refusal" in begun ? begun.refusal : attempt(dependencies.endorser, begun.execution, signal);
    }),
  );
  return new Set(attempts.filter((one) => !collection.add(one)).map(({ node }) => node));
}

function firstFailure(result: Attempt): RpcError {
  const collection = new Collection();
  collection.add(result);
  return collection.failure("failed to endorse transaction, see attached details for more info");
}

function noMetadata({ contract, channelId }: Proposal): RpcError {
  const inner = `No metadata was found for chaincode ${contract} in channel ${channelId}`;
  return new RpcError(status.FAILED_PRECONDITION, `${NO_COMBINATION}: ${inner}`);
}

function noSet(): string {
  return `${NO_COMBINATION}: no peer combination can satisfy the endorsement policy`;
}

function noPeersFor(mspIds: readonly string[]): RpcError {
  return new RpcError(status.UNAVAILABLE, `failed to find any endorsing peers for org(s): ${mspIds.join(", ")}`);
}
