import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BenchCase, runBench } from "./bench.ts";
import { measureCalls, summary } from "./measure.ts";
import { rpcCaller } from "./rpc-call.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "concordat-bench-test-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function fakeCase(name: string): BenchCase {
  return {
    name,
    what: "",
    async run({ directory }, report) {
      writeFileSync(join(directory, "left"), "");
      report({ variant: "only", perSecond: 1 });
    },
  };
}

describe("a benchmark run", () => {
  it("prints one JSON line a result for the cases asked for, and leaves no folder", async () => {
    const lines: string[] = [];
    const options = { names: ["en"], root, durationMs: 1, keysMax: 1 };
    await runBench([fakeCase("disk"), fakeCase("engine")], options, (line) => lines.push(line));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ case: "engine", variant: "only", perSecond: 1, node: process.version }),
    ]);
    expect(readdirSync(root)).toEqual([]);
  });

  it("sums latencies up", () => {
    const latencies = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(summary(latencies, 2)).toEqual({ count: 200, seconds: 2, perSecond: 100, p50Ms: 101, p99Ms: 199 });
  });

  it("keeps as many calls in flight as asked for, and no more", async () => {
    let inFlight = 0;
    let most = 0;
    await measureCalls({ concurrency: 7, durationMs: 5 }, async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
    });
    expect(most).toBe(7);
  });
});

it("signs calls as the document's example does, apart from nonce and time", () => {
  const call = rpcCaller({ accessKeyId: "testid", accessKeySecret: "testsecret" });
  const [first, second] = [0, 0].map(
    () => new URLSearchParams(call({ Action: "GetData", Value: "a b*~" }, 1_608_120_760_000)),
  );
  expect(first?.get("Timestamp")).toBe("2020-12-16T12:12:40Z");
  expect(first?.get("Value")).toBe("a b*~");
  expect(first?.get("Signature")).toMatch(/^[A-Za-z0-9+/]{27}=$/);
  expect(first?.get("SignatureNonce")).not.toBe(second?.get("SignatureNonce"));
  expect(first?.get("Signature")).not.toBe(second?.get("Signature"));
});
