import type { Clock } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { ControlDatabase } from "../control-store/schema.ts";
import { PlatformError } from "../errors.ts";
import type { Idempotency, IdempotentRequest } from "../ports.ts";
import { type IdempotencyEntry, IdempotencyStore } from "./idempotency-store.ts";
import { openAnswer, openRequestHash, sealAnswer, sealRequestHash } from "./sealed-answers.ts";

const keptMs = 24 * 3_600_000;
const pruneEveryMs = 3_600_000;

interface RunningCall {
  readonly request: IdempotentRequest;
  readonly response: Promise<unknown>;
}

/**
 * Answers of mutating calls, kept for 24 hours under the caller's key. They are sealed, for some hold a secret that is shown only once;
 * so are the hashes of the requests, for some requests hold a password.
 *
 * Invariants: an entry is recorded before its work begins and completed before its answer is given. An entry without an answer that no
 * call of this process is working on was cut off by a crash: it only holds the key to its request, and the work runs again.
 */
export class IdempotencyService implements Idempotency {
  readonly #store: IdempotencyStore;
  readonly #clock: Clock;
  readonly #sealer: Sealer;
  readonly #running = new Map<string, RunningCall>();
  #pruneAtMs = 0;

  constructor(dependencies: { readonly database: ControlDatabase; readonly clock: Clock; readonly sealer: Sealer }) {
    this.#store = new IdempotencyStore(dependencies.database);
    this.#clock = dependencies.clock;
    this.#sealer = dependencies.sealer;
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
    const known = await this.#store.find(request.principalUid, request.key);
    if (known !== undefined && known.createdMs >= nowMs - keptMs) {
      requireSame(request, { ...known, requestHash: openRequestHash(request, known.requestHash, this.#sealer) });
      if (known.response !== undefined) return openAnswer(request, known.response, this.#sealer) as Response;
    }
    // Sealed at each put: the master key may have changed while the work ran.
    const entry = (response?: string): IdempotencyEntry => ({
      ...request,
      requestHash: sealRequestHash(request, request.requestHash, this.#sealer),
      response,
      createdMs: nowMs,
    });
    await this.#store.put(entry());
    try {
      const response = await work();
      await this.#store.put(entry(sealAnswer(request, response ?? null, this.#sealer)));
      return response;
    } catch (error) {
      await this.#store.remove(request.principalUid, request.key);
      throw error;
    }
  }

  async #prune(nowMs: number): Promise<void> {
    if (nowMs < this.#pruneAtMs) return;
    this.#pruneAtMs = nowMs + pruneEveryMs;
    await this.#store.prune(nowMs - keptMs);
  }
}

function requireSame(request: IdempotentRequest, known: Pick<IdempotentRequest, "operation" | "requestHash">): void {
  if (request.operation !== known.operation || request.requestHash !== known.requestHash) {
    throw new PlatformError("IDEMPOTENCY_CONFLICT");
  }
}
