import { bytesToBase64, bytesToHex } from "@concordat/base";
import { sha256 } from "../merkle/hash.ts";
import type { MerkleLog } from "../merkle/log.ts";
import type { Receipt, TransactionKind } from "../ports.ts";
import type { ReadBlock } from "./block-reader.ts";

/** The receipt of one transaction, against the checkpoint of its own block. @source docs/reference/ledger-format.md section 7 */
export function buildReceipt(block: ReadBlock, index: number, withEnvelope: boolean, merkle: MerkleLog): Receipt {
  const { stored } = block;
  const envelope = block.envelope(index);
  const { size, origin, root } = stored.proof;
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
    checkpoint: stored.checkpoint,
    ...(withEnvelope ? { envelope: bytesToBase64(envelope) } : {}),
  };
}

function transactionKind(kind: number | undefined): TransactionKind {
  return kind === 0 || kind === 2 ? kind : 1;
}
