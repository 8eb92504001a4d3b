import { describe, expect, it } from "vitest";
import { FixtureChannel } from "../testing/channel.ts";
import { parseTrustBundle, trustedKeys } from "./trust.ts";

const channel = new FixtureChannel();
const good = channel.trustBundle();

/** A copy with one value changed; `path` leads to it. */
function withChange(path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(good) as unknown;
  let target = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) target = target[step] as Record<string | number, unknown>;
  target[path.at(-1) ?? ""] = value;
  return copy;
}

describe("parseTrustBundle", () => {
  it("reads a good bundle as it is", () => {
    expect(parseTrustBundle(structuredClone(good))).toEqual(good);
  });

  const key = ["channels", 0, "organizations", 0, "checkpointKeys", 0] as const;
  it.each([
    [["format"], "concordat-trust/2"],
    [["more"], 1],
    [["channels"], {}],
    [["channels", 1], good.channels[0]],
    [["channels", 0, "origin"], "elsewhere"],
    [["channels", 0, "displayName"], 1],
    [["channels", 0, "organizations", 0, "mspId"], "1MSP"],
    [["channels", 0, "organizations", 1, "mspId"], "Org1MSP"],
    [["channels", 0, "organizations", 0, "caCertificates"], [1]],
    [[...key, "algorithm"], "ed25519"],
    [[...key, "publicKey"], "AAAA"],
    [[...key, "publicKey"], null],
    [[...key, "fromBlock"], -1],
    [[...key, "fromBlock"], null],
    [[...key, "toBlock"], "9"],
    [[...key, "toBlock"], undefined],
    [[...key, "tooBlock"], 9],
  ])("refuses %j = %j", (path, value) => {
    expect(() => parseTrustBundle(withChange(path, value))).toThrow(/trust bundle/);
  });

  it("refuses a key that ends before it begins", () => {
    expect(() => parseTrustBundle(channel.trustBundle(5, 4))).toThrow(/ends before/);
  });

  it("answers the keys whose blocks include the one asked for", () => {
    const bundle = channel.trustBundle(2, 4);
    const count = (block: number) => trustedKeys(bundle, channel.origin, block)?.length;
    expect([1, 2, 4, 5].map(count)).toEqual([0, 2, 2, 0]);
    expect(trustedKeys(bundle, "concordat/ffffffffffffffff/x", 2)).toBeUndefined();
  });
});
