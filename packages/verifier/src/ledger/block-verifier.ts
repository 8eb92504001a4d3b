import { hash } from "node:crypto";
import { equalBytes } from "../core/bytes.ts";
import {
  type Checkpoint,
  channelIdOf,
  missingAlgorithm,
  type OrganizationKey,
  parseCheckpoint,
} from "../core/checkpoint.ts";
import { Fault, faultUnless } from "../core/fault.ts";
import { type TrustBundle, trustedKeys } from "../core/trust.ts";
import { ActionView } from "./action.ts";
import type { LedgerBase } from "./base.ts";
import { BlockView } from "./block.ts";
import { type ChannelConfiguration, parseConfiguration } from "./config.ts";
import { DigestTable } from "./digest-table.ts";
import { EnvelopeView, HEADER_CONFIG, HEADER_ENDORSER_TRANSACTION } from "./envelope.ts";
import { GrowingTree } from "./growing-tree.ts";
import { LeafInput } from "./leaf-input.ts";
import { OutsideVerifier } from "./outside/outside-verifier.ts";
import { type NamedKey, namedKeys, SignatureQueue } from "./signatures.ts";
import { VersionTable } from "./versions.ts";

const KIND_CONFIG = 0;
const KIND_SERIAL = 1;
const KIND_OUTSIDE = 2;
const VALID = 0;

/**
 * Checks the blocks of one channel in order, each against everything before it. After a Fault the object is of no
 * further use.
 * @source docs/reference/ledger-format.md sections 3 to 5
 */
export class BlockVerifier {
  readonly origin: string;
  readonly signatures = new SignatureQueue();
  /** Number of the next block. */
  height: number;
  /** The note of the last block, as text and parsed. */
  checkpointText: string | undefined;
  checkpoint: Checkpoint | undefined;
  /** False once a block had no key in the trust bundle, or when there is no bundle. */
  authenticated: boolean;
  readonly #trust: TrustBundle | undefined;
  readonly #tree: GrowingTree;
  /** From the configuration of an SM channel on. */
  #sm3Tree: GrowingTree | undefined;
  readonly #versions: VersionTable;
  readonly #txIds = new DigestTable();
  readonly #block = new BlockView();
  readonly #envelope = new EnvelopeView();
  readonly #action = new ActionView();
  readonly #leaf = new LeafInput();
  readonly #outside: OutsideVerifier;
  /** Number of envelopes of each kind. */
  readonly kinds = [0, 0, 0];
  #previousHash: Uint8Array;
  #configuration: ChannelConfiguration | undefined;
  #keys: readonly NamedKey[] = [];
  #seconds = 0;
  #nanos = 0;
  readonly #channelId: Buffer;

