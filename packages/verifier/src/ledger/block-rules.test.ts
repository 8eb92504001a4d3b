import { describe, expect, it } from "vitest";
import { type BlockChanges, FixtureChannel } from "../testing/channel.ts";
import { bytesField, numberField } from "../testing/encode.ts";
import type { FixtureTransaction } from "../testing/envelopes.ts";
import { fixtureKey, fixtureOrganization } from "../testing/keys.ts";

import { LedgerFolder, makeChannel, org1, write } from "../testing/sample-ledger.ts";

const folder = new LedgerFolder();

describe("verifyLedger refuses", () => {
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
      ["the kind of a transaction from outside", { kind: 2 }, "version of the chaincode"],
      ["an unknown kind", { kind: 3 }, "unknown kind"],
    ];
    it.each(cases)("%s", async (_name, transaction, message) => {
      const channel = makeChannel();
      channel.add([write("fine"), transaction]);
      channel.write(folder.directory);
      const { fault, valid } = await folder.verify();
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
      channel.write(folder.directory, { height: 7 });
      const { fault, valid } = await folder.verify();
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
      channel.write(folder.directory);
      expect((await folder.verify()).fault).toEqual({
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
      channel.write(folder.directory);
      const { fault } = await folder.verify();
      expect(fault?.block).toBe(7);
      expect(fault?.message).toContain(message);
    });

    it("a key change that the retired key has not signed", async () => {
      const channel = new FixtureChannel([org1]);
      channel.addConfig();
      const next = fixtureOrganization("Org1MSP", { generations: ["2"] });
      const signers = next.checkpointKeys.map(({ key }) => ({ mspId: "Org1MSP", key }));
      channel.addConfig({ organizations: [next], block: { signers } });
      channel.write(folder.directory);
      expect((await folder.verify()).fault).toMatchObject({
        block: 1,
        message: "the checkpoint carries 1 signatures instead of 2",
      });
    });

    it("a first block without it", async () => {
      const channel = new FixtureChannel([org1]);
      channel.add([write("a")], { signers: [{ mspId: "Org1MSP", key: fixtureKey("x") }] });
      channel.write(folder.directory);
      expect((await folder.verify()).fault).toMatchObject({
        block: 0,
        message: expect.stringContaining("first block"),
      });
    });
  });
});
