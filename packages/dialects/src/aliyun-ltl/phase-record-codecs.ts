import type { OutputCodec } from "@concordat/api-kit";
import { pageAnswer } from "./page-codec.ts";

/** Answers that show records of phases. Block number and time are numbers: so says the document's table, and the official Java client. */
interface PlacedRecord {
  iotId: string;
  value: string;
  blockHash: string;
  transactionHash: string;
  previousHash: string;
  blockNumber: number;
  timestampMs: number;
  productKey: string;
  dataHash: string;
}

interface RelatedRecord {
  phaseId: string;
  dataSeq: string;
  fullKey: string;
  digest: string;
  phaseName: string;
}

const relatedToWire = (related: RelatedRecord) => ({
  RelatedPhaseId: related.phaseId,
  RelatedDataSeq: related.dataSeq,
  RelatedDataKey: related.fullKey,
  RelatedPhaseDataHash: related.digest,
  RelatedPhaseName: related.phaseName,
});

interface RecordData {
  IotId: string;
  DataValue: string;
  BlockHash: string;
  TransactionHash: string;
  PreviousHash: string;
  BlockNumber: number;
  Timestamp: number;
  RelatedDataList: ReturnType<typeof relatedToWire>[];
  ProductKey: string;
  DataHash: string;
}

const placedFromWire = (data: Omit<RecordData, "RelatedDataList">): PlacedRecord => ({
  iotId: data.IotId,
  value: data.DataValue,
  blockHash: data.BlockHash,
  transactionHash: data.TransactionHash,
  previousHash: data.PreviousHash,
  blockNumber: data.BlockNumber,
  timestampMs: data.Timestamp,
  productKey: data.ProductKey,
  dataHash: data.DataHash,
});

export const phaseRecordAnswer: OutputCodec<PlacedRecord & { related: RelatedRecord[] }> = {
  encode(record) {
    const data: RecordData = {
      IotId: record.iotId,
      DataValue: record.value,
      BlockHash: record.blockHash,
      TransactionHash: record.transactionHash,
      PreviousHash: record.previousHash,
      BlockNumber: record.blockNumber,
      Timestamp: record.timestampMs,
      RelatedDataList: record.related.map(relatedToWire),
      ProductKey: record.productKey,
      DataHash: record.dataHash,
    };
    return { data };
  },
  decode(answer) {
    const data = answer.data as RecordData;
    const related = data.RelatedDataList.map((item) => ({
      phaseId: item.RelatedPhaseId,
      dataSeq: item.RelatedDataSeq,
      fullKey: item.RelatedDataKey,
      digest: item.RelatedPhaseDataHash,
      phaseName: item.RelatedPhaseName,
    }));
    return { ...placedFromWire(data), related };
  },
};

export const phaseHistoryAnswer = pageAnswer(
  (record: PlacedRecord & { dataSeq: string }) => ({
    IotId: record.iotId,
    DataValue: record.value,
    BlockHash: record.blockHash,
    DataSeq: record.dataSeq,
    TransactionHash: record.transactionHash,
    PreviousHash: record.previousHash,
    BlockNumber: record.blockNumber,
    Timestamp: record.timestampMs,
    ProductKey: record.productKey,
    DataHash: record.dataHash,
  }),
  (wire) => ({ ...placedFromWire(wire), dataSeq: wire.DataSeq }),
);
