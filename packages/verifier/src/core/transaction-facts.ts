import { bytesToBase64, bytesToUtf8 } from "./bytes.ts";
import { type CertificateFacts, certificateFacts } from "./certificate.ts";
import { Fault, faultUnless } from "./fault.ts";
import { readForeignMessage as readMessage } from "./foreign-message.ts";

/** Bytes for a reader's eyes: as text when they are text, else as base64. */
export interface Content {
  readonly encoding: "utf8" | "base64";
  readonly value: string;
}

export interface CreatorFacts extends CertificateFacts {
  readonly mspId: string;
  readonly certificatePem: string;
}

export interface WriteFacts {
  readonly namespace: string;
  readonly key: string;
  readonly isDelete: boolean;
  readonly value: Content;
}

export interface ReadFacts {
  readonly namespace: string;
  readonly key: string;
  /** Where the value that was read had been written; undefined: the key was absent. */
  readonly version: { readonly block: number; readonly index: number } | undefined;
}

/** What an envelope holds, decoded. */
export interface TransactionFacts {
  readonly type: "configuration" | "transaction" | "other";
  readonly channelId: string;
  readonly txId: string;
  /** RFC 3339 in UTC with nanoseconds. */
  readonly time: string | undefined;
  readonly creator: CreatorFacts | undefined;
  /** What the transaction id is the hash of. */
  readonly nonceAndCreator: readonly [Uint8Array, Uint8Array];
  readonly contract: string | undefined;
  readonly functionName: string | undefined;
  readonly arguments: readonly Content[];
  readonly response: { readonly status: number; readonly message: string; readonly payload: Content } | undefined;
  readonly event: { readonly name: string; readonly payload: Content } | undefined;
  readonly reads: readonly ReadFacts[];
  readonly writes: readonly WriteFacts[];
  /** Of optimistic transactions. */
  readonly endorsers: readonly CreatorFacts[];
}

type Fields = ReturnType<typeof readMessage>;

const TYPE_CONFIG = 1;
const TYPE_ENDORSER_TRANSACTION = 3;

/**
 * Decodes a serialized common.Envelope, as leniently as foreign clients' envelopes are read.
 * @param isWhole false: what stands inside of the headers may be anything, as in a refused optimistic transaction
 * @throws Fault when the bytes are not one
 * @source Fabric's common.proto, proposal.proto, transaction.proto, rwset.proto, kv_rwset.proto
 */
export function decodeEnvelope(envelope: Uint8Array, isWhole = true): TransactionFacts {
  const payload = readMessage(bytesOf(readMessage(envelope), 1));
  const header = readMessage(bytesOf(payload, 1));
  const channelHeader = readMessage(bytesOf(header, 1));
  const signatureHeader = readMessage(bytesOf(header, 2));
  const type = numberOf(channelHeader, 1);
  const creator = bytesOf(signatureHeader, 1);
  return {
    type: type === TYPE_CONFIG ? "configuration" : type === TYPE_ENDORSER_TRANSACTION ? "transaction" : "other",
    channelId: textOf(channelHeader, 4),
    txId: textOf(channelHeader, 5),
    time: timeOf(channelHeader),
    creator: creatorOf(creator),
    nonceAndCreator: [bytesOf(signatureHeader, 2), creator],
    ...(type === TYPE_ENDORSER_TRANSACTION ? actionFactsOf(bytesOf(payload, 2), isWhole) : NO_ACTION),
  };
}

const NO_ACTION = {
  contract: undefined,
  functionName: undefined,
  arguments: [],
  response: undefined,
  event: undefined,
  reads: [],
  writes: [],
  endorsers: [],
};

type ActionFacts = Omit<TransactionFacts, "type" | "channelId" | "txId" | "time" | "creator" | "nonceAndCreator">;

function actionFactsOf(transaction: Uint8Array, isWhole: boolean): ActionFacts {
  try {
    return actionFacts(transaction);
  } catch (error) {
    if (error instanceof Fault && !isWhole) return NO_ACTION;
    throw error;
  }
}

