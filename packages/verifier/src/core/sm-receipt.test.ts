import { describe, expect, it } from "vitest";
import { nodeCrypto } from "../node-crypto.ts";
import { FixtureChannel } from "../testing/channel.ts";
import { fixtureOrganization } from "../testing/keys.ts";
import { portableCrypto } from "./crypto.ts";
import { verifyConsistency } from "./verify-consistency.ts";
import { verifyReceipt } from "./verify-receipt.ts";

const channel = new FixtureChannel(
  [fixtureOrganization("Org1MSP", { sm: true }), fixtureOrganization("Org2MSP", { sm: true })],
  undefined,
  "sm",
);
channel.addConfig();
for (let block = 1; block <= 4; block += 1) {
  channel.add([
    { writes: [{ key: `key ${block}`, value: "v" }] },
    { code: 11 },
    { writes: [{ key: "x", value: "v" }] },
  ]);
}
const trust = channel.trustBundle();
const good = channel.receipt(3, 0);
const path = good.sm3InclusionPath ?? [];

function trustOnly(algorithm: string) {
  const copy = structuredClone(trust);
  for (const organization of copy.channels[0]?.organizations ?? []) {
    organization.checkpointKeys = organization.checkpointKeys.filter((key) => key.algorithm === algorithm);
  }
  return copy;
}

describe.each([
  ["node:crypto", nodeCrypto],
  ["portable crypto", portableCrypto],
])("an SM receipt by %s", (_name, crypto) => {
  it("is valid by both trees and both kinds of signature", () => {
    const verdict = verifyReceipt(good, trust, crypto);
    expect(verdict).toMatchObject({ status: "valid", reasons: [], facts: { signedBy: ["Org1MSP", "Org2MSP"] } });
    expect(good.checkpoint).toContain(`sm3 ${verdict.facts?.sm3Root}`);
    expect(verifyReceipt(channel.receipt(3, 1), trust, crypto).status).toBe("refused");
  });

  it("is refused when either path, either root or any signature changes", () => {
    const { sm3InclusionPath: _path, ...without } = good;
    const zeros = Buffer.alloc(32).toString("base64");
    const lines = good.checkpoint.split("\n");
    const withLine = (at: number, line: string) => ({ ...good, checkpoint: lines.with(at, line).join("\n") });
    const flip = (line: string) => {
      const [dash, name, text = ""] = line.split(" ");
      const bytes = Buffer.from(text, "base64");
      bytes[40] = (bytes[40] ?? 0) ^ 1;
      return [dash, name, bytes.toString("base64")].join(" ");
    };
    const forged = [
      without,
      { ...good, sm3InclusionPath: path.with(0, zeros) },
      { ...good, sm3InclusionPath: path.slice(1) },
      { ...good, sm3InclusionPath: good.inclusionPath },
      { ...good, inclusionPath: path },
      withLine(2, zeros),
      withLine(4, `sm3 ${zeros}`),
      { ...good, checkpoint: lines.toSpliced(4, 1).join("\n") },
      ...lines.flatMap((line, at) => (line.startsWith("\u2014") ? [withLine(at, flip(line))] : [])),
      ...lines.flatMap((line, at) =>
        line.startsWith("\u2014") ? [{ ...good, checkpoint: lines.toSpliced(at, 1).join("\n") }] : [],
      ),
    ];
    expect(forged).toHaveLength(16);
    for (const receipt of forged) expect(verifyReceipt(receipt, trust, crypto).status).toBe("invalid");
  });

  it("is unauthenticated by a bundle that has keys of one kind only", () => {
    for (const algorithm of ["Ed25519", "SM2"]) {
      const verdict = verifyReceipt(good, trustOnly(algorithm), crypto);
      expect(verdict.status).toBe("unauthenticated");
      expect(verdict.reasons.join()).toContain(algorithm === "SM2" ? "no Ed25519 key" : "no SM2 key");
    }
  });

  it("has a consistency proof in both trees", () => {
    const proof = channel.consistencyProof(1, 4);
    expect(verifyConsistency(proof, trust, crypto)).toEqual({ status: "valid", reasons: [] });
    const { sm3Path = [], ...without } = proof;
    expect(verifyConsistency(without, trust, crypto).status).toBe("invalid");
    expect(verifyConsistency({ ...proof, sm3Path: proof.path }, trust, crypto).status).toBe("invalid");
    expect(verifyConsistency({ ...proof, path: sm3Path }, trust, crypto).status).toBe("invalid");
    expect(verifyConsistency(proof, trustOnly("Ed25519"), crypto).status).toBe("unauthenticated");
  });
});

describe("an international receipt", () => {
  it("takes no SM3 path", () => {
    const plain = new FixtureChannel();
    plain.addConfig();
    const receipt = { ...plain.receipt(0, 0), sm3InclusionPath: [] };
    expect(verifyReceipt(receipt, plain.trustBundle()).status).toBe("invalid");
  });
});
