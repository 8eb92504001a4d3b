import { bytesToHex, equalBytes, utf8ToBytes } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anySerialInput, anyText, damaged, RUNS } from "./arbitraries.fixture.ts";
import { decodeEnvelope, decodeSerialEnvelope, decodeWrites } from "./decode.ts";
import { proposalHash } from "./decode-transaction.ts";
import { encodeSerialEnvelope, type SerialEnvelopeInput, transactionId } from "./envelope.ts";
import { EncodingInvalidError } from "./errors.ts";
import { timestampToMs } from "./header.ts";
import { deserializeIdentity, serializeIdentity } from "./identity.ts";
import { compareKeys } from "./names.ts";
import { officialIdentity, officialSerialEnvelope } from "./official.fixture.ts";

const creator = serializeIdentity("Org1MSP", "certificate");
const nonce = new Uint8Array(24).fill(7);
const plain: SerialEnvelopeInput = {
  channelId: "ltl-1",
  contract: "evidence",
  contractVersion: "1.0.0",
  creator,
  nonce,
  txId: transactionId(nonce, creator),
  timestamp: { seconds: 1_780_000_000, nanos: 123_000_000 },
  args: ["set", "key"],
  reads: [{ key: "key" }, { key: "a", version: { block: 0, index: 0 } }],
  writes: [{ key: "key", value: utf8ToBytes("value") }],
  response: { status: 200, message: "", payload: utf8ToBytes("done") },
};

describe("encodeSerialEnvelope", () => {
  it("writes the bytes of Fabric's official classes", () => {
    fc.assert(
      fc.property(anySerialInput, (input) => {
        expect(bytesToHex(encodeSerialEnvelope(input))).toBe(bytesToHex(officialSerialEnvelope(input)));
      }),
      { numRuns: RUNS },
    );
  });

  it("gives the same bytes from a cached template and with a longer text than its buffer", () => {
    const first = encodeSerialEnvelope(plain);
    const long = { ...plain, args: ["x".repeat(100_000), "é".repeat(70_000)] };
    expect(equalBytes(encodeSerialEnvelope(long), officialSerialEnvelope(long))).toBe(true);
    expect(equalBytes(encodeSerialEnvelope(plain), first)).toBe(true);
    const other = { ...plain, contract: "token", channelId: "other" };
    expect(equalBytes(encodeSerialEnvelope(other), officialSerialEnvelope(other))).toBe(true);
  });

  it("keeps earlier envelopes when later ones are made", () => {
    const envelopes = Array.from({ length: 500 }, (_, index) =>
      encodeSerialEnvelope({ ...plain, args: ["set", `key ${index}`] }),
    );
    envelopes.forEach((envelope, index) => {
      const view = decodeSerialEnvelope(envelope);
      expect(view.args[1]).toEqual(utf8ToBytes(`key ${index}`));
    });
  });

  it("refuses a lone surrogate and a key named twice", () => {
    const lone = "\ud800";
    const faulty: SerialEnvelopeInput[] = [
      { ...plain, args: [lone] },
      { ...plain, args: [lone + "x".repeat(100)] },
      { ...plain, writes: [{ key: lone, value: nonce }] },
      { ...plain, reads: [{ key: "a" }, { key: "b" }, { key: "a" }] },
    ];
    for (const input of faulty) expect(() => encodeSerialEnvelope(input)).toThrow(EncodingInvalidError);
  });
});

describe("decoding a serial envelope", () => {
  it("gives back what was encoded, in key order", () => {
    fc.assert(
      fc.property(anySerialInput, (input) => {
        const view = decodeSerialEnvelope(encodeSerialEnvelope(input));
        const { signatureHeader, channelHeader, reads, writes, contract, contractVersion, event, response } = view;
        const byKey = (a: { key: string }, b: { key: string }) => compareKeys(a.key, b.key);
        expect({
          ...signatureHeader,
          ...channelHeader,
          reads,
          writes,
          contract,
          contractVersion,
          event,
          response,
        }).toEqual({
          type: 3,
          creator: input.creator,
          nonce: input.nonce,
          channelId: input.channelId,
          txId: input.txId,
          timestamp: input.timestamp,
          reads: input.reads.toSorted(byKey),
          writes: input.writes.toSorted(byKey),
          contract: input.contract,
          contractVersion: input.contractVersion,
          event: input.event,
          response: input.response,
        });
        expect(view.args).toEqual(input.args.map((arg) => (typeof arg === "string" ? utf8ToBytes(arg) : arg)));
        expect(view.proposalHash).toEqual(proposalHash(view.proposalHashInputs));
      }),
      { numRuns: RUNS },
    );
  });

  it("decodeWrites agrees with the full view", () => {
    fc.assert(
      fc.property(anySerialInput, (input) => {
        const envelope = encodeSerialEnvelope(input);
        const view = decodeSerialEnvelope(envelope);
        expect(decodeWrites(envelope)).toEqual({
          txId: view.channelHeader.txId,
          timestampMs: timestampToMs(view.channelHeader.timestamp),
          namespace: view.contract,
          writes: view.writes,
          event: view.event,
        });
      }),
      { numRuns: RUNS },
    );
  });

  it("reads the same from a Buffer inside a larger one", () => {
    const envelope = encodeSerialEnvelope(plain);
    const within = Buffer.concat([Buffer.alloc(5, 1), envelope, Buffer.alloc(5, 1)]).subarray(5, -5);
    expect(decodeWrites(within)).toEqual(decodeWrites(envelope));
    expect(decodeEnvelope(within)).toEqual(decodeEnvelope(envelope));
  });

  it("answers damaged bytes with a view or EncodingInvalidError, and a canonical view only for bytes that the encoder makes", () => {
    fc.assert(
      fc.property(
        fc.oneof(damaged(anySerialInput.map(encodeSerialEnvelope)), fc.uint8Array({ maxLength: 80 })),
        (bytes) => {
          expectOnlyEncodingErrors(() => decodeEnvelope(bytes));
          expectOnlyEncodingErrors(() => decodeWrites(bytes));
          expectOnlyEncodingErrors(() => decodeSerialEnvelope(bytes));
        },
      ),
      { numRuns: RUNS * 3 },
    );
  });

  it("finds an id, a hash and an order that contradict the content", () => {
    const faulty = [
      { ...plain, txId: transactionId(nonce, nonce) },
      { ...plain, txId: "" },
    ];
    for (const input of faulty) {
      const envelope = encodeSerialEnvelope(input);
      expect(decodeEnvelope(envelope).kind).toBe("transaction");
      expect(() => decodeSerialEnvelope(envelope)).toThrow(EncodingInvalidError);
    }
    const good = encodeSerialEnvelope(plain);
    const view = decodeEnvelope(good);
    if (view.kind !== "transaction") throw new TypeError("not a transaction");
    const offset = Buffer.from(good).indexOf(view.proposalHash);
    const altered = good.slice();
    altered[offset] = (altered[offset] ?? 0) ^ 1;
    expect(() => decodeSerialEnvelope(altered)).toThrow(EncodingInvalidError);
  });
});

describe("identities", () => {
  it("are those of Fabric's official class and read back", () => {
    fc.assert(
      fc.property(anyText, anyText, (mspId, certificatePem) => {
        const bytes = serializeIdentity(mspId, certificatePem);
        expect(bytes).toEqual(officialIdentity(mspId, certificatePem));
        expect(deserializeIdentity(bytes)).toEqual({ mspId, certificatePem });
      }),
      { numRuns: RUNS },
    );
  });
});

function expectOnlyEncodingErrors(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(EncodingInvalidError);
  }
}
