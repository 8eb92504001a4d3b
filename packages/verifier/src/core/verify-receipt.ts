import { bytesToBase64, bytesToHex, concatBytes, equalBytes } from "./bytes.ts";
import { type Checkpoint, channelIdOf, hasSigned, type KeyAlgorithm, missingAlgorithm } from "./checkpoint.ts";
import { portableCrypto, type VerifierCrypto } from "./crypto.ts";
import { Fault } from "./fault.ts";
import { encodeLeafRecord, type Leaf } from "./leaf.ts";
import { leafHash, rootOfInclusion } from "./merkle.ts";
import { type ParsedReceipt, parseReceipt } from "./receipt.ts";
import { decodeEnvelope, type TransactionFacts } from "./transaction-facts.ts";
import { parseTrustBundle, type TrustBundle, trustedKeys } from "./trust.ts";
import { validationCodeName } from "./validation-code.ts";

/**
 * - `valid`: every proof holds, every trusted key signed, and the transaction took effect.
 * - `refused`: every proof holds and every trusted key signed: the log says that the transaction had no effect.
 * - `unauthenticated`: the receipt agrees with itself, but nothing says that its keys are not the forger's own.
 * - `invalid`: something does not hold.
 */
export type ReceiptStatus = "valid" | "refused" | "unauthenticated" | "invalid";

/** What the receipt says. Proven only as far as the status goes: for an invalid one these are claims. */
export interface ReceiptFacts {
  readonly origin: string;
  readonly block: number;
  readonly index: number;
  readonly leafIndex: number;
  readonly txId: string;
  readonly kind: "configuration" | "serial" | "optimistic";
  readonly validationCode: number;
  readonly validationName: string;
  readonly envelopeSha256: string;
  readonly headerHash: string;
  readonly treeSize: number;
  readonly root: string;
  /** SM channels only: the root under SM3. */
  readonly sm3Root: string | undefined;
  /** Organizations of the trust bundle whose keys signed the checkpoint. */
  readonly signedBy: readonly string[];
  /** The envelope's contents; undefined when the receipt came without the envelope or it cannot be read. */
  readonly transaction: Omit<TransactionFacts, "nonceAndCreator"> | undefined;
}

export interface ReceiptVerdict {
  readonly status: ReceiptStatus;
  /** Why it is not `valid`; empty when it is. */
  readonly reasons: readonly string[];
  /** Undefined when the file is not a receipt at all. */
  readonly facts: ReceiptFacts | undefined;
}

const KIND_NAMES = ["configuration", "serial", "optimistic"] as const;

/**
 * Judges a receipt (parsed JSON) with nothing but the trust bundle (parsed JSON, or undefined when there is none).
 * Never throws: whatever is wrong with either is a reason of the verdict.
 * @source docs/reference/ledger-format.md section 7
 */
export function verifyReceipt(
  receiptJson: unknown,
  trust: TrustBundle | unknown,
  crypto: VerifierCrypto = portableCrypto,
): ReceiptVerdict {
  try {
    return judge(parseReceipt(receiptJson), trust, crypto);
  } catch (error) {
    return { status: "invalid", reasons: [reasonOf(error)], facts: undefined };
  }
}

function judge(receipt: ParsedReceipt, trust: unknown, crypto: VerifierCrypto): ReceiptVerdict {
  const { leaf, checkpoint } = receipt;
  const faults = [...inclusionFaults(receipt, crypto)];
  const envelope = envelopeFaults(receipt, crypto);
  faults.push(...envelope.faults);
  const signatures = signatureVerdict(checkpoint, trust, crypto);
  faults.push(...signatures.faults);
  const facts = factsOf(receipt, envelope.transaction, signatures.signedBy);
  if (faults.length > 0) return { status: "invalid", reasons: faults, facts };
  if (signatures.unauthenticated !== undefined) {
    return { status: "unauthenticated", reasons: [signatures.unauthenticated], facts };
  }
  if (leaf.validationCode === 0) return { status: "valid", reasons: [], facts };
  const name = validationCodeName(leaf.validationCode);
  return {
    status: "refused",
    reasons: [`the ledger refused this transaction: ${name} (${leaf.validationCode})`],
    facts,
  };
}

function inclusionFaults(
  { origin, leaf, leafIndex, inclusionPath, sm3InclusionPath, checkpoint }: ParsedReceipt,
  crypto: VerifierCrypto,
): string[] {
  const faults: string[] = [];
  if (checkpoint.origin !== origin) faults.push("the checkpoint is that of another log");
  if (checkpoint.block !== leaf.block) faults.push("the checkpoint is that of another block");
  if (leafIndex >= checkpoint.size) faults.push("the leaf index is not in the checkpoint's tree");
  if (leaf.index > leafIndex) faults.push("the index in the block is greater than the leaf index");
  const record = encodeLeafRecord(leaf);
  const leads = (path: readonly Uint8Array[], expected: Uint8Array, digest: VerifierCrypto["sha256"]) => {
    const root = rootOfInclusion(leafIndex, checkpoint.size, leafHash(record, digest), path, digest);
    return root !== undefined && equalBytes(root, expected);
  };
  if (!leads(inclusionPath, checkpoint.root, crypto.sha256)) {
    faults.push("the inclusion path does not lead from the leaf to the checkpoint's root");
  }
  if (sm3InclusionPath === undefined || checkpoint.sm3Root === undefined) {
    if (sm3InclusionPath !== undefined) faults.push("there is an SM3 inclusion path, but no SM3 root");
    if (checkpoint.sm3Root !== undefined) faults.push("there is an SM3 root, but no SM3 inclusion path");
  } else if (!leads(sm3InclusionPath, checkpoint.sm3Root, crypto.sm3)) {
    faults.push("the SM3 inclusion path does not lead from the leaf to the checkpoint's SM3 root");
  }
  return faults;
}

