import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import { bytesToHex, compareBytes, concatBytes, equalBytes, InvariantError, utf8ToBytes } from "@concordat/base";
import { verifySm2 } from "@concordat/identity";
import type { CheckpointAlgorithm, CheckpointSigner } from "../ports.ts";
import { type Checkpoint, type NoteSignature, signatureLine } from "./note.ts";

/** A key whose signature a checkpoint must carry. */
export interface CheckpointVerificationKey {
  readonly mspId: string;
  readonly algorithm: CheckpointAlgorithm;
  /** Ed25519: 32 raw bytes. SM2: 65 bytes, uncompressed. */
  readonly publicKey: Uint8Array;
}

/** Signed notes number the algorithms they know; others follow 0xff by name. @source C2SP signed-note, signature types */
const KEY_ID_ALGORITHMS = { Ed25519: Uint8Array.of(0x01), SM2: concatBytes(Uint8Array.of(0xff), utf8ToBytes("SM2")) };
const SIGNATURE_BYTES = 64;
/** DER of SubjectPublicKeyInfo for Ed25519 up to the 32 key bytes. @source RFC 8410 section 4 */
const SPKI_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
const KEY_CACHE_MAX = 1024;
const keyObjects = new Map<string, KeyObject>();

export function checkpointKeyName(origin: string, mspId: string): string {
  return `${origin}/${mspId}`;
}

/** First 4 bytes of `H(key name || 0x0A || algorithm || public key)`, as C2SP signed notes have it. */
export function checkpointKeyId(
  keyName: string,
  { algorithm, publicKey }: Pick<CheckpointVerificationKey, "algorithm" | "publicKey">,
): Uint8Array {
  const input = concatBytes(utf8ToBytes(keyName), Uint8Array.of(0x0a), KEY_ID_ALGORITHMS[algorithm], publicKey);
  return new Uint8Array(hash("sha256", input, "buffer").subarray(0, 4));
}

/** The signed note over a body of `checkpointBody`: one line for each signer, by ascending MSP id, then ascending key id. */
export function signCheckpoint(body: string, signers: readonly CheckpointSigner[]): string {
  const origin = body.slice(0, body.indexOf("\n"));
  const message = utf8ToBytes(body);
  const lines = signers.map((signer) => {
    const keyName = checkpointKeyName(origin, signer.mspId);
    const signature = signer.sign(message);
    if (signature.length !== SIGNATURE_BYTES) throw new InvariantError("A signature has 64 bytes.");
    return { mspId: signer.mspId, keyName, keyId: checkpointKeyId(keyName, signer), signature };
  });
  lines.sort((a, b) => compareText(a.mspId, b.mspId) || compareBytes(a.keyId, b.keyId));
  return `${body}\n${lines.map((line: NoteSignature) => signatureLine(line)).join("")}`;
}

/**
 * Which of `keys` have not signed the checkpoint validly: none, when it holds. Signatures of other keys are ignored,
 * as a signed note's reader does.
 */
export function verifyCheckpointSignatures(
  checkpoint: Pick<Checkpoint, "origin" | "body" | "signatures">,
  keys: readonly CheckpointVerificationKey[],
): { readonly missing: readonly CheckpointVerificationKey[] } {
  const message = utf8ToBytes(checkpoint.body);
  const missing = keys.filter((key) => {
    const keyName = checkpointKeyName(checkpoint.origin, key.mspId);
    const keyId = checkpointKeyId(keyName, key);
    return !checkpoint.signatures.some(
      (line) =>
        line.keyName === keyName &&
        equalBytes(line.keyId, keyId) &&
        line.signature.length === SIGNATURE_BYTES &&
        verifies(key, message, line.signature),
    );
  });
  return { missing };
}

function verifies({ algorithm, publicKey }: CheckpointVerificationKey, message: Uint8Array, signature: Uint8Array) {
  if (algorithm === "SM2") return verifySm2(publicKey, message, signature);
  return verify(null, message, keyObject(publicKey), signature);
}

function keyObject(publicKey: Uint8Array): KeyObject {
  const name = bytesToHex(publicKey);
  const known = keyObjects.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
  if (keyObjects.size >= KEY_CACHE_MAX) keyObjects.clear();
  keyObjects.set(name, key);
  return key;
}

/** MSP ids are ASCII, so the order of code units is that of bytes. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
