import type { Clock } from "@concordat/base";
import type { ControlStore, IdempotencyEntry } from "../control-store/port.ts";
import { PlatformError } from "../errors.ts";
import type { Idempotency, IdempotentRequest } from "../ports.ts";

const keptMs = 24 * 3_600_000;
const pruneEveryMs = 3_600_000;

interface RunningCall {
  readonly request: IdempotentRequest;
  readonly response: Promise<unknown>;
}

/**
 * Answers of mutating calls, kept for 24 hours under the caller's key.
 *
 * Invariants: an entry is recorded before its work begins and completed before its answer is given. An entry without an answer that no
 * call of this process is working on was cut off by a crash: it only holds the key to its request, and the work runs again.
 */
export class IdempotencyService implements Idempotency {
  readonly #store: ControlStore;
  readonly #clock: Clock;
  readonly #running = new Map<string, RunningCall>();
  #pruneAtMs = 0;

  constructor(dependencies: { readonly store: ControlStore; readonly clock: Clock }) {
    this.#store = dependencies.store;
    this.#clock = dependencies.clock;
  }

  async run<Response>(request: IdempotentRequest, work: () => Promise<Response>): Promise<Response> {
    if (!/^[\x21-\x7e]{1,255}$/.test(request.key)) throw new PlatformError("IDEMPOTENCY_KEY_MALFORMED");
    const name = JSON.stringify([request.principalUid, request.key]);
    const running = this.#running.get(name);
    if (running !== undefined) {
      requireSame(request, running.request);
      return (await running.response) as Response;
    }
    const response = this.#begin(request, work);
    this.#running.set(name, { request, response });
    try {
      return await response;
    } finally {
      this.#running.delete(name);
    }
  }

  async #begin<Response>(request: IdempotentRequest, work: () => Promise<Response>): Promise<Response> {
    const nowMs = this.#clock.nowMs();
    await this.#prune(nowMs);
    const known = await this.#store.findIdempotency(request.principalUid, request.key);
    if (known !== undefined && known.createdMs >= nowMs - keptMs) {
      requireSame(request, known);
      if (known.response !== undefined) return JSON.parse(known.response) as Response;
    }
    const entry: IdempotencyEntry = { ...request, response: undefined, createdMs: nowMs };
    await this.#store.putIdempotency(entry);
    try {
      const response = await work();
      await this.#store.putIdempotency({ ...entry, response: JSON.stringify(response ?? null) });
      return response;
    } catch (error) {
      await this.#store.removeIdempotency(request.principalUid, request.key);
      throw error;
    }
  }

  async #prune(nowMs: number): Promise<void> {
    if (nowMs < this.#pruneAtMs) return;
    this.#pruneAtMs = nowMs + pruneEveryMs;
    await this.#store.pruneIdempotency(nowMs - keptMs);
  }
}

function requireSame(request: IdempotentRequest, known: Pick<IdempotentRequest, "operation" | "requestHash">): void {
  if (request.operation !== known.operation || request.requestHash !== known.requestHash) {
    throw new PlatformError("IDEMPOTENCY_CONFLICT");
  }
}
