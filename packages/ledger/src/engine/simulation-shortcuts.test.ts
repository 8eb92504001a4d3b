import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SimulationStep } from "../ports.ts";
import { createOutsideCast, type OutsideCast, OutsideWorld } from "../testing/outside-world.ts";

let cast: OutsideCast;
let world: OutsideWorld;

beforeAll(async () => {
  cast = await createOutsideCast();
});
beforeEach(async () => {
  world = await OutsideWorld.open(cast);
  await world.ledger.submit(world.call("put", "a", "1"));
});
afterEach(() => world.close());

const place = (key: string) => ({ namespace: "kv", key });
const write = (key: string): SimulationStep => ({ kind: "put", ...place(key), value: Buffer.from("2") });

describe("a simulation in fewer messages", () => {
  it("has the results of one that takes every step by itself", async () => {
    const steps = [write("a"), write("b"), write("a")];
    const reads = [world.get("a"), world.get("none")];
    const stepwise = await world.simulate(world.proposal(), [...reads, ...steps]);
    const opened = await world.ledger.openSimulation({ ...world.proposal(), reads: [place("a"), place("none")] });
    expect(opened.values.map((value) => value && Buffer.from(value).toString())).toEqual(["1", undefined]);
    const { results, writtenNamespaces } = await world.ledger.finishSimulation(opened.simulationId, steps);
    expect({ results, writtenNamespaces }).toEqual({
      results: stepwise.results,
      writtenNamespaces: stepwise.writtenNamespaces,
    });
  });

  it("is over when a first or a last step fails", async () => {
    const bad = { namespace: "kv\u0000", key: "a" };
    const refused = world.ledger.openSimulation({ ...world.proposal(), reads: [place("a"), bad] });
    await expect(refused).rejects.toThrow();
    const id = await world.open();
    const steps: readonly SimulationStep[] = [write("a"), { kind: "delete", ...bad }];
    await expect(world.ledger.finishSimulation(id, steps)).rejects.toThrow();
    await expect(world.ledger.finishSimulation(id)).rejects.toMatchObject({ code: "SIMULATION_UNKNOWN" });
  });

  it("begins with a hundred reads at most", async () => {
    const reads = Array.from({ length: 101 }, (_, index) => place(`${index}`));
    const opening = world.ledger.openSimulation({ ...world.proposal(), reads });
    await expect(opening).rejects.toMatchObject({ code: "SIMULATION_REFUSED" });
  });

  it("says whether the transaction is there already", async () => {
    const proposal = world.proposal();
    expect(await world.ledger.openSimulation(proposal)).toMatchObject({ isTransactionKnown: false, values: [] });
    const { results } = await world.simulate(proposal, [write("a")]);
    await world.order(world.envelope(proposal, results));
    expect(await world.ledger.openSimulation(proposal)).toMatchObject({ isTransactionKnown: true });
  });
});

describe("a stream of envelopes", () => {
  it("ends with the first that is refused, however fast others follow", async () => {
    const send = async (stream: number, isWhole = true) => {
      const proposal = world.proposal();
      const { results } = await world.simulate(proposal, [write(proposal.txId)]);
      const envelope = world.envelope(proposal, results);
      return () =>
        world.ledger.order({ channelId: "ch1", stream, envelope: isWhole ? envelope : envelope.slice(0, 9) });
    };
    const sent = [await send(1), await send(1, false), await send(2), await send(1), await send(1)];
    const settled = await Promise.allSettled(sent.map((order) => order()));
    expect(settled.map((one) => (one.status === "fulfilled" ? 0 : one.reason.code))).toEqual([
      0,
      "ENVELOPE_REFUSED",
      0,
      "ENVELOPE_REFUSED",
      "ENVELOPE_REFUSED",
    ]);
  });
});
