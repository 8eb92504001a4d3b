import { base64ToBytes, bytesToBase64, bytesToHex, concatBytes, equalBytes, hexToBytes, utf8ToBytes } from "./bytes.ts";
import type { VerifierCrypto } from "./crypto.ts";
import { Fault, faultUnless } from "./fault.ts";

export interface CheckpointSignature {
  readonly keyName: string;
  /** 4 bytes of key id, then the signature. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Checkpoint {
  /** What is signed: four lines, five in SM channels, the last newline included. */
  readonly body: string;
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly block: number;
  readonly headerHash: Uint8Array;
  /** SM channels only: the root of the same leaves under SM3. */
  readonly sm3Root: Uint8Array | undefined;
  readonly signatures: readonly CheckpointSignature[];
}

/** A public key together with the organization that it speaks for. */
export interface OrganizationKey {
  readonly mspId: string;
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: Uint8Array;
}

export type KeyAlgorithm = "Ed25519" | "SM2";

/** Raw Ed25519 keys, and SM2 points `04 || x || y`. */
export const PUBLIC_KEY_BYTES: Readonly<Record<KeyAlgorithm, number>> = { Ed25519: 32, SM2: 65 };

/** Signed notes number the algorithms they know; others follow 0xff by name. @source C2SP signed-note, signature types */
const KEY_ID_ALGORITHMS: Readonly<Record<KeyAlgorithm, Uint8Array>> = {
  Ed25519: Uint8Array.of(0x01),
  SM2: concatBytes(Uint8Array.of(0xff), utf8ToBytes("SM2")),
};

export function isKeyAlgorithm(text: unknown): text is KeyAlgorithm {
  return text === "Ed25519" || text === "SM2";
}

const ORIGIN = /^concordat\/[0-9a-f]{16}\/[a-z][a-z0-9.-]{0,248}$/;
const DECIMAL = /^(0|[1-9][0-9]{0,15})$/;
const DASH = "\u2014";

export function isOrigin(text: string): boolean {
  return ORIGIN.test(text);
}

/** The channel id that an origin ends with. */
export function channelIdOf(origin: string): string {
  return origin.slice(origin.lastIndexOf("/") + 1);
}

export function checkpointBody(fields: Omit<Checkpoint, "body" | "signatures">): string {
  const root = bytesToBase64(fields.root);
  const sm3Line = fields.sm3Root === undefined ? "" : `sm3 ${bytesToBase64(fields.sm3Root)}\n`;
  return `${fields.origin}\n${fields.size}\n${root}\nblock ${fields.block} ${bytesToHex(fields.headerHash)}\n${sm3Line}`;
}

/**
 * Reads a signed note, every byte of it. Who signed is another question: {@link hasSigned}.
 * @throws Fault
 * @source docs/reference/ledger-format.md section 5; C2SP signed-note and tlog-checkpoint
 */
export function parseCheckpoint(text: string): Checkpoint {
  const border = text.indexOf("\n\n");
  faultUnless(border >= 0, "the checkpoint has no empty line before its signatures");
  const body = text.slice(0, border + 1);
  const [origin = "", size = "", root = "", block = "", ...more] = body.split("\n");
  const [sm3Line, end] = more.length === 2 ? more : [undefined, ...more];
  faultUnless(more.length <= 2 && end === "", "the checkpoint's body does not have four or five lines");
  faultUnless(isOrigin(origin), "the checkpoint's first line is not an origin");
  const rootBytes = base64ToBytes(root);
  faultUnless(rootBytes?.length === 32, "the checkpoint's root is not the base64 of 32 bytes");
  const match = /^block ([0-9]+) ([0-9a-f]{64})$/.exec(block);
  const headerHash = hexToBytes(match?.[2] ?? "");
  faultUnless(headerHash?.length === 32, "the checkpoint's fourth line does not name a block and its header hash");
  return {
    body,
    origin,
    size: parseDecimal(size),
    root: rootBytes,
    block: parseDecimal(match?.[1] ?? ""),
    headerHash,
    sm3Root: sm3Line === undefined ? undefined : parseSm3Line(sm3Line),
    signatures: parseSignatures(text.slice(border + 2)),
  };
}

/** First 4 bytes of `H(key name || 0x0A || algorithm || public key)`. */
export function checkpointKeyId(
  keyName: string,
  { algorithm, publicKey }: Pick<OrganizationKey, "algorithm" | "publicKey">,
  sha256: VerifierCrypto["sha256"],
): Uint8Array {
  const input = concatBytes(utf8ToBytes(keyName), Uint8Array.of(0x0a), KEY_ID_ALGORITHMS[algorithm], publicKey);
  return sha256(input).subarray(0, 4);
}

/** Whether the checkpoint carries a valid signature of this key; other signatures do not matter. */
export function hasSigned(checkpoint: Checkpoint, key: OrganizationKey, crypto: VerifierCrypto): boolean {
  const keyName = `${checkpoint.origin}/${key.mspId}`;
  const keyId = checkpointKeyId(keyName, key, crypto.sha256);
  return checkpoint.signatures.some(
    (line) =>
      line.keyName === keyName &&
      equalBytes(line.keyId, keyId) &&
      line.signature.length === 64 &&
      verifies(key, utf8ToBytes(checkpoint.body), line.signature, crypto),
  );
}

/**
 * Which kind of key a trust bundle lacks for a checkpoint: those of SM channels count as signed only when both kinds have signed.
 */
export function missingAlgorithm(
  { sm3Root }: Pick<Checkpoint, "sm3Root">,
  keys: readonly OrganizationKey[],
): KeyAlgorithm | undefined {
  if (sm3Root === undefined) return undefined;
  return (["Ed25519", "SM2"] as const).find((algorithm) => !keys.some((key) => key.algorithm === algorithm));
}

function verifies(
  { algorithm, publicKey }: OrganizationKey,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: VerifierCrypto,
): boolean {
  const verify = algorithm === "SM2" ? crypto.verifySm2 : crypto.verifyEd25519;
  return verify(publicKey, message, signature);
}

function parseSm3Line(line: string): Uint8Array {
  const root = line.startsWith("sm3 ") ? base64ToBytes(line.slice(4)) : undefined;
  if (root?.length !== 32) throw new Fault("the checkpoint's fifth line is not an SM3 root");
  return root;
}

function parseSignatures(text: string): CheckpointSignature[] {
  faultUnless(text.endsWith("\n"), "the checkpoint has no complete signature line");
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => {
      const [dash, keyName = "", base64 = "", ...more] = line.split(" ");
      const bytes = base64ToBytes(base64);
      faultUnless(
        dash === DASH && keyName !== "" && !keyName.includes("+") && more.length === 0 && bytes !== undefined,
        "a signature line of the checkpoint is malformed",
      );
      faultUnless(bytes.length > 4, "a signature of the checkpoint is too short");
      return { keyName, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
    });
}

function parseDecimal(text: string): number {
  const value = Number(text);
  if (!DECIMAL.test(text) || !Number.isSafeInteger(value)) throw new Fault("the checkpoint holds a malformed number");
  return value;
}
