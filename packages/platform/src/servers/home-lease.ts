import { bytesToHex, type Clock, type Logger, type RandomSource } from "@concordat/base";
import { PlatformError } from "../errors.ts";
import { LedgerHomeTakenError } from "./errors.ts";
import type { Lease, LeaseRequest, Leases } from "./leases.ts";

export interface HomeLeaseOptions {
  readonly serverId: string;
  /** Where this server answers. */
  readonly url: string;
  /** 10 s by default: as long as a start waits after a crash, and the ledger works on when the store is away. */
  readonly lifetimeMs?: number;
}

export interface HomeLeaseDependencies {
  readonly leases: Pick<Leases, "acquire" | "renew" | "release" | "find">;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

export const LEDGER_LEASE = "ledger";

const DEFAULT_LIFETIME_MS = 10_000;
/** A renewal that fails is tried again several times before the lease ends. */
const RENEWALS_PER_LIFETIME = 5;
/** Who still holds the lease after so many lifetimes is alive. */
const LIFETIMES_WAITED = 2;

/**
 * The home server's hold on the installation's ledger. Only the server whose id the installation records as its home asks for it; the
 * lease keeps apart two processes of that one server, for instance on copies of its data folder.
 *
 * Invariant: {@link HomeLease.requireHeld} passes only while no other process can have the lease, provided that the clocks of server and
 * database run equally fast.
 */
export class HomeLease {
  readonly #request: LeaseRequest;
  readonly #dependencies: HomeLeaseDependencies;
  #lease: Lease | undefined;
  #heldUntilMs = 0;
  #cancelTimer = () => {};
  #isClosed = false;
  #renewal: Promise<void> = Promise.resolve();
  #wasHeld = true;

  private constructor(options: HomeLeaseOptions, dependencies: HomeLeaseDependencies) {
    this.#dependencies = dependencies;
    this.#request = {
      name: LEDGER_LEASE,
      // Another process of the same server is another holder.
      holder: `${options.serverId}/${bytesToHex(dependencies.random.bytes(8))}`,
      url: options.url,
      lifetimeMs: options.lifetimeMs ?? DEFAULT_LIFETIME_MS,
    };
  }

  /**
   * Takes the lease, waiting for that of a process that crashed to expire.
   * @throws LedgerHomeTakenError when another process keeps renewing it
   */
  static async take(options: HomeLeaseOptions, dependencies: HomeLeaseDependencies): Promise<HomeLease> {
    const home = new HomeLease(options, dependencies);
    const turnMs = home.#turnMs();
    for (let waitedMs = 0; ; waitedMs += turnMs) {
      await home.#acquire();
      if (home.isHeld) break;
      if (waitedMs === 0) dependencies.log.info("waiting for the ledger's lease of an earlier process", {});
      if (waitedMs >= LIFETIMES_WAITED * home.#request.lifetimeMs) {
        throw new LedgerHomeTakenError((await dependencies.leases.find(LEDGER_LEASE))?.url ?? "");
      }
      await new Promise<void>((resolve) => dependencies.clock.after(turnMs, resolve));
    }
    home.#schedule();
    return home;
  }

  get isHeld(): boolean {
    return this.#dependencies.clock.nowMs() < this.#heldUntilMs;
  }

  get fencingToken(): number | undefined {
    return this.#lease?.fencingToken;
  }

  /** @throws PlatformError STORE_UNAVAILABLE while the lease could not be renewed; nothing was done then */
  requireHeld(): void {
    if (this.isHeld) return;
    throw new PlatformError(
      "STORE_UNAVAILABLE",
      "The ledger takes no work until this server has renewed its lease in the control store.",
    );
  }

  /** Gives the lease free, if the store answers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#renewal;
    const lease = this.#lease;
    this.#heldUntilMs = 0;
    if (lease === undefined) return;
    await this.#dependencies.leases.release(lease).catch((error: unknown) => this.#report(error));
  }

  #turnMs(): number {
    return Math.floor(this.#request.lifetimeMs / RENEWALS_PER_LIFETIME);
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#dependencies.clock.after(this.#turnMs(), () => {
      this.#renewal = this.#renew().then(() => this.#schedule());
    });
  }

  async #renew(): Promise<void> {
    const startedMs = this.#dependencies.clock.nowMs();
    try {
      const { leases } = this.#dependencies;
      const { lifetimeMs } = this.#request;
      if (this.#lease !== undefined && (await leases.renew(this.#lease, lifetimeMs))) this.#hold(startedMs);
      else await this.#acquire();
    } catch (error) {
      this.#report(error);
    }
    if (this.isHeld !== this.#wasHeld) {
      this.#wasHeld = this.isHeld;
      this.#dependencies.log.warn(this.isHeld ? "the ledger's lease is held again" : "the ledger's lease was lost", {});
    }
  }

  async #acquire(): Promise<void> {
    const startedMs = this.#dependencies.clock.nowMs();
    this.#lease = await this.#dependencies.leases.acquire(this.#request);
    if (this.#lease === undefined) this.#heldUntilMs = 0;
    else this.#hold(startedMs);
  }

  /** Counted from before the store was asked. */
  #hold(startedMs: number): void {
    this.#heldUntilMs = startedMs + this.#request.lifetimeMs;
  }

  #report(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#dependencies.log.warn("the ledger's lease could not be renewed or released", { reason });
  }
}
