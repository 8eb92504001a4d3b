import { createHash } from "node:crypto";
import { msp } from "@hyperledger/fabric-protos";
import { expect, it } from "vitest";
import { serializeCreator, transactionIdOf } from "./transaction-id.ts";

it.each([1, 127, 128, 20_000])(
  "serializes a creator as Fabric's own encoder does, certificate of %i bytes",
  (length) => {
    const creator = { mspId: "Org1MSP", certificatePem: "x".repeat(length) };
    const identity = new msp.SerializedIdentity();
    identity.setMspid(creator.mspId);
    identity.setIdBytes(Buffer.from(creator.certificatePem));
    expect(Buffer.from(serializeCreator(creator))).toEqual(Buffer.from(identity.serializeBinary()));
  },
);

it("is the SHA-256 of nonce and creator", () => {
  const creator = { mspId: "A", certificatePem: "B" };
  const expected = createHash("sha256").update(Buffer.from("0102030a0141120142", "hex")).digest("hex");
  expect(transactionIdOf(creator, Uint8Array.of(1, 2, 3))).toBe(expected);
});
