import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Fault } from "../../core/fault.ts";
import { readConfiguration } from "../config.ts";
import { SignatureQueue } from "../signatures.ts";
import { VersionTable } from "../versions.ts";
import { OutsideVerifier } from "./outside-verifier.ts";

interface Vector {
  readonly name: string;
  /** Base64. */
  readonly envelope: string;
  readonly txId: string | null;
  readonly creator: "signed" | "revoked" | "wrong-signature" | null;
  readonly code: number | null;
}

interface Vectors {
  readonly channelId: string;
  readonly configEnvelope: string;
  readonly definitions: readonly string[];
  readonly validationParameters: readonly {
    readonly namespace: string;
    readonly key: string;
    readonly value: string;
  }[];
  readonly vectors: readonly Vector[];
}

const path = new URL("../../../../ledger/testdata/endorsed-vectors.json", import.meta.url);
const { vectors, ...world }: Vectors = JSON.parse(readFileSync(path, "utf8"));
const configuration = (() => {
  const read = readConfiguration(Buffer.from(world.configEnvelope, "base64"));
  return { ...read, contracts: new Set(["builtin"]) };
})();
const ANY_REFUSAL = 255;

/** Judges the envelope as one that the log holds with this code, after the state that the vectors speak of. */
async function judge(vector: Vector, code: number): Promise<string | undefined> {
  const versions = new VersionTable(0);
  const written = Buffer.from("kva");
  versions.begin();
  versions.write(written, 0, 2, 2, 3, false);
  versions.commit(3, 1);
  const signatures = new SignatureQueue();
  const verifier = new OutsideVerifier({ channelId: world.channelId, isStateComplete: true }, versions, signatures);
  for (const text of world.definitions)
    verifier.rows.write("_lifecycle", `definitions/${JSON.parse(text).name}`, Buffer.from(text));
  for (const { namespace, key, value } of world.validationParameters)
    verifier.rows.writeMetadata(namespace, { key, policy: Buffer.from(value, "base64"), isEmpty: false });
  const bytes = Buffer.from(vector.envelope, "base64");
  try {
    const txId = verifier.verify({ bytes, start: 0, end: bytes.length, block: 4, index: 0, code }, configuration);
    expect(Buffer.from(txId).toString()).toBe(vector.txId);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return error.message;
  }
  await signatures.drain(true);
  return signatures.fault?.message;
}

describe("envelopes made by Fabric's own classes", () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))("%s", async (_name, vector) => {
    const asValid = await judge(vector, 0);
    const asRefused = await judge(vector, ANY_REFUSAL);
    const isValid = vector.code === 0 && vector.creator === "signed";
    if (isValid) expect(asValid).toBeUndefined();
    else expect(asValid).toEqual(expect.any(String));
    // What a log may hold as refused: whatever its creator signed for this channel.
    const isStorable = vector.creator !== null && vector.creator !== "wrong-signature" && vector.code !== 14;
    if (isStorable) expect(asRefused).toBeUndefined();
    else expect(asRefused).toEqual(expect.any(String));
  });
});
