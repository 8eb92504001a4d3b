import { describe, expect, it } from "vitest";
import { FixtureChannel } from "../testing/channel.ts";
import { verifyConsistency } from "./verify-consistency.ts";

function makeChannel(seed: string): FixtureChannel {
  const channel = new FixtureChannel();
  channel.addConfig();
  for (let block = 1; block <= 8; block += 1) {
    channel.add(
      Array.from({ length: 1 + (block % 3) }, (_, index) => ({
        writes: [{ key: `${seed} ${block} ${index}`, value: "v" }],
      })),
    );
  }
  return channel;
}

const channel = makeChannel("a");
const trust = channel.trustBundle();

describe("verifyConsistency", () => {
  it("accepts the proof between any two checkpoints of one log", () => {
    for (let from = 0; from < channel.blocks.length; from += 1) {
      for (let to = from; to < channel.blocks.length; to += 1) {
        const proof = channel.consistencyProof(from, to);
        expect(verifyConsistency(proof, trust)).toEqual({ status: "valid", reasons: [] });
        expect(verifyConsistency(proof, undefined).status).toBe("unauthenticated");
        if (from !== to)
          expect(verifyConsistency({ ...proof, path: proof.path.slice(1) }, trust).status).toBe("invalid");
        expect(
          verifyConsistency(
            { ...proof, path: [...proof.path, proof.path[0] ?? Buffer.alloc(32).toString("base64")] },
            trust,
          ).status,
        ).toBe("invalid");
      }
    }
  });

  it("refuses a later log that rewrote the earlier one, although every organization signed it", () => {
    const rewritten = makeChannel("b");
    for (const to of [2, 5, 8]) {
      const ours = channel.consistencyProof(2, to);
      const theirs = rewritten.consistencyProof(2, to);
      const mixed = { ...theirs, fromCheckpoint: ours.fromCheckpoint };
      expect(verifyConsistency(mixed, trust).status).toBe("invalid");
      expect(verifyConsistency({ ...mixed, path: ours.path }, trust).status).toBe("invalid");
    }
  });

  it("refuses checkpoints in the wrong order, of two logs, or with other sizes than stated", () => {
    const proof = channel.consistencyProof(3, 6);
    const swapped = {
      ...proof,
      fromSize: proof.toSize,
      toSize: proof.fromSize,
      fromCheckpoint: proof.toCheckpoint,
      toCheckpoint: proof.fromCheckpoint,
    };
    const other = new FixtureChannel(undefined, "concordat/0123456789abcdef/ltl-2");
    other.addConfig();
    for (const bad of [
      swapped,
      { ...proof, fromSize: proof.fromSize + 1 },
      { ...proof, toSize: proof.toSize - 1 },
      { ...proof, fromCheckpoint: other.blocks[0]?.checkpoint },
      { ...proof, more: 1 },
      { ...proof, path: null },
      null,
      "proof",
    ]) {
      expect(verifyConsistency(bad, trust).status).toBe("invalid");
    }
  });
});
