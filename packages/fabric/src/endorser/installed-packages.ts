import type { Clock } from "@concordat/base";
import type { ContractHost } from "../contracts/ports.ts";

/** How old a yes may be. A no is never kept: whoever has just installed a package calls it next. */
const STALE_MS = 1_000;
const CACHE_MAX = 4_096;

/** Which node has which package: asked for by every call, and answered from the disk. */
export class InstalledPackages {
  readonly #clock: Clock;
  readonly #contracts: ContractHost;
  readonly #untilMs = new Map<string, number>();

  constructor(dependencies: { readonly clock: Clock; readonly contracts: ContractHost }) {
    this.#clock = dependencies.clock;
    this.#contracts = dependencies.contracts;
  }

  async has(nodeId: string, packageId: string): Promise<boolean> {
    const id = JSON.stringify([nodeId, packageId]);
    if ((this.#untilMs.get(id) ?? 0) > this.#clock.nowMs()) return true;
    this.#untilMs.delete(id);
    const installed = await this.#contracts.installed(nodeId);
    if (!installed.some((one) => one.packageId === packageId)) return false;
    if (this.#untilMs.size >= CACHE_MAX) this.#untilMs.clear();
    this.#untilMs.set(id, this.#clock.nowMs() + STALE_MS);
    return true;
  }
}