function actionFacts(transaction: Uint8Array): ActionFacts {
  const actions = manyOf(readMessage(transaction), 1);
  const [first] = actions;
  faultUnless(first !== undefined && actions.length === 1, "the envelope does not hold exactly one action");
  const actionPayload = readMessage(bytesOf(readMessage(first), 2));
  const proposal = readMessage(bytesOf(actionPayload, 1));
  const specification = readMessage(bytesOf(readMessage(bytesOf(proposal, 1)), 1));
  const args = manyOf(readMessage(bytesOf(specification, 3)), 1);
  const endorsed = readMessage(bytesOf(actionPayload, 2));
  const response = readMessage(bytesOf(endorsed, 1));
  const action = readMessage(bytesOf(response, 2));
  const name = args[0] === undefined ? undefined : bytesToUtf8(args[0]);
  return {
    contract: textOf(readMessage(bytesOf(specification, 2)), 2),
    functionName: name,
    arguments: args.slice(1).map(contentOf),
    response: responseOf(action),
    event: eventOf(action),
    ...readWriteSet(bytesOf(action, 1)),
    endorsers: manyOf(endorsed, 2).flatMap((endorsement) => creatorOf(bytesOf(readMessage(endorsement), 1)) ?? []),
  };
}

function responseOf(action: Fields): TransactionFacts["response"] {
  if (!action.has(3)) return undefined;
  const response = readMessage(bytesOf(action, 3));
  return { status: numberOf(response, 1), message: textOf(response, 2), payload: contentOf(bytesOf(response, 3)) };
}

function eventOf(action: Fields): TransactionFacts["event"] {
  const bytes = bytesOf(action, 2);
  if (bytes.length === 0) return undefined;
  const event = readMessage(bytes);
  return { name: textOf(event, 3), payload: contentOf(bytesOf(event, 4)) };
}

function readWriteSet(bytes: Uint8Array): { reads: ReadFacts[]; writes: WriteFacts[] } {
  const reads: ReadFacts[] = [];
  const writes: WriteFacts[] = [];
  for (const entry of manyOf(readMessage(bytes), 2)) {
    const fields = readMessage(entry);
    const namespace = textOf(fields, 1);
    const set = readMessage(bytesOf(fields, 2));
    for (const read of manyOf(set, 1).map(readMessage)) {
      const version = read.has(2) ? readMessage(bytesOf(read, 2)) : undefined;
      reads.push({
        namespace,
        key: textOf(read, 1),
        version: version && { block: numberOf(version, 1), index: numberOf(version, 2) },
      });
    }
    for (const write of manyOf(set, 3).map(readMessage)) {
      const value = contentOf(bytesOf(write, 3));
      writes.push({ namespace, key: textOf(write, 1), isDelete: numberOf(write, 2) === 1, value });
    }
  }
  return { reads, writes };
}

function creatorOf(bytes: Uint8Array): CreatorFacts | undefined {
  if (bytes.length === 0) return undefined;
  const identity = readMessage(bytes);
  const certificatePem = textOf(identity, 2);
  return { mspId: textOf(identity, 1), certificatePem, ...certificateFacts(certificatePem) };
}

function timeOf(channelHeader: Fields): string | undefined {
  if (!channelHeader.has(3)) return undefined;
  const timestamp = readMessage(bytesOf(channelHeader, 3));
  const date = new Date(numberOf(timestamp, 1) * 1000);
  const nanos = numberOf(timestamp, 2);
  if (Number.isNaN(date.getTime()) || nanos > 999_999_999) return undefined;
  return `${date.toISOString().slice(0, -5)}.${String(nanos).padStart(9, "0")}Z`;
}

function contentOf(bytes: Uint8Array): Content {
  const text = bytesToUtf8(bytes);
  return text === undefined ? { encoding: "base64", value: bytesToBase64(bytes) } : { encoding: "utf8", value: text };
}

function singleOf(fields: Fields, field: number): number | Uint8Array | undefined {
  const values = fields.get(field);
  if (values !== undefined && values.length > 1) throw new Fault(`field ${field} of the envelope stands twice`);
  return values?.[0];
}

/** Absent means empty, as protobuf 3 has it. */
function bytesOf(fields: Fields, field: number): Uint8Array {
  const value = singleOf(fields, field) ?? new Uint8Array(0);
  if (typeof value === "number") throw new Fault(`field ${field} of the envelope has the wrong wire type`);
  return value;
}

function numberOf(fields: Fields, field: number): number {
  const value = singleOf(fields, field) ?? 0;
  if (typeof value !== "number") throw new Fault(`field ${field} of the envelope has the wrong wire type`);
  return value;
}

function textOf(fields: Fields, field: number): string {
  const text = bytesToUtf8(bytesOf(fields, field));
  if (text === undefined) throw new Fault(`field ${field} of the envelope is not valid UTF-8`);
  return text;
}

function manyOf(fields: Fields, field: number): Uint8Array[] {
  return (fields.get(field) ?? []).map((value) => {
    if (typeof value === "number") throw new Fault(`field ${field} of the envelope has the wrong wire type`);
    return value;
  });
}
