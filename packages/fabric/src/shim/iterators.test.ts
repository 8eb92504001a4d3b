import type { SimulationAnswer, SimulationStep } from "@concordat/ledger/client";
import { ledger, peer } from "@hyperledger/fabric-protos";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Iterators } from "./iterators.ts";

/** Hands out the given batches, empty ones too, as an engine may. */
function simulationOf(batches: readonly (readonly string[])[]) {
  let at = 0;
  const closed: number[] = [];
  const answer = (): SimulationAnswer => {
    const rows = (batches[at] ?? []).map((key) => ({ namespace: "n", key, value: Buffer.from(key) }));
    at += 1;
    return { kind: "rows", rows, cursor: at < batches.length ? 7 : undefined };
  };
  return {
    closed,
    async step(step: SimulationStep): Promise<SimulationAnswer> {
      if (step.kind !== "close") return answer();
      closed.push(step.cursor);
      return { kind: "done" };
    },
  };
}

const range: SimulationStep = { kind: "range", namespace: "n", start: "", end: "" };

function read(payload: Uint8Array) {
  const response = peer.QueryResponse.deserializeBinary(payload);
  const keys = response
    .getResultsList()
    .map((row) => ledger.queryresult.KV.deserializeBinary(row.getResultbytes_asU8()).getKey());
  return { id: response.getId(), keys, hasMore: response.getHasMore() };
}

test("a reader that trusts hasMore blindly sees every row once, in order, however the engine cuts them", async () => {
  const batch = fc.array(fc.string({ minLength: 1 }), { maxLength: 250 });
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 6 }), async (batches) => {
      const iterators = new Iterators({ openMax: 1 }, { simulation: simulationOf(batches) });
      let answer = read(await iterators.start(range, false));
      const keys = [...answer.keys];
      while (answer.hasMore) {
        answer = read(await iterators.next(answer.id));
        expect(answer.keys.length).toBeGreaterThan(0);
        expect(answer.keys.length).toBeLessThanOrEqual(100);
        keys.push(...answer.keys);
      }
      expect(keys).toEqual(batches.flat());
      await expect(iterators.next(answer.id)).rejects.toMatchObject({ code: "REQUEST_REFUSED" });
    }),
    { numRuns: 200 },
  );
});

test("an open query is closed in the simulation once, and its place is free again", async () => {
  const simulation = simulationOf([["a", "b", "c"], ["d"]]);
  const iterators = new Iterators({ openMax: 1 }, { simulation });
  const { id, keys, hasMore } = read(await iterators.start(range, false));
  expect([keys, hasMore]).toEqual([["a", "b"], true]);
  await expect(iterators.start(range, false)).rejects.toMatchObject({ code: "REQUEST_REFUSED" });
  expect(read(await iterators.close(id))).toMatchObject({ keys: [], hasMore: false });
  await iterators.close(id);
  await iterators.closeAll();
  expect(simulation.closed).toEqual([7]);
});

test("a query whose next rows cannot be read is closed at the end", async () => {
  const closed: number[] = [];
  const simulation = {
    async step(step: SimulationStep): Promise<SimulationAnswer> {
      if (step.kind === "range") return { kind: "rows", rows: [], cursor: 3 };
      if (step.kind === "close") closed.push(step.cursor);
      else throw new Error("no");
      return { kind: "done" };
    },
  };
  const iterators = new Iterators({ openMax: 1 }, { simulation });
  await expect(iterators.start(range, false)).rejects.toThrow("no");
  await iterators.closeAll();
  expect(closed).toEqual([3]);
});
