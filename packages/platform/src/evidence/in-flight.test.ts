import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@concordat/base";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeOf, keyOf } from "../testing/harness.ts";
import { openOverEngine } from "../testing/real-engine.ts";

const clock = new ManualClock(1_700_000_000_000);
let directory: string;
let opened: Awaited<ReturnType<typeof openOverEngine>>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "concordat-in-flight-"));
  opened = await openOverEngine(directory, clock);
});
afterAll(async () => {
  await opened.close();
  await rm(directory, { recursive: true, force: true });
});

it("keeps a write open until its block is cut, on a chain that does not cut when idle", async () => {
  const { principal: caller, accessKeyId } = opened.boot.accessKey;
  const { chains, evidence } = opened.platform;
  const blockCutting = { cutWhenIdle: false, timeoutMs: 3_000 };
  const chain = await chains.create(opened.callerOf(caller), { name: "slow", blockCutting });
  const record = { chainCode: chain.chain.bizChainCode, key: keyOf(chain, 1) };
  let nonces = 0;
  const call = () => ({ accessKeyId, nonce: `n${++nonces}` });

  const writing = evidence.set(caller, { ...record, value: "v" }, call());
  await expect.poll(() => codeOf(evidence.get(caller, record))).toBe("EVIDENCE_IN_FLIGHT");
  clock.advance(2_999);
  expect(await codeOf(evidence.get(caller, record))).toBe("EVIDENCE_IN_FLIGHT");
  expect(await codeOf(evidence.blockData(caller, record))).toBe("EVIDENCE_IN_FLIGHT");
  expect(await codeOf(evidence.attach(caller, { ...record, value: "w" }, call()))).toBe("EVIDENCE_IN_FLIGHT");
  expect(await codeOf(evidence.get(caller, { ...record, key: keyOf(chain, 2) }))).toBe("EVIDENCE_UNKNOWN");

  clock.advance(1);
  const { txIds } = await writing;
  expect(await evidence.get(caller, record)).toMatchObject({ value: "v", txId: txIds[0], sequence: 1 });
});
