import { Fault, faultUnless } from "../../core/fault.ts";
import type { ChannelConfiguration } from "../config.ts";
import type { SignatureQueue } from "../signatures.ts";
import type { VersionTable } from "../versions.ts";
import {
  type EndorsedTransaction,
  type OutsideHeaders,
  readEndorsedTransaction,
  readOutsideHeaders,
} from "./endorsed-transaction.ts";
import { hasLowS, type Identity, IdentityReader, verifyLater } from "./identity.ts";
import { type Member, Members } from "./members.ts";
import { isSatisfied, type Policy, peerOf } from "./policy.ts";
import { LIFECYCLE, PolicyRows } from "./policy-rows.ts";
import type { NamespaceResults } from "./results.ts";

export interface OutsideEnvelope {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly block: number;
  readonly index: number;
  readonly code: number;
}

export interface OutsideOptions {
  readonly channelId: string;
  /** False when the state before the first block at hand is not there, so that some policies are not known. */
  readonly isStateComplete: boolean;
}

const VALID = 0;
const ENDORSEMENT: Policy = { kind: "channel", name: "Endorsement" };
const LIFECYCLE_ENDORSEMENT: Policy = { kind: "channel", name: "LifecycleEndorsement" };

/**
 * Checks transactions from outside, in the order of the log. Their signatures are checked later: see {@link SignatureQueue}.
 * @source docs/reference/ledger-format.md section 10
 */
export class OutsideVerifier {
  readonly rows: PolicyRows;
  /** Transactions with a policy that is not known: their endorsements are genuine, and may be too few. */
  uncheckedPolicies = 0;
  readonly #options: OutsideOptions;
  readonly #versions: VersionTable;
  readonly #signatures: SignatureQueue;
  readonly #identities = new IdentityReader();
  #configuration: ChannelConfiguration | undefined;
  #members = new Members(new Map());
  #organizations: ReadonlySet<string> = new Set();

  constructor(options: OutsideOptions, versions: VersionTable, signatures: SignatureQueue) {
    this.#options = options;
    this.#versions = versions;
    this.#signatures = signatures;
    this.rows = new PolicyRows(options.isStateComplete);
  }

  /** Checks one, and lets a valid one take effect. Answers its transaction id. @throws Fault */
  verify(envelope: OutsideEnvelope, configuration: ChannelConfiguration): Uint8Array {
    this.#configure(configuration);
    const headers = readOutsideHeaders(envelope.bytes, envelope);
    faultUnless(headers.channelId === this.#options.channelId, "it is for another channel");
    const creator = this.#identities.read(headers.creator);
    this.#checkLater(envelope, "the creator's signature", creator, headers.payload, headers.signature);
    if (envelope.code === VALID) this.#verifyValid(envelope, headers, creator, configuration);
    return headers.txId;
  }

  #verifyValid(
    envelope: OutsideEnvelope,
    headers: OutsideHeaders,
    creator: Identity,
    configuration: ChannelConfiguration,
  ): void {
    const transaction = readEndorsedTransaction(headers);
    this.#identify("creator", creator, transaction.atMs);
    const endorsers = this.#verifyEndorsements(envelope, transaction);
    this.#verifyPolicies(transaction, creator.mspId, endorsers, configuration);
    this.#verifyReads(transaction);
    this.#verifyDeletions(transaction);
    this.#takeEffect(envelope, transaction);
  }

  #configure(configuration: ChannelConfiguration): void {
    if (configuration === this.#configuration) return;
    this.#configuration = configuration;
    this.#members = new Members(configuration.organizations);
    this.#organizations = new Set(configuration.organizations.keys());
  }

