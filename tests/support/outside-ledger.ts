import { systemClock, utf8ToBytes } from "@concordat/base";
import { type Ledger, openLedger, type SimulationStep } from "@concordat/ledger";
import {
  encodeApplicationPolicy,
  encodeResults,
  encodeSignaturePolicy,
  parsePolicyText,
} from "@concordat/ledger/endorsement";
import {
  createEnvelope,
  createProposal,
  createTestMember,
  createTestOrganization,
  revocationListOf,
  TEST_INSTALLATION,
  type TestMember,
  testChannelConfig,
  testContracts,
} from "@concordat/ledger/testing";

const CHANNEL = "ch1";

/**
 * Lets the engine write a ledger of serial transactions and ones from outside: definitions, policies of keys, range queries, conflicts,
 * a repeated envelope and a revocation. The caller closes it.
 * @returns the codes of the transactions from outside, in their order
 */
export async function writeOutsideLedger(directory: string): Promise<{ ledger: Ledger; codes: readonly number[] }> {
  const clock = systemClock;
  const [org1, org2] = await Promise.all(["Org1MSP", "Org2MSP"].map((mspId) => createTestOrganization(mspId)));
  if (org1 === undefined || org2 === undefined) throw new TypeError("Two were made.");
  const client = await createTestMember(org1, "client", { clock });
  const revoked = await createTestMember(org2, "client", { clock });
  const peer1 = await createTestMember(org1, "peer", { clock });
  const peer2 = await createTestMember(org2, "peer", { clock });
  const ledger = await openLedger({ directory, installationId: TEST_INSTALLATION, contracts: testContracts });
  const signers = [org1.signer, org2.signer];
  await ledger.createChannel(testChannelConfig([org1, org2]), signers);
  const codes: number[] = [];

  const prepare = async (
    contract: string,
    steps: readonly SimulationStep[],
    endorsers: readonly TestMember[],
    creator = client,
  ) => {
    const request = { channelId: CHANNEL, contract, args: ["f"], timestampMs: clock.nowMs() };
    const proposal = createProposal(creator, request);
    const { txId, timestamp } = proposal;
    const { simulationId } = await ledger.openSimulation({ channelId: CHANNEL, txId, timestamp });
    for (const step of steps) await ledger.simulate(simulationId, step);
    const { results } = await ledger.finishSimulation(simulationId);
    return createEnvelope(proposal, { results, endorsers });
  };
  /** A row of `_lifecycle`, which contracts cannot write. */
  const record = (key: string, text: string, endorsers: readonly TestMember[]) => {
    const request = { channelId: CHANNEL, contract: "_lifecycle", args: ["f"], timestampMs: clock.nowMs() };
    const writes = [{ key, value: utf8ToBytes(text) }];
    const rows = { namespace: "_lifecycle", reads: [], rangeQueries: [], writes, metadataWrites: [] };
    return createEnvelope(createProposal(client, request), { results: encodeResults([rows]), endorsers });
  };
  const order = async (envelope: Uint8Array) => {
    codes.push((await ledger.order({ channelId: CHANNEL, envelope })).validationCode);
  };
  const invoke = async (...parts: Parameters<typeof prepare>) => order(await prepare(...parts));
  const put = (namespace: string, key: string, value: string | Uint8Array): SimulationStep => ({
    kind: "put",
    namespace,
    key,
    value: Buffer.from(value),
  });
  const get = (namespace: string, key: string): SimulationStep => ({ kind: "get", namespace, key });
  const both = [peer1, peer2];

  for (const key of ["a", "b", "c"])
    await ledger.submit({ channelId: CHANNEL, creator: org1.creator, contract: "kv", fn: "put", args: [key, "1"] });
  await invoke("kv", [get("kv", "a"), put("kv", "a", "2"), get("kv", "absent")], both);
  const same = await Promise.all(
    ["3", "4"].map((value) => prepare("kv", [get("kv", "a"), put("kv", "a", value)], both)),
  );
  for (const envelope of same) await order(envelope);
  for (const envelope of same.slice(0, 1)) await order(envelope);
  await invoke("kv", [put("kv", "a", "5")], [peer1]);
  await invoke(
    "kv",
    [
      { kind: "range", namespace: "kv", start: "a", end: "d" },
      { kind: "delete", namespace: "kv", key: "b" },
    ],
    both,
  );
  const definition = {
    endorsementPlugin: "escc",
    initRequired: false,
    name: "asset",
    sequence: 1,
    validationParameter: Buffer.from(encodeApplicationPolicy(parsePolicyText("OR('Org1MSP.peer')"))).toString("base64"),
    validationPlugin: "vscc",
    version: "1.0",
  };
  await order(record("definitions/asset", JSON.stringify(definition), both));
  await order(record("approvals/Org1MSP/asset/2", "{}", [peer1]));
  const keyPolicy = parsePolicyText("OR('Org2MSP.peer')");
  if (keyPolicy.kind !== "signature") throw new TypeError("The policy of a key is a signature policy.");
  const value = encodeSignaturePolicy(keyPolicy.policy);
  const owned = { namespace: "asset", key: "owned" };
  await invoke(
    "asset",
    [put("asset", "owned", "1"), { kind: "put-metadata", ...owned, name: "VALIDATION_PARAMETER", value }],
    [peer1],
  );
  await invoke("asset", [get("asset", "owned"), put("asset", "owned", "2")], [peer1]);
  await invoke("asset", [get("asset", "owned"), put("asset", "owned", "3")], [peer2], revoked);
  await invoke("asset", [get("asset", "owned"), { kind: "delete", ...owned }], [peer2]);
  await invoke("asset", [put("asset", "owned", "4")], [peer1]);
  await ledger.updateChannel(
    testChannelConfig([
      org1,
      { ...org2, config: { ...org2.config, revocationLists: [await revocationListOf(org2, [revoked], { clock })] } },
    ]),
    signers,
  );
  await ledger.submit({ channelId: CHANNEL, creator: org1.creator, contract: "kv", fn: "put", args: ["a", "9"] });
  await invoke("kv", [get("kv", "a"), put("kv", "b", "back")], both);
  return { ledger, codes };
}

/** What {@link writeOutsideLedger} is to find: valid, a read conflict, a repeated id, an endorsement that is missing. */
export const OUTSIDE_CODES = [0, 0, 11, 9, 10, 0, 0, 0, 0, 10, 0, 0, 0, 0];
