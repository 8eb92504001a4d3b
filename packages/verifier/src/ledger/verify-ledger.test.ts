import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FixtureChannel } from "../testing/channel.ts";
import { fixtureOrganization } from "../testing/keys.ts";

import { LedgerFolder, makeChannel, org1, org2, write } from "../testing/sample-ledger.ts";
import { verifyLedger } from "./verify-ledger.ts";

const folder = new LedgerFolder();

describe("verifyLedger", () => {
  it("finds a good ledger good, in one channel's folder and in an installation's", async () => {
    const channel = makeChannel();
    channel.write(folder.directory);
    const { valid, channel: report, notes } = await folder.verify();
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
    channel.write(join(folder.directory, "channels", "ltl-1"));
    other.write(join(folder.directory, "channels", "audit"), { blocksEach: 100 });
    rmSync(folder.segments, { recursive: true });
    const whole = await verifyLedger({ directory: folder.directory });
    expect(whole.valid).toBe(true);
    expect(whole.channels.map(({ origin }) => origin)).toEqual([other.origin, channel.origin]);
  });

  it("refuses a channel under another channel's name, and an installation that is not there", async () => {
    makeChannel().write(join(folder.directory, "channels", "audit"));
    expect((await verifyLedger({ directory: folder.directory })).channels[0]?.faults[0]?.message).toContain(
      "the folder holds the log",
    );
    await expect(verifyLedger({ directory: join(folder.directory, "nowhere") })).rejects.toThrow("ENOENT");
  });

  describe("a checkpoint held elsewhere", () => {
    it("is found in the ledger that extends it", async () => {
      const channel = makeChannel();
      channel.write(folder.directory);
      for (const { checkpoint } of channel.blocks) {
        const { valid, channel: report } = await folder.verify({ since: checkpoint });
        expect(valid).toBe(true);
        expect(report?.extendsSince).toBe(true);
      }
    });

    it("shows a cut tail, a rewritten history, and a log that is not here", async () => {
      const channel = makeChannel();
      const since = channel.blocks[5]?.checkpoint ?? "";
      channel.blocks.splice(5);
      channel.write(folder.directory);
      expect((await folder.verify({ since })).fault).toMatchObject({
        block: 5,
        message: expect.stringContaining("lost"),
      });
      const rewritten = makeChannel();
      const other = new FixtureChannel([org1, org2]);
      other.addConfig();
      other.add([write("other")]);
      rmSync(folder.segments, { recursive: true });
      other.write(folder.directory);
      expect((await folder.verify({ since: rewritten.blocks[1]?.checkpoint ?? "" })).fault).toMatchObject({ block: 1 });
      const elsewhere = makeChannel("concordat/ffffffffffffffff/ltl-1").blocks[1]?.checkpoint ?? "";
      expect(await folder.verify({ since: elsewhere })).toMatchObject({
        valid: false,
        faults: [expect.stringContaining("not here")],
      });
      await expect(folder.verify({ since: "nonsense" })).rejects.toThrow("checkpoint");
    });
  });

  describe("a trust bundle", () => {
    it("authenticates a ledger whose every block its keys signed", async () => {
      const channel = new FixtureChannel([org1, org2]);
      channel.addConfig();
      channel.add([write("a")]);
      channel.write(folder.directory);
      expect((await folder.verify({ trust: channel.trustBundle() })).channel).toMatchObject({
        authenticated: true,
        faults: [],
      });
      const partly = await folder.verify({ trust: channel.trustBundle(1) });
      expect(partly.channel).toMatchObject({ authenticated: false, faults: [] });
      expect(partly.notes.join()).toContain("does not hold a key");
    });

    it("refuses a ledger signed by other keys from the first block on", async () => {
      const real = new FixtureChannel([org1, org2]);
      const forged = new FixtureChannel([org1, fixtureOrganization("Org2MSP", { generations: ["forged"] })]);
      forged.addConfig();
      forged.write(folder.directory);
      expect((await folder.verify()).valid).toBe(true);
      expect((await folder.verify({ trust: real.trustBundle() })).fault).toEqual({
        block: 0,
        message: "the trust bundle's key of Org2MSP does not sign this block",
      });
    });
  });
});
