import { ledger, peer } from "@hyperledger/fabric-protos";
import { setTimestamp } from "./fabric-messages.ts";
import type { Change, FabricWorldState, Row } from "./fabric-world-state.ts";

const { Type } = peer.ChaincodeMessage;
export type MessageType = ReturnType<peer.ChaincodeMessage["getType"]>;

const nothing = new Uint8Array();

/** Rows of one answer. A peer sends 100; few make short tests ask for more. */
const ROWS_AN_ANSWER = 3;

/**
 * One transaction on a peer: answers the chaincode's requests from the state before it, and gathers its writes.
 * @source fabric-protos peer/chaincode_shim.proto
 */
export class FabricSimulation {
  readonly writes = new Map<string, Uint8Array | undefined>();
  readonly #state: FabricWorldState;
  readonly #openQueries = new Map<string, Uint8Array[]>();
  #queries = 0;

  constructor(state: FabricWorldState) {
    this.#state = state;
  }

  get openQueries(): number {
    return this.#openQueries.size;
  }

  /** The payload of the answer to one request. */
  answer(type: MessageType, payload: Uint8Array): Uint8Array {
    switch (type) {
      case Type.GET_STATE:
        return this.#state.get(peer.GetState.deserializeBinary(payload).getKey()) ?? nothing;
      case Type.PUT_STATE: {
        const put = peer.PutState.deserializeBinary(payload);
        this.writes.set(put.getKey(), put.getValue_asU8());
        return nothing;
      }
      case Type.DEL_STATE:
        this.writes.set(peer.DelState.deserializeBinary(payload).getKey(), undefined);
        return nothing;
      case Type.GET_STATE_BY_RANGE:
        return this.#range(peer.GetStateByRange.deserializeBinary(payload));
      case Type.GET_HISTORY_FOR_KEY: {
        const { key } = peer.GetHistoryForKey.deserializeBinary(payload).toObject();
        return this.#open(this.#state.history(key).map(encodeChange));
      }
      case Type.QUERY_STATE_NEXT:
        return this.#next(peer.QueryStateNext.deserializeBinary(payload).getId());
      case Type.QUERY_STATE_CLOSE: {
        const id = peer.QueryStateClose.deserializeBinary(payload).getId();
        this.#openQueries.delete(id);
        return queryResponse(id, [], false).serializeBinary();
      }
      default:
        throw new Error(`A request of type ${type} is not part of this peer.`);
    }
  }

  #range(request: peer.GetStateByRange): Uint8Array {
    const paging = request.getMetadata_asU8();
    const [start, end] = [request.getStartkey(), request.getEndkey()];
    if (paging.length === 0) return this.#open(this.#state.range(start, end).map(encodeRow));
    const metadata = peer.QueryMetadata.deserializeBinary(paging);
    const rows = this.#state.range(metadata.getBookmark() || start, end);
    const page = rows.slice(0, metadata.getPagesize());
    const answered = new peer.QueryResponseMetadata();
    answered.setFetchedRecordsCount(page.length);
    answered.setBookmark(rows[page.length]?.key ?? "");
    const response = queryResponse("page", page.map(encodeRow), false);
    response.setMetadata(answered.serializeBinary());
    return response.serializeBinary();
  }

  #open(results: Uint8Array[]): Uint8Array {
    const id = `query-${++this.#queries}`;
    this.#openQueries.set(id, results);
    return this.#next(id);
  }

  #next(id: string): Uint8Array {
    const results = this.#openQueries.get(id);
    if (results === undefined) throw new Error("query iterator not found");
    const batch = results.splice(0, ROWS_AN_ANSWER);
    const hasMore = results.length > 0;
    if (!hasMore) this.#openQueries.delete(id);
    return queryResponse(id, batch, hasMore).serializeBinary();
  }
}

function queryResponse(id: string, results: readonly Uint8Array[], hasMore: boolean): peer.QueryResponse {
  const response = new peer.QueryResponse();
  response.setId(id);
  response.setHasMore(hasMore);
  response.setResultsList(
    results.map((bytes) => {
      const result = new peer.QueryResultBytes();
      result.setResultbytes(bytes);
      return result;
    }),
  );
  return response;
}

function encodeRow({ key, value }: Row): Uint8Array {
  const row = new ledger.queryresult.KV();
  row.setKey(key);
  row.setValue(value);
  return row.serializeBinary();
}

function encodeChange({ txId, timeMs, value }: Change): Uint8Array {
  const change = new ledger.queryresult.KeyModification();
  change.setTxId(txId);
  setTimestamp(change, timeMs);
  change.setIsDelete(value === undefined);
  change.setValue(value ?? nothing);
  return change.serializeBinary();
}
