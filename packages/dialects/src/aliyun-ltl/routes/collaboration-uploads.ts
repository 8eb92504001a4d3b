import { Type } from "@concordat/api-kit";
import {
  batchFields,
  batchUploadErrors,
  collaborationRow,
  example,
  listWire,
  placeWire,
  signedBatchFields,
  singleFields,
  singleUploadErrors,
  singleWire,
} from "./collaboration-fields.ts";
import { operation, writeAnswer, writeOutput } from "./common.ts";
import { deviceErrors, deviceFields, deviceWire, exampleDevice } from "./device-signature.ts";

const upload = {
  permission: "ltl:phaseData:write",
  mutating: true,
  output: writeOutput,
  answer: writeAnswer,
} as const;

const batchWire = { ...placeWire, items: listWire.items } as const;
const signedSingleWire = { ...deviceWire, ...singleWire } as const;
const signedBatchWire = { ...deviceWire, ...placeWire, list: listWire.signedItems } as const;

const itemsOf = (kind: "text" | "digest") => [
  { ...example[kind], dataKey: "C".padEnd(64, "0"), dataSeq: "1".padStart(64, "0") },
  { ...example[kind], dataKey: "D".padEnd(64, "0"), relatedDataList: [example.related] },
];

export const collaborationUploadRoutes = {
  UploadMPCoSPhaseTextInfo: operation({
    ...upload,
    ...collaborationRow("UploadMPCoSPhaseTextInfo", 11),
    summary: "Writes a text into a phase.",
    input: Type.Object(singleFields("text")),
    wire: singleWire,
    errors: singleUploadErrors.text,
    example: {
      input: { ...example.place, ...example.text, related: [example.related] },
      output: example.written,
    },
  }),
  BatchUploadMPCoSPhaseTextInfo: operation({
    ...upload,
    ...collaborationRow("BatchUploadMPCoSPhaseTextInfo", 12),
    summary: "Writes up to 50 texts into a phase, all or none.",
    input: Type.Object(batchFields),
    wire: batchWire,
    errors: batchUploadErrors.text,
    example: { input: { ...example.place, items: itemsOf("text") }, output: example.written },
  }),
  UploadMPCoSPhaseTextInfoByDevice: operation({
    ...upload,
    ...collaborationRow("UploadMPCoSPhaseTextInfoByDevice", 13),
    summary: "Writes a text that a device signed into a phase.",
    input: Type.Object({ ...deviceFields, ...singleFields("text") }),
    wire: signedSingleWire,
    errors: [...singleUploadErrors.text, ...deviceErrors],
    example: { input: { ...exampleDevice, ...example.place, ...example.text }, output: example.written },
  }),
  BatchUploadMPCoSPhaseTextInfoByDevice: operation({
    ...upload,
    ...collaborationRow("BatchUploadMPCoSPhaseTextInfoByDevice", 14),
    summary: "Writes up to 50 texts, whose list a device signed, into a phase, all or none.",
    input: Type.Object({ ...deviceFields, ...signedBatchFields }),
    wire: signedBatchWire,
    errors: [...batchUploadErrors.text, ...deviceErrors],
    example: {
      input: { ...exampleDevice, ...example.place, list: { items: itemsOf("text") } },
      output: example.written,
    },
  }),
  UploadMPCoSPhaseDigestInfo: operation({
    ...upload,
    ...collaborationRow("UploadMPCoSPhaseDigestInfo", 15),
    summary: "Writes the digest of data into a phase.",
    input: Type.Object(singleFields("digest")),
    wire: singleWire,
    errors: singleUploadErrors.digest,
    example: { input: { ...example.place, ...example.digest }, output: example.written },
  }),
  BatchUploadMPCoSPhaseDigestInfo: operation({
    ...upload,
    ...collaborationRow("BatchUploadMPCoSPhaseDigestInfo", 16),
    summary: "Writes up to 50 digests into a phase, all or none.",
    input: Type.Object(batchFields),
    wire: batchWire,
    errors: batchUploadErrors.digest,
    example: { input: { ...example.place, items: itemsOf("digest") }, output: example.written },
  }),
  UploadMPCoSPhaseDigestInfoByDevice: operation({
    ...upload,
    ...collaborationRow("UploadMPCoSPhaseDigestInfoByDevice", 17),
    summary: "Writes the digest of data that a device signed into a phase.",
    input: Type.Object({ ...deviceFields, ...singleFields("digest") }),
    wire: signedSingleWire,
    errors: [...singleUploadErrors.digest, ...deviceErrors],
    example: { input: { ...exampleDevice, ...example.place, ...example.digest }, output: example.written },
  }),
  BatchUploadMPCoSPhaseDigestInfoByDevice: operation({
    ...upload,
    ...collaborationRow("BatchUploadMPCoSPhaseDigestInfoByDevice", 18),
    summary: "Writes up to 50 digests, whose list a device signed, into a phase, all or none.",
    input: Type.Object({ ...deviceFields, ...signedBatchFields }),
    wire: signedBatchWire,
    errors: [...batchUploadErrors.digest, ...deviceErrors],
    example: {
      input: { ...exampleDevice, ...example.place, list: { items: itemsOf("digest") } },
      output: example.written,
    },
  }),
};
