import type { CallContext, Outbox } from "../node/calls.ts";
import { writeMessage } from "../wire/write.ts";
import { COMMON_STATUS, type OrderAnswer } from "./ordering.ts";

/** Envelopes of one stream that may be on their way to the disk at once. */
const IN_FLIGHT_MAX = 64;

export interface StreamOrdering {
  /** Why an envelope does not even go to the ledger. */
  refusal(envelope: Uint8Array): OrderAnswer | undefined;
  /** @param stream the same for all envelopes of a stream, and of no other: the ledger orders none behind one that it has refused */
  order(envelope: Uint8Array, stream: number): Promise<OrderAnswer>;
}

let lastStream = 0;

/**
 * One Broadcast stream: answers in the order of the envelopes, of which several share a block. The first refusal is the last answer; what
 * was sent behind it is not ordered.
 * @source fabric orderer/common/broadcast/broadcast.go
 */
export async function broadcast(
  envelopes: AsyncIterable<Uint8Array>,
  outbox: Outbox,
  { signal }: CallContext,
  ordering: StreamOrdering,
): Promise<void> {
  lastStream += 1;
  const stream = lastStream;
  const answers: Promise<OrderAnswer>[] = [];
  let failed = false;
  let sending = Promise.resolve();
  const sendNext = async () => {
    const answer = await answers.shift();
    if (answer === undefined || failed) return;
    failed = answer.status !== "SUCCESS";
    await outbox.send(encodeBroadcastResponse(answer));
  };
  for await (const envelope of envelopes) {
    if (failed || signal.aborted) break;
    const refusal = ordering.refusal(envelope);
    answers.push(refusal === undefined ? ordering.order(envelope, stream) : Promise.resolve(refusal));
    sending = sending.then(sendNext);
    sending.catch(() => {
      failed = true;
    });
    if (refusal !== undefined) break;
    if (answers.length >= IN_FLIGHT_MAX) await answers[0];
  }
  await sending;
}

/** @source orderer.BroadcastResponse */
function encodeBroadcastResponse(answer: OrderAnswer): Uint8Array {
  return writeMessage([1, COMMON_STATUS[answer.status]], [2, answer.status === "SUCCESS" ? "" : answer.info]);
}
