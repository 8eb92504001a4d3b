import { hash } from "node:crypto";
import { equalBytes } from "../../core/bytes.ts";
import { faultUnless } from "../../core/fault.ts";
import { ForeignMessage, type Span } from "../../core/foreign-message.ts";
import { type NamespaceResults, readResults } from "./results.ts";

/** What every stored envelope from outside has. */
export interface OutsideHeaders {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly channelHeader: ForeignMessage;
  readonly channelHeaderBytes: Uint8Array;
  readonly signatureHeaderBytes: Uint8Array;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly channelId: string;
  readonly txId: Uint8Array;
  readonly data: Uint8Array;
}

export interface Endorsement {
  readonly endorser: Uint8Array;
  readonly signature: Uint8Array;
}

/** What a valid one has besides. */
export interface EndorsedTransaction {
  readonly atMs: number;
  readonly contract: string;
  readonly proposalResponsePayload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
  /** Where the results' spans point into. */
  readonly bytes: Buffer;
  readonly namespaces: readonly NamespaceResults[];
}

const TYPE_ENDORSER_TRANSACTION = 3;
const TX_ID_BYTES_MAX = 255;

/** @throws Fault when it is none that this ledger would have stored @source docs/reference/ledger-format.md section 10 */
export function readOutsideHeaders(bytes: Uint8Array, span: Span): OutsideHeaders {
  const envelope = new ForeignMessage(bytes, { 1: "bytes", 2: "bytes" }, span);
  const payload = envelope.message(1, { 1: "bytes", 2: "bytes" });
  const header = payload.message(1, { 1: "bytes", 2: "bytes" });
  const channelHeader = header.message(1, {
    1: "number",
    2: "number",
    3: "bytes",
    4: "bytes",
    5: "bytes",
    6: "number",
    7: "bytes",
    8: "bytes",
  });
  const signatureHeader = header.message(2, { 1: "bytes", 2: "bytes" });
  const txId = channelHeader.value(5);
  faultUnless(
    txId.length > 0 && txId.length <= TX_ID_BYTES_MAX && txId.every((byte) => byte < 0x80),
    "its transaction id is not of 1 to 255 ASCII characters",
  );
  return {
    payload: envelope.value(1),
    signature: envelope.value(2),
    channelHeader,
    channelHeaderBytes: header.value(1),
    signatureHeaderBytes: header.value(2),
    creator: signatureHeader.value(1),
    nonce: signatureHeader.value(2),
    channelId: channelHeader.text(4),
    txId,
    data: payload.value(2),
  };
}

/** Reads the rest and checks what does not need the ledger: ids, hashes, forms. @throws Fault */
export function readEndorsedTransaction(headers: OutsideHeaders): EndorsedTransaction {
  const contract = checkChannelHeader(headers);
  const transaction = new ForeignMessage(headers.data, { 1: "many" });
  const [action, another] = transaction.messages(1, { 1: "bytes", 2: "bytes" });
  faultUnless(action !== undefined && another === undefined, "it does not have exactly one action");
  faultUnless(
    equalBytes(action.value(1), headers.signatureHeaderBytes),
    "its action's header is not its signature header",
  );
  const payload = action.message(2, { 1: "bytes", 2: "bytes" });
  faultUnless(!payload.message(1, { 1: "bytes", 2: "many" }).has(2), "its proposal holds a transient map");
  const endorsed = payload.message(2, { 1: "bytes", 2: "many" });
  const response = endorsed.message(1, { 1: "bytes", 2: "bytes" });
  const proposal = Buffer.concat([headers.channelHeaderBytes, headers.signatureHeaderBytes, payload.value(1)]);
  faultUnless(
    equalBytes(response.value(1), hash("sha256", proposal, "buffer")),
    "its proposal hash is not that of its proposal",
  );
  const results = response.message(2, { 1: "bytes", 2: "bytes", 3: "bytes", 4: "bytes" });
  checkAction(results, contract);
  return {
    atMs: timeOf(headers.channelHeader),
    contract,
    proposalResponsePayload: endorsed.value(1),
    endorsements: endorsed
      .messages(2, { 1: "bytes", 2: "bytes" })
      .map((endorsement) => ({ endorser: endorsement.value(1), signature: endorsement.value(2) })),
    bytes: Buffer.from(results.bytes.buffer, results.bytes.byteOffset, results.bytes.length),
    namespaces: readResults(results.bytes, results.span(1)),
  };
}

/** The chaincode that the extension names. */
function checkChannelHeader({ channelHeader, creator, nonce, txId }: OutsideHeaders): string {
  faultUnless(channelHeader.int32(1) === TYPE_ENDORSER_TRANSACTION, "it is marked as a transaction and is none");
  const computed = hash("sha256", Buffer.concat([nonce, creator]), "hex");
  faultUnless(
    Buffer.from(txId).toString("latin1") === computed,
    "its transaction id is not the hash of its nonce and creator",
  );
  faultUnless(channelHeader.isZero(6), "its epoch is not 0");
  const extension = channelHeader.message(7, { 2: "bytes" });
  const contract = extension.message(2, CHAINCODE_ID).text(2);
  faultUnless(contract !== "", "its channel header names no chaincode");
  return contract;
}

const CHAINCODE_ID = { 1: "bytes", 2: "bytes", 3: "bytes" } as const;

function checkAction(action: ForeignMessage, contract: string): void {
  const response = action.message(3, { 1: "number", 2: "bytes", 3: "bytes" });
  const status = response.int32(1);
  faultUnless(status >= 200 && status < 400, `its response has the status ${status}`);
  const chaincode = action.message(4, CHAINCODE_ID);
  faultUnless(chaincode.text(2) === contract, "its action is of another chaincode than its channel header");
  faultUnless(chaincode.text(3) !== "", "its action does not say which version of the chaincode ran");
}

function timeOf(channelHeader: ForeignMessage): number {
  const timestamp = channelHeader.message(3, { 1: "number", 2: "number" });
  return timestamp.uint(1) * 1000 + Math.floor(timestamp.uint(2) / 1_000_000);
}
