import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { OUTSIDE_CODES, writeOutsideLedger } from "../support/outside-ledger.ts";
import { repositoryRoot } from "../support/repository.ts";
import { temporaryFolder } from "../support/temporary.ts";

const folder = join(repositoryRoot, "tests/second-implementation");

function lengthOf(block: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(block.length);
  return length;
}

test("the Python implementation agrees with a ledger of transactions from outside that the engine wrote", async () => {
  execFileSync("bash", [join(folder, "setup.sh")]);
  const directory = await temporaryFolder("outside-ledger");
  const { ledger, codes } = await writeOutsideLedger(directory);
  onTestFinished(() => ledger.close());
  expect(codes).toEqual(OUTSIDE_CODES);
  const checked = execFileSync("bash", [join(folder, "check.sh"), "check_ledger.py", directory], { encoding: "utf8" });
  const valid = OUTSIDE_CODES.filter((code) => code === 0).length;
  expect(JSON.parse(checked)).toMatchObject({ channels: 1, endorsed: valid });
  const numbers = (await ledger.committedBlocks("ch1", 0, 100)).map(({ number }) => number);
  const blocks = await Promise.all(numbers.map((number) => ledger.blockBytes("ch1", number)));
  const file = join(directory, "blocks.bin");
  await writeFile(file, Buffer.concat(blocks.flatMap((block) => [lengthOf(block), block])));
  const fetched = ["check_blocks.py", file, "--first", "0", "--ledger", join(directory, "channels", "ch1")];
  const counts = execFileSync("bash", [join(folder, "check.sh"), ...fetched], { encoding: "utf8" });
  expect(JSON.parse(counts)).toMatchObject({ first: 0, blocks: numbers.length });
});