  constructor(origin: string, base: LedgerBase | undefined, trust: TrustBundle | undefined) {
    this.origin = origin;
    this.height = base?.height ?? 0;
    this.#trust = trust;
    this.authenticated = trust !== undefined;
    this.#tree = base?.tree ?? new GrowingTree();
    this.#sm3Tree = base?.sm3Tree;
    this.#versions = new VersionTable(this.height);
    this.#previousHash = base?.headerHash ?? new Uint8Array(0);
    this.#configuration = base?.configuration;
    this.#keys = namedKeys(origin, base?.configuration.keys ?? []);
    this.checkpoint = base?.checkpoint;
    this.checkpointText = base?.checkpointText;
    this.#seconds = Math.floor((base?.lastTimestampMs ?? 0) / 1000);
    this.#nanos = ((base?.lastTimestampMs ?? 0) % 1000) * 1_000_000;
    const channelId = channelIdOf(origin);
    this.#channelId = Buffer.from(channelId, "latin1");
    const isStateComplete = base === undefined || base.loadPolicyRows !== undefined;
    this.#outside = new OutsideVerifier({ channelId, isStateComplete }, this.#versions, this.signatures);
    base?.loadPolicyRows?.(this.#outside.rows);
  }

  /** Transactions from outside whose policy stands in a state that is not at hand. */
  get uncheckedPolicies(): number {
    return this.#outside.uncheckedPolicies;
  }

  get transactions(): number {
    return this.#tree.size;
  }

  root(): Uint8Array {
    return this.#tree.root();
  }

  /** Checks the next block, bytes [start, end). Its signatures are checked later: see `signatures`. @throws Fault */
  verify(bytes: Buffer, start: number, end: number): void {
    const block = this.#block;
    block.read(bytes, start, end);
    faultUnless(block.number === this.height, `the block has the number ${block.number}`);
    faultUnless(
      equalBytes(block.previousHash, this.#previousHash),
      "the previous hash is not that of the block before",
    );
    faultUnless(equalBytes(block.dataHash, block.computeDataHash()), "the data hash is not that of the envelopes");
    const keysBefore = this.#keys;
    for (let index = 0; index < block.count; index += 1) this.#verifyEnvelope(index);
    const headerHash = block.headerHash();
    this.#verifyCheckpoint(headerHash, keysBefore);
    this.#previousHash = headerHash;
    this.height += 1;
  }

  #verifyEnvelope(index: number): void {
    const block = this.#block;
    const start = block.envelopeStarts[index] ?? 0;
    const end = block.envelopeEnds[index] ?? 0;
    const kind = block.kinds[index] ?? 0;
    const code = block.codes[index] ?? 0;
    try {
      if (kind === KIND_OUTSIDE) {
        const txId = this.#verifyOutside(start, end, index, code);
        this.#appendLeaf(kind, code, index, start, end, txId, 0, txId.length);
      } else {
        const envelope = this.#envelope;
        envelope.read(block.bytes, start, end);
        this.#verifyHeaders(code);
        if (kind === KIND_CONFIG) this.#verifyConfiguration(code);
        else if (kind === KIND_SERIAL) this.#verifySerial(index, code);
        else throw new Fault("it is of an unknown kind");
        this.#appendLeaf(kind, code, index, start, end, block.bytes, envelope.txIdStart, envelope.txIdEnd);
      }
      this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
    } catch (error) {
      if (error instanceof Fault) throw new Fault(`envelope ${index}: ${error.message}`);
      throw error;
    }
  }

  /** The envelope is [start, end) of the block's bytes, its transaction id [txIdStart, txIdEnd) of `txIdBytes`. */
  #appendLeaf(
    kind: number,
    code: number,
    index: number,
    start: number,
    end: number,
    txIdBytes: Buffer,
    txIdStart: number,
    txIdEnd: number,
  ): void {
    const { bytes, number } = this.#block;
    const digest = hash("sha256", bytes.subarray(start, end), "binary");
    this.#tree.append(this.#leaf.hash(kind, code, number, index, digest, txIdBytes, txIdStart, txIdEnd));
    this.#sm3Tree?.append(this.#leaf.sm3OfLast());
  }

  #verifyOutside(start: number, end: number, index: number, code: number): Buffer {
    const configuration = this.#configuration;
    if (configuration === undefined) throw new Fault("the first block does not hold the configuration");
    const envelope = { bytes: this.#block.bytes, start, end, block: this.height, index, code };
    const txId = Buffer.from(this.#outside.verify(envelope, configuration));
    if (code === VALID) this.#takeTxId(txId.toString("latin1"));
    return txId;
  }

  #verifyHeaders(code: number): void {
    const envelope = this.#envelope;
    const { bytes } = envelope;
    const channel = this.#channelId;
    const sameChannel =
      envelope.channelIdEnd - envelope.channelIdStart === channel.length &&
      bytes.compare(channel, 0, channel.length, envelope.channelIdStart, envelope.channelIdEnd) === 0;
    if (!sameChannel) throw new Fault("it is for another channel");
    const txId = envelope.computeTxId();
    if (txId !== bytes.toString("latin1", envelope.txIdStart, envelope.txIdEnd)) {
      throw new Fault("its transaction id is not the hash of its nonce and creator");
    }
    if (envelope.seconds < this.#seconds || (envelope.seconds === this.#seconds && envelope.nanos < this.#nanos)) {
      throw new Fault("its timestamp is before that of the transaction before it");
    }
    this.#seconds = envelope.seconds;
    this.#nanos = envelope.nanos;
    if (code === VALID) this.#takeTxId(txId);
  }

  #takeTxId(txId: string): void {
    const a = Number.parseInt(txId.slice(0, 8), 16);
    const b = Number.parseInt(txId.slice(8, 16), 16);
    const c = Number.parseInt(txId.slice(16, 24), 16);
    const d = Number.parseInt(txId.slice(24, 32), 16);
    if (this.#txIds.get(a, b, c, d) >= 0) throw new Fault("a valid transaction before it has the same id");
    this.#txIds.set(a, b, c, d, 0);
  }

