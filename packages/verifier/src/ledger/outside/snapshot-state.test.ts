import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FixtureChannel } from "../../testing/channel.ts";
import { bytesField, message } from "../../testing/encode.ts";
import { definitionText } from "../../testing/outside.ts";
import {
  addOutside,
  client2,
  makeOutsideChannel,
  type OutsideItem,
  peer2,
  peerOf1,
  peerOf2,
} from "../../testing/outside-ledger.ts";
import { LedgerFolder } from "../../testing/sample-ledger.ts";
import { frontierOf } from "../../testing/tree.ts";

const folder = new LedgerFolder();
const FIRST = 3;

interface Row {
  readonly namespace: string;
  readonly key: string;
  readonly value: string | Uint8Array;
}

const metadata = message(
  bytesField(1, "owned"),
  bytesField(2, message(bytesField(1, "VALIDATION_PARAMETER"), bytesField(2, peerOf2))),
);
const ROWS: readonly Row[] = [
  { namespace: "_lifecycle", key: "definitions/asset", value: definitionText("asset", bytesField(1, peerOf1)) },
  { namespace: "asset", key: "_lifecycle", value: "a key of that name" },
  { namespace: "asset$meta", key: "owned", value: metadata },
];

/** The channel as it lies after an import at block 3; the rows are those of its state, undefined: the file is not there. */
function writeFrom(channel: FixtureChannel, rows: readonly Row[] | undefined, changes: { digest?: string } = {}): void {
  channel.write(folder.directory, { blocksEach: 1 });
  for (const name of readdirSync(folder.segments))
    if (Number.parseInt(name, 10) < FIRST) rmSync(join(folder.segments, name));
  const before = channel.blocks[FIRST - 1];
  const size = channel.blocks[FIRST]?.firstLeaf ?? 0;
  const snapshot = join(folder.directory, "snapshot");
  mkdirSync(snapshot, { recursive: true });
  const [config] = channel.configs;
  const base = {
    format: "concordat-base/1",
    origin: channel.origin,
    height: FIRST,
    headerHash: before?.headerHash.toString("hex"),
    lastTimestampMs: 1_700_000_000_000,
    frontier: { size, hashes: frontierOf(channel.leafHashes.slice(0, size)).map((hash) => hash.toString("base64")) },
    checkpoint: before?.checkpoint,
  };
  writeFileSync(join(snapshot, "base.json"), JSON.stringify(base));
  const line = { block: 0, configEnvelope: config?.bytes.toString("base64") };
  writeFileSync(join(snapshot, "configs.ndjson"), `${JSON.stringify(line)}\n`);
  if (rows === undefined) return;
  const state = rows
    .map(({ namespace, key, value }) => ({
      namespace,
      key,
      block: 2,
      index: 0,
      value: Buffer.from(value).toString("base64"),
    }))
    .map((row) => `${JSON.stringify(row)}\n`)
    .join("");
  writeFileSync(join(snapshot, "state.ndjson"), state);
  const sha256 = changes.digest ?? createHash("sha256").update(state).digest("hex");
  writeFileSync(join(snapshot, "manifest.json"), JSON.stringify({ files: { "state.ndjson": { bytes: 1, sha256 } } }));
}

function makeWith(item: OutsideItem): FixtureChannel {
  const channel = makeOutsideChannel();
  addOutside(channel, [item]);
  return channel;
}

const writeOf = (key: string): OutsideItem => ({
  creator: client2,
  endorsers: [peer2],
  contract: "asset",
  sets: [{ namespace: "asset", writes: [{ key, value: "4" }] }],
});

describe("a channel from a snapshot", () => {
  it("takes definitions and policies of keys from the snapshot's state", async () => {
    writeFrom(makeWith(writeOf("owned")), ROWS);
    expect(await folder.verify()).toMatchObject({ valid: true, channel: { uncheckedPolicies: 0 } });
    rmSync(folder.segments, { recursive: true });
    writeFrom(makeWith(writeOf("plain")), ROWS);
    expect((await folder.verify()).fault).toMatchObject({
      block: 4,
      message: expect.stringContaining("policy of asset"),
    });
  });

  it("says what was not checked when the state is not there", async () => {
    writeFrom(makeWith(writeOf("plain")), undefined);
    const { valid, channel, notes } = await folder.verify();
    expect(valid).toBe(true);
    expect(channel?.uncheckedPolicies).toBe(1);
    expect(notes.join()).toContain("the endorsement policies of 1 transactions were not checked");
  });

  it.each([
    ["a state that the manifest does not name", ROWS, { digest: "00".repeat(32) }, "manifest"],
    ["metadata that cannot be read", [{ namespace: "asset$meta", key: "owned", value: "\u0007" }], {}, "field number"],
  ])("refuses %s", async (_name, rows, changes, message_) => {
    writeFrom(makeWith(writeOf("owned")), rows, changes);
    expect((await folder.verify()).fault?.message).toContain(message_);
  });
});
