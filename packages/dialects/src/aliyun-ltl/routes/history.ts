import { decimalInteger, Type } from "@concordat/api-kit";
import { countAnswer, historyAnswer } from "../codecs.ts";
import {
  action,
  DOCUMENT,
  EXAMPLE_BUSINESS_ID,
  EXAMPLE_CHAIN,
  EXAMPLE_KEY,
  EXAMPLE_TX,
  evidenceFields,
  evidenceWire,
  METHODS,
  momentMs,
  operation,
  PATH,
  page,
  pageSize,
  parameter,
} from "./common.ts";

const windowFields = { startMs: Type.Optional(momentMs), endMs: Type.Optional(momentMs) };
const windowWire = {
  startMs: parameter("StartTime", decimalInteger),
  endMs: parameter("EndTime", decimalInteger),
} as const;

export const historyRoutes = {
  GetHistoryDataCount: operation({
    id: "aliyun-ltl:GetHistoryDataCount",
    summary: "Counts the values of a key.",
    source: `${DOCUMENT}, section 4.2.8.9`,
    methods: METHODS,
    path: PATH,
    matcher: action("GetHistoryDataCount"),
    permission: "ltl:evidence:read",
    mutating: false,
    input: Type.Object({ ...evidenceFields, ...windowFields }),
    wire: { ...evidenceWire, ...windowWire },
    output: Type.Integer({ minimum: 0 }),
    answer: countAnswer,
    errors: ["CHAIN_CODE_MALFORMED", "EVIDENCE_KEY_MALFORMED", "CHAIN_CODE_MISMATCH", "WINDOW_INVALID"],
    example: { input: { key: EXAMPLE_KEY, chainCode: EXAMPLE_CHAIN }, output: 10 },
  }),
  GetHistoryDataList: operation({
    id: "aliyun-ltl:GetHistoryDataList",
    summary: "Lists the values of a key, newest first.",
    source: `${DOCUMENT}, section 4.2.8.10`,
    methods: METHODS,
    path: PATH,
    matcher: action("GetHistoryDataList"),
    permission: "ltl:evidence:read",
    mutating: false,
    input: Type.Object({ ...evidenceFields, ...windowFields, page, pageSize }),
    wire: {
      page: parameter("CurrentPage", decimalInteger),
      key: evidenceWire.key,
      pageSize: parameter("PageSize", decimalInteger),
      chainCode: evidenceWire.chainCode,
      ...windowWire,
    },
    output: Type.Array(
      Type.Object({
        chainName: Type.String(),
        dataTypeCode: Type.String(),
        block: Type.Integer(),
        businessId: Type.String(),
        total: Type.Integer(),
        value: Type.String(),
        txId: Type.String(),
        rank: Type.Integer(),
        timestampMs: Type.Integer(),
      }),
    ),
    answer: historyAnswer,
    errors: [
      "CHAIN_CODE_MALFORMED",
      "EVIDENCE_KEY_MALFORMED",
      "CHAIN_CODE_MISMATCH",
      "WINDOW_INVALID",
      "WINDOW_NEEDED",
      "EVIDENCE_UNKNOWN",
    ],
    example: {
      input: {
        key: EXAMPLE_KEY,
        chainCode: EXAMPLE_CHAIN,
        page: 1,
        pageSize: 2,
        startMs: 1608003000000,
        endMs: 1608019800000,
      },
      output: [
        {
          chainName: "Cold chain",
          dataTypeCode: "0X58",
          block: 605350,
          businessId: EXAMPLE_BUSINESS_ID,
          total: 1,
          value: "4.2",
          txId: EXAMPLE_TX,
          rank: 1,
          timestampMs: 1608005018000,
        },
      ],
    },
  }),
};
