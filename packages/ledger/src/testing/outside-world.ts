import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@concordat/base";
import { openLedger } from "../engine/ledger.ts";
import type { ChannelConfig, Ledger, OrderResult, SimulationAnswer, SimulationStep, SubmitRequest } from "../ports.ts";
import { contracts } from "./kv-contract.ts";
import {
  createTestOrganization,
  TEST_INSTALLATION,
  type TestOrganization,
  testChannelConfig,
} from "./organizations.ts";
import {
  createEnvelope,
  createProposal,
  createTestMember,
  type EndorsementRequest,
  type ProposalRequest,
  type TestMember,
  type TestProposal,
} from "./outside-client.ts";

export const WORLD_START_MS = 1_700_000_000_000;

/** Two organizations, each with a client and a peer. */
export interface OutsideCast {
  readonly orgs: readonly TestOrganization[];
  readonly client: TestMember;
  readonly otherClient: TestMember;
  readonly peers: readonly TestMember[];
}

export async function createOutsideCast(): Promise<OutsideCast> {
  const clock = new ManualClock(WORLD_START_MS);
  const orgs = await Promise.all(
    ["Org1MSP", "Org2MSP"].map((mspId) => createTestOrganization(mspId, "international", clock)),
  );
  const [first, second] = orgs;
  if (first === undefined || second === undefined) throw new TypeError("There are two organizations.");
  const [client, otherClient, ...peers] = await Promise.all([
    createTestMember(first, "client", { clock }),
    createTestMember(second, "client", { clock }),
    createTestMember(first, "peer", { clock }),
    createTestMember(second, "peer", { clock }),
  ]);
  return { orgs, client, otherClient, peers };
}

/** A ledger in a folder of its own with channel "ch1" of both organizations, and clients that work on it from outside. */
export class OutsideWorld {
  readonly cast: OutsideCast;
  /** Of the ledgers that are opened from now on; see {@link setClock}. */
  clock = new ManualClock(WORLD_START_MS);
  readonly #directory: string;
  #ledger: Ledger;

  private constructor(cast: OutsideCast, directory: string, ledger: Ledger) {
    this.cast = cast;
    this.#directory = directory;
    this.#ledger = ledger;
  }

  static async open(cast: OutsideCast, parts: Partial<ChannelConfig> = {}): Promise<OutsideWorld> {
    const directory = await mkdtemp(join(tmpdir(), "concordat-outside-"));
    const world = new OutsideWorld(cast, directory, await openLedger(optionsOf(directory)));
    await world.reopen();
    await world.ledger.createChannel(world.config(parts), world.signers);
    return world;
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  get directory(): string {
    return this.#directory;
  }

  get signers() {
    return this.cast.orgs.flatMap(({ signers }) => signers);
  }

  config(parts: Partial<ChannelConfig> = {}): ChannelConfig {
    return testChannelConfig(this.cast.orgs, parts);
  }

  async reopen(): Promise<void> {
    await this.#ledger.close();
    this.#ledger = await openLedger(optionsOf(this.#directory), { clock: this.clock });
    if ((await this.#ledger.channels()).length > 0) await this.#ledger.unlockChannel("ch1", this.signers);
  }

  /** Without signing keys; to be closed by the caller. */
  openLocked(): Promise<Ledger> {
    return openLedger(optionsOf(this.#directory), { clock: this.clock });
  }

  /** The next reopening finds the machine's clock at this time. */
  setClock(nowMs: number): void {
    this.clock = new ManualClock(nowMs);
  }

  /** What can be rebuilt is gone at the next reopening. */
  async removeDerived(): Promise<void> {
    await this.#ledger.close();
    await rm(join(this.#directory, "channels", "ch1", "derived"), { recursive: true });
  }

  async close(): Promise<void> {
    await this.#ledger.close().catch(() => undefined);
    await rm(this.#directory, { recursive: true, force: true });
  }

  call(fn: string, ...args: string[]): SubmitRequest {
    const [org] = this.cast.orgs;
    if (org === undefined) throw new TypeError("There is an organization.");
    return { channelId: "ch1", creator: org.creator, contract: "kv", fn, args };
  }

  async read(fn: string, ...args: string[]): Promise<string> {
    return Buffer.from(await this.ledger.evaluate(this.call(fn, ...args))).toString();
  }

  proposal(parts: Partial<ProposalRequest> = {}, creator = this.cast.client): TestProposal {
    const timestampMs = this.clock.nowMs();
    return createProposal(creator, { channelId: "ch1", contract: "kv", args: ["f"], timestampMs, ...parts });
  }

  async open(proposal: TestProposal = this.proposal(), sameStateAs?: number): Promise<number> {
    const { channelId, txId, timestamp } = proposal;
    const same = sameStateAs === undefined ? {} : { sameStateAs };
    return (await this.ledger.openSimulation({ channelId, txId, timestamp, ...same })).simulationId;
  }

  /** Simulates the steps and answers the results, with what the steps answered. */
  async simulate(proposal: TestProposal, steps: readonly SimulationStep[]) {
    const id = await this.open(proposal);
    const answers: SimulationAnswer[] = [];
    for (const step of steps) answers.push(await this.ledger.simulate(id, step));
    return { ...(await this.ledger.finishSimulation(id)), answers };
  }

  envelope(proposal: TestProposal, results: Uint8Array, parts: Partial<EndorsementRequest> = {}): Uint8Array {
    return createEnvelope(proposal, { results, endorsers: this.cast.peers, ...parts });
  }

  order(envelope: Uint8Array): Promise<OrderResult> {
    return this.ledger.order({ channelId: "ch1", envelope });
  }

  /** From proposal to verdict. */
  async invoke(steps: readonly SimulationStep[], parts: Partial<EndorsementRequest> = {}): Promise<OrderResult> {
    const proposal = this.proposal();
    const { results } = await this.simulate(proposal, steps);
    return this.order(this.envelope(proposal, results, parts));
  }

  put(key: string, value: string): SimulationStep {
    return { kind: "put", namespace: "kv", key, value: Buffer.from(value) };
  }

  get(key: string): SimulationStep {
    return { kind: "get", namespace: "kv", key };
  }
}

function optionsOf(directory: string) {
  return { directory, installationId: TEST_INSTALLATION, contracts };
}
