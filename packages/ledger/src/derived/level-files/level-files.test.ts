import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem, utf8ToBytes } from "@concordat/base";
import { ClassicLevel } from "classic-level";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";
import { readLevelFiles } from "./level-files.ts";
import { readManifest } from "./manifest.ts";
import { snappyDecode } from "./snappy.ts";
import { tableDamage } from "./table.ts";

test("computes CRC-32C as RFC 3720 appendix B.4 has it", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e);
  expect(crc32c(utf8ToBytes("123456789"))).toBe(0xe3069283);
});

test("decodes Snappy literals and copies, and refuses what is none", () => {
  expect(Buffer.from(snappyDecode(Uint8Array.of(3, 8, 97, 98, 99))).toString()).toBe("abc");
  // "ab", then 8 bytes from 2 back, which overlap what they write.
  expect(Buffer.from(snappyDecode(Uint8Array.of(10, 4, 97, 98, 0b10001, 2))).toString()).toBe("ababababab");
  expect(Buffer.from(snappyDecode(Uint8Array.of(6, 4, 97, 98, 0b1110, 2, 0))).toString()).toBe("ababab");
  for (const broken of [[3, 8, 97], [3, 4, 97, 98], [10, 4, 97, 98, 0b10001, 3], [9, 4, 97, 98, 0b10001, 2], [0x80]]) {
    expect(() => snappyDecode(Uint8Array.from(broken))).toThrow(RangeError);
  }
});

test("finds every changed byte of a table that LevelDB wrote, compressed or not", async () => {
  for (const compression of [true, false]) {
    const directory = await mkdtemp(join(tmpdir(), "concordat-table-"));
    const database = new ClassicLevel(directory, { compression, blockSize: 512 });
    for (let at = 0; at < 60; at++) await database.put(`key-${at}`, `value ${at} `.repeat(3));
    await database.compactRange("z", "z");
    const files = await readLevelFiles(nodeFileSystem, directory);
    await database.close();
    const name = (await readdir(directory)).find((file) => file.endsWith(".ldb")) ?? "";
    const table = await readFile(join(directory, name));
    expect([...files.tables]).toEqual([[name, table.length]]);
    expect(tableDamage(table)).toBeUndefined();
    const unseen: number[] = [];
    for (let at = 0; at < table.length; at++) {
      table[at] = (table[at] ?? 0) ^ 0x10;
      if (tableDamage(table) === undefined) unseen.push(at);
      table[at] = (table[at] ?? 0) ^ 0x10;
    }
    // The footer's padding between the two handles and the magic number holds nothing.
    const footer = table.length - 48;
    expect(unseen.filter((at) => at < footer + 4 || at >= table.length - 8)).toEqual([]);
    for (const length of [0, 47, 48, table.length - 1]) expect(tableDamage(table.subarray(0, length))).toBeDefined();
    await rm(directory, { recursive: true });
  }
});

test("reads a MANIFEST, ignores a record that is cut off, and refuses a changed one", async () => {
  const directory = await mkdtemp(join(tmpdir(), "concordat-manifest-"));
  const database = new ClassicLevel(directory);
  const sizes: number[] = [];
  for (let round = 0; round < 3; round++) {
    await database.put(`key-${round}`, "value");
    await database.compactRange("z", "z");
    const { manifest } = await readLevelFiles(nodeFileSystem, directory);
    sizes.push(manifest.size);
  }
  const { manifest, tables } = await readLevelFiles(nodeFileSystem, directory);
  await database.close();
  const bytes = (await readFile(join(directory, manifest.name))).subarray(0, manifest.size);
  const counts = sizes.map((size) => readManifest(bytes.subarray(0, size)).tables.size);
  expect(counts).toEqual([1, 2, 3]);
  expect(tables.size).toBe(3);
  expect(readManifest(bytes.subarray(0, bytes.length - 1)).tables.size).toBe(2);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  expect(() => readManifest(bytes)).toThrow(RangeError);
  await rm(directory, { recursive: true });
});
