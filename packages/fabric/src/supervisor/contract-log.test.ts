import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, nodeFileSystem } from "@concordat/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ContractLog } from "./contract-log.ts";
import { LINE_CHARACTERS_MAX } from "./line-splitter.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "contract-log-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (fileBytesMax = 2_000) =>
  new ContractLog({ directory, fileBytesMax }, { clock: new ManualClock(5), fileSystem: nodeFileSystem });

test("lines of both streams, cut at line breaks and at the limit, are there after a restart", async () => {
  const log = open(100_000);
  log.chunk("stdout", Buffer.from("on"));
  log.chunk("stderr", Buffer.from("oops\r\n"));
  log.chunk("stdout", Buffer.from("e\n\ntwo"));
  log.line("It stops.");
  log.chunk("stderr", Buffer.from("x".repeat(LINE_CHARACTERS_MAX + 1)));
  log.endOfProcess();
  await log.close();
  const lines = await open().read(100);
  const [a, b] = ["x".repeat(LINE_CHARACTERS_MAX), "x"];
  expect(lines.map(({ text }) => text)).toEqual(["oops", "one", "", "It stops.", a, "two", b]);
  expect(log.latestErrors(2)).toEqual([a, b]);
  expect((await open().read(1)).map(({ text, stream, timeMs }) => [text, stream, timeMs])).toEqual([
    ["x", "stderr", 5],
  ]);
});

test("two files hold the latest lines and never more than their limit", async () => {
  const log = open();
  for (let at = 0; at < 500; at++) log.line(`line ${at}`);
  const lines = await log.read(10_000);
  expect(lines.at(-1)?.text).toBe("line 499");
  expect(lines.length).toBeGreaterThan(40);
  for (const name of ["current.log", "earlier.log"])
    expect((await stat(join(directory, name))).size).toBeLessThanOrEqual(2_000);
  await log.close();
});

test("what comes faster than the disk is dropped, and the log says so", async () => {
  const log = open(10_000_000);
  for (let at = 0; at < 2_000; at++) log.line("y".repeat(1_000));
  const lines = await log.read(10_000);
  expect(lines.length).toBeLessThan(1_200);
  expect(lines.at(-1)?.text).toMatch(/lines were dropped/);
  await log.close();
});
