import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { u32 } from "../../testing/binary.ts";
import type { FixtureChannel } from "../../testing/channel.ts";
import {
  addOutside,
  authority1,
  both,
  client2,
  makeOutsideChannel,
  type OutsideItem,
  peer1,
  revokedClient,
} from "../../testing/outside-ledger.ts";
import { LedgerFolder } from "../../testing/sample-ledger.ts";

const home = fileURLToPath(new URL("../../../../../tests/second-implementation/", import.meta.url));
const folder = new LedgerFolder();
const python = (...args: readonly string[]): Record<string, unknown> =>
  JSON.parse(execFileSync("bash", [join(home, "check.sh"), ...args], { encoding: "utf8", stdio: "pipe" }));

beforeAll(() => {
  execFileSync("bash", [join(home, "setup.sh")]);
});

/** The blocks as a client of Deliver keeps them. */
function writeBlocks(blocks: readonly Uint8Array[]): string {
  const path = join(folder.directory, "blocks.bin");
  writeFileSync(path, Buffer.concat(blocks.flatMap((block) => [u32(block.length), block])));
  return path;
}

const blocksOf = (channel: FixtureChannel) => channel.blocks.map(({ bytes }) => bytes);

describe("the Python implementation", () => {
  it("agrees with transactions from outside", () => {
    makeOutsideChannel().write(folder.directory);
    expect(python("check_ledger.py", folder.directory)).toMatchObject({ blocks: 4, envelopes: 12, endorsed: 9 });
  });

  const cases: readonly [string, OutsideItem, string][] = [
    ["a wrong creator signature", { ...both, signer: peer1 }, "creator: the signature is not valid"],
    ["one with s in the upper half", { ...both, signatureHalf: "high" }, "upper half"],
    ["a forged endorsement", { ...both, endorsementSigner: client2 }, "endorsement 1: the signature is not valid"],
    ["a revoked creator", { ...both, creator: revokedClient }, "revoked"],
    ["no node unit", { ...both, creator: authority1.member({ units: ["sales"], serial: 80 }) }, "node unit"],
    ["a stale read", { ...both, sets: [{ reads: [{ key: "b", version: [1, 0] }] }] }, "version of 'b'"],
    ["a stale raw read", { ...both, sets: [{ rangeReads: [{ key: "b", version: [9, 9] }] }] }, "version of 'b'"],
    ["a wrong proposal hash", { ...both, proposalHash: Buffer.alloc(32) }, "proposal hash"],
    ["a wrong transaction id", { ...both, txId: "ab".repeat(32) }, "transaction id"],
    ["a header twice", { ...both, headerTwice: true }, "stands twice"],
    ["a refused one whose creator did not sign", { ...both, code: 10, signer: peer1 }, "signature is not valid"],
  ];
  it.each(cases)("disagrees with %s", (_name, item, message) => {
    const channel = makeOutsideChannel();
    addOutside(channel, [item]);
    channel.write(folder.directory);
    expect(() => python("check_ledger.py", folder.directory)).toThrow(message);
  });

  it("checks fetched blocks, and that they are those of the segments", () => {
    const channel = makeOutsideChannel();
    channel.write(folder.directory);
    const file = writeBlocks(blocksOf(channel));
    expect(python("check_blocks.py", file, "--first", "0", "--ledger", folder.directory)).toEqual({
      blocks: 4,
      first: 0,
      last: 3,
      headerHash: channel.blocks.at(-1)?.headerHash.toString("hex"),
      codes: { 0: 11, 11: 1 },
    });
    writeBlocks(blocksOf(channel).slice(2));
    expect(python("check_blocks.py", file)).toMatchObject({ blocks: 2, first: 2 });
    expect(() => python("check_blocks.py", file, "--first", "0")).toThrow("in place of 0");
    const [zero, one, , three] = blocksOf(channel);
    writeBlocks([zero ?? Buffer.alloc(0), one ?? Buffer.alloc(0), three ?? Buffer.alloc(0)]);
    expect(() => python("check_blocks.py", file)).toThrow("in place of 2");
    const changed = Buffer.from(one ?? Buffer.alloc(0));
    changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
    writeBlocks([zero ?? Buffer.alloc(0), changed]);
    expect(() => python("check_blocks.py", file)).toThrow("disagreement");
    writeBlocks(blocksOf(makeOutsideChannel()).slice(1, 2));
    expect(() => python("check_blocks.py", file, "--ledger", folder.directory)).toThrow(
      "not the one that the segments",
    );
  });
});
