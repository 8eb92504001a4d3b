import { hash } from "node:crypto";
import { equalBytes } from "@concordat/base";
import { HEADER_TYPE_CONFIG, HEADER_TYPE_ENDORSER_TRANSACTION } from "../encoding/header.ts";
import { FieldReader, readOrUndefined, singular } from "./field-reader.ts";
import type { EndorsedTransaction, Endorsement, EnvelopeHeaders } from "./ports.ts";
import { readResults } from "./results.ts";
import { resultsFault } from "./results-fault.ts";
import { TX_VALIDATION_CODE as CODE, type TxValidationCode } from "./validation-code.ts";
import { proposalHashOf } from "./write-transaction.ts";

const HEADER_TYPE_CONFIG_UPDATE = 2;
const NOTHING = new Uint8Array(0);
/** Fabric's peers endorse nothing from 400 on. */
const STATUS_MIN = 200;
const STATUS_MAX = 399;

export interface TransactionFault {
  readonly fault: TxValidationCode;
}

/**
 * Reads an endorsed transaction whole and checks everything about it that follows from its own bytes: docs/reference/ledger-format.md section 10.
 * The faults are found in the order of Fabric's validator, so that the first one gives the code that Fabric gives.
 * @source fabric core/common/validation/msgvalidation.go; core/committer/txvalidator/v20/plugindispatcher/dispatcher.go
 */
export function readEndorsedTransaction(headers: EnvelopeHeaders): EndorsedTransaction | TransactionFault {
  const fault = headersFault(headers);
  if (fault !== undefined) return { fault };
  const body = readOrUndefined(() => readBody(headers));
  if (body === undefined) return { fault: CODE.INVALID_ENDORSER_TRANSACTION };
  const extension = readOrUndefined(() => readExtension(headers.extension));
  if (extension === undefined) return { fault: CODE.BAD_HEADER_EXTENSION };
  const action = readOrUndefined(() => readAction(body.extension));
  if (action === undefined) return { fault: CODE.BAD_RESPONSE_PAYLOAD };
  const results = readResults(action.results);
  if (results === undefined) return { fault: CODE.BAD_RWSET };
  const { contract, response, event } = action;
  if (extension.contract === undefined || contract === undefined) return { fault: CODE.INVALID_OTHER_REASON };
  if (contract.name === "" || contract.version === "") return { fault: CODE.INVALID_CHAINCODE };
  if (extension.contract.name !== contract.name) return { fault: CODE.INVALID_CHAINCODE };
  if (event === "malformed") return { fault: CODE.INVALID_OTHER_REASON };
  if (event !== undefined && event.contract !== contract.name) return { fault: CODE.INVALID_OTHER_REASON };
  if (response.status < STATUS_MIN || response.status > STATUS_MAX) return { fault: CODE.BAD_RESPONSE_PAYLOAD };
  const wrongResults = resultsFault(results);
  if (wrongResults !== undefined) return { fault: wrongResults };
  return {
    headers,
    contract: contract.name,
    contractVersion: contract.version,
    proposalResponsePayload: body.proposalResponsePayload,
    endorsements: body.endorsements,
    response,
    event,
    namespaces: results.namespaces,
  };
}

function headersFault(headers: EnvelopeHeaders): TxValidationCode | undefined {
  const { type, epoch, nonce, creator, txId } = headers;
  const isKnown =
    type === HEADER_TYPE_ENDORSER_TRANSACTION || type === HEADER_TYPE_CONFIG || type === HEADER_TYPE_CONFIG_UPDATE;
  if (!isKnown || epoch !== 0n || nonce.length === 0 || creator.length === 0) return CODE.BAD_COMMON_HEADER;
  // Configurations are this ledger's own transactions, never one of kind 2.
  if (type === HEADER_TYPE_CONFIG) return CODE.INVALID_CONFIG_TRANSACTION;
  if (type !== HEADER_TYPE_ENDORSER_TRANSACTION) return CODE.UNSUPPORTED_TX_PAYLOAD;
  return transactionIdOf(nonce, creator) === txId ? undefined : CODE.BAD_PROPOSAL_TXID;
}

function transactionIdOf(nonce: Uint8Array, creator: Uint8Array): string {
  return hash("sha256", Buffer.concat([nonce, creator]), "hex");
}

interface TransactionBody {
  readonly proposalResponsePayload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
  /** Of the proposal response payload: a serialized ChaincodeAction. */
  readonly extension: Uint8Array;
}

/** `protos.Transaction`. Undefined, or a throw, is INVALID_ENDORSER_TRANSACTION. */
function readBody(headers: EnvelopeHeaders): TransactionBody | undefined {
  const transaction = FieldReader.of(headers.data, 0);
  let action: FieldReader | undefined;
  for (let field = transaction.next(); field !== 0; field = transaction.next()) {
    if (field !== 1) continue;
    if (action !== undefined) return undefined;
    action = transaction.message(singular(1, 2));
  }
  if (action === undefined) return undefined;
  let header: Uint8Array = NOTHING;
  let payload: FieldReader | undefined;
  for (let field = action.next(); field !== 0; field = action.next()) {
    if (field === 1) header = action.view();
    else if (field === 2) payload = action.message(singular(1, 2));
  }
  if (payload === undefined || !equalBytes(header, headers.signatureHeader)) return undefined;
  return readActionPayload(payload, headers);
}

