import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BlockChanges, FixtureChannel, recordBytes, treeRoot } from "../fixture/channel.ts";
import { bytesField, numberField } from "../fixture/encode.ts";
import type { FixtureTransaction } from "../fixture/envelopes.ts";
import { fixtureKey, fixtureOrganization } from "../fixture/keys.ts";
import { verifyLedger } from "./verify-ledger.ts";

const org1 = fixtureOrganization("Org1MSP");
const org2 = fixtureOrganization("Org2MSP");
const write = (key: string): FixtureTransaction => ({ writes: [{ key, value: "v" }] });

/** Seven blocks: two configurations, reads of absent, present, deleted and same-block keys, and refusals. */
function makeChannel(origin?: string): FixtureChannel {
  const channel = new FixtureChannel([org1, org2], origin);
  channel.addConfig();
  channel.add([
    { reads: [{ key: "a" }], ...write("a") },
    { reads: [{ key: "a", version: [1, 0] }], ...write("a") },
    { code: 11, reads: [{ key: "a", version: [9, 9] }], ...write("never") },
  ]);
  channel.add([
    { reads: [{ key: "a", version: [1, 1] }, { key: "never" }], writes: [{ key: "a" }, { key: "b", value: "v" }] },
  ]);
  channel.addConfig({
    organizations: [org1, fixtureOrganization("Org2MSP", { generations: ["2"] }), fixtureOrganization("Org3MSP")],
  });
  channel.add([{ reads: [{ key: "a" }, { key: "b", version: [2, 0] }], ...write("a") }, write("c")]);
  channel.add([{ reads: [{ key: "a", version: [4, 0] }], ...write("d") }]);
  channel.add([write("e"), write("f")]);
  return channel;
}

