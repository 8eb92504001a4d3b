import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, ManualClock, silentLogger, systemRandom } from "@concordat/base";
import { createSealer } from "@concordat/identity";
import { type BootstrapResult, bootstrapInstallation } from "../bootstrap.ts";
import type { ControlStore } from "../control-store/port.ts";
import type { ControlChange } from "../control-store/rows.ts";
import { openSqliteControlStore } from "../control-store/sqlite/open-sqlite.ts";
import { createPlatform, type OpenPlatform, type PlatformOptions } from "../create-platform.ts";
import { ensureInstallationId } from "../installation.ts";
import type { Caller, CallNonce, ChainMembership, Principal } from "../ports.ts";
import { FakeFabric } from "./fake-fabric.ts";
import { FakeLedger } from "./fake-ledger.ts";
import { memoryHost } from "./host.ts";

/** Tests are not about the cost of passwords. */
const cheapHash = { memory: 64, passes: 1, parallelism: 1 };

/** One installation over a temporary control store and a fake ledger, both of which survive {@link Harness.restart}. */
export class Harness {
  static readonly firstMasterKey = new Uint8Array(32).fill(7);
  readonly clock = new ManualClock(1_700_000_000_000);
  readonly ledger = new FakeLedger({ clock: this.clock });
  readonly fabric = new FakeFabric({ ledger: this.ledger });
  /** How often the platform asked for Fabric. */
  fabricOpenings = 0;
  readonly sealer = createSealer(Harness.firstMasterKey, { random: systemRandom });
  readonly directory: string;
  /** Whether, from the next opening on, only the operator can change the master key. */
  operatorKeepsMasterKey = false;
  readonly #options: PlatformOptions;
  readonly #log: Logger;
  #store: ControlStore | undefined;
  #platform: OpenPlatform | undefined;
  #nonces = 0;
  #requests = 0;

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
    this.#platform = await createPlatform(
      { ...this.#options, authentication: { passwordCost: cheapHash, ...this.#options.authentication } },
      {
        ledger: this.ledger,
        fabric: {
          open: async () => {
            this.fabricOpenings++;
            return this.fabric;
          },
          configured: (channelId) => this.fabric.refreshChannel(channelId),
          listenHost: "127.0.0.1",
          publicHost: "localhost",
        },
        store: this.#store,
        sealer: this.sealer,
        host: memoryHost(
          this.sealer,
          () => systemRandom.bytes(32),
          this.operatorKeepsMasterKey ? "Change it there." : undefined,
        ),
        clock: this.clock,
        random: systemRandom,
        log: this.#log,
      },
    );
  }

  /** A new process over the same store and ledger. */
  async restart(): Promise<void> {
    await this.#close();
    this.ledger.restart();
    this.fabric.restart();
    await this.open();
  }

  async dispose(): Promise<void> {
    await this.#close();
    await rm(this.directory, { recursive: true, force: true });
  }

  bootstrap(): Promise<BootstrapResult> {
    return bootstrapInstallation(this.platform);
  }

  /** Writes rows behind the platform's back: it sees them after {@link Harness.restart}. */
  async commit(changes: readonly ControlChange[]): Promise<void> {
    const { version } = await this.store.load();
    await this.store.commit({ changes, basedOn: version });
  }

  /** A call of this principal with a password of its own, reaching as far as the principal may. */
  callerOf(principal: Principal): Caller {
    const tenantId = this.platform.provisioning.directory.tenantIdOf(principal);
    return {
      principal,
      tenantId,
      scope: { kind: "tenant", tenantId },
      credential: { kind: "password", id: principal.uid },
      sourceAddress: "127.0.0.1",
      requestId: `request-${++this.#requests}`,
    };
  }

  /** How many audit entries of an action there are. */
  async auditCount(action: string): Promise<number> {
    const entries = await this.store.database
      .selectFrom("auditEntries")
      .select("entryId")
      .where("action", "=", action)
      .execute();
    return entries.length;
  }

  /** A fresh nonce under some access key. */
  nonce(): CallNonce {
    this.#nonces++;
    return { accessKeyId: "LTAItest", nonce: `nonce ${this.#nonces}` };
  }

  async #close(): Promise<void> {
    await this.#platform?.close();
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
  const caller = harness.callerOf(administrator);
  const { principal: memberAccount } = await accounts.createAccount(caller, { name: "member-company" });
  const { principal: memberPrincipal } = await accounts.createRamUser(caller, {
    accountUid: memberAccount.uid,
    name: "sensor",
  });
  const member = await addMember(harness.platform, caller, proofChain.chain.bizChainId, memberPrincipal.uid);
  const { principal: stranger } = await accounts.createAccount(caller, { name: "stranger" });
  const { principal: unopened } = await accounts.createAccount(caller, {
    name: "unopened",
    ledgerService: false,
  });
  const otherChain = await chains.create(caller, { name: "other-chain", administratorUid: stranger.uid });
  return { administrator, chain: proofChain, memberAccount, member, memberPrincipal, stranger, unopened, otherChain };
}

/** Makes the RAM user a member of the chain. @returns its place there */
export async function addMember(
  { members, provisioning }: Pick<OpenPlatform, "members" | "provisioning">,
  caller: Caller,
  bizChainId: string,
  uid: string,
): Promise<ChainMembership> {
  await members.create(caller, { bizChainId, uid });
  const membership = provisioning.directory.membership(bizChainId, uid);
  if (membership === undefined) throw new Error("The new member is not on the chain.");
  return membership;
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
