import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { verifyLedger } from "@concordat/verifier/node";
import { expect, test } from "vitest";
import { createCaller, evidenceKey } from "../support/aliyun.ts";
import { type Chooser, createChooser, runSeed } from "../support/seed.ts";
import { newInstallation, startServer } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MUTATIONS = 2_400;
const WRITES = 60;

/** A segment taken apart: its header and its records, each with length and checksum in front. */
interface Segment {
  readonly header: Buffer;
  readonly records: readonly Buffer[];
}

const RECORD_HEAD_BYTES = 8;

function parseSegment(bytes: Buffer): Segment {
  const headerBytes = 8 + 2 + bytes.readUInt16BE(8) + 8 + 4;
  const records: Buffer[] = [];
  for (let at = headerBytes; at < bytes.length; ) {
    const end = at + RECORD_HEAD_BYTES + bytes.readUInt32BE(at);
    records.push(bytes.subarray(at, end));
    at = end;
  }
  return { header: bytes.subarray(0, headerBytes), records };
}

function withChecksum(block: Uint8Array): Buffer {
  const record = Buffer.alloc(RECORD_HEAD_BYTES + block.length);
  record.writeUInt32BE(block.length, 0);
  record.set(block, RECORD_HEAD_BYTES);
  record.writeUInt32BE(crc32(block, crc32(record.subarray(0, 4))), 4);
  return record;
}

interface Mutation {
  readonly name: string;
  readonly bytes: Buffer;
  /** The first block whose record is not what it was. */
  readonly block: number;
}

function flipBit(choose: Chooser, bytes: Uint8Array): Buffer {
  const flipped = Buffer.from(bytes);
  const at = choose.between(0, flipped.length);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << choose.between(0, 8));
  return flipped;
}

function replaceAt<Item>(items: readonly Item[], at: number, ...instead: Item[]): Item[] {
  return [...items.slice(0, at), ...instead, ...items.slice(at + 1)];
}

/** One change of a segment. Changes with "repaired" leave every length and checksum right, as someone who knows the format would. */
function mutate(choose: Chooser, { header, records }: Segment): Mutation {
  const join = (changed: readonly Buffer[], head = header) => Buffer.concat([head, ...changed]);
  const block = choose.between(0, records.length);
  const record = records[block] ?? Buffer.alloc(0);
  const content = record.subarray(RECORD_HEAD_BYTES);
  const later = choose.between(block, records.length);
  const kinds: readonly (() => Mutation | undefined)[] = [
    () => ({ name: "flip in the header", block: 0, bytes: join(records, flipBit(choose, header)) }),
    () => ({ name: "flip", block, bytes: join(replaceAt(records, block, flipBit(choose, record))) }),
    () => ({
      name: "flip, repaired",
      block,
      bytes: join(replaceAt(records, block, withChecksum(flipBit(choose, content)))),
    }),
    () => {
      const cut = content.subarray(0, choose.between(0, content.length));
      return { name: "shortened, repaired", block, bytes: join(replaceAt(records, block, withChecksum(cut))) };
    },
    () => {
      const grown = Buffer.concat([content, choose.bytes(choose.between(1, 20))]);
      return { name: "lengthened, repaired", block, bytes: join(replaceAt(records, block, withChecksum(grown))) };
    },
    () => ({ name: "removed", block, bytes: join(replaceAt(records, block)) }),
    () => ({ name: "repeated", block: block + 1, bytes: join(replaceAt(records, block, record, record)) }),
    () => {
      if (later === block) return undefined;
      const moved = replaceAt(records, later);
      return {
        name: "moved forward",
        block,
        bytes: join([...moved.slice(0, block), records[later] ?? record, ...moved.slice(block)]),
      };
    },
    () => {
      if (later === block) return undefined;
      const swapped = replaceAt(replaceAt(records, block, records[later] ?? record), later, record);
      return { name: "swapped", block, bytes: join(swapped) };
    },
    () => {
      const whole = join(records);
      const cutAt = choose.between(header.length, whole.length);
      let end = header.length;
      const kept = records.findIndex((candidate) => {
        end += candidate.length;
        return end > cutAt;
      });
      return { name: "tail cut anywhere", block: kept, bytes: whole.subarray(0, cutAt) };
    },
    () => ({ name: "tail cut at a block border", block, bytes: join(records.slice(0, block)) }),
    () => {
      const foreign = withChecksum(choose.bytes(choose.between(1, 400)));
      return { name: "replaced by garbage, repaired", block, bytes: join(replaceAt(records, block, foreign)) };
    },
  ];
  return choose.oneOf(kinds)() ?? mutate(choose, { header, records });
}

/** A stopped server's channel with a few dozen blocks. @returns its folder */
async function makeLedger(): Promise<string> {
  const server = await startServer(await newInstallation("tamper"));
  const caller = createCaller(server.bootstrap);
  const ProductKey = server.bootstrap.aliyun.proofChain.productKey;
  for (let index = 0; index < WRITES; index += 1) {
    // Every third step sends four calls at once, so that some blocks hold several transactions.
    const keys = Array.from({ length: index % 3 === 0 ? 4 : 1 }, (_, part) => `${index}-${part}`);
    await Promise.all(
      keys.map((id) => caller.call("SetData", { ProductKey, Key: evidenceKey(server.bootstrap, id), Value: `v${id}` })),
    );
  }
  caller.close();
  expect(await server.stop()).toBe(0);
  const { channels } = await verifyLedger({ directory: server.dataFolder });
  const [largest] = channels.toSorted((a, b) => b.height - a.height);
  return largest?.directory ?? "";
}

test(`each of ${MUTATIONS} changes of a segment is reported with its block`, async () => {
  const choose = createChooser(runSeed("tamper"));
  const original = await makeLedger();
  const copy = join(await temporaryFolder("tampered"), "channel");
  await mkdir(join(copy, "segments"), { recursive: true });
  await cp(join(original, "anchor"), join(copy, "anchor"));
  const [name = ""] = await readdir(join(original, "segments"));
  const segment = parseSegment(await readFile(join(original, "segments", name)));
  expect(segment.records.length).toBeGreaterThan(WRITES);
  const wrong: string[] = [];
  const counts = new Map<string, number>();
  for (let index = 0; index < MUTATIONS; index += 1) {
    const mutation = mutate(choose, segment);
    counts.set(mutation.name, (counts.get(mutation.name) ?? 0) + 1);
    await writeFile(join(copy, "segments", name), mutation.bytes);
    const { valid, channels } = await verifyLedger({ directory: copy });
    const fault = channels[0]?.faults[0];
    if (valid || fault?.block !== mutation.block) {
      wrong.push(`#${index} ${mutation.name} of block ${mutation.block}: ${JSON.stringify(fault ?? "not found")}`);
    }
  }
  console.log("changes:", Object.fromEntries(counts));
  expect(wrong).toEqual([]);
  await writeFile(join(copy, "segments", name), Buffer.concat([segment.header, ...segment.records]));
  expect(await verifyLedger({ directory: copy })).toMatchObject({ valid: true });
});
