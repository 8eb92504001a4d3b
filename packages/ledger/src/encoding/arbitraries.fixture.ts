import fc from "fast-check";
import type { ChannelConfig, OrganizationConfig } from "../ports.ts";
import type { DecodedBlock } from "./block.ts";
import { type KeyVersion, type SerialEnvelopeInput, transactionId } from "./envelope.ts";
import { serializeIdentity } from "./identity.ts";

/** Random cases for a property; a failure prints seed and path. More by the variable, for a longer search. */
export const RUNS = Number(process.env["CONCORDAT_PROPERTY_RUNS"] ?? 1000);

export const anyText = fc.string({ unit: "binary", maxLength: 60 });
const anyBytes = fc.uint8Array({ maxLength: 300 });
const hash32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const nonce = fc.uint8Array({ minLength: 24, maxLength: 24 });
const safeInteger = fc.oneof(fc.nat(300), fc.maxSafeNat());
const timestamp = fc.record({ seconds: safeInteger, nanos: fc.nat(999_999_999) });
const key = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 100 }),
  // Where the order of UTF-16 and that of UTF-8 differ.
  fc.string({ unit: fc.constantFrom("\ufffd", "\ud83d\ude00", "\ue000", "a", "\u0000"), minLength: 1, maxLength: 6 }),
);
const mspId = fc.stringMatching(/^[A-Za-z][A-Za-z0-9.-]{0,20}$/);
const contract = fc.stringMatching(/^[A-Za-z0-9]{1,12}([-_][A-Za-z0-9]{1,8})?$/);
const channelId = fc.stringMatching(/^[a-z][a-z0-9.-]{0,30}$/);
const version: fc.Arbitrary<KeyVersion> = fc.record({ block: safeInteger, index: fc.nat(5000) });

export const anySerialInput: fc.Arbitrary<SerialEnvelopeInput> = fc
  .record({
    channelId,
    contract,
    contractVersion: fc.oneof(fc.constant(""), anyText),
    creator: fc.tuple(mspId, anyText).map(([name, pem]) => serializeIdentity(name, pem)),
    nonce,
    timestamp,
    args: fc.oneof(fc.array(anyText, { maxLength: 5 }), fc.array(anyBytes, { maxLength: 5 })),
    reads: fc.uniqueArray(fc.oneof(fc.record({ key }), fc.record({ key, version })), {
      maxLength: 6,
      selector: (read) => read.key,
    }),
    writes: fc.uniqueArray(fc.record({ key, value: fc.option(anyBytes, { nil: undefined }) }), {
      maxLength: 6,
      selector: (write) => write.key,
    }),
    event: fc.option(fc.record({ name: anyText, payload: anyBytes }), { nil: undefined }),
    response: fc.record({ status: fc.nat(600), message: anyText, payload: anyBytes }),
  })
  .map((input) => ({ ...input, txId: transactionId(input.nonce, input.creator) }));

export const anyBlock: fc.Arbitrary<DecodedBlock> = fc
  .record({
    number: fc.oneof(fc.constant(0), safeInteger),
    hashes: fc.tuple(hash32, hash32),
    envelopes: fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 8 }),
    codes: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    kinds: fc.uint8Array({ minLength: 8, maxLength: 8, max: 2 }),
    checkpoint: anyText,
  })
  .map(({ number, hashes: [previousHash, dataHash], envelopes, codes, kinds, checkpoint }) => ({
    number,
    previousHash: number === 0 ? new Uint8Array(0) : previousHash,
    dataHash,
    envelopes,
    validationCodes: codes.slice(0, envelopes.length),
    kinds: kinds.slice(0, envelopes.length),
    checkpoint,
  }));

const organization: fc.Arbitrary<OrganizationConfig> = fc.record(
  {
    mspId,
    displayName: anyText,
    caCertificates: fc.array(anyText, { maxLength: 2 }),
    checkpointKeys: fc.array(
      fc.record({
        algorithm: fc.constantFrom("Ed25519" as const, "SM2" as const),
        publicKey: hash32,
        certificate: anyBytes,
      }),
      { maxLength: 3 },
    ),
    revocationLists: fc.array(anyText, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ["mspId", "displayName", "caCertificates", "checkpointKeys"] },
);

export const anyConfig: fc.Arbitrary<ChannelConfig> = fc
  .record({
    channelId,
    displayName: anyText,
    organizations: fc.uniqueArray(organization, { maxLength: 4, selector: (item) => item.mspId }),
    blockCutting: fc.record({
      messageCountMax: fc.integer({ min: 1, max: 10_000 }),
      bytesMax: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      timeoutMs: fc.integer({ min: 1, max: 59_999 }),
      cutWhenIdle: fc.boolean(),
    }),
    stateDatabase: fc.constantFrom("goleveldb" as const, "couchdb" as const),
    cryptography: fc.constantFrom("international" as const, "sm" as const),
    recordRefusals: fc.boolean(),
    contracts: fc.array(contract, { maxLength: 4 }),
  })
  .map((config) => ({
    ...config,
    origin: `concordat/0123456789abcdef/${config.channelId}`,
    organizations: config.organizations.sort((a, b) => (a.mspId < b.mspId ? -1 : 1)),
  }));

export const anyConfigTransaction = fc.record({
  config: anyConfig,
  sequence: safeInteger,
  nonce,
  timestamp,
  creator: anyBytes,
});

/** Valid bytes with a few faults: flips, cuts, insertions, doubled parts. */
export function damaged(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const fault = fc.tuple(fc.constantFrom("flip", "cut", "insert", "double"), fc.nat(), fc.nat(255), fc.nat(40));
  return fc.tuple(valid, fc.array(fault, { minLength: 1, maxLength: 3 })).map(([bytes, faults]) => {
    let result = Buffer.from(bytes);
    for (const [kind, place, byte, length] of faults) {
      const at = place % (result.length + 1);
      const before = result.subarray(0, at);
      const after = result.subarray(at);
      if (kind === "flip" && after.length > 0) result = Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
      else if (kind === "cut") result = Buffer.concat([before, after.subarray(length)]);
      else if (kind === "insert") result = Buffer.concat([before, Buffer.of(byte), after]);
      else result = Buffer.concat([before, after.subarray(0, length), after]);
    }
    return new Uint8Array(result);
  });
}
