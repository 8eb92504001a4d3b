import { concatBytes } from "@concordat/base";
import { approvalPrefix, LIFECYCLE_NAMESPACE } from "./definitions.ts";
import { isPolicySatisfied } from "./evaluate-policy.ts";
import { deserializeMember } from "./msps.ts";
import { decodeApplicationPolicy, decodeSignaturePolicy } from "./policy-codec.ts";
import type {
  ChannelMsps,
  ContractDefinition,
  EndorsedTransaction,
  EndorsementPolicy,
  EnvelopeHeaders,
  Member,
  MemberFault,
  NamespaceResults,
} from "./ports.ts";
import { TX_VALIDATION_CODE as CODE, type TxValidationCode } from "./validation-code.ts";

/** What judging a transaction needs to know of the channel and its state just before the transaction. */
export interface ValidationContext {
  readonly msps: ChannelMsps;
  /** The time that certificates are judged at; the channel header's when left out. */
  readonly atMs?: number;
  /** The definition in force. Answering the same object for the same definition saves reading its policy again. */
  definitionOf(name: string): ContractDefinition | undefined;
  /** Whether the name is that of a built-in contract of the channel. */
  isBuiltIn(name: string): boolean;
  /** The key's metadata `VALIDATION_PARAMETER`: a serialized SignaturePolicyEnvelope. */
  validationParameterOf(namespace: string, key: string): Uint8Array | undefined;
}

/** Bounds the work that one envelope can cause; no channel has as many organizations. */
const ENDORSEMENTS_MAX = 256;

export type CreatorVerdict =
  | { readonly member: Member; readonly fault?: undefined }
  | {
      readonly member?: undefined;
      /** `wrong-signature`: a member, but not the one who signed the payload. */
      readonly fault: MemberFault | "wrong-signature";
      readonly mspId: string | undefined;
    };

/** Whether the creator is a member at that time and signed the payload: what an orderer checks first. */
export function checkCreator(headers: EnvelopeHeaders, msps: ChannelMsps, atMs: number): CreatorVerdict {
  const verdict = msps.identify(headers.creator, atMs);
  if (verdict.member === undefined) return verdict;
  return verdict.member.verify(headers.payload, headers.signature)
    ? verdict
    : { fault: "wrong-signature", mspId: verdict.member.mspId };
}

/**
 * Judges the endorsements of a transaction: signatures, and the policies of docs/reference/ledger-format.md section 10. The creator's signature,
 * the uniqueness of the transaction id and the versions of what was read are the caller's to check.
 */
export function validateEndorsed(transaction: EndorsedTransaction, context: ValidationContext): TxValidationCode {
  const { headers, contract, namespaces } = transaction;
  const { msps, atMs = headers.timestampMs } = context;
  if (headers.channelId !== msps.config.channelId) return CODE.TARGET_CHAIN_NOT_FOUND;
  const written = writtenNamespaces(contract, namespaces);
  const rules = written.map((results) => ({ results, policy: namespacePolicy(results, headers, context) }));
  // Checked for all first: Fabric's order among namespaces is left to chance.
  if (rules.some(({ policy }) => policy === "undefined-contract")) return CODE.INVALID_CHAINCODE;
  const endorsers = checkEndorsers(transaction, msps, atMs);
  if (endorsers === undefined) return CODE.ENDORSEMENT_POLICY_FAILURE;
  const isKeyEndorsed = keyJudge(endorsers, msps);
  const isEndorsed = rules.every(({ results, policy }) => {
    const rest = needsNamespacePolicy(results, context, isKeyEndorsed);
    if (rest === undefined) return false;
    return !rest || (typeof policy === "object" && isPolicySatisfied(policy, endorsers, msps.config));
  });
  return isEndorsed ? CODE.VALID : CODE.ENDORSEMENT_POLICY_FAILURE;
}

