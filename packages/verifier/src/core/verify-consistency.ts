import { equalBytes } from "./bytes.ts";
import { type Checkpoint, hasSigned, missingAlgorithm, parseCheckpoint } from "./checkpoint.ts";
import { portableCrypto, type VerifierCrypto } from "./crypto.ts";
import { readArray, readBase64, readCount, readObject, readText } from "./json.ts";
import { isConsistent } from "./merkle.ts";
import { parseTrustBundle, trustedKeys } from "./trust.ts";
import { reasonOf } from "./verify-receipt.ts";

export interface ConsistencyVerdict {
  /** `valid`: the later log begins with the whole earlier one, and every trusted key signed both checkpoints. */
  readonly status: "valid" | "unauthenticated" | "invalid";
  readonly reasons: readonly string[];
}

/**
 * Judges a consistency proof (parsed JSON: fromSize, toSize, path, fromCheckpoint, toCheckpoint) between two
 * checkpoints of one log. Never throws.
 */
export function verifyConsistency(
  proofJson: unknown,
  trust: unknown,
  crypto: VerifierCrypto = portableCrypto,
): ConsistencyVerdict {
  try {
    return judge(proofJson, trust, crypto);
  } catch (error) {
    return { status: "invalid", reasons: [reasonOf(error)] };
  }
}

function judge(proofJson: unknown, trust: unknown, crypto: VerifierCrypto): ConsistencyVerdict {
  const names = ["fromSize", "toSize", "path", "fromCheckpoint", "toCheckpoint"];
  const proof = readObject(proofJson, "the consistency proof", names, ["sm3Path"]);
  const from = parseCheckpoint(readText(proof["fromCheckpoint"], "the earlier checkpoint"));
  const to = parseCheckpoint(readText(proof["toCheckpoint"], "the later checkpoint"));
  const path = readPath(proof["path"]);
  const faults = orderFaults(from, to);
  if (readCount(proof["fromSize"], '"fromSize"') !== from.size || readCount(proof["toSize"], '"toSize"') !== to.size) {
    faults.push("the proof is for other tree sizes than those of its checkpoints");
  }
  if (!isConsistent(from, to, path, crypto.sha256)) faults.push("the later log does not begin with the earlier one");
  const sm3Path = Object.hasOwn(proof, "sm3Path") ? readPath(proof["sm3Path"]) : undefined;
  faults.push(...sm3Faults(from, to, sm3Path, crypto));
  const open: string[] = [];
  const bundle = trust === undefined ? undefined : parseTrustBundle(trust);
  if (bundle === undefined) open.push("there is no trust bundle to say whose keys these are");
  for (const checkpoint of bundle === undefined ? [] : [from, to]) {
    const keys = bundle && trustedKeys(bundle, checkpoint.origin, checkpoint.block);
    if (keys === undefined || keys.length === 0) {
      open.push(`the trust bundle holds no key for block ${checkpoint.block} of this log`);
      continue;
    }
    const lacking = missingAlgorithm(checkpoint, keys);
    if (lacking !== undefined) {
      open.push(`the trust bundle holds no ${lacking} key for block ${checkpoint.block} of this SM channel`);
    }
    const missing = keys.filter((key) => !hasSigned(checkpoint, key, crypto));
    faults.push(
      ...missing.map(
        ({ mspId }) => `the checkpoint of block ${checkpoint.block} is not signed by a trusted key of ${mspId}`,
      ),
    );
  }
  if (faults.length > 0) return { status: "invalid", reasons: faults };
  return open.length > 0 ? { status: "unauthenticated", reasons: open } : { status: "valid", reasons: [] };
}

function readPath(json: unknown): Uint8Array[] {
  return readArray(json, "the path").map((hash) => readBase64(hash, "a hash of the path", 32));
}

/** An SM channel is one from its first block on: both checkpoints have an SM3 root and there is a path between them, or neither. */
function sm3Faults(
  from: Checkpoint,
  to: Checkpoint,
  path: readonly Uint8Array[] | undefined,
  { sm3 }: VerifierCrypto,
): string[] {
  if (from.sm3Root === undefined && to.sm3Root === undefined && path === undefined) return [];
  if (from.sm3Root === undefined || to.sm3Root === undefined || path === undefined) {
    return ["an SM3 root or the SM3 path between them is missing"];
  }
  const heads = [
    { size: from.size, root: from.sm3Root },
    { size: to.size, root: to.sm3Root },
  ] as const;
  return isConsistent(...heads, path, sm3) ? [] : ["the later SM3 tree does not begin with the earlier one"];
}

/** Each block holds at least one envelope, so blocks and leaves advance together. */
function orderFaults(from: Checkpoint, to: Checkpoint): string[] {
  const faults: string[] = [];
  if (from.origin !== to.origin) faults.push("the two checkpoints are of different logs");
  if (from.block === to.block && !(from.size === to.size && equalBytes(from.headerHash, to.headerHash))) {
    faults.push("the two checkpoints name one block and say different things about it");
  }
  if (to.block - from.block > to.size - from.size || to.block < from.block) {
    faults.push("the two checkpoints are not in order");
  }
  return faults;
}
