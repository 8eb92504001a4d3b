import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/**
 * `msp.SerializedIdentity`: the creator of a transaction as Fabric's signature header carries it.
 * @source fabric-protos msp/identities.proto
 */
export function serializeIdentity(mspId: string, certificatePem: string): Uint8Array {
  const writer = new WireWriter(certificatePem.length + mspId.length + 16);
  writer.stringField(2, certificatePem);
  writer.stringField(1, mspId);
  return writer.detach();
}

/** @throws EncodingInvalidError */
export function deserializeIdentity(bytes: Uint8Array): { readonly mspId: string; readonly certificatePem: string } {
  const reader = new WireReader(bytes);
  const mspId = reader.string(1);
  const certificatePem = reader.string(2);
  reader.end();
  return { mspId, certificatePem };
}
