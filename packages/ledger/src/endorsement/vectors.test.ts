import { readFileSync } from "node:fs";
import { base64ToBytes } from "@concordat/base";
import { describe, expect, it } from "vitest";
import { decodeConfigEnvelope } from "../encoding/config.ts";
import {
  type EndorsedVector,
  type EndorsedVectors,
  makeEndorsedVectors,
  plainResults,
} from "../testing/endorsed-vectors.ts";
import { definitionFromText } from "./definitions.ts";
import { createChannelMsps, deserializeMember } from "./msps.ts";
import { readEndorsedTransaction } from "./read-endorsed-transaction.ts";
import { readEnvelopeHeaders } from "./read-envelope.ts";
import { checkCreator, type ValidationContext, validateEndorsed } from "./validate-transaction.ts";

const path = new URL("../../testdata/endorsed-vectors.json", import.meta.url);
const kept: EndorsedVectors = JSON.parse(readFileSync(path, "utf8"));

describe.each([
  ["kept", async () => kept],
  ["fresh", makeEndorsedVectors],
] as const)("%s endorsed transactions", (_, make) => {
  it("are found to be what the vectors say", async () => {
    const vectors = await make();
    for (const vector of vectors.vectors) expect(found(vector, contextOf(vectors))).toEqual(vector);
  });

  it("have the same names and verdicts", async () => {
    const outline = ({ vectors }: EndorsedVectors) =>
      vectors.map(({ name, creator, code }) => ({ name, creator, code }));
    expect(outline(await make())).toEqual(outline(kept));
  });
});

function contextOf(vectors: EndorsedVectors): ValidationContext {
  const { config } = decodeConfigEnvelope(base64ToBytes(vectors.configEnvelope));
  const definitions = vectors.definitions.map(definitionFromText);
  return {
    msps: createChannelMsps(config),
    definitionOf: (name) => definitions.find((definition) => definition?.name === name),
    isBuiltIn: (name) => name === "builtin",
    validationParameterOf: (namespace, key) => {
      const row = vectors.validationParameters.find((one) => one.namespace === namespace && one.key === key);
      return row && base64ToBytes(row.value);
    },
  };
}

function found(vector: EndorsedVector, context: ValidationContext): EndorsedVector {
  const { name, envelope } = vector;
  const headers = readEnvelopeHeaders(base64ToBytes(envelope));
  if (headers === undefined) return { name, envelope, txId: null, creator: null, code: null };
  const { member, fault } = checkCreator(headers, context.msps, headers.timestampMs);
  const creator = member === undefined ? fault : "signed";
  if (creator !== "signed" && creator !== "revoked" && creator !== "wrong-signature") throw new TypeError(creator);
  const read = readEndorsedTransaction(headers);
  const common: Pick<EndorsedVector, "name" | "envelope" | "txId" | "creator"> = {
    name,
    envelope,
    txId: headers.txId,
    creator,
  };
  // What cannot be read whole has no more to compare than its verdict.
  if ("fault" in read) return { ...vector, ...common, code: read.fault };
  return {
    ...common,
    code: validateEndorsed(read, context),
    endorsers: read.endorsements.map(({ endorser }) => deserializeMember(endorser)?.mspId ?? ""),
    contract: read.contract,
    namespaces: plainResults(read.namespaces),
  };
}
