import { isConcordatError } from "@concordat/base";
import type { PageRequest, SimulationStep } from "@concordat/ledger/client";
import { peer } from "@hyperledger/fabric-protos";
import { MESSAGE_TYPE, type ShimMessage } from "./message.ts";
import { refusal } from "./refusal.ts";

/** What a chaincode asks for while it runs. */
export type StateRequest =
  | { readonly kind: "step"; readonly step: SimulationStep }
  /** A step that answers rows; `paged` when it asks for one page. */
  | { readonly kind: "rows"; readonly step: SimulationStep; readonly paged: boolean }
  | { readonly kind: "next"; readonly iterator: string }
  | { readonly kind: "close"; readonly iterator: string }
  | { readonly kind: "invoke"; readonly target: string; readonly args: readonly Uint8Array[] };

type Reader = (payload: Uint8Array, namespace: string) => StateRequest;

/** Rows of one page that the ledger gives at most; a larger page is cut to it and goes on at its bookmark, as on Fabric. */
const PAGE_SIZE_MAX = 10_000;

function privateData(): never {
  throw refusal("private data collections are not supported on this network");
}

function publicOnly(collection: string): void {
  if (collection !== "") privateData();
}

function pageOf(metadata: Uint8Array): PageRequest | undefined {
  const query = peer.QueryMetadata.deserializeBinary(metadata);
  const size = query.getPagesize();
  const bookmark = query.getBookmark();
  if (size < 0) throw refusal(`the page size ${size} is negative`);
  if (size === 0 && bookmark === "") return undefined;
  return { size: size === 0 ? PAGE_SIZE_MAX : Math.min(size, PAGE_SIZE_MAX), bookmark };
}

function getState(payload: Uint8Array, namespace: string): StateRequest {
  const request = peer.GetState.deserializeBinary(payload);
  publicOnly(request.getCollection());
  return { kind: "step", step: { kind: "get", namespace, key: request.getKey() } };
}

function putState(payload: Uint8Array, namespace: string): StateRequest {
  const request = peer.PutState.deserializeBinary(payload);
  publicOnly(request.getCollection());
  return { kind: "step", step: { kind: "put", namespace, key: request.getKey(), value: request.getValue_asU8() } };
}

function deleteState(payload: Uint8Array, namespace: string): StateRequest {
  const request = peer.DelState.deserializeBinary(payload);
  publicOnly(request.getCollection());
  return { kind: "step", step: { kind: "delete", namespace, key: request.getKey() } };
}

function range(payload: Uint8Array, namespace: string): StateRequest {
  const request = peer.GetStateByRange.deserializeBinary(payload);
  publicOnly(request.getCollection());
  const page = pageOf(request.getMetadata_asU8());
  const step = { kind: "range", namespace, start: request.getStartkey(), end: request.getEndkey() } as const;
  return { kind: "rows", step: page === undefined ? step : { ...step, page }, paged: page !== undefined };
}

function query(payload: Uint8Array, namespace: string): StateRequest {
  const request = peer.GetQueryResult.deserializeBinary(payload);
  publicOnly(request.getCollection());
  const page = pageOf(request.getMetadata_asU8());
  const step = { kind: "query", namespace, query: request.getQuery() } as const;
  return { kind: "rows", step: page === undefined ? step : { ...step, page }, paged: page !== undefined };
}

function history(payload: Uint8Array, namespace: string): StateRequest {
  const key = peer.GetHistoryForKey.deserializeBinary(payload).getKey();
  return { kind: "rows", step: { kind: "history", namespace, key }, paged: false };
}

function getMetadata(payload: Uint8Array, namespace: string): StateRequest {
  const request = peer.GetStateMetadata.deserializeBinary(payload);
  publicOnly(request.getCollection());
  return { kind: "step", step: { kind: "get-metadata", namespace, key: request.getKey() } };
}

function putMetadata(payload: Uint8Array, namespace: string): StateRequest {
  const request = peer.PutStateMetadata.deserializeBinary(payload);
  publicOnly(request.getCollection());
  const metadata = request.getMetadata();
  if (metadata === undefined) throw refusal("the request carries no metadata");
  const entry = { name: metadata.getMetakey(), value: metadata.getValue_asU8() };
  return { kind: "step", step: { kind: "put-metadata", namespace, key: request.getKey(), ...entry } };
}

function invoke(payload: Uint8Array): StateRequest {
  const spec = peer.ChaincodeSpec.deserializeBinary(payload);
  const target = spec.getChaincodeId()?.getName() ?? "";
  if (target === "") throw refusal("the request names no chaincode");
  return { kind: "invoke", target, args: spec.getInput()?.getArgsList_asU8() ?? [] };
}

function unannounced(): never {
  throw refusal("this peer has not announced that it takes such requests");
}

const readers: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [MESSAGE_TYPE.GET_STATE, getState],
  [MESSAGE_TYPE.PUT_STATE, putState],
  [MESSAGE_TYPE.DEL_STATE, deleteState],
  [MESSAGE_TYPE.GET_STATE_BY_RANGE, range],
  [MESSAGE_TYPE.GET_QUERY_RESULT, query],
  [MESSAGE_TYPE.GET_HISTORY_FOR_KEY, history],
  [MESSAGE_TYPE.GET_STATE_METADATA, getMetadata],
  [MESSAGE_TYPE.PUT_STATE_METADATA, putMetadata],
  [MESSAGE_TYPE.INVOKE_CHAINCODE, invoke],
  [
    MESSAGE_TYPE.QUERY_STATE_NEXT,
    (payload) => ({ kind: "next", iterator: peer.QueryStateNext.deserializeBinary(payload).getId() }),
  ],
  [
    MESSAGE_TYPE.QUERY_STATE_CLOSE,
    (payload) => ({ kind: "close", iterator: peer.QueryStateClose.deserializeBinary(payload).getId() }),
  ],
  [MESSAGE_TYPE.GET_PRIVATE_DATA_HASH, privateData],
  [MESSAGE_TYPE.PURGE_PRIVATE_DATA, privateData],
  [MESSAGE_TYPE.WRITE_BATCH_STATE, unannounced],
  [MESSAGE_TYPE.GET_STATE_MULTIPLE, unannounced],
]);

export function isStateRequest(type: number): boolean {
  return readers.has(type);
}

/** @throws ConcordatError REQUEST_REFUSED with a text for the chaincode */
export function readStateRequest(message: ShimMessage, namespace: string): StateRequest {
  const read = readers.get(message.type);
  if (read === undefined) throw refusal("unknown request");
  try {
    return read(message.payload, namespace);
  } catch (error) {
    if (isConcordatError(error)) throw error;
    throw refusal("unmarshal failed");
  }
}