  #identify(what: string, identity: Identity, atMs: number): Member {
    try {
      return this.#members.identify(identity, atMs);
    } catch (error) {
      if (error instanceof Fault) throw new Fault(`its ${what} is no member: ${error.message}`);
      throw error;
    }
  }

  #checkLater(
    { block, index }: OutsideEnvelope,
    what: string,
    { key }: Identity,
    message: Uint8Array,
    signature: Uint8Array,
  ): void {
    faultUnless(hasLowS(key, signature), `${what} is malformed, or its s is not in the lower half`);
    this.#signatures.await(block, `envelope ${index}: ${what} is not valid`, verifyLater(key, message, signature));
  }

  /** The endorsers, each once. */
  #verifyEndorsements(
    envelope: OutsideEnvelope,
    { endorsements, proposalResponsePayload, atMs }: EndorsedTransaction,
  ): readonly Member[] {
    const members = new Map<string, Member>();
    for (const [at, { endorser, signature }] of endorsements.entries()) {
      const identity = this.#identities.read(endorser);
      const member = this.#identify("endorser", identity, atMs);
      const message = Buffer.concat([proposalResponsePayload, endorser]);
      this.#checkLater(envelope, `the signature of endorsement ${at}`, identity, message, signature);
      if (!members.has(member.name)) members.set(member.name, member);
    }
    return [...members.values()];
  }

  #verifyPolicies(
    { contract, namespaces }: EndorsedTransaction,
    creatorMspId: string,
    endorsers: readonly Member[],
    configuration: ChannelConfiguration,
  ): void {
    const written = namespaces.filter(({ writes }) => writes.length > 0);
    let isKnown = true;
    const require = (policy: Policy | "unknown", what: string) => {
      if (policy === "unknown") isKnown = false;
      else
        faultUnless(
          isSatisfied(policy, endorsers, this.#organizations),
          `its endorsements do not meet the policy of ${what}`,
        );
    };
    for (const results of written) {
      let needsNamespace = false;
      for (const { key } of results.writes) {
        const policy = this.rows.keyPolicy(results.name, key);
        if (policy === undefined) needsNamespace = true;
        else require(policy, `key ${JSON.stringify(key)}`);
      }
      if (needsNamespace) require(this.#namespacePolicy(results, creatorMspId, configuration), results.name);
    }
    if (!written.some(({ name }) => name === contract))
      require(this.#namespacePolicy({ name: contract, writes: [] }, creatorMspId, configuration), contract);
    if (!isKnown) this.uncheckedPolicies += 1;
  }

  #namespacePolicy(
    { name, writes }: Pick<NamespaceResults, "name" | "writes">,
    creatorMspId: string,
    { contracts }: ChannelConfiguration,
  ): Policy | "unknown" {
    if (name === LIFECYCLE) {
      const prefix = `approvals/${creatorMspId}/`;
      const isOwn = writes.length > 0 && writes.every(({ key }) => key.startsWith(prefix));
      return isOwn ? peerOf(creatorMspId) : LIFECYCLE_ENDORSEMENT;
    }
    const definition = this.rows.definition(name);
    if (definition !== undefined) return definition;
    faultUnless(contracts.has(name), `there is no chaincode ${JSON.stringify(name)} on the channel`);
    return ENDORSEMENT;
  }

  #verifyReads({ bytes, namespaces }: EndorsedTransaction): void {
    this.#versions.begin();
    for (const { span, reads } of namespaces) {
      for (const { key, block, index } of reads)
        this.#versions.read(bytes, span.start, span.end, key.start, key.end, block, index);
    }
  }

  /** A deleted key leaves no metadata behind, unless its endorsers want that. */
  #verifyDeletions({ namespaces }: EndorsedTransaction): void {
    for (const { name, writes, metadata } of namespaces) {
      const given = new Set(metadata.map(({ key }) => key));
      for (const { key, value } of writes) {
        const leaves = value === undefined && !given.has(key) && this.rows.hasMetadata(name, key);
        faultUnless(!leaves, `it deletes key ${JSON.stringify(key)} and leaves its metadata`);
      }
    }
  }

  #takeEffect({ block, index }: OutsideEnvelope, { bytes, namespaces }: EndorsedTransaction): void {
    // The reads are done with: looking each write up among them would take long in a set of many.
    this.#versions.begin();
    for (const { name, span, writes, metadata } of namespaces) {
      for (const { key, span: at, value } of writes) {
        this.#versions.write(bytes, span.start, span.end, at.start, at.end, value === undefined);
        this.rows.write(name, key, value);
      }
      for (const write of metadata) this.rows.writeMetadata(name, write);
    }
    this.#versions.commit(block, index);
  }
}