describe("verifyLedger", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "verify-ledger-"));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const segments = () => join(directory, "segments");
  const verify = async (options: { since?: string; trust?: unknown } = {}) => {
    const { channels, ...report } = await verifyLedger({ directory, ...options });
    return { ...report, channel: channels[0], fault: channels[0]?.faults[0] };
  };

  it("finds a good ledger good, in one channel's folder and in an installation's", async () => {
    const channel = makeChannel();
    channel.write(directory);
    const { valid, channel: report, notes } = await verify();
    expect(report).toMatchObject({
      origin: channel.origin,
      height: 7,
      firstBlock: 0,
      transactions: 11,
      checkpoint: channel.blocks[6]?.checkpoint,
      authenticated: false,
      faults: [],
    });
    expect(valid).toBe(true);
    expect(notes.join()).toContain("without a checkpoint held elsewhere");
    expect(report?.checkpoint).toContain(report?.root);

    const other = makeChannel("concordat/0123456789abcdef/audit");
    channel.write(join(directory, "channels", "ltl-1"));
    other.write(join(directory, "channels", "audit"), { blocksEach: 100 });
    rmSync(segments(), { recursive: true });
    const whole = await verifyLedger({ directory });
    expect(whole.valid).toBe(true);
    expect(whole.channels.map(({ origin }) => origin)).toEqual([other.origin, channel.origin]);
  });

  it("refuses a channel under another channel's name, and an installation that is not there", async () => {
    makeChannel().write(join(directory, "channels", "audit"));
    expect((await verifyLedger({ directory })).channels[0]?.faults[0]?.message).toContain("the folder holds the log");
    await expect(verifyLedger({ directory: join(directory, "nowhere") })).rejects.toThrow("ENOENT");
  });

  describe("one wrong thing in a block", () => {
    const cases: readonly [string, FixtureTransaction, string][] = [
      ["a stale read", { reads: [{ key: "a", version: [1, 0] }] }, "at a version"],
      ["a read of a key that is there as absent", { reads: [{ key: "b" }] }, "at a version"],
      ["a read of a refused write", { reads: [{ key: "never", version: [1, 2] }] }, "at a version"],
      ["a read of its own write", { reads: [{ key: "g", version: [7, 0] }], ...write("g") }, "at a version"],
      ["another channel", { channelId: "other" }, "another channel"],
      ["a foreign transaction id", { txId: "ab".repeat(32) }, "transaction id"],
      ["a repeated transaction id", { nonce: "concordat/0123456789abcdef/ltl-1 2" }, "same id"],
      ["a wrong proposal hash", { proposalHash: Buffer.alloc(32) }, "proposal hash"],
      ["a signature", { signature: "signed" }, "signature"],
      ["an endorsement", { endorsement: "endorsed" }, "endorsements"],
      ["two actions", { secondAction: true }, "more than one action"],
      ["time going back", { seconds: 1_700_000_003 }, "timestamp"],
      ["another header type", { type: 1 }, "marked as a transaction"],
      ["the kind of a configuration", { kind: 0 }, "marked as a configuration"],
      ["the kind of an optimistic transaction", { kind: 2 }, "optimistic"],
    ];
    it.each(cases)("%s", async (_name, transaction, message) => {
      const channel = makeChannel();
      channel.add([write("fine"), transaction]);
      channel.write(directory);
      const { fault, valid } = await verify();
      expect(valid).toBe(false);
      expect(fault?.block).toBe(7);
      expect(fault?.message).toContain("envelope 1");
      expect(fault?.message).toContain(message);
    });

    const blockCases: readonly [string, BlockChanges, string][] = [
      ["the number", { number: 8 }, "number"],
      ["the previous hash", { previousHash: Buffer.alloc(32) }, "previous hash"],
      ["the data hash", { dataHash: Buffer.alloc(32) }, "data hash"],
      ["too few codes", { codes: [] }, "validation code"],
      ["another code", { codes: [1] }, "root"],
      ["another kind", { kinds: [0] }, "configuration"],
      ["too many kinds", { kinds: [1, 1] }, "kind"],
      ["a seventh metadata entry", { extraMetadata: bytesField(1, "") }, "six entries"],
      ["a commit hash", { commitHash: "x" }, "empty"],
      ["an unknown field", { suffix: bytesField(4, "x") }, "too many"],
      ["a second header", { suffix: bytesField(1, numberField(1, 7)) }, "too many"],
      ["the tree size", { size: 99 }, "leaves"],
      ["the root", { root: Buffer.alloc(32) }, "root"],
      ["the checkpoint's block", { checkpointBlock: 6 }, "another block"],
      ["no signature", { signers: [] }, "signature"],
      [
        "a missing signature",
        { signers: [{ mspId: "Org1MSP", key: fixtureKey("Org1MSP checkpoint 1") }] },
        "signatures instead of",
      ],
      [
        "a witness's line in the stored note",
        { noteSuffix: `\u2014 w ${Buffer.alloc(76).toString("base64")}\n` },
        "signatures instead of",
      ],
    ];
    it.each(blockCases)("%s", async (_name, changes, message) => {
      const channel = makeChannel();
      channel.add([write("g")], changes);
      channel.write(directory, { height: 7 });
      const { fault, valid } = await verify();
      expect(valid).toBe(false);
      expect(fault?.block).toBe(7);
      expect(fault?.message).toContain(message);
    });

    it("a signature by another key under the right name", async () => {
      const channel = makeChannel();
      const [block] = channel.blocks.slice(-1);
      const text = block?.checkpoint.split("\n") ?? [];
      const line = text[5] ?? "";
      const bytes = Buffer.from(line.split(" ")[2] ?? "", "base64");
      bytes[40] = (bytes[40] ?? 0) ^ 1;
      const forged = line.replace(/[^ ]+$/, bytes.toString("base64"));
      const changed = Buffer.from(
        block?.bytes
          .toString("latin1")
          .replace(Buffer.from(line).toString("latin1"), Buffer.from(forged).toString("latin1")) ?? "",
        "latin1",
      );
      channel.blocks[channel.blocks.length - 1] = {
        ...(block as NonNullable<typeof block>),
        bytes: changed,
        checkpoint: (block?.checkpoint ?? "").replace(line, forged),
      };
      channel.write(directory);
      expect((await verify()).fault).toEqual({
        block: 6,
        message: "the checkpoint's signature of Org1MSP is not valid",
      });
    });
  });

  describe("one wrong thing in a configuration", () => {
    const strayCa = fixtureOrganization("Org2MSP", { issuerName: "stray" });
    it.each([
      ["its sequence", { sequence: 7 }, "sequence"],
      ["its origin", { origin: "concordat/0123456789abcdef/other" }, "origin"],
      ["its mod_policy", { modPolicy: "Writers" }, "mod_policy"],
      ["its state database", { stateDatabase: "memory" }, "state database"],
      ["the order of its entries", { unsorted: true }, "ascending"],
      ["no organization", { organizations: [] }, "organization"],
      ["a certificate that the CA did not issue", { organizations: [org1, strayCa] }, "not issued by its CA"],
      [
        "a certificate for another use",
        { organizations: [fixtureOrganization("Org1MSP", { checkpointUnit: "client" })] },
        "another use",
      ],
      [
        "a certificate for another key",
        {
          organizations: [
            {
              ...org1,
              checkpointKeys: [
                { key: fixtureKey("x"), certificate: org1.checkpointKeys[0]?.certificate ?? Buffer.alloc(0) },
              ],
            },
          ],
        },
        "another key",
      ],
    ])("%s", async (_name, changes, message) => {
      const channel = makeChannel();
      channel.addConfig(changes);
      channel.write(directory);
      const { fault } = await verify();
      expect(fault?.block).toBe(7);
      expect(fault?.message).toContain(message);
    });

    it("a key change that the retired key has not signed", async () => {
      const channel = new FixtureChannel([org1]);
      channel.addConfig();
      const next = fixtureOrganization("Org1MSP", { generations: ["2"] });
      const signers = next.checkpointKeys.map(({ key }) => ({ mspId: "Org1MSP", key }));
      channel.addConfig({ organizations: [next], block: { signers } });
      channel.write(directory);
      expect((await verify()).fault).toMatchObject({
        block: 1,
        message: "the checkpoint carries 1 signatures instead of 2",
      });
    });

    it("a first block without it", async () => {
      const channel = new FixtureChannel([org1]);
      channel.add([write("a")], { signers: [{ mspId: "Org1MSP", key: fixtureKey("x") }] });
      channel.write(directory);
      expect((await verify()).fault).toMatchObject({ block: 0, message: expect.stringContaining("first block") });
    });
  });

  describe("lost and torn blocks", () => {
    it("reports the first block that the anchor promises and the segments lack", async () => {
      const channel = makeChannel();
      channel.write(directory);
      channel.blocks.splice(5);
      rmSync(segments(), { recursive: true });
      const anchor = readFileSync(join(directory, "anchor"));
      channel.write(directory);
      writeFileSync(join(directory, "anchor"), anchor);
      expect((await verify()).fault).toMatchObject({ block: 5, message: expect.stringContaining("lost") });
    });

    it("ignores a torn tail at or above the anchor, and nothing else", async () => {
      const channel = makeChannel();
      const last = () => join(segments(), "000000000006.segment");
      for (const [height, expected] of [
        [6, undefined],
        [7, 6],
      ] as const) {
        rmSync(segments(), { recursive: true, force: true });
        channel.write(directory, { height });
        const bytes = readFileSync(last());
        for (const length of [bytes.length - 1, bytes.length - 400, channel.segmentHeader(6).length + 3, 12]) {
          writeFileSync(last(), bytes.subarray(0, length));
          const { fault, channel: report } = await verify();
          expect(fault?.block).toBe(expected);
          if (expected === undefined) expect(report?.height).toBe(6);
        }
        const flipped = Buffer.from(bytes);
        flipped[flipped.length - 1] = (flipped[flipped.length - 1] ?? 0) ^ 1;
        writeFileSync(last(), flipped);
        expect((await verify()).fault?.block).toBe(expected);
        // A valid record behind the damaged one: this is no torn tail.
        writeFileSync(last(), Buffer.concat([flipped, recordBytes(channel.blocks[6]?.bytes ?? Buffer.alloc(0))]));
        expect((await verify()).fault?.block).toBe(6);
      }
    });

    it("accepts blocks above the anchor", async () => {
      makeChannel().write(directory, { height: 4 });
      expect((await verify()).channel).toMatchObject({ height: 7, faults: [] });
    });

    it("refuses an anchor that is missing, damaged, of another log or of other blocks", async () => {
      const channel = makeChannel();
      channel.write(directory);
      const path = join(directory, "anchor");
      const good = readFileSync(path);
      rmSync(path);
      expect((await verify()).fault?.message).toContain("no anchor");
      writeFileSync(path, Buffer.concat([Buffer.alloc(16_384), good.subarray(0, 16_384)]));
      expect((await verify()).fault?.message).toContain("no valid slot");
      good[40] = (good[40] ?? 0) ^ 1;
      writeFileSync(path, good);
      expect((await verify()).fault?.message).toContain("no valid slot");
      writeFileSync(path, makeChannel("concordat/0123456789abcdef/other").anchor(7));
      expect((await verify()).fault?.message).toContain("another log");
      const rewritten = new FixtureChannel([org1, org2]);
      rewritten.addConfig();
      rewritten.add([write("z")]);
      writeFileSync(path, rewritten.anchor(2));
      expect((await verify()).fault).toMatchObject({
        block: 1,
        message: expect.stringContaining("another checkpoint"),
      });
    });

    it("refuses segments that are missing, renamed or of another log", async () => {
      const channel = makeChannel();
      channel.write(directory);
      const middle = join(segments(), "000000000003.segment");
      const bytes = readFileSync(middle);
      rmSync(middle);
      expect((await verify()).fault).toMatchObject({ block: 3 });
      writeFileSync(join(segments(), "000000000004.segment"), bytes);
      expect((await verify()).fault).toMatchObject({ block: 3 });
      rmSync(join(segments(), "000000000004.segment"));
      writeFileSync(middle, bytes);
      writeFileSync(join(segments(), "later.segment"), bytes);
      expect((await verify()).fault?.message).toContain("not the name");
      rmSync(join(segments(), "later.segment"));
      const other = makeChannel("concordat/0123456789abcdef/ltl-2");
      const elsewhere = join(directory, "elsewhere");
      other.write(elsewhere);
      writeFileSync(middle, readFileSync(join(elsewhere, "segments", "000000000003.segment")));
      expect((await verify()).fault).toMatchObject({ block: 3, message: expect.stringContaining("another log") });
    });
  });

  describe("a checkpoint held elsewhere", () => {
    it("is found in the ledger that extends it", async () => {
      const channel = makeChannel();
      channel.write(directory);
      for (const { checkpoint } of channel.blocks) {
        const { valid, channel: report } = await verify({ since: checkpoint });
        expect(valid).toBe(true);
        expect(report?.extendsSince).toBe(true);
      }
    });

    it("shows a cut tail, a rewritten history, and a log that is not here", async () => {
      const channel = makeChannel();
      const since = channel.blocks[5]?.checkpoint ?? "";
      channel.blocks.splice(5);
      channel.write(directory);
      expect((await verify({ since })).fault).toMatchObject({ block: 5, message: expect.stringContaining("lost") });
      const rewritten = makeChannel();
      const other = new FixtureChannel([org1, org2]);
      other.addConfig();
      other.add([write("other")]);
      rmSync(segments(), { recursive: true });
      other.write(directory);
      expect((await verify({ since: rewritten.blocks[1]?.checkpoint ?? "" })).fault).toMatchObject({ block: 1 });
      const elsewhere = makeChannel("concordat/ffffffffffffffff/ltl-1").blocks[1]?.checkpoint ?? "";
      expect(await verify({ since: elsewhere })).toMatchObject({
        valid: false,
        faults: [expect.stringContaining("not here")],
      });
      await expect(verify({ since: "nonsense" })).rejects.toThrow("checkpoint");
    });
  });

  describe("a trust bundle", () => {
    it("authenticates a ledger whose every block its keys signed", async () => {
      const channel = new FixtureChannel([org1, org2]);
      channel.addConfig();
      channel.add([write("a")]);
      channel.write(directory);
      expect((await verify({ trust: channel.trustBundle() })).channel).toMatchObject({
        authenticated: true,
        faults: [],
      });
      const partly = await verify({ trust: channel.trustBundle(1) });
      expect(partly.channel).toMatchObject({ authenticated: false, faults: [] });
      expect(partly.notes.join()).toContain("does not hold a key");
    });

    it("refuses a ledger signed by other keys from the first block on", async () => {
      const real = new FixtureChannel([org1, org2]);
      const forged = new FixtureChannel([org1, fixtureOrganization("Org2MSP", { generations: ["forged"] })]);
      forged.addConfig();
      forged.write(directory);
      expect((await verify()).valid).toBe(true);
      expect((await verify({ trust: real.trustBundle() })).fault).toEqual({
        block: 0,
        message: "the trust bundle's key of Org2MSP does not sign this block",
      });
    });
  });

  describe("a channel imported from a snapshot", () => {
    function writeFrom(
      first: number,
      changes: Record<string, unknown> = {},
      configChanges: Record<string, unknown> = {},
    ): FixtureChannel {
      const channel = makeChannel();
      channel.write(directory, { blocksEach: 1 });
      for (const name of readdirSync(segments())) if (Number.parseInt(name, 10) < first) rmSync(join(segments(), name));
      const before = channel.blocks[first - 1];
      const size = channel.blocks[first]?.firstLeaf ?? 0;
      const config = channel.configs.findLast(({ block }) => block < first);
      const base = {
        format: "concordat-base/1",
        origin: channel.origin,
        height: first,
        headerHash: before?.headerHash.toString("hex"),
        lastTimestampMs: 1_700_000_000_000,
        frontier: { size, hashes: frontierOf(channel, size) },
        checkpoint: before?.checkpoint,
        ...changes,
      };
      const line = { block: config?.block, configEnvelope: config?.bytes.toString("base64"), ...configChanges };
      mkdirSync(join(directory, "snapshot"), { recursive: true });
      writeFileSync(join(directory, "snapshot", "base.json"), JSON.stringify(base));
      writeFileSync(join(directory, "snapshot", "configs.ndjson"), `{"block":0}\n${JSON.stringify(line)}\n`);
      return channel;
    }

    it("is verified from its first block on", async () => {
      for (const first of [1, 2, 4, 5, 6]) {
        const channel = writeFrom(first);
        const report = await verify();
        expect(report.fault).toBeUndefined();
        expect(report.channel).toMatchObject({ height: 7, firstBlock: first, transactions: 11 });
        expect(report.notes.join()).toContain(`from block ${first} on`);
        expect((await verify({ since: channel.blocks[first - 1]?.checkpoint ?? "" })).channel?.extendsSince).toBe(true);
        rmSync(segments(), { recursive: true });
      }
      writeFrom(4);
      const early = makeChannel().blocks[1]?.checkpoint ?? "";
      expect((await verify({ since: early })).fault?.message).toContain("before the first one held here");
    });

    it("holds no block of its own yet right after the import", async () => {
      const channel = writeFrom(6);
      rmSync(segments(), { recursive: true });
      mkdirSync(segments());
      writeFileSync(join(directory, "anchor"), channel.anchor(6));
      expect((await verify()).channel).toMatchObject({ height: 6, firstBlock: 6, faults: [] });
      writeFileSync(join(directory, "anchor"), channel.anchor(7));
      expect((await verify()).fault).toMatchObject({ block: 6, message: expect.stringContaining("lost") });
    });

    it("is judged by the trust bundle from the snapshot's checkpoint on", async () => {
      const channel = writeFrom(4);
      expect((await verify({ trust: channel.trustBundle(3) })).channel).toMatchObject({
        authenticated: true,
        faults: [],
      });
      const other = new FixtureChannel([fixtureOrganization("Org1MSP", { generations: ["other"] })]);
      expect((await verify({ trust: other.trustBundle(3, 3) })).fault?.message).toContain(
        "has not signed the snapshot",
      );
    });

    it.each([
      [{ format: "concordat-base/2" }, {}],
      [{ origin: "concordat/0123456789abcdef/other" }, {}],
      [{ height: 5 }, {}],
      [{ height: 3 }, {}],
      [{ headerHash: "00".repeat(32) }, {}],
      [{ lastTimestampMs: 1_800_000_000_000 }, {}],
      [{ frontier: { size: 5, hashes: [] } }, {}],
      [{ frontier: undefined }, {}],
      [{ checkpoint: "x" }, {}],
      [{ more: 1 }, {}],
      [{}, { block: 4 }],
      [{}, { configEnvelope: "" }],
      [{}, { configEnvelope: makeChannel().configs[0]?.bytes.toString("base64") }],
    ])("is refused when its base contradicts itself: %j %j", async (changes, configChanges) => {
      writeFrom(4, changes, configChanges);
      const { valid, channel } = await verify();
      expect(valid).toBe(false);
      expect(channel?.faults).toHaveLength(1);
    });
  });

  it("finds every flip, cut and swap of segment bytes below the anchor, at its block", async () => {
    const channel = makeChannel();
    channel.write(directory, { blocksEach: 3 });
    const names = readdirSync(segments());
    const files = names.map((name) => readFileSync(join(segments(), name)));
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: names.length - 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom("flip" as const, "cut" as const, "remove" as const, "repeat" as const),
        async (file, position, mask, how) => {
          const bytes = files[file] ?? Buffer.alloc(0);
          const at = position % bytes.length;
          const path = join(segments(), names[file] ?? "");
          writeFileSync(path, mutate(bytes, at, mask, how));
          const { fault } = await verify();
          writeFileSync(path, bytes);
          // Behind the very last record stands what may be torn; an inserted byte damages the record that it stands in.
          const inserted = how === "repeat" ? 1 : 0;
          const isTail = file === names.length - 1 && at + inserted === bytes.length;
          expect(fault?.block).toBe(isTail ? undefined : blockAt(channel, file * 3, at + inserted));
        },
      ),
      { numRuns: 150 },
    );
    expect((await verify()).valid).toBe(true);
  });
});

function mutate(bytes: Buffer, at: number, mask: number, how: "flip" | "cut" | "remove" | "repeat"): Buffer {
  if (how === "cut") return bytes.subarray(0, at);
  if (how === "remove") return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  if (how === "repeat")
    return Buffer.concat([bytes.subarray(0, at + 1), Buffer.from([(bytes[at] ?? 0) ^ mask]), bytes.subarray(at + 1)]);
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ mask;
  return changed;
}

/** The block whose record holds byte `at` of the segment that begins with block `first`. */
function blockAt(channel: FixtureChannel, first: number, at: number): number {
  let end = channel.segmentHeader(first).length;
  let block = first;
  while (at >= end + 8 + (channel.blocks[block]?.bytes.length ?? 0)) {
    end += 8 + (channel.blocks[block]?.bytes.length ?? 0);
    block += 1;
  }
  return block;
}

function frontierOf(channel: FixtureChannel, size: number): string[] {
  const hashes: string[] = [];
  let start = 0;
  for (let span = 2 ** 20; span >= 1; span /= 2) {
    if (start + span > size) continue;
    hashes.push(treeRoot(channel.leafHashes.slice(start, start + span)).toString("base64"));
    start += span;
  }
  return hashes;
}
