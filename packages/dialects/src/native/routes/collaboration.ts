import { decimalInteger, Type, trueOrFalse } from "@concordat/api-kit";
import { platformLimits } from "@concordat/platform/limits";
import { chainPaging, chainPagingWire } from "./chain-fields.ts";
import { BASE, bizChainId, EXAMPLE_TX, GET, hex64, inPath, inQuery, operation, SOURCE } from "./common.ts";
import { exampleReceipt, receipt } from "./receipts.ts";

const { provenanceNodesMax } = platformLimits;

const phaseGroupId = Type.String({ pattern: "^[0-9]{16}$", description: "Phase group id: 16 decimal digits." });
const phaseId = Type.String({ pattern: "^[0-9]{16}$", description: "Phase id: 16 decimal digits." });
const dataWord = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });
const exactName = Type.Optional(Type.String({ maxLength: 256, description: "The exact name." }));

const phaseGroup = Type.Object({ phaseGroupId: Type.String(), name: Type.String(), remark: Type.String() });
const phase = Type.Object({
  phaseId: Type.String(),
  name: Type.String(),
  remark: Type.String(),
  writable: Type.Boolean({ description: "Whether the caller may write to it; everybody on the chain may read." }),
});

const record = Type.Object({
  phaseGroupId: Type.String(),
  phaseId: Type.String(),
  phaseName: Type.String(),
  dataKey: Type.String(),
  dataSeq: Type.String({ description: "Tells records of one key apart." }),
  kind: Type.Union([Type.Literal("text"), Type.Literal("digest")]),
  value: Type.String({ description: "The text, or the digest as it was given." }),
  digest: Type.String({ description: "SHA-256 in hex: of a text, or a digest record's own." }),
  writerUid: Type.String(),
  iotId: Type.String({ description: 'Of the device that signed it; "" when none did.' }),
  productKey: Type.String(),
  txId: hex64,
  timestampMs: Type.Integer(),
  related: Type.Array(
    Type.Object({
      phaseId: Type.String(),
      phaseName: Type.String(),
      dataKey: Type.String(),
      fullKey: Type.String({ description: "0002_CHAINCODE_PHASECODE_DATAKEY." }),
      dataSeq: Type.String(),
      digest: Type.String(),
    }),
  ),
});

const node = Type.Object({
  record,
  block: Type.Integer({ description: "The block that holds its transaction." }),
  receipt: Type.Optional(receipt),
});

const edge = Type.Object({
  from: Type.Integer({ description: "Position in nodes, from 0, of the record that refers." }),
  to: Type.Integer({ description: "Position of the record that it refers to." }),
});

const exampleChainId = "4899730875490001";
const exampleGroup = { phaseGroupId: "8100000000000001", name: "Rice", remark: "" };
const examplePhases = [
  { phaseId: "9100000000000001", name: "Field", remark: "", writable: true },
  { phaseId: "9100000000000002", name: "Mill", remark: "", writable: false },
] as const;
const exampleRecord = {
  phaseGroupId: exampleGroup.phaseGroupId,
  phaseId: examplePhases[0].phaseId,
  phaseName: examplePhases[0].name,
  dataKey: "harvest-7",
  dataSeq: "1",
  kind: "text" as const,
  value: "500 kg",
  digest: EXAMPLE_TX,
  writerUid: "2000000000000001",
  iotId: "",
  productKey: "",
  txId: EXAMPLE_TX,
  timestampMs: 1586125838680,
  related: [],
};
const exampleLater = {
  ...exampleRecord,
  phaseId: examplePhases[1].phaseId,
  phaseName: examplePhases[1].name,
  dataKey: "sack-12",
  related: [
    {
      phaseId: exampleRecord.phaseId,
      phaseName: exampleRecord.phaseName,
      dataKey: exampleRecord.dataKey,
      fullKey: `0002_HB5jyvZWzwcMFSFg_0P01_${exampleRecord.dataKey}`,
      dataSeq: exampleRecord.dataSeq,
      digest: exampleRecord.digest,
    },
  ],
};

