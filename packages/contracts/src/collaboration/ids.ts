import { InvariantError } from "@concordat/base";
import type { ContractStub } from "@concordat/ledger/contract-api";
import { hasRow } from "../stub-rows.ts";
import { sha256Hex, textToId } from "../text.ts";

const CODES = 36n ** 4n;
const ATTEMPTS_MAX = 1_000;

/** An id that this transaction gives to something new: the first of its candidates whose row is free. */
export function freeId(
  stub: ContractStub,
  kind: "phase" | "phase group",
  toRowKey: (id: string) => string,
): Promise<string> {
  return firstFree(stub, (attempt) => textToId(`${kind} ${stub.getTxID()} ${attempt}`), toRowKey);
}

/** 4 characters of 0-9A-Z, likewise. */
export function freePhaseCode(stub: ContractStub, toRowKey: (code: string) => string): Promise<string> {
  return firstFree(stub, (attempt) => textToPhaseCode(`phase code ${stub.getTxID()} ${attempt}`), toRowKey);
}

export function textToPhaseCode(text: string): string {
  const number = BigInt(`0x${sha256Hex(text).slice(0, 32)}`) % CODES;
  return number.toString(36).toUpperCase().padStart(4, "0");
}

async function firstFree(
  stub: ContractStub,
  toCandidate: (attempt: number) => string,
  toRowKey: (candidate: string) => string,
): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const candidate = toCandidate(attempt);
    if (!(await hasRow(stub, toRowKey(candidate)))) return candidate;
  }
  // A channel has at most a million phases, so four of ten codes at least are free.
  throw new InvariantError("No candidate is free.");
}
