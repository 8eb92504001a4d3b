import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import rootPackage from "../../package.json" with { type: "json" };
import { type Caller, createCaller, evidenceKey } from "../support/aliyun.ts";
import { attachMemoryProbe, type MemoryProbe, type MemoryReading } from "../support/inspector.ts";
import { type Bootstrap, newInstallation, startServer } from "../support/server.ts";

const CONCURRENCY = 32;
const WARM_UP_REQUESTS = 10_000;
const REQUESTS = 100_000;
const GROWTH_MAX = 1.1;
const READINGS = 8;
const READING_INTERVAL_MS = 250;

/** As `npm start` runs it: the young generation has its full size from the start, so that warming up does not look like a leak. */
const startFlags = rootPackage.scripts.start.match(/--\S+-semi-space-size=\d+/g) ?? [];
const nodeArguments = ["--inspect=127.0.0.1:0", ...startFlags];

/** One of the requests that a server in use sees: reads, refused calls of several kinds, and a few writes. */
function send(caller: Caller, bootstrap: Bootstrap, index: number): Promise<unknown> {
  const { productKey } = bootstrap.aliyun.proofChain;
  const key = evidenceKey(bootstrap, "read");
  const kinds = [
    () => caller.call("GetData", { ProductKey: productKey, Key: key }),
    () => caller.call("GetData", { ProductKey: productKey, Key: evidenceKey(bootstrap, `absent-${index}`) }),
    () => caller.call("GetBlockChainInfo", { ProductKey: productKey, Key: key }),
    () => caller.call("SetData", { ProductKey: productKey, Key: key, Value: "again" }, { method: "POST" }),
    () => caller.call("SetData", { ProductKey: productKey, Key: `bad-${index}`, Value: "v".repeat(300) }),
    () =>
      caller.call("GetData", { ProductKey: productKey, Key: key }, { overrides: { AccessKeyId: `unknown-${index}` } }),
    () => caller.raw({ method: "GET", path: `/nowhere/${index}?x=%ff` }),
    () =>
      caller.raw({
        method: "POST",
        path: "/?Action=SetData",
        headers: { "x-odd": `${index}` },
        body: `garbage-${index}`,
      }),
    () => caller.call("ListProofChain", { Num: "1", Size: "10" }),
    () => caller.call("GetHistoryDataList", { ProductKey: productKey, Key: key, CurrentPage: "1", PageSize: "10" }),
  ];
  if (index % 500 === 0) {
    const fresh = { ProductKey: productKey, Key: evidenceKey(bootstrap, `w${index}`), Value: "v" };
    return caller.call("SetData", fresh);
  }
  return (kinds[index % kinds.length] ?? (() => Promise.resolve()))();
}

/**
 * The lowest of several readings: the process gives pages back some time after a collection, so that a single reading of
 * resident memory is up to 20 MB too high, never too low.
 */
async function settledReading(probe: MemoryProbe): Promise<MemoryReading> {
  const readings: MemoryReading[] = [];
  for (let count = 0; count < READINGS; count += 1) {
    readings.push(await probe.read());
    await pause(READING_INTERVAL_MS);
  }
  return {
    liveBytes: Math.min(...readings.map(({ liveBytes }) => liveBytes)),
    residentBytes: Math.min(...readings.map(({ residentBytes }) => residentBytes)),
  };
}

test(`memory after ${REQUESTS} requests is at most 10 % above that after ${WARM_UP_REQUESTS}`, async () => {
  const server = await startServer(await newInstallation("memory"), { nodeArguments });
  const { bootstrap } = server;
  const address = /ws:\/\/\S+/.exec(server.output())?.[0] ?? "";
  const probe = await attachMemoryProbe(address);
  const caller = createCaller(bootstrap);
  const { productKey } = bootstrap.aliyun.proofChain;
  await caller.call("SetData", { ProductKey: productKey, Key: evidenceKey(bootstrap, "read"), Value: "value" });
  let next = 0;
  const sendUntil = (end: number) =>
    Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        while (next < end) {
          next += 1;
          await send(caller, bootstrap, next);
        }
      }),
    );
  await sendUntil(WARM_UP_REQUESTS);
  const early = await settledReading(probe);
  await sendUntil(REQUESTS);
  const late = await settledReading(probe);
  console.log("memory after warm-up and at the end:", early, late);
  probe.close();
  caller.close();
  expect(late.liveBytes / early.liveBytes).toBeLessThanOrEqual(GROWTH_MAX);
  expect(late.residentBytes / early.residentBytes).toBeLessThanOrEqual(GROWTH_MAX);
  expect(await server.stop()).toBe(0);
});