const chainErrors = ["ACCESS_DENIED", "CHAIN_UNKNOWN", "ACCOUNT_KIND_REFUSED", "SERVICE_NOT_OPENED"] as const;

/** What collaboration chains hold, for everybody on the chain. */
export const collaborationRoutes = {
  listPhaseGroups: operation({
    id: "native:listPhaseGroups",
    summary: "The phase groups of a collaboration chain, oldest first.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/chains/{id}/phase-groups`,
    permission: "ltl:phaseGroup:list",
    mutating: false,
    input: Type.Object({ bizChainId, name: exactName, ...chainPaging }),
    wire: { bizChainId: inPath("id"), name: inQuery("name"), ...chainPagingWire },
    output: Type.Object({ total: Type.Integer(), phaseGroups: Type.Array(phaseGroup) }),
    errors: chainErrors,
    example: { input: { bizChainId: exampleChainId }, output: { total: 1, phaseGroups: [exampleGroup] } },
  }),
  listPhases: operation({
    id: "native:listPhases",
    summary: "The phases of a group, oldest first.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/chains/{id}/phase-groups/{group}/phases`,
    permission: "ltl:phase:list",
    mutating: false,
    input: Type.Object({ bizChainId, phaseGroupId, name: exactName, ...chainPaging }),
    wire: {
      bizChainId: inPath("id"),
      phaseGroupId: inPath("group"),
      name: inQuery("name"),
      ...chainPagingWire,
    },
    output: Type.Object({ total: Type.Integer(), phases: Type.Array(phase) }),
    errors: [...chainErrors, "PHASE_GROUP_UNKNOWN"],
    example: {
      input: { bizChainId: exampleChainId, phaseGroupId: exampleGroup.phaseGroupId },
      output: { total: 2, phases: [...examplePhases] },
    },
  }),
  getChainProvenance: operation({
    id: "native:getChainProvenance",
    summary: "A record of a collaboration chain and everything that it was made of, each record with its receipt.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/chains/{id}/provenance`,
    permission: "ltl:phaseData:read",
    mutating: false,
    input: Type.Object({
      bizChainId,
      phaseGroupId,
      phaseId,
      dataKey: dataWord("Data key."),
      dataSeq: Type.Optional(dataWord("Data sequence; the newest record of the key when left out.")),
      withReceipts: Type.Optional(Type.Boolean({ description: "Puts each record's receipt beside it; by default." })),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: provenanceNodesMax,
          description: `Records at most; ${provenanceNodesMax} by default, which is the most.`,
        }),
      ),
    }),
    wire: {
      bizChainId: inPath("id"),
      phaseGroupId: inQuery("phaseGroupId"),
      phaseId: inQuery("phaseId"),
      dataKey: inQuery("dataKey"),
      dataSeq: inQuery("dataSeq"),
      withReceipts: inQuery("withReceipts", trueOrFalse),
      limit: inQuery("limit", decimalInteger),
    },
    output: Type.Object({
      complete: Type.Boolean({ description: "Whether the graph is whole, not cut off at the limit." }),
      nodes: Type.Array(node, {
        description: "The record that was asked for first; each record once, after one that refers to it.",
      }),
      edges: Type.Array(edge, { description: "Between the nodes that are here." }),
    }),
    errors: [
      ...chainErrors,
      "PHASE_GROUP_UNKNOWN",
      "PHASE_UNKNOWN",
      "PHASE_DATA_KEY_MALFORMED",
      "PHASE_DATA_SEQUENCE_MALFORMED",
      "PHASE_DATA_UNKNOWN",
      "EVIDENCE_IN_FLIGHT",
    ],
    example: {
      input: {
        bizChainId: exampleChainId,
        phaseGroupId: exampleGroup.phaseGroupId,
        phaseId: exampleLater.phaseId,
        dataKey: exampleLater.dataKey,
      },
      output: {
        complete: true,
        nodes: [
          { record: exampleLater, block: 12, receipt: exampleReceipt },
          { record: exampleRecord, block: 11, receipt: exampleReceipt },
        ],
        edges: [{ from: 0, to: 1 }],
      },
    },
  }),
};
