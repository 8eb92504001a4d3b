import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { definitionKey, definitionToText } from "../endorsement/definitions.ts";
import { encodeApplicationPolicy, encodeSignaturePolicy } from "../endorsement/policy-codec.ts";
import { encodeResults } from "../endorsement/results.ts";
import { TX_VALIDATION_CODE as CODE } from "../endorsement/validation-code.ts";
import type { OrderResult, SimulationStep } from "../ports.ts";
import { revocationListOf } from "../testing/outside-client.ts";
import { createOutsideCast, type OutsideCast, OutsideWorld } from "../testing/outside-world.ts";

let cast: OutsideCast;
let world: OutsideWorld;

beforeAll(async () => {
  cast = await createOutsideCast();
});
beforeEach(async () => {
  world = await OutsideWorld.open(cast);
});
afterEach(() => world.close());

const NOTHING = encodeResults([]);
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

describe("an envelope that is refused before it is ordered", () => {
  async function refused(envelope: Uint8Array, status: string): Promise<void> {
    await expect(world.order(envelope)).rejects.toMatchObject({ code: "ENVELOPE_REFUSED", facts: { status } });
    expect(await world.ledger.status("ch1")).toMatchObject({ height: 1, transactionCount: 1 });
  }

  it("is one whose headers cannot be read, or that is for another channel", async () => {
    await refused(new Uint8Array(0), "BAD_REQUEST");
    await refused(Uint8Array.of(1, 2, 3), "BAD_REQUEST");
    await refused(world.envelope(world.proposal({ channelId: "ch2" }), NOTHING), "BAD_REQUEST");
  });

  it("is one of a type that clients do not send", async () => {
    await refused(world.envelope(world.proposal({ type: 1 }), NOTHING), "BAD_REQUEST");
    await refused(world.envelope(world.proposal({ type: 4 }), NOTHING), "BAD_REQUEST");
    await refused(world.envelope(world.proposal({ type: 2 }), NOTHING), "NOT_IMPLEMENTED");
  });

  it("is one above 10 MiB", async () => {
    const value = new Uint8Array(10 * 2 ** 20);
    const response = { status: 200, message: "", payload: value };
    await refused(world.envelope(world.proposal(), NOTHING, { response }), "REQUEST_ENTITY_TOO_LARGE");
  });

  it("is one whose creator is no member, or did not sign it", async () => {
    const stranger = (await createOutsideCast()).client;
    await refused(world.envelope(world.proposal({}, stranger), NOTHING), "FORBIDDEN");
    const proposal = world.proposal();
    await refused(world.envelope({ ...proposal, creator: cast.otherClient }, NOTHING), "FORBIDDEN");
  });

  it("is one whose time is more than a minute off the channel's", async () => {
    for (const offset of [-60_001, 60_001]) {
      const proposal = world.proposal({ timestampMs: world.clock.nowMs() + offset });
      await refused(world.envelope(proposal, NOTHING), "BAD_REQUEST");
    }
    for (const offset of [-60_000, 60_000]) {
      const proposal = world.proposal({ timestampMs: world.clock.nowMs() + offset });
      expect(await world.order(world.envelope(proposal, NOTHING))).toMatchObject({ validationCode: 0 });
    }
  });

  it("is any while the channel is locked", async () => {
    await world.ledger.close();
    const locked = await world.openLocked();
    const ordering = locked.order({ channelId: "ch1", envelope: world.envelope(world.proposal(), NOTHING) });
    await expect(ordering).rejects.toMatchObject({ code: "CHANNEL_READ_ONLY" });
    await locked.close();
  });
});

