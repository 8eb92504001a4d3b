import { afterEach, beforeEach, expect, it } from "vitest";
import type { BootstrapResult } from "../bootstrap.ts";
import { codeOf, Harness, keyOf } from "../testing/harness.ts";
import { bucketMs } from "./call-bucket.ts";

let harness: Harness;
let boot: BootstrapResult;

beforeEach(async () => {
  harness = await Harness.start();
  boot = await harness.bootstrap();
});
afterEach(() => harness.dispose());

const attach = (nonce: string, id = "1") => {
  const { accessKey, proofChain } = boot;
  const input = { chainCode: proofChain.chain.bizChainCode, key: keyOf(proofChain, id), value: "v" };
  return harness.platform.evidence.attach(accessKey.principal, input, { accessKeyId: accessKey.accessKeyId, nonce });
};
const height = async () => (await harness.ledger.status(boot.proofChain.chain.channelId)).height;
const lookUps = () => harness.ledger.calls.filter((call) => call.startsWith("hasTransaction")).length;

it("refuses a write that is sent again in the same bucket, restarted or not", async () => {
  await attach("n");
  const before = await height();
  expect(await codeOf(attach("n"))).toBe("CALL_REPLAYED");
  await harness.restart();
  expect(await codeOf(attach("n"))).toBe("CALL_REPLAYED");
  expect(await height()).toBe(before);
});

it.each([1, 5, 15, 29, 30])("refuses a write of %i minutes ago after a restart", async (minutes) => {
  for (const phase of [0, 0.5, 0.99]) {
    harness.clock.advance(bucketMs - (harness.clock.nowMs() % bucketMs) + Math.floor(phase * bucketMs));
    await attach(`n ${phase}`);
    harness.clock.advance(minutes * 60_000 - 1000);
    await harness.restart();
    harness.clock.advance(1000);
    expect(await codeOf(attach(`n ${phase}`))).toBe("CALL_REPLAYED");
  }
});

it("asks the ledger only as long as a signature from before the start is good, and only of channels used before it", async () => {
  await attach("first");
  expect(lookUps()).toBe(0);
  await harness.restart();
  await attach("second");
  expect(lookUps()).toBe(2);
  harness.clock.advance(2 * bucketMs);
  await attach("third");
  expect(lookUps()).toBe(2);
});

it("asks the ledger too while there are more writes than memory holds", async () => {
  const small = await Harness.start({ nonces: { entriesMax: 1 } });
  const { accessKey, proofChain } = await small.bootstrap();
  const { principal, accessKeyId } = accessKey;
  const send = async (nonce: string) => {
    const call = { accessKeyId, nonce };
    if (!(await small.platform.nonces.take({ ...call, mutating: true, ledgerBound: true, principal }))) return "taken";
    const input = { chainCode: proofChain.chain.bizChainCode, key: keyOf(proofChain, 1), value: nonce };
    return codeOf(small.platform.evidence.attach(principal, input, call));
  };
  expect(await send("a")).toHaveProperty("answered");
  expect(await send("b")).toHaveProperty("answered");
  small.clock.advance(bucketMs);
  expect(await send("a")).toBe("taken");
  expect(await send("b")).toBe("CALL_REPLAYED");
  await small.dispose();
});

it("keeps two access keys apart", async () => {
  const { accessKey, proofChain } = boot;
  await attach("n", "1");
  const input = { chainCode: proofChain.chain.bizChainCode, key: keyOf(proofChain, 2), value: "v" };
  const other = { accessKeyId: "LTAIother", nonce: "n" };
  expect(await harness.platform.evidence.set(accessKey.principal, input, other)).toHaveProperty("txIds");
});
