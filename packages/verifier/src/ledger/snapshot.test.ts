import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FixtureChannel } from "../testing/channel.ts";
import { fixtureOrganization } from "../testing/keys.ts";

import { LedgerFolder, makeChannel } from "../testing/sample-ledger.ts";
import { frontierOf } from "../testing/tree.ts";

const folder = new LedgerFolder();

describe("verifyLedger", () => {
  describe("a channel imported from a snapshot", () => {
    function writeFrom(
      first: number,
      changes: Record<string, unknown> = {},
      configChanges: Record<string, unknown> = {},
    ): FixtureChannel {
      const channel = makeChannel();
      channel.write(folder.directory, { blocksEach: 1 });
      for (const name of readdirSync(folder.segments))
        if (Number.parseInt(name, 10) < first) rmSync(join(folder.segments, name));
      const before = channel.blocks[first - 1];
      const size = channel.blocks[first]?.firstLeaf ?? 0;
      const config = channel.configs.findLast(({ block }) => block < first);
      const base = {
        format: "concordat-base/1",
        origin: channel.origin,
        height: first,
        headerHash: before?.headerHash.toString("hex"),
        lastTimestampMs: 1_700_000_000_000,
        frontier: {
          size,
          hashes: frontierOf(channel.leafHashes.slice(0, size)).map((hash) => hash.toString("base64")),
        },
        checkpoint: before?.checkpoint,
        ...changes,
      };
      const line = { block: config?.block, configEnvelope: config?.bytes.toString("base64"), ...configChanges };
      mkdirSync(join(folder.directory, "snapshot"), { recursive: true });
      writeFileSync(join(folder.directory, "snapshot", "base.json"), JSON.stringify(base));
      writeFileSync(join(folder.directory, "snapshot", "configs.ndjson"), `{"block":0}\n${JSON.stringify(line)}\n`);
      return channel;
    }

    it("is verified from its first block on", async () => {
      for (const first of [1, 2, 4, 5, 6]) {
        const channel = writeFrom(first);
        const report = await folder.verify();
        expect(report.fault).toBeUndefined();
        expect(report.channel).toMatchObject({ height: 7, firstBlock: first, transactions: 11 });
        expect(report.notes.join()).toContain(`from block ${first} on`);
        expect(
          (await folder.verify({ since: channel.blocks[first - 1]?.checkpoint ?? "" })).channel?.extendsSince,
        ).toBe(true);
        rmSync(folder.segments, { recursive: true });
      }
      writeFrom(4);
      const early = makeChannel().blocks[1]?.checkpoint ?? "";
      expect((await folder.verify({ since: early })).fault?.message).toContain("before the first one held here");
    });

    it("holds no block of its own yet right after the import", async () => {
      const channel = writeFrom(6);
      rmSync(folder.segments, { recursive: true });
      mkdirSync(folder.segments);
      writeFileSync(join(folder.directory, "anchor"), channel.anchor(6));
      expect((await folder.verify()).channel).toMatchObject({ height: 6, firstBlock: 6, faults: [] });
      writeFileSync(join(folder.directory, "anchor"), channel.anchor(7));
      expect((await folder.verify()).fault).toMatchObject({ block: 6, message: expect.stringContaining("lost") });
    });

    it("is judged by the trust bundle from the snapshot's checkpoint on", async () => {
      const channel = writeFrom(4);
      expect((await folder.verify({ trust: channel.trustBundle(3) })).channel).toMatchObject({
        authenticated: true,
        faults: [],
      });
      const other = new FixtureChannel([fixtureOrganization("Org1MSP", { generations: ["other"] })]);
      expect((await folder.verify({ trust: other.trustBundle(3, 3) })).fault?.message).toContain(
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
      const { valid, channel } = await folder.verify();
      expect(valid).toBe(false);
      expect(channel?.faults).toHaveLength(1);
    });
  });
});