  #verifyConfiguration(code: number): void {
    const envelope = this.#envelope;
    faultUnless(envelope.type === HEADER_CONFIG, "it is marked as a configuration and is none");
    faultUnless(this.#block.count === 1, "a configuration is not alone in its block");
    faultUnless(code === VALID, "a configuration is marked as refused");
    const next = parseConfiguration(envelope.bytes.subarray(envelope.dataStart, envelope.dataEnd));
    const sequence = this.#configuration === undefined ? 0 : this.#configuration.sequence + 1;
    faultUnless(
      next.sequence === sequence,
      `its configuration has the sequence ${next.sequence} instead of ${sequence}`,
    );
    faultUnless(next.origin === this.origin, "its configuration is for another origin");
    const { isSm } = this.#configuration ?? next;
    faultUnless(next.isSm === isSm, "its configuration changes the channel's cryptography");
    if (isSm) this.#sm3Tree ??= new GrowingTree("sm3");
    this.#configuration = next;
    this.#keys = namedKeys(this.origin, next.keys);
  }

  #verifySerial(index: number, code: number): void {
    const envelope = this.#envelope;
    const action = this.#action;
    if (this.height === 0) throw new Fault("the first block does not hold the configuration");
    if (envelope.type !== HEADER_ENDORSER_TRANSACTION) throw new Fault("it is marked as a transaction and is none");
    action.read(envelope.bytes, envelope.dataStart, envelope.dataEnd);
    const proposalHash = envelope.computeProposalHash(action.proposalStart, action.proposalEnd);
    if (proposalHash !== envelope.bytes.toString("latin1", action.proposalHashStart, action.proposalHashEnd)) {
      throw new Fault("its proposal hash is not that of its proposal");
    }
    if (code !== VALID) return;
    this.#versions.begin();
    action.walk(this.#versions);
    this.#versions.commit(this.height, index);
  }

  #verifyCheckpoint(headerHash: Uint8Array, keysBefore: readonly NamedKey[]): void {
    const text = this.#block.checkpoint;
    const checkpoint = parseCheckpoint(text);
    faultUnless(checkpoint.origin === this.origin, "the checkpoint is that of another log");
    faultUnless(checkpoint.block === this.height, "the checkpoint is that of another block");
    faultUnless(equalBytes(checkpoint.headerHash, headerHash), "the checkpoint names another header hash");
    faultUnless(
      checkpoint.size === this.#tree.size,
      `the checkpoint counts ${checkpoint.size} leaves instead of ${this.#tree.size}`,
    );
    faultUnless(equalBytes(checkpoint.root, this.#tree.root()), "the checkpoint's root is not that of the leaves");
    this.#verifySm3Root(checkpoint);
    const keys = keysBefore === this.#keys ? keysBefore : namedKeys(this.origin, keysBefore, this.#keys);
    this.#verifyTrust(keys, checkpoint);
    this.signatures.add(checkpoint, keys);
    this.checkpoint = checkpoint;
    this.checkpointText = text;
  }

  #verifySm3Root({ sm3Root }: Checkpoint): void {
    if (this.#sm3Tree === undefined) {
      faultUnless(sm3Root === undefined, "the checkpoint has an SM3 root, and the channel is not one of SM");
      return;
    }
    const agrees = sm3Root !== undefined && equalBytes(sm3Root, this.#sm3Tree.root());
    faultUnless(agrees, "the checkpoint's SM3 root is not that of the leaves");
  }

  /** Every key of the trust bundle must be among those that sign. */
  #verifyTrust(keys: readonly NamedKey[], checkpoint: Checkpoint): void {
    if (this.#trust === undefined) return;
    const trusted: readonly OrganizationKey[] = trustedKeys(this.#trust, this.origin, this.height) ?? [];
    if (trusted.length === 0 || missingAlgorithm(checkpoint, trusted) !== undefined) this.authenticated = false;
    for (const { mspId, algorithm, publicKey } of trusted) {
      const signs = keys.some(
        (key) => key.mspId === mspId && key.algorithm === algorithm && equalBytes(key.publicKey, publicKey),
      );
      faultUnless(signs, `the trust bundle's key of ${mspId} does not sign this block`);
    }
  }
}
