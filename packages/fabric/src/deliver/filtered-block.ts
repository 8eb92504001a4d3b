import { WireError, WireMessage } from "../wire/read.ts";
import { type PresentField, type WireField, writeMessage } from "../wire/write.ts";

const TRANSACTIONS_FILTER = 2;
const NOT_VALIDATED = 254;
const ENDORSER_TRANSACTION = 3n;

/**
 * `protos.FilteredBlock`: ids, types and verdicts of a block's transactions, and the names of their events without payloads. Undefined when the block
 * cannot be read.
 */
export function filteredBlock(block: Uint8Array, channelId: string): Uint8Array | undefined {
  try {
    const fields = new WireMessage(block);
    const verdicts = fields.message(3).all(1)[TRANSACTIONS_FILTER] ?? new Uint8Array(0);
    const envelopes = fields.message(2).all(1);
    return writeMessage(
      [1, channelId],
      [2, fields.message(1).integer(1)],
      ...envelopes.map(
        (envelope, index): PresentField => ({
          present: 4,
          value: filteredTransaction(envelope, verdicts[index] ?? NOT_VALIDATED),
        }),
      ),
    );
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** @source protos.FilteredTransaction: txid 1, type 2, tx_validation_code 3, transaction_actions 4 */
function filteredTransaction(envelope: Uint8Array, verdict: number): Uint8Array {
  const payload = new WireMessage(envelope).message(1);
  const header = payload.message(1).message(1);
  const type = header.integer(1);
  const fields: (WireField | PresentField)[] = [
    [1, header.text(5)],
    [2, type],
    [3, verdict],
  ];
  if (type === ENDORSER_TRANSACTION) fields.push({ present: 4, value: filteredActions(payload.bytes(2)) });
  return writeMessage(...fields);
}

/** A refused transaction may hold anything at all in its actions: what cannot be read has no events. */
function filteredActions(transaction: Uint8Array): Uint8Array {
  try {
    const events = new WireMessage(transaction).all(1).map(eventOf);
    return writeMessage(
      ...events
        .filter((event) => event.text(1) !== "")
        .map(
          (event): PresentField => ({
            present: 1,
            value: writeMessage([1, writeMessage([1, event.text(1)], [2, event.text(2)], [3, event.text(3)])]),
          }),
        ),
    );
  } catch (error) {
    if (error instanceof WireError) return new Uint8Array(0);
    throw error;
  }
}

/** TransactionAction.payload -> ChaincodeActionPayload.action -> ProposalResponsePayload.extension -> ChaincodeAction.events */
function eventOf(action: Uint8Array): WireMessage {
  const endorsed = new WireMessage(action).message(2).message(2);
  return endorsed.message(1).message(2).message(2);
}
