import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, ManualClock, silentLogger, systemRandom } from "@concordat/base";
import { createSealer } from "@concordat/identity";
import { type BootstrapResult, bootstrapInstallation } from "../bootstrap.ts";
import type { ControlStore } from "../control-store/port.ts";
import { openSqliteControlStore } from "../control-store/sqlite/store.ts";
import { createPlatform, type OpenPlatform, type PlatformOptions } from "../create-platform.ts";
import { ensureInstallationId } from "../installation.ts";
import type { CallNonce, ChainMembership, Principal } from "../ports.ts";
import { FakeLedger } from "./fake-ledger.ts";

const sealingKey = new Uint8Array(32).fill(7);

/** One installation over a temporary control store and a fake ledger, both of which survive {@link Harness.restart}. */
export class Harness {
  readonly clock = new ManualClock(1_700_000_000_000);
  readonly ledger = new FakeLedger({ clock: this.clock });
  readonly sealer = createSealer(sealingKey, { random: systemRandom });
  readonly directory: string;
  readonly #options: PlatformOptions;
  readonly #log: Logger;
  #store: ControlStore | undefined;
  #platform: OpenPlatform | undefined;
  #nonces = 0;

  private constructor(directory: string, options: PlatformOptions, log: Logger) {
    this.directory = directory;
    this.#options = options;
    this.#log = log;
  }

  static async start(options: PlatformOptions = {}, log: Logger = silentLogger): Promise<Harness> {
    const harness = new Harness(await mkdtemp(join(tmpdir(), "concordat-platform-")), options, log);
    await harness.open();
    return harness;
  }

  get platform(): OpenPlatform {
    if (this.#platform === undefined) throw new Error("The platform is closed.");
    return this.#platform;
  }

  get store(): ControlStore {
    if (this.#store === undefined) throw new Error("The store is closed.");
    return this.#store;
  }

  async open(): Promise<void> {
    this.#store = await openSqliteControlStore(join(this.directory, "control.sqlite"));
    await ensureInstallationId(this.#store, systemRandom);
    this.#platform = await createPlatform(this.#options, {
      ledger: this.ledger,
      store: this.#store,
      sealer: this.sealer,
      clock: this.clock,
      random: systemRandom,
      log: this.#log,
    });
  }

  /** A new process over the same store and ledger. */
  async restart(): Promise<void> {
    await this.#close();
    this.ledger.restart();
    await this.open();
  }

  async dispose(): Promise<void> {
    await this.#close();
    await rm(this.directory, { recursive: true, force: true });
  }

  bootstrap(): Promise<BootstrapResult> {
    return bootstrapInstallation(this.platform);
  }

  /** A fresh nonce under some access key. */
  nonce(): CallNonce {
    this.#nonces++;
    return { accessKeyId: "LTAItest", nonce: `nonce ${this.#nonces}` };
  }

  async #close(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
    this.#platform = undefined;
  }
}

/** An installation with a chain, its administrator, a member of another account, and callers without a place on it. */
export interface Cast {
  readonly administrator: Principal;
  readonly chain: ChainMembership;
  readonly memberAccount: Principal;
  readonly member: ChainMembership;
  readonly memberPrincipal: Principal;
  readonly stranger: Principal;
  readonly unopened: Principal;
  readonly otherChain: ChainMembership;
}

export async function createCast(harness: Harness): Promise<Cast> {
  const { accounts, chains } = harness.platform;
  const { accessKey, proofChain } = await harness.bootstrap();
  const administrator = accessKey.principal;
  const { principal: memberAccount } = await accounts.createAccount(administrator, { name: "member-company" });
  const { principal: memberPrincipal } = await accounts.createRamUser(administrator, {
    accountUid: memberAccount.uid,
    name: "sensor",
  });
  const { bizChainId } = proofChain.chain;
  const member = await chains.addMember(administrator, { bizChainId, memberUid: memberPrincipal.uid });
  const { principal: stranger } = await accounts.createAccount(administrator, { name: "stranger" });
  const { principal: unopened } = await accounts.createAccount(administrator, {
    name: "unopened",
    ledgerService: false,
  });
  const otherChain = await chains.create(administrator, { name: "other-chain", administratorUid: stranger.uid });
  return { administrator, chain: proofChain, memberAccount, member, memberPrincipal, stranger, unopened, otherChain };
}

export function keyOf(membership: ChainMembership, id: string | number): string {
  return `0001_${membership.chain.bizChainCode}_${membership.dataTypeCode}_${id}`;
}

/** The code of a refusal, or what was answered instead of one. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (answer) => ({ answered: answer }),
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
}
