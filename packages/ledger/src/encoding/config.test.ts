import { bytesToHex } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyConfig, anyConfigTransaction, damaged, RUNS } from "./arbitraries.fixture.ts";
import {
  decodeConfigEnvelope,
  decodeConfigTransaction,
  encodeConfigEnvelope,
  encodeConfigTransaction,
} from "./config.ts";
import { formatDuration, parseDuration, writeChannelSettings, writeOrganizationKeys } from "./config-values.ts";
import { decodeEnvelope, decodeWrites } from "./decode.ts";
import { transactionId } from "./envelope.ts";
import { EncodingInvalidError, NameInvalidError } from "./errors.ts";
import { officialConfigEnvelope, officialConfigTransaction } from "./official.fixture.ts";
import { WireWriter } from "./wire-writer.ts";

function written(write: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter(64);
  write(writer);
  return writer.detach();
}

describe("configuration envelopes", () => {
  it("are those of Fabric's official classes and read back", () => {
    fc.assert(
      fc.property(anyConfig, fc.maxSafeNat(), (config, sequence) => {
        const bytes = encodeConfigEnvelope(config, sequence);
        const official = officialConfigEnvelope(
          config,
          sequence,
          written((writer) => writeChannelSettings(writer, config)),
          (organization) => written((writer) => writeOrganizationKeys(writer, organization)),
        );
        expect(bytesToHex(bytes)).toBe(bytesToHex(official));
        expect(decodeConfigEnvelope(bytes)).toEqual({ config, sequence });
      }),
      { numRuns: RUNS },
    );
  });

  it("write organizations by ascending MSP id whatever their order", () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        const reversed = { ...config, organizations: config.organizations.toReversed() };
        expect(encodeConfigEnvelope(reversed, 3)).toEqual(encodeConfigEnvelope(config, 3));
      }),
      { numRuns: 100 },
    );
  });

  it("have one encoding: damaged bytes are refused or are the encoding of what they decode to", () => {
    const valid = anyConfig.map((config) => encodeConfigEnvelope(config, 7));
    fc.assert(
      fc.property(fc.oneof(damaged(valid), fc.uint8Array({ maxLength: 60 })), (bytes) => {
        try {
          const { config, sequence } = decodeConfigEnvelope(bytes);
          expect(bytesToHex(encodeConfigEnvelope(config, sequence))).toBe(bytesToHex(bytes));
        } catch (error) {
          expect(error instanceof EncodingInvalidError || error instanceof NameInvalidError).toBe(true);
        }
      }),
      { numRuns: RUNS * 2 },
    );
  });

  it("refuse an origin of another channel, a repeated organization and limits that Fabric's fields cannot hold", () => {
    fc.assert(
      fc.property(
        anyConfig.filter((config) => config.organizations.length > 0),
        (config) => {
          const [organization] = config.organizations;
          if (organization === undefined) return;
          const twice = [organization, organization];
          expect(() => encodeConfigEnvelope({ ...config, channelId: `${config.channelId}x` }, 0)).toThrow(
            EncodingInvalidError,
          );
          expect(() => encodeConfigEnvelope({ ...config, organizations: twice }, 0)).toThrow(EncodingInvalidError);
          const blockCutting = { ...config.blockCutting, bytesMax: 2 ** 32 };
          expect(() => encodeConfigEnvelope({ ...config, blockCutting }, 0)).toThrow(EncodingInvalidError);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("configuration transactions", () => {
  it("are those of Fabric's official classes and read back", () => {
    fc.assert(
      fc.property(anyConfigTransaction, (input) => {
        const { envelope, configEnvelope, txId } = encodeConfigTransaction(input);
        expect(bytesToHex(envelope)).toBe(bytesToHex(officialConfigTransaction(input, configEnvelope)));
        expect(txId).toBe(transactionId(input.nonce, input.creator));
        expect(decodeEnvelope(envelope)).toEqual({
          kind: "config",
          channelHeader: { type: 1, channelId: input.config.channelId, txId, timestamp: input.timestamp },
          signatureHeader: { creator: input.creator, nonce: input.nonce },
          configEnvelope,
        });
        expect(decodeConfigTransaction(envelope)).toMatchObject({ txId, configEnvelope });
        expect(() => decodeWrites(envelope)).toThrow(EncodingInvalidError);
      }),
      { numRuns: RUNS / 2 },
    );
  });
});

describe("durations", () => {
  it.each([
    [0, "0s"],
    [200, "200ms"],
    [2000, "2s"],
    [1500, "1.5s"],
    [90_500, "1m30.5s"],
    [3_600_000, "1h0m0s"],
  ])("%d ms is written %s, as Go does", (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
    expect(parseDuration(text)).toBe(durationMs);
  });

  it("read back whatever they are, and in no other form", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (durationMs) => parseDuration(formatDuration(durationMs)) === durationMs),
    );
    for (const text of ["", "2", "2.0s", "02s", "60s", "-1s", "1h", "1us", "1000ms"]) {
      expect(() => parseDuration(text)).toThrow(EncodingInvalidError);
    }
  });
});