/** The namespaces that are written to, and the invoked contract's whether it is or not. */
function writtenNamespaces(contract: string, namespaces: readonly NamespaceResults[]): readonly NamespaceResults[] {
  const written = namespaces.filter(({ writes, metadataWrites }) => writes.length > 0 || metadataWrites.length > 0);
  if (written.some(({ namespace }) => namespace === contract)) return written;
  return [{ namespace: contract, reads: [], rangeQueries: [], writes: [], metadataWrites: [] }, ...written];
}

/** Undefined when one endorsement is not what it should be. A certificate that endorsed twice is listed once by the policies. */
function checkEndorsers(
  transaction: EndorsedTransaction,
  msps: ChannelMsps,
  atMs: number,
): readonly Member[] | undefined {
  const { endorsements, proposalResponsePayload } = transaction;
  if (endorsements.length > ENDORSEMENTS_MAX) return undefined;
  const members: Member[] = [];
  for (const { endorser, signature } of endorsements) {
    const { member } = msps.identify(endorser, atMs);
    if (member?.verify(concatBytes(proposalResponsePayload, endorser), signature) !== true) return undefined;
    members.push(member);
  }
  return members;
}

type NamespacePolicy = EndorsementPolicy | "undefined-contract" | "unreadable";

function namespacePolicy(
  results: NamespaceResults,
  headers: EnvelopeHeaders,
  context: ValidationContext,
): NamespacePolicy {
  const { namespace } = results;
  if (namespace === LIFECYCLE_NAMESPACE) return lifecyclePolicy(results, headers);
  const definition = context.definitionOf(namespace);
  if (definition !== undefined) return definitionPolicy(definition);
  return context.isBuiltIn(namespace) ? { kind: "channel", name: "Endorsement" } : "undefined-contract";
}

const policies = new WeakMap<ContractDefinition, NamespacePolicy>();

function definitionPolicy(definition: ContractDefinition): NamespacePolicy {
  const known = policies.get(definition);
  if (known !== undefined) return known;
  const policy = decodeApplicationPolicy(definition.validationParameter) ?? "unreadable";
  policies.set(definition, policy);
  return policy;
}

/** An organization's approvals are its own affair; whatever else is written here is everybody's. */
function lifecyclePolicy({ writes, metadataWrites }: NamespaceResults, headers: EnvelopeHeaders): EndorsementPolicy {
  const mspId = deserializeMember(headers.creator)?.mspId ?? "";
  const own = approvalPrefix(mspId);
  const keys = [...writes, ...metadataWrites].map(({ key }) => key);
  if (keys.length === 0 || !keys.every((key) => key.startsWith(own))) {
    return { kind: "channel", name: "LifecycleEndorsement" };
  }
  const policy = {
    rule: { kind: "signed-by", principal: 0 },
    principals: [{ kind: "role", mspId, role: "peer" }],
  } as const;
  return { kind: "signature", policy };
}

/**
 * A key with a policy of its own is under that; the namespace's counts for the others, and when nothing is written. Undefined when a key's own
 * policy is not met.
 */
function needsNamespacePolicy(
  { namespace, writes, metadataWrites }: NamespaceResults,
  context: ValidationContext,
  isKeyEndorsed: (parameter: Uint8Array) => boolean,
): boolean | undefined {
  const keys = new Set([...writes, ...metadataWrites].map(({ key }) => key));
  let isNeeded = keys.size === 0;
  for (const key of keys) {
    const parameter = context.validationParameterOf(namespace, key);
    if (parameter === undefined) isNeeded = true;
    else if (!isKeyEndorsed(parameter)) return undefined;
  }
  return isNeeded;
}

/** Thousands of keys may carry the same policy: each is judged once. */
function keyJudge(endorsers: readonly Member[], msps: ChannelMsps): (parameter: Uint8Array) => boolean {
  const judged = new Map<string, boolean>();
  return (parameter) => {
    const text = Buffer.from(parameter.buffer, parameter.byteOffset, parameter.length).toString("latin1");
    let verdict = judged.get(text);
    if (verdict === undefined) {
      const policy = decodeSignaturePolicy(parameter);
      verdict = policy !== undefined && isPolicySatisfied({ kind: "signature", policy }, endorsers, msps.config);
      judged.set(text, verdict);
    }
    return verdict;
  };
}