/** `protos.ChaincodeActionPayload`. */
function readActionPayload(payload: FieldReader, headers: EnvelopeHeaders): TransactionBody | undefined {
  let proposalPayload: Uint8Array = NOTHING;
  let endorsed: FieldReader | undefined;
  for (let field = payload.next(); field !== 0; field = payload.next()) {
    if (field === 1) {
      proposalPayload = payload.view();
      if (hasTransient(payload.message(singular(1)))) return undefined;
    } else if (field === 2) endorsed = payload.message(singular(1));
  }
  if (endorsed === undefined) return undefined;
  let proposalResponsePayload: Uint8Array = NOTHING;
  let stated: { hash: Uint8Array; extension: Uint8Array } = { hash: NOTHING, extension: NOTHING };
  const endorsements: Endorsement[] = [];
  for (let field = endorsed.next(); field !== 0; field = endorsed.next()) {
    if (field === 1) {
      proposalResponsePayload = endorsed.view();
      stated = readProposalResponsePayload(endorsed.message(singular(1, 2)));
    } else if (field === 2) endorsements.push(readEndorsement(endorsed.message(singular(1, 2))));
  }
  const { channelHeader, signatureHeader } = headers;
  const expected = proposalHashOf({ channelHeader, signatureHeader, proposalPayload });
  if (!equalBytes(stated.hash, expected)) return undefined;
  return { proposalResponsePayload, endorsements, extension: stated.extension };
}

/** `protos.ChaincodeProposalPayload`: transient data must not reach the ledger. */
function hasTransient(reader: FieldReader): boolean {
  for (let field = reader.next(); field !== 0; field = reader.next()) if (field === 2) return true;
  return false;
}

function readProposalResponsePayload(reader: FieldReader): { hash: Uint8Array; extension: Uint8Array } {
  const parts: { hash: Uint8Array; extension: Uint8Array } = { hash: NOTHING, extension: NOTHING };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) parts.hash = reader.view();
    else if (field === 2) parts.extension = reader.view();
  }
  return parts;
}

function readEndorsement(reader: FieldReader): Endorsement {
  let endorser: Uint8Array = NOTHING;
  let signature: Uint8Array = NOTHING;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) endorser = reader.view();
    else if (field === 2) signature = reader.view();
  }
  return { endorser, signature };
}

interface ContractId {
  readonly name: string;
  readonly version: string;
}

/** `protos.ChaincodeHeaderExtension`. */
function readExtension(extension: Uint8Array): { readonly contract: ContractId | undefined } {
  const reader = FieldReader.of(extension, singular(2));
  let contract: ContractId | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) contract = readContractId(reader.message(singular(1, 2, 3)));
  }
  return { contract };
}

function readContractId(reader: FieldReader): ContractId {
  const id = { name: "", version: "" };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) id.name = reader.string();
    else if (field === 3) id.version = reader.string();
  }
  return id;
}

/** `protos.ChaincodeAction`. */
function readAction(extension: Uint8Array) {
  const reader = FieldReader.of(extension, singular(1, 2, 3, 4));
  let results: Uint8Array = NOTHING;
  let contract: ContractId | undefined;
  let event: EndorsedTransaction["event"] | "malformed";
  let response: EndorsedTransaction["response"] = { status: 0, message: "", payload: NOTHING };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) results = reader.view();
    else if (field === 2) event = readEvent(reader.view());
    else if (field === 3) response = readResponse(reader.message(singular(1, 2, 3)));
    else if (field === 4) contract = readContractId(reader.message(singular(1, 2, 3)));
  }
  return { results, contract, event, response };
}

/** `protos.ChaincodeEvent`; no bytes are no event. */
function readEvent(bytes: Uint8Array): EndorsedTransaction["event"] | "malformed" {
  if (bytes.length === 0) return undefined;
  const event = readOrUndefined(() => {
    const reader = FieldReader.of(bytes, singular(1, 2, 3, 4));
    const parts = { contract: "", txId: "", name: "", payload: NOTHING as Uint8Array };
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) parts.contract = reader.string();
      else if (field === 2) parts.txId = reader.string();
      else if (field === 3) parts.name = reader.string();
      else if (field === 4) parts.payload = reader.view();
    }
    return parts;
  });
  return event ?? "malformed";
}

function readResponse(reader: FieldReader): EndorsedTransaction["response"] {
  const response = { status: 0, message: "", payload: NOTHING as Uint8Array };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) response.status = reader.int32();
    else if (field === 2) response.message = reader.string();
    else if (field === 3) response.payload = reader.view();
  }
  return response;
}
