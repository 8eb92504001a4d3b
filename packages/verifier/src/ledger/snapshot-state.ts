import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { bytesToUtf8 } from "../core/bytes.ts";
import { Fault, faultUnless } from "../core/fault.ts";
import { readBase64, readCount, readObject, readText } from "../core/json.ts";
import { PolicyRows } from "./outside/policy-rows.ts";

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;
const NAME = "state.ndjson";

/**
 * Brings in the rows of a snapshot's `state.ndjson` that say which endorsement policies hold. The file is read once, in pieces; where there is a
 * manifest, it must have the digest that the manifest names.
 * @throws Fault
 * @source docs/reference/ledger-format.md sections 9 and 10
 */
export function loadPolicyRows(path: string, manifest: string | undefined, rows: PolicyRows): void {
  const digest = createHash("sha256");
  for (const line of linesOf(path, (piece) => digest.update(piece))) {
    // Most rows of a large state are none of these: they are told by their text, and only the others are parsed.
    if (line.includes('"_lifecycle"') || line.includes('$meta"')) loadRow(line, rows);
  }
  if (manifest === undefined) return;
  faultUnless(
    manifestDigest(manifest) === digest.digest("hex"),
    "state.ndjson is not the file that the manifest names",
  );
}

function loadRow(line: Buffer, rows: PolicyRows): void {
  const names = ["namespace", "key", "block", "index", "value"];
  const row = readObject(parseJson(bytesToUtf8(line) ?? "", NAME), `a line of ${NAME}`, names);
  const namespace = readText(row["namespace"], `a namespace of ${NAME}`);
  readCount(row["block"], `a block of ${NAME}`);
  if (!PolicyRows.isPolicyNamespace(namespace)) return;
  rows.load(namespace, readText(row["key"], `a key of ${NAME}`), readBase64(row["value"], `a value of ${NAME}`));
}

function manifestDigest(manifest: string): unknown {
  const json = parseJson(manifest, "manifest.json");
  if (typeof json !== "object" || json === null || !("files" in json)) return undefined;
  const { files } = json;
  if (typeof files !== "object" || files === null || !(NAME in files)) return undefined;
  const file = files[NAME];
  return typeof file === "object" && file !== null && "sha256" in file ? file.sha256 : undefined;
}

function* linesOf(path: string, onPiece: (piece: Buffer) => void): Generator<Buffer> {
  const handle = openSync(path, "r");
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const piece = chunk.subarray(0, readSync(handle, chunk));
      if (piece.length === 0) break;
      onPiece(piece);
      rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      let start = 0;
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
        yield rest.subarray(start, end);
        start = end + 1;
      }
      rest = rest.subarray(start);
    }
    if (rest.length > 0) yield rest;
  } finally {
    closeSync(handle);
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault(`${where} is not JSON`);
  }
}
