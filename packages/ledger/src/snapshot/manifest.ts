import { join } from "node:path";
import { base64ToBytes, bytesToHex, type FileSystem, utf8ToBytes } from "@concordat/base";
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { type Checkpoint, parseCheckpoint, parseNote } from "../checkpoint/note.ts";
import { verifyCheckpointSignatures } from "../checkpoint/sign.ts";
import { ledgerErrors } from "../errors.ts";
import { sha256 } from "../merkle/hash.ts";
import type { Frontier } from "../merkle/log.ts";
import type { TrustBundleChannel } from "../ports.ts";
import { BASE_FILE, checkDigest, MANIFEST_FILE, MANIFEST_NOTE, readText } from "./files.ts";

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Hex32 = Type.String({ pattern: "^[0-9a-f]{64}$" });

const Manifest = Type.Object(
  {
    format: Type.Literal("concordat-snapshot/1"),
    origin: Type.String(),
    height: Type.Integer({ minimum: 1 }),
    stateDatabase: Type.Union([Type.Literal("goleveldb"), Type.Literal("couchdb")]),
    files: Type.Record(Type.String({ pattern: "^[a-z]+\\.(nd)?json$" }), Type.Object({ bytes: Count, sha256: Hex32 })),
  },
  { additionalProperties: false },
);

const FrontierJson = Type.Object({ size: Count, hashes: Type.Array(Type.String()) });

const Base = Type.Object(
  {
    format: Type.Literal("concordat-base/1"),
    origin: Type.String(),
    height: Type.Integer({ minimum: 1 }),
    headerHash: Hex32,
    lastTimestampMs: Count,
    frontier: FrontierJson,
    sm3Frontier: Type.Optional(FrontierJson),
    checkpoint: Type.String(),
  },
  { additionalProperties: false },
);

/** Where a channel's log starts on this machine when it was imported. */
export interface SnapshotBase {
  readonly format: "concordat-base/1";
  readonly origin: string;
  readonly height: number;
  readonly headerHash: string;
  readonly lastTimestampMs: number;
  readonly frontier: Frontier;
  /** SM channels only: that of the tree under SM3. */
  readonly sm3Frontier?: Frontier;
  readonly checkpoint: string;
}

/** The text that the organizations sign for a snapshot. */
export function snapshotBody(origin: string, height: number, manifestSha256: string): string {
  return `${origin}\nsnapshot ${height}\n${manifestSha256}\n`;
}

/** @throws LedgerError SNAPSHOT_INVALID */
export async function readBase(
  fileSystem: FileSystem,
  directory: string,
): Promise<SnapshotBase & { proof: Checkpoint }> {
  const base = parseAs(Base, await readText(fileSystem, join(directory, BASE_FILE)), BASE_FILE);
  const proof = parseCheckpoint(base.checkpoint);
  const consistent =
    proof.origin === base.origin &&
    proof.block === base.height - 1 &&
    proof.size === base.frontier.size &&
    (base.sm3Frontier?.size ?? proof.size) === proof.size &&
    (base.sm3Frontier === undefined) === (proof.sm3Root === undefined) &&
    bytesToHex(proof.headerHash) === base.headerHash;
  if (!consistent) throw ledgerErrors.snapshotInvalid("The snapshot's base and its checkpoint disagree.");
  const { frontier, sm3Frontier, ...rest } = base;
  return {
    ...rest,
    proof,
    frontier: frontierOf(frontier),
    ...(sm3Frontier === undefined ? {} : { sm3Frontier: frontierOf(sm3Frontier) }),
  };
}

/**
 * Checks that a snapshot folder is whole and signed by every organization that the trust bundle names for its height.
 * @throws LedgerError SNAPSHOT_INVALID
 */
export async function verifySnapshot(
  fileSystem: FileSystem,
  directory: string,
  trust: TrustBundleChannel,
): Promise<Static<typeof Manifest>> {
  const text = await readText(fileSystem, join(directory, MANIFEST_FILE));
  const manifest = parseAs(Manifest, text, MANIFEST_FILE);
  if (manifest.origin !== trust.origin) throw ledgerErrors.snapshotInvalid(`The snapshot is of ${manifest.origin}.`);
  const note = parseNote(await readText(fileSystem, join(directory, MANIFEST_NOTE)));
  const expected = snapshotBody(manifest.origin, manifest.height, bytesToHex(sha256(utf8ToBytes(text))));
  if (note.body !== expected) throw ledgerErrors.snapshotInvalid("The manifest is not the one that was signed.");
  checkSigned({ origin: manifest.origin, ...note }, trust, manifest.height - 1);
  for (const [name, digest] of Object.entries(manifest.files)) await checkDigest(fileSystem, directory, name, digest);
  const base = await readBase(fileSystem, directory);
  if (base.origin !== manifest.origin || base.height !== manifest.height) {
    throw ledgerErrors.snapshotInvalid("The snapshot's base and its manifest disagree.");
  }
  checkSigned(base.proof, trust, manifest.height - 1);
  return manifest;
}

function frontierOf({ size, hashes }: Static<typeof FrontierJson>): Frontier {
  return { size, hashes: hashes.map(base64ToBytes) };
}

function checkSigned(
  note: Pick<Checkpoint, "origin" | "body" | "signatures">,
  trust: TrustBundleChannel,
  block: number,
): void {
  const keys = trust.organizations.flatMap(({ mspId, checkpointKeys }) =>
    checkpointKeys
      .filter((key) => key.fromBlock <= block && (key.toBlock === null || key.toBlock >= block))
      .map(({ algorithm, publicKey }) => ({ mspId, algorithm, publicKey: base64ToBytes(publicKey) })),
  );
  const { missing } = verifyCheckpointSignatures(note, keys);
  if (keys.length === 0 || missing.length > 0) {
    throw ledgerErrors.snapshotInvalid(
      keys.length === 0
        ? "The trust bundle names no key for the snapshot's height."
        : `The snapshot is not signed by ${missing.map((key) => key.mspId).join(", ")}.`,
    );
  }
}

function parseAs<Schema extends TSchema>(schema: Schema, text: string, name: string): Static<Schema> {
  try {
    return Value.Decode(schema, JSON.parse(text));
  } catch (cause) {
    throw ledgerErrors.snapshotInvalid(`The snapshot's file ${name} does not have its form.`, cause);
  }
}
