import { decimalInteger, Type } from "@concordat/api-kit";
import { phaseHistoryAnswer, phaseRecordAnswer } from "../phase-record-codecs.ts";
import {
  chainErrors,
  collaborationRow,
  dataKey,
  dataSeq,
  example,
  paged,
  phaseGroupId,
  phaseId,
  wire,
} from "./collaboration-fields.ts";
import { bizChainId, EXAMPLE_TX, momentMs, operation, pageOf, parameter } from "./common.ts";

const text = Type.String();
const placed = {
  iotId: text,
  value: text,
  blockHash: text,
  transactionHash: text,
  previousHash: text,
  blockNumber: Type.Integer(),
  timestampMs: Type.Integer(),
  productKey: text,
  dataHash: text,
};
const related = Type.Object({
  phaseId: text,
  dataSeq: text,
  fullKey: text,
  digest: text,
  phaseName: text,
});
const of = { bizChainId, dataKey, phaseGroupId, phaseId };
const exampleRecord = {
  iotId: "",
  value: "某公司某业务数据。",
  blockHash: "5a5c07672a4efaf609e62d921a60bf7cc0e9722a8b9608520d694520c0c45a5c",
  transactionHash: EXAMPLE_TX,
  previousHash: "bf2cf40e5c21dc14d03eb824f99791c4d07bdaf2736e5faae508d7fb276dbf2c",
  blockNumber: 1942,
  timestampMs: 1605885676000,
  productKey: "",
  dataHash: "9608520d694520c0c414075a5c07672a4efaf609e62d921a60bf7cc0e9729608",
};

export const collaborationRecordRoutes = {
  DescribeMPCoSPhaseInfo: operation({
    ...collaborationRow("DescribeMPCoSPhaseInfo", 19),
    summary: "Reads one record of a phase with what it depends on.",
    permission: "ltl:phaseData:read",
    mutating: false,
    input: Type.Object({ ...of, dataSeq: dataSeq("the newest record when left out") }),
    wire: {
      bizChainId: wire.bizChainId,
      dataKey: wire.dataKey,
      phaseGroupId: wire.phaseGroupId,
      phaseId: wire.phaseId,
      dataSeq: wire.dataSeq,
    },
    output: Type.Object({ ...placed, related: Type.Array(related) }),
    answer: phaseRecordAnswer,
    errors: [...chainErrors, "PHASE_GROUP_UNKNOWN", "PHASE_UNKNOWN", "PHASE_DATA_UNKNOWN", "EVIDENCE_IN_FLIGHT"],
    example: {
      input: { ...example.place, dataKey: example.text.dataKey },
      output: {
        ...exampleRecord,
        related: [
          {
            phaseId: example.otherPhaseId,
            dataSeq: "1".padStart(64, "0"),
            fullKey: `0002_z1E9FBwCfdc9ICk6_5E9A_${"A".padEnd(64, "0")}`,
            digest: "73b5c3dbc828fdf79749ff332af402036f7d591959fda00a2854a160fe6673b5",
            phaseName: "某业务阶段",
          },
        ],
      },
    },
  }),
  ListMPCoSPhaseHistory: operation({
    ...collaborationRow("ListMPCoSPhaseHistory", 20),
    summary: "Lists the records of a key in a time window, newest first.",
    permission: "ltl:phaseData:read",
    mutating: false,
    input: Type.Object({ ...of, ...paged, startMs: momentMs, endMs: momentMs }),
    wire: {
      bizChainId: wire.bizChainId,
      dataKey: wire.dataKey,
      page: wire.page,
      pageSize: wire.pageSize,
      phaseGroupId: wire.phaseGroupId,
      phaseId: wire.phaseId,
      startMs: parameter("StartTime", decimalInteger),
      endMs: parameter("EndTime", decimalInteger),
    },
    output: pageOf(Type.Object({ ...placed, dataSeq: text })),
    answer: phaseHistoryAnswer,
    errors: [...chainErrors, "PHASE_GROUP_UNKNOWN", "PHASE_UNKNOWN", "WINDOW_INVALID"],
    example: {
      input: {
        ...example.place,
        dataKey: example.text.dataKey,
        page: 1,
        pageSize: 2,
        startMs: 1605885600000,
        endMs: 1605885700000,
      },
      output: {
        page: 1,
        pageSize: 2,
        total: 1,
        items: [{ ...exampleRecord, dataSeq: "1".padStart(64, "0") }],
      },
    },
  }),
};
