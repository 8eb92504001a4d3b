import { base64ToBytes, bytesToBase64, bytesToHex, concatBytes, hexToBytes } from "@concordat/base";
import { CheckpointInvalidError } from "./errors.ts";

/** What a checkpoint says: the log's root after a block. */
export interface CheckpointFields {
  readonly origin: string;
  /** Number of leaves up to and including the block. */
  readonly size: number;
  readonly root: Uint8Array;
  readonly block: number;
  readonly headerHash: Uint8Array;
  /** SM channels only: the root of the same leaves under SM3. */
  readonly sm3Root?: Uint8Array;
}

export interface NoteSignature {
  /** `<origin>/<MSP id>`, or a witness's own name. */
  readonly keyName: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  /** 64 bytes in our signatures; a witness may use another form. */
  readonly signature: Uint8Array;
}

export interface Checkpoint extends CheckpointFields {
  /** The signed text, its last newline included. */
  readonly body: string;
  readonly signatures: readonly NoteSignature[];
}

export const SIGNATURE_DASH = "\u2014";
const ORIGIN = /^concordat\/[0-9a-f]{16}\/[a-z][a-z0-9.-]{0,248}$/;
const DECIMAL = /^(0|[1-9][0-9]{0,15})$/;

/** The body to be signed, its last newline included. @source docs/reference/ledger-format.md section 5 */
export function checkpointBody(fields: CheckpointFields): string {
  const { origin, size, root, block, headerHash, sm3Root } = fields;
  const sm3Line = sm3Root === undefined ? "" : `sm3 ${bytesToBase64(sm3Root)}\n`;
  return `${origin}\n${size}\n${bytesToBase64(root)}\nblock ${block} ${bytesToHex(headerHash)}\n${sm3Line}`;
}

export function signatureLine({ keyName, keyId, signature }: NoteSignature): string {
  return `${SIGNATURE_DASH} ${keyName} ${bytesToBase64(concatBytes(keyId, signature))}\n`;
}

/**
 * Reads a checkpoint strictly: every byte is accounted for, so that writing it again gives the same text.
 * Signatures are not verified here.
 * @throws CheckpointInvalidError
 */
export function parseCheckpoint(text: string): Checkpoint {
  const note = parseNote(text);
  return { ...parseBody(note.body), ...note };
}

/** Parts of any signed note. @throws CheckpointInvalidError */
export function parseNote(text: string): { readonly body: string; readonly signatures: readonly NoteSignature[] } {
  const border = text.indexOf("\n\n");
  if (border < 0) throw new CheckpointInvalidError("it has no empty line before its signatures");
  const lines = text.slice(border + 2).split("\n");
  if (lines.pop() !== "" || lines.length === 0) throw new CheckpointInvalidError("its signature lines are incomplete");
  return { body: text.slice(0, border + 1), signatures: lines.map(parseSignature) };
}

function parseBody(body: string): CheckpointFields {
  const [origin = "", size = "", root = "", blockLine = "", ...rest] = body.split("\n");
  const [sm3Line, end] = rest.length === 2 ? rest : [undefined, ...rest];
  if (rest.length > 2 || end !== "") throw new CheckpointInvalidError("its body does not have four or five lines");
  if (!ORIGIN.test(origin)) throw new CheckpointInvalidError("its first line is not an origin");
  const [word, block = "", headerHash = "", ...more] = blockLine.split(" ");
  if (word !== "block" || more.length > 0 || !/^[0-9a-f]{64}$/.test(headerHash)) {
    throw new CheckpointInvalidError("its fourth line does not name a block and its header hash");
  }
  const rootBytes = strictBase64(root);
  if (rootBytes?.length !== 32) throw new CheckpointInvalidError("its root is not the base64 of 32 bytes");
  return {
    origin,
    size: decimal(size),
    root: rootBytes,
    block: decimal(block),
    headerHash: hexToBytes(headerHash),
    ...(sm3Line === undefined ? {} : { sm3Root: parseSm3Line(sm3Line) }),
  };
}

function parseSm3Line(line: string): Uint8Array {
  const root = line.startsWith("sm3 ") ? strictBase64(line.slice(4)) : undefined;
  if (root?.length !== 32) throw new CheckpointInvalidError("its fifth line is not an SM3 root");
  return root;
}

function parseSignature(line: string): NoteSignature {
  const [dash, keyName = "", base64 = "", ...more] = line.split(" ");
  if (dash !== SIGNATURE_DASH || keyName === "" || keyName.includes("+") || more.length > 0) {
    throw new CheckpointInvalidError("a signature line is malformed");
  }
  const bytes = strictBase64(base64);
  if (bytes === undefined || bytes.length < 5) throw new CheckpointInvalidError("a signature is not base64");
  return { keyName, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

function decimal(text: string): number {
  const value = Number(text);
  if (!DECIMAL.test(text) || !Number.isSafeInteger(value)) throw new CheckpointInvalidError("a number is malformed");
  return value;
}

function strictBase64(text: string): Uint8Array | undefined {
  try {
    return base64ToBytes(text);
  } catch {
    return undefined;
  }
}
