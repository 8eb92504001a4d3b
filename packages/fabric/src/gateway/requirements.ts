import type { ChannelConfig } from "@concordat/ledger/client";
import {
  approvalPrefix,
  type ContractDefinition,
  decodeApplicationPolicy,
  decodeResults,
  decodeSignaturePolicy,
  type EndorsementPolicy,
  isPolicySatisfied,
  LIFECYCLE_NAMESPACE,
  type Member,
  type NamespaceResults,
  VALIDATION_PARAMETER,
} from "@concordat/ledger/endorsement";
import type { OpenSimulation } from "../endorser/simulation.ts";

const DEFAULT_POLICY: EndorsementPolicy = { kind: "channel", name: "Endorsement" };

/** Policies of single keys, by `[namespace, key]` as JSON text. */
export type KeyPolicies = ReadonlyMap<string, EndorsementPolicy>;

export interface Endorsable {
  readonly contract: string;
  readonly creatorMspId: string;
  readonly results: Uint8Array;
  readonly definitions: ReadonlyMap<string, ContractDefinition | null>;
  readonly keyPolicies: KeyPolicies;
}

/** Every policy that a transaction's endorsers must satisfy, by the validator's rules. Undefined: no set of endorsers can. */
export function requirementsOf(transaction: Endorsable): readonly EndorsementPolicy[] | undefined {
  const namespaces = decodeResults(transaction.results);
  if (namespaces === undefined) return undefined;
  const policies: EndorsementPolicy[] = [];
  const invoked = namespaces.find(({ namespace }) => namespace === transaction.contract);
  const isInvokedWritten = invoked !== undefined && isWritten(invoked);
  if (!isInvokedWritten) policies.push(namespacePolicy(transaction.contract, transaction, undefined));
  for (const entry of namespaces.filter(isWritten)) {
    const keys = new Set([...entry.writes, ...entry.metadataWrites].map(({ key }) => key));
    const own = [...keys].map((key) => transaction.keyPolicies.get(JSON.stringify([entry.namespace, key])));
    policies.push(...own.filter((policy) => policy !== undefined));
    if (own.includes(undefined)) policies.push(namespacePolicy(entry.namespace, transaction, entry));
  }
  return policies;
}

/** What the contracts that were called ask for, whatever they have written. */
export function policiesOf(definitions: ReadonlyMap<string, ContractDefinition | null>): readonly EndorsementPolicy[] {
  return [...definitions.values()].map(definedPolicy);
}

export function areSatisfied(
  policies: readonly EndorsementPolicy[],
  members: readonly Member[],
  config: ChannelConfig,
): boolean {
  return policies.every((policy) => isPolicySatisfied(policy, members, config));
}

/** The policies that keys have of their own, by the state that the simulation started from. Read in another simulation: this one's reads count. */
export async function readKeyPolicies(simulation: OpenSimulation, aside: OpenSimulation): Promise<KeyPolicies> {
  const policies = new Map<string, EndorsementPolicy>();
  for (const { namespace, key } of simulation.writtenKeys) {
    const answer = await aside.step({ kind: "get-metadata", namespace, key });
    const parameter = answer.kind === "metadata" ? answer.entries[VALIDATION_PARAMETER] : undefined;
    const policy = parameter === undefined ? undefined : decodeSignaturePolicy(parameter);
    if (policy !== undefined) policies.set(JSON.stringify([namespace, key]), { kind: "signature", policy });
  }
  return policies;
}

function isWritten({ writes, metadataWrites }: NamespaceResults): boolean {
  return writes.length + metadataWrites.length > 0;
}

function namespacePolicy(
  namespace: string,
  { creatorMspId, definitions }: Endorsable,
  entry: NamespaceResults | undefined,
): EndorsementPolicy {
  if (namespace !== LIFECYCLE_NAMESPACE) return definedPolicy(definitions.get(namespace) ?? null);
  const prefix = approvalPrefix(creatorMspId);
  const isApproval = entry?.writes.every(({ key }) => key.startsWith(prefix)) === true;
  return isApproval ? peerOf(creatorMspId) : { kind: "channel", name: "LifecycleEndorsement" };
}

function definedPolicy(definition: ContractDefinition | null): EndorsementPolicy {
  if (definition === null || definition.validationParameter.length === 0) return DEFAULT_POLICY;
  return decodeApplicationPolicy(definition.validationParameter) ?? DEFAULT_POLICY;
}

function peerOf(mspId: string): EndorsementPolicy {
  const principals = [{ kind: "role", mspId, role: "peer" } as const];
  return { kind: "signature", policy: { rule: { kind: "signed-by", principal: 0 }, principals } };
}
