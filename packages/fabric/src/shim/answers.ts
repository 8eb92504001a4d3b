import { InvariantError } from "@concordat/base";
import type { HistoryItem, SimulationAnswer, StateItem } from "@concordat/ledger/client";
import { ledger, peer } from "@hyperledger/fabric-protos";
import timestamps from "google-protobuf/google/protobuf/timestamp_pb.js";

const nothing = new Uint8Array();

/** The payload of the RESPONSE to a request that asks for no rows. */
export function encodeStepAnswer(answer: SimulationAnswer): Uint8Array {
  switch (answer.kind) {
    case "done":
      return nothing;
    case "value":
      // An absent key and an empty value look alike in the protocol.
      return answer.value ?? nothing;
    case "metadata": {
      const result = new peer.StateMetadataResult();
      for (const [name, value] of Object.entries(answer.entries)) {
        const entry = new peer.StateMetadata();
        entry.setMetakey(name);
        entry.setValue(value);
        result.addEntries(entry);
      }
      return result.serializeBinary();
    }
    default:
      throw new InvariantError(`a step for one value answered ${answer.kind}`);
  }
}

export function encodeStateRow(row: StateItem): Uint8Array {
  const encoded = new ledger.queryresult.KV();
  encoded.setNamespace(row.namespace);
  encoded.setKey(row.key);
  encoded.setValue(row.value);
  return encoded.serializeBinary();
}

export function encodeHistoryRow(row: HistoryItem): Uint8Array {
  const time = new timestamps.Timestamp();
  time.setSeconds(row.timestamp.seconds);
  time.setNanos(row.timestamp.nanos);
  const encoded = new ledger.queryresult.KeyModification();
  encoded.setTxId(row.txId);
  encoded.setValue(row.value);
  encoded.setTimestamp(time);
  encoded.setIsDelete(row.isDelete);
  return encoded.serializeBinary();
}

/** A QueryResponse: rows that are encoded already, and whether QUERY_STATE_NEXT brings more. */
export function encodeRows(options: {
  readonly iterator: string;
  readonly rows: readonly Uint8Array[];
  readonly hasMore: boolean;
  /** Of the first answer to a paged query. */
  readonly page?: { readonly count: number; readonly bookmark: string };
}): Uint8Array {
  const response = new peer.QueryResponse();
  response.setId(options.iterator);
  response.setHasMore(options.hasMore);
  response.setResultsList(
    options.rows.map((row) => {
      const result = new peer.QueryResultBytes();
      result.setResultbytes(row);
      return result;
    }),
  );
  if (options.page !== undefined) {
    const metadata = new peer.QueryResponseMetadata();
    metadata.setFetchedRecordsCount(options.page.count);
    metadata.setBookmark(options.page.bookmark);
    response.setMetadata(metadata.serializeBinary());
  }
  return response.serializeBinary();
}
