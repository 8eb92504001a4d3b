import { afterAll, beforeAll, expect, it } from "vitest";
import type { ChainMembership } from "../ports.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
let collaboration: ChainMembership;
beforeAll(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  collaboration = (await harness.bootstrap()).collaborationChain;
});
afterAll(() => harness.dispose());

const chainCode = () => collaboration.chain.bizChainCode;
const digest = "0".repeat(64);

it("keeps no evidence on a collaboration chain: its data-type codes are none of evidence", async () => {
  const { evidence, receipts } = harness.platform;
  const input = { chainCode: chainCode(), key: keyOf(collaboration, 1) };
  const caller = cast.administrator;
  const calls = [
    evidence.set(caller, { ...input, value: "v" }, harness.nonce()),
    evidence.attach(caller, { ...input, value: "v" }, harness.nonce()),
    evidence.get(caller, input),
    evidence.blockData(caller, input),
    evidence.historyCount(caller, input),
    evidence.history(caller, { ...input, page: 1, pageSize: 1 }),
    receipts.byKey(caller, input, { withEnvelope: false }),
  ];
  for (const call of calls) expect(await codeOf(call)).toBe("DATA_TYPE_UNKNOWN");
  const mixed = { chainCode: cast.chain.chain.bizChainCode, key: `0001_${cast.chain.chain.bizChainCode}_` };
  const key = `${mixed.key}${collaboration.dataTypeCode}_1`;
  expect(await codeOf(evidence.get(caller, { ...mixed, key }))).toBe("DATA_TYPE_UNKNOWN");
});

it("knows no collaboration chain where evidence is looked for without a key", async () => {
  const { evidence, receipts } = harness.platform;
  const input = { chainCode: chainCode(), digest };
  for (const caller of [cast.administrator, cast.stranger]) {
    expect(await codeOf(evidence.findByDigest(caller, input))).toBe("CHAIN_UNKNOWN");
    expect(await codeOf(receipts.byDigest(caller, input, { withEnvelope: false }))).toBe("CHAIN_UNKNOWN");
  }
});