describe("a transaction from outside", () => {
  async function verdictOf(...args: Parameters<OutsideWorld["invoke"]>): Promise<number> {
    return (await world.invoke(...args)).validationCode;
  }

  it("is applied when it is valid, found by its id, and there after a restart", async () => {
    const event = { name: "made", payload: Buffer.from("42") };
    const proposal = world.proposal({ nanos: 123_456_789 });
    const { results } = await world.simulate(proposal, [world.get("a"), world.put("a", "1"), world.put("b", "2")]);
    const ordered = await world.order(world.envelope(proposal, results, { event }));
    expect(ordered).toMatchObject({ validationCode: 0, block: 1, index: 0 });
    expect(await world.read("get", "a")).toBe("1");
    const seen = async () => [
      await world.ledger.stateHash("ch1"),
      await world.ledger.transaction("ch1", ordered.txId),
      await world.ledger.events("ch1", 0),
      await world.ledger.committedBlocks("ch1", 0),
      await world.ledger.meters("ch1", "kv", ""),
      JSON.parse(await world.read("history", "a")),
      (await world.simulate(world.proposal(), [{ kind: "history", namespace: "kv", key: "a" }])).answers,
      (await world.ledger.receipt("ch1", ordered.txId)).leaf,
    ];
    const before = await seen();
    expect(before.slice(1)).toMatchObject([
      { txId: ordered.txId, index: 0, validationCode: 0, timestampMs: world.clock.nowMs() + 123 },
      { events: [{ contract: "kv", name: "made", txId: ordered.txId, block: 1 }], nextBlock: 2 },
      [{ number: 0 }, { number: 1, transactions: [{ txId: ordered.txId, validationCode: 0 }] }],
      { bytes: 2 },
      [{ txId: ordered.txId, isDelete: false, value: "1" }],
      [{ kind: "history", rows: [{ txId: ordered.txId, timestamp: { seconds: 1_700_000_000, nanos: 123_456_789 } }] }],
      { kind: 2, validationCode: 0, txId: ordered.txId },
    ]);
    await world.reopen();
    expect(await seen()).toEqual(before);
  });

  it("is on record as it came, also when it is refused", async () => {
    const proposal = world.proposal();
    const envelope = world.envelope(proposal, NOTHING, { endorsers: [] });
    const { block, validationCode } = await world.order(envelope);
    expect(validationCode).toBe(CODE.ENDORSEMENT_POLICY_FAILURE);
    const stored = await world.ledger.envelope("ch1", proposal.txId);
    expect(stored).toEqual({ envelope: new Uint8Array(envelope), block, validationCode });
    expect(await world.ledger.hasTransaction("ch1", proposal.txId)).toBe(false);
    const { headerHash } = await world.ledger.block("ch1", block);
    expect(await world.ledger.blockNumberByHash("ch1", headerHash)).toBe(block);
    await world.reopen();
    expect(await world.ledger.blockNumberByHash("ch1", headerHash)).toBe(block);
    expect(await world.ledger.envelope("ch1", proposal.txId)).toEqual(stored);
    for (const unknown of ["", headerHash.toUpperCase(), "0".repeat(64)]) {
      await expect(world.ledger.blockNumberByHash("ch1", unknown)).rejects.toMatchObject({ code: "BLOCK_UNKNOWN" });
    }
  });

  it("gets Fabric's code for what is wrong with it", async () => {
    const [peer] = cast.peers;
    if (peer === undefined) throw new TypeError("There is a peer.");
    const codeOf = async (envelope: Uint8Array) => (await world.order(envelope)).validationCode;
    const proposal = () => world.proposal();
    expect(await codeOf(world.envelope(proposal(), NOTHING, { endorsers: [peer] }))).toBe(10);
    expect(await codeOf(world.envelope(world.proposal({ contract: "other" }), NOTHING))).toBe(25);
    expect(await codeOf(world.envelope(proposal(), Uint8Array.of(9)))).toBe(22);
    expect(await codeOf(world.envelope(proposal(), namespaced("_config")))).toBe(CODE.ILLEGAL_WRITESET);
    expect(await codeOf(world.envelope(proposal(), namespaced("kv$meta")))).toBe(CODE.ILLEGAL_WRITESET);
    expect(await codeOf(world.envelope(world.proposal({ epoch: 1 }), NOTHING))).toBe(CODE.BAD_COMMON_HEADER);
    expect(await codeOf(world.envelope(world.proposal({ type: 0 }), NOTHING))).toBe(CODE.BAD_COMMON_HEADER);
    expect(await codeOf(world.envelope(world.proposal({ txId: "1234" }), NOTHING))).toBe(CODE.BAD_PROPOSAL_TXID);
    const state = await world.ledger.stateHash("ch1");
    await world.reopen();
    expect(await world.ledger.stateHash("ch1")).toBe(state);
  });

  it("is refused when a key that it read was written since, by whomever, also in the same block", async () => {
    await world.ledger.submit(world.call("put", "a", "0"));
    const step = [world.get("a"), world.put("a", "1")];
    const [first, second, third] = [world.proposal(), world.proposal(), world.proposal()];
    const envelopes = [];
    for (const proposal of [first, second, third]) {
      envelopes.push(world.envelope(proposal, (await world.simulate(proposal, step)).results));
    }
    const [one, two] = await Promise.all(envelopes.slice(0, 2).map((envelope) => world.order(envelope)));
    expect([one?.validationCode, two?.validationCode]).toEqual([0, CODE.MVCC_READ_CONFLICT]);
    expect(one?.block).toBe(two?.block);
    await world.ledger.submit(world.call("put", "a", "2"));
    expect(await world.order(envelopes[2] ?? NOTHING)).toMatchObject({ validationCode: CODE.MVCC_READ_CONFLICT });
    expect(await world.read("get", "a")).toBe("2");
  });

  it("shares blocks with serial transactions, each seeing those before it", async () => {
    const proposal = world.proposal();
    const { results } = await world.simulate(proposal, [world.put("n", "10")]);
    const [added, ordered, again] = await Promise.all([
      world.ledger.submit(world.call("add", "n", "1")),
      world.order(world.envelope(proposal, results)),
      world.ledger.submit(world.call("add", "n", "1")),
    ]);
    expect([added.block, ordered.block, again.block]).toEqual([1, 1, 1]);
    expect([added, ordered, again].map(({ index }) => index)).toEqual([0, 1, 2]);
    expect([text(added.result), text(again.result)]).toEqual(["1", "11"]);
  });

  it("is refused when a range that it went through has other rows now", async () => {
    for (const key of ["a", "b", "c"]) await world.ledger.submit(world.call("put", key, "0"));
    const range: SimulationStep = { kind: "range", namespace: "kv", start: "a", end: "c" };
    const conflict = async (change: () => Promise<unknown>) => {
      const proposal = world.proposal();
      const { results } = await world.simulate(proposal, [range, world.put("z", "1")]);
      await change();
      return (await world.order(world.envelope(proposal, results))).validationCode;
    };
    expect(await conflict(async () => world.ledger.submit(world.call("put", "c", "1")))).toBe(0);
    expect(await conflict(async () => world.ledger.submit(world.call("put", "bb", "1")))).toBe(12);
    expect(await conflict(async () => world.ledger.submit(world.call("remove", "bb")))).toBe(12);
    expect(await conflict(async () => world.ledger.submit(world.call("put", "a", "1")))).toBe(12);
    expect(await conflict(async () => undefined)).toBe(0);
  });

  it("never has the id of an earlier one, valid or not, also after a restart", async () => {
    const nonce = new Uint8Array(24).fill(5);
    const refused = world.proposal({ nonce });
    const first = await world.order(world.envelope(refused, NOTHING, { endorsers: [] }));
    expect(first.validationCode).toBe(10);
    const valid = world.proposal();
    await world.order(world.envelope(valid, NOTHING));
    const repeats = async () => {
      expect((await world.order(world.envelope(refused, NOTHING))).validationCode).toBe(CODE.DUPLICATE_TXID);
      expect((await world.order(world.envelope(valid, NOTHING))).validationCode).toBe(CODE.DUPLICATE_TXID);
      expect(await world.ledger.transaction("ch1", refused.txId)).toMatchObject({
        block: { number: 1 },
        validationCode: 10,
      });
      expect(await world.ledger.transaction("ch1", valid.txId)).toMatchObject({
        block: { number: 2 },
        validationCode: 0,
      });
    };
    await repeats();
    await world.reopen();
    await repeats();
    const both = world.proposal();
    const [one, two] = await Promise.all([1, 2].map(() => world.order(world.envelope(both, NOTHING))));
    expect([one?.validationCode, two?.validationCode]).toEqual([0, CODE.DUPLICATE_TXID]);
    await world.reopen();
    expect(await world.ledger.transaction("ch1", both.txId)).toMatchObject({ validationCode: 0 });
  });

  it("is judged by the configuration in force when it gets its place", async () => {
    const [org1, org2] = cast.orgs;
    if (org1 === undefined || org2 === undefined) throw new TypeError("There are two organizations.");
    const list = await revocationListOf(org1, [cast.client], { clock: world.clock });
    const revoking = world.config({
      organizations: [{ ...org1.config, revocationLists: [list] }, org2.config],
    });
    const before = await world.invoke([world.put("a", "1")]);
    // So much is waiting that the check still knows the configuration before, while the update has its place in front.
    const waiting = Array.from({ length: 60 }, (_, at) => world.ledger.submit(world.call("put", `k${at}`, "1")));
    const updating = world.ledger.updateChannel(revoking, world.signers);
    await Promise.resolve();
    await Promise.resolve();
    const ordering = world.order(world.envelope(world.proposal(), NOTHING));
    await Promise.all([updating, ...waiting]);
    expect(before.validationCode).toBe(0);
    expect((await ordering).validationCode).toBe(CODE.BAD_CREATOR_SIGNATURE);
    const block = await world.ledger.configBlock("ch1");
    expect(block).toBeGreaterThan(1);
    await expect(world.order(world.envelope(world.proposal(), NOTHING))).rejects.toMatchObject({
      facts: { status: "FORBIDDEN" },
    });
    await world.reopen();
    expect(await world.ledger.configBlock("ch1")).toBe(block);
  });

  it("is under the policy of a key's metadata, which goes when the key goes", async () => {
    const [peer1, peer2] = cast.peers;
    if (peer1 === undefined || peer2 === undefined) throw new TypeError("There are two peers.");
    await world.invoke([world.put("k", "1")]);
    const policy = encodeSignaturePolicy({
      rule: { kind: "signed-by", principal: 0 },
      principals: [{ kind: "role", mspId: "Org1MSP", role: "peer" }],
    });
    const metadata = { namespace: "kv", key: "k", name: "VALIDATION_PARAMETER", value: policy };
    expect(await verdictOf([{ kind: "put-metadata", ...metadata }])).toBe(0);
    expect(await world.read("get", "k")).toBe("1");
    expect(await verdictOf([world.put("k", "2")], { endorsers: [peer2] })).toBe(10);
    expect(await verdictOf([world.put("k", "2")], { endorsers: [peer1] })).toBe(0);
    const { answers } = await world.simulate(world.proposal(), [{ kind: "get-metadata", namespace: "kv", key: "k" }]);
    expect(answers).toEqual([{ kind: "metadata", entries: { VALIDATION_PARAMETER: new Uint8Array(policy) } }]);
    const remove: SimulationStep = { kind: "delete", namespace: "kv", key: "k" };
    expect(await verdictOf([remove], { endorsers: [peer1] })).toBe(0);
    const gone = await world.simulate(world.proposal(), [{ kind: "get-metadata", namespace: "kv", key: "k" }]);
    expect(gone.answers).toEqual([{ kind: "metadata", entries: {} }]);
    await world.reopen();
    expect(await verdictOf([world.put("k", "3")], { endorsers: [peer1] })).toBe(10);
  });

  it("is refused when it deletes a key whose metadata it did not see", async () => {
    await world.invoke([world.put("k", "1")]);
    const proposal = world.proposal();
    const { results } = await world.simulate(proposal, [{ kind: "delete", namespace: "kv", key: "k" }]);
    const policy = encodeSignaturePolicy({
      rule: { kind: "signed-by", principal: 0 },
      principals: [{ kind: "role", mspId: "Org1MSP", role: "peer" }],
    });
    const metadata = { namespace: "kv", key: "k", name: "VALIDATION_PARAMETER", value: policy };
    expect(await verdictOf([{ kind: "put-metadata", ...metadata }])).toBe(0);
    expect((await world.order(world.envelope(proposal, results))).validationCode).toBe(CODE.MVCC_READ_CONFLICT);
  });

  it("is under the definition of its contract once there is one", async () => {
    const [peer1] = cast.peers;
    if (peer1 === undefined) throw new TypeError("There is a peer.");
    const policy = {
      rule: { kind: "signed-by", principal: 0 },
      principals: [{ kind: "role", mspId: "Org1MSP", role: "peer" }],
    } as const;
    const text = definitionToText({
      name: "basic",
      version: "1",
      sequence: 1,
      endorsementPlugin: "escc",
      validationPlugin: "vscc",
      validationParameter: encodeApplicationPolicy({ kind: "signature", policy }),
      initRequired: false,
    });
    const define = encodeResults([
      {
        namespace: "_lifecycle",
        reads: [],
        rangeQueries: [],
        writes: [{ key: definitionKey("basic"), value: Buffer.from(text) }],
        metadataWrites: [],
      },
    ]);
    const order = (contract: string, results: Uint8Array, endorsers = cast.peers): Promise<OrderResult> =>
      world.order(world.envelope(world.proposal({ contract }), results, { endorsers }));
    expect((await order("basic", namespaced("basic"))).validationCode).toBe(25);
    expect((await order("_lifecycle", define, [peer1])).validationCode).toBe(10);
    expect((await order("_lifecycle", define)).validationCode).toBe(0);
    expect((await order("basic", namespaced("basic"), [peer1])).validationCode).toBe(0);
    const read: SimulationStep = { kind: "get", namespace: "_lifecycle", key: definitionKey("basic") };
    const { answers } = await world.simulate(world.proposal(), [read]);
    expect(answers).toMatchObject([{ kind: "value", value: Uint8Array.from(Buffer.from(text)) }]);
  });

  it("does not move the channel's clock, not even over a restart", async () => {
    const early = world.clock.nowMs();
    await world.ledger.submit(world.call("put", "a", "1"));
    const proposal = world.proposal({ timestampMs: early - 50_000 });
    await world.order(world.envelope(proposal, NOTHING));
    const ahead = world.proposal({ timestampMs: early + 50_000 });
    await world.order(world.envelope(ahead, NOTHING));
    // The machine's clock is found to go back: the channel's stands still meanwhile.
    world.setClock(early - 55_000);
    await world.reopen();
    expect((await world.ledger.submit(world.call("put", "a", "2"))).timestampMs).toBe(early);
    await world.removeDerived();
    await world.reopen();
    expect((await world.ledger.submit(world.call("put", "a", "3"))).timestampMs).toBe(early);
  });

  it("may come in an envelope that another program wrote in another form", async () => {
    const proposal = world.proposal();
    const { results } = await world.simulate(proposal, [world.put("a", "1")]);
    const whole = world.envelope(proposal, results);
    // An unknown field behind the signature: protobuf readers pass over it.
    const longer = new Uint8Array([...whole, 0x7a, 0x01, 0x00]);
    expect((await world.order(longer)).validationCode).toBe(0);
    await world.reopen();
    expect((await world.ledger.envelope("ch1", proposal.txId)).envelope).toEqual(longer);
  });
});

function namespaced(namespace: string): Uint8Array {
  const writes = [{ key: "k", value: Uint8Array.of(1) }];
  return encodeResults([{ namespace, reads: [], rangeQueries: [], writes, metadataWrites: [] }]);
}