interface EnvelopeVerdict {
  readonly faults: readonly string[];
  readonly transaction: TransactionFacts | undefined;
}

function envelopeFaults({ origin, leaf, envelope }: ParsedReceipt, crypto: VerifierCrypto): EnvelopeVerdict {
  if (envelope === undefined) return { faults: [], transaction: undefined };
  const faults: string[] = [];
  if (!equalBytes(crypto.sha256(envelope), leaf.envelopeSha256))
    faults.push("the envelope does not have the stated digest");
  try {
    const transaction = decodeEnvelope(envelope, leaf.kind !== 2 || leaf.validationCode === 0);
    if (transaction.txId !== leaf.txId || !idMatches(transaction, leaf, crypto)) {
      faults.push("the envelope does not yield the stated transaction id");
    }
    if (transaction.channelId !== channelIdOf(origin)) faults.push("the envelope is for another channel");
    return { faults, transaction };
  } catch (error) {
    return { faults: [...faults, `the envelope cannot be read: ${reasonOf(error)}`], transaction: undefined };
  }
}

/** Only a refused optimistic transaction, written by a foreign client, may carry an id that is not its own hash. */
function idMatches({ txId, nonceAndCreator }: TransactionFacts, leaf: Leaf, { sha256 }: VerifierCrypto): boolean {
  return (leaf.kind === 2 && leaf.validationCode !== 0) || bytesToHex(sha256(concatBytes(...nonceAndCreator))) === txId;
}

interface SignatureVerdict {
  readonly faults: readonly string[];
  readonly signedBy: readonly string[];
  readonly unauthenticated: string | undefined;
}

function signatureVerdict(checkpoint: Checkpoint, trust: unknown, crypto: VerifierCrypto): SignatureVerdict {
  const open = (unauthenticated: string) => ({ faults: [], signedBy: [], unauthenticated });
  if (trust === undefined) return open("there is no trust bundle to say whose keys these are");
  const keys = trustedKeys(parseTrustBundle(trust), checkpoint.origin, checkpoint.block);
  if (keys === undefined) return open("the trust bundle does not know this log");
  if (keys.length === 0) return open(`the trust bundle holds no key for block ${checkpoint.block}`);
  const lacking = missingAlgorithm(checkpoint, keys);
  const missing = keys.filter((key) => !hasSigned(checkpoint, key, crypto));
  return {
    faults: missing.map(
      ({ mspId, algorithm }) => `the checkpoint is not signed by a trusted ${keyWord(algorithm)} of ${mspId}`,
    ),
    signedBy: keys.filter((key) => !missing.includes(key)).map(({ mspId }) => mspId),
    unauthenticated:
      lacking === undefined
        ? undefined
        : `the trust bundle holds no ${lacking} key for block ${checkpoint.block} of this SM channel`,
  };
}

/** International receipts, which know one algorithm, are spoken of without it. */
function keyWord(algorithm: KeyAlgorithm): string {
  return algorithm === "Ed25519" ? "key" : `${algorithm} key`;
}

function factsOf(
  { origin, leaf, leafIndex, checkpoint }: ParsedReceipt,
  decoded: TransactionFacts | undefined,
  signedBy: readonly string[],
): ReceiptFacts {
  return {
    origin,
    block: leaf.block,
    index: leaf.index,
    leafIndex,
    txId: leaf.txId,
    kind: KIND_NAMES[leaf.kind] ?? "optimistic",
    validationCode: leaf.validationCode,
    validationName: validationCodeName(leaf.validationCode),
    envelopeSha256: bytesToHex(leaf.envelopeSha256),
    headerHash: bytesToHex(checkpoint.headerHash),
    treeSize: checkpoint.size,
    root: bytesToBase64(checkpoint.root),
    sm3Root: checkpoint.sm3Root && bytesToBase64(checkpoint.sm3Root),
    signedBy: [...new Set(signedBy)],
    transaction: decoded && withoutSource(decoded),
  };
}

function withoutSource({
  nonceAndCreator: _source,
  ...transaction
}: TransactionFacts): Omit<TransactionFacts, "nonceAndCreator"> {
  return transaction;
}

/** A Fault speaks for itself; anything else is an input that the readers did not foresee, and no receipt either. */
export function reasonOf(error: unknown): string {
  return error instanceof Fault ? error.message : `the input cannot be read (${String(error)})`;
}
