import { bytesToBase64, bytesToHex } from "@concordat/base";
import type { Checkpoint } from "../checkpoint/note.ts";
import { sha256 } from "../merkle/hash.ts";
import type { MerkleLog } from "../merkle/log.ts";
import type { ConsistencyProof, Receipt, TransactionKind } from "../ports.ts";
import type { ReadBlock } from "./block-reader.ts";

/** A channel's trees: every channel has the first, SM channels have both. */
export interface Trees {
  readonly merkle: MerkleLog;
  readonly sm3: MerkleLog | undefined;
}

/** The receipt of one transaction, against the checkpoint of its own block. @source docs/reference/ledger-format.md section 7 */
export function buildReceipt(block: ReadBlock, index: number, withEnvelope: boolean, { merkle, sm3 }: Trees): Receipt {
  const { stored } = block;
  const envelope = block.envelope(index);
  const { size, origin, root, sm3Root } = stored.proof;
  const leafIndex = size - stored.envelopes.length + index;
  return {
    format: "concordat-receipt/1",
    origin,
    leaf: {
      kind: transactionKind(stored.kinds[index]),
      validationCode: stored.validationCodes[index] ?? 0,
      block: stored.number,
      index,
      envelopeSha256: bytesToHex(sha256(envelope)),
      txId: block.transaction(index).txId,
    },
    leafIndex,
    inclusionPath: merkle.inclusionPath(leafIndex, size, root).map(bytesToBase64),
    ...(sm3 === undefined ? {} : { sm3InclusionPath: sm3.inclusionPath(leafIndex, size, sm3Root).map(bytesToBase64) }),
    checkpoint: stored.checkpoint,
    ...(withEnvelope ? { envelope: bytesToBase64(envelope) } : {}),
  };
}

/** The paths between the roots of two checkpoints. */
export function consistencyPaths(
  { m, n }: { readonly m: Checkpoint; readonly n: Checkpoint },
  { merkle, sm3 }: Trees,
): Pick<ConsistencyProof, "path" | "sm3Path"> {
  const path = merkle.consistencyPath(m.size, n.size, { m: m.root, n: n.root }).map(bytesToBase64);
  if (sm3 === undefined || m.sm3Root === undefined || n.sm3Root === undefined) return { path };
  return { path, sm3Path: sm3.consistencyPath(m.size, n.size, { m: m.sm3Root, n: n.sm3Root }).map(bytesToBase64) };
}

function transactionKind(kind: number | undefined): TransactionKind {
  return kind === 0 || kind === 2 ? kind : 1;
}
