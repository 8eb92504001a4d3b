import type { ContractStub } from "@concordat/ledger/contract-api";
import { expect, it } from "vitest";
import { textToId } from "../text.ts";
import { freeId, freePhaseCode, textToPhaseCode } from "./ids.ts";

const txId = "ab".repeat(32);

/** A stub that has a row under each of the keys, or everywhere. */
function stubWith(taken: readonly string[] | "all"): ContractStub {
  const isTaken = (key: string) => taken === "all" || taken.includes(key);
  // The functions that the search needs.
  return {
    getTxID: () => txId,
    getState: async (key: string) => new Uint8Array(isTaken(key) ? 1 : 0),
  } as unknown as ContractStub;
}

it("gives the first id of the transaction, and the next where it is taken", async () => {
  const candidates = [0, 1, 2].map((attempt) => textToId(`phase ${txId} ${attempt}`));
  expect(new Set(candidates).size).toBe(3);
  expect(await freeId(stubWith([]), "phase", (id) => id)).toBe(candidates[0]);
  expect(await freeId(stubWith(candidates.slice(0, 2)), "phase", (id) => id)).toBe(candidates[2]);
  expect(await freeId(stubWith([]), "phase group", (id) => id)).not.toBe(candidates[0]);
});

it("gives phase codes likewise", async () => {
  const candidates = [0, 1].map((attempt) => textToPhaseCode(`phase code ${txId} ${attempt}`));
  expect(await freePhaseCode(stubWith([]), (code) => code)).toBe(candidates[0]);
  expect(await freePhaseCode(stubWith(candidates.slice(0, 1)), (code) => code)).toBe(candidates[1]);
});

it("ends where nothing is free", async () => {
  await expect(freePhaseCode(stubWith("all"), (code) => code)).rejects.toThrow("No candidate is free.");
});
