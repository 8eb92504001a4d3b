import { type Clock, InvariantError, isConcordatError, type Logger, type RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { ChannelConfig, CheckpointSignerKey, Ledger } from "@concordat/ledger";
import { issueSmCheckpointKey } from "../accounts/credentials.ts";
import type {
  ChainRow,
  ControlChange,
  MembershipRow,
  OrganizationRow,
  SmCheckpointKeyRow,
} from "../control-store/port.ts";
import type { Directory } from "../directory/directory.ts";
import { Mutex } from "../directory/mutex.ts";
import type { ChannelTrust } from "../ledger/channel-trust.ts";
import { createChannelConfig, openCheckpointKeys, toOrganizationConfig } from "./channel-config.ts";

export interface ChannelStepsDependencies {
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly trust: ChannelTrust;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

/**
 * The steps that bring a channel to what the control store has recorded. A row says what shall be (`creating`, `joining`); a step does it on
 * the ledger and may find it done; the row then says that it is. Each step can run again after a crash at any point, and
 * {@link ChannelSteps.resume} runs those that a crash left.
 */
export class ChannelSteps {
  readonly #options: { readonly installationId: string };
  readonly #dependencies: ChannelStepsDependencies;
  readonly #channels = new Map<string, Mutex>();

  constructor(options: { readonly installationId: string }, dependencies: ChannelStepsDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** Unlocks the channels that the ledger has found, then finishes what was begun. */
  async resume(): Promise<void> {
    const { ledger, directory, log } = this.#dependencies;
    const found = new Set((await ledger.channels()).map((channel) => channel.channelId));
    for (const row of directory.chainRows()) {
      if (found.has(row.channelId)) await this.#unlock(row.channelId);
      else if (row.status === "active")
        log.error("The ledger has no channel of this chain.", { channelId: row.channelId });
    }
    for (const row of directory.chainRows()) {
      if (row.status === "creating") await this.createChannel(row);
      for (const membership of directory.membershipRows(row.bizChainId)) {
        if (membership.status === "joining") await this.join(row, membership);
      }
    }
  }

  /** Makes the chain's channel with the organization of its administrator, and shows the chain. */
  createChannel(row: ChainRow): Promise<void> {
    return this.#onChannel(row.channelId, async () => {
      const { ledger, directory, sealer } = this.#dependencies;
      const organization = this.#organizationOf(row.administratorUid);
      const smKey = await this.#smKeyFor(row.cryptography, organization);
      const config = createChannelConfig({
        installationId: this.#options.installationId,
        channelId: row.channelId,
        displayName: row.name,
        organizations: [toOrganizationConfig(organization, smKey)],
        blockCutting: row.blockCutting,
        cryptography: row.cryptography,
      });
      try {
        await ledger.createChannel(config, openCheckpointKeys(organization, smKey, sealer));
      } catch (error) {
        if (!isConcordatError(error, "CHANNEL_EXISTS")) throw error;
      }
      await directory.change(async () => ({
        changes: [{ table: "chains", row: { ...row, status: "active" } }],
        result: undefined,
      }));
    });
  }

  /** Brings a new member's organization on the channel, unless another member brought it, and shows the membership. */
  join(chain: ChainRow, membership: MembershipRow): Promise<void> {
    return this.#onChannel(chain.channelId, async () => {
      const { ledger, directory, trust } = this.#dependencies;
      const organization = this.#organizationOf(membership.uid);
      const config = await ledger.config(chain.channelId);
      if (!config.organizations.some(({ mspId }) => mspId === organization.mspId)) {
        const smKey = await this.#smKeyFor(config.cryptography, organization);
        const organizations = [...config.organizations, toOrganizationConfig(organization, smKey)];
        const joined: ChannelConfig = { ...config, organizations };
        await trust.change(chain.channelId, () => ledger.updateChannel(joined, this.#signersOf(joined)));
      }
      const changes: ControlChange[] = [{ table: "memberships", row: { ...membership, status: "active" } }];
      await directory.change(async () => ({ changes, result: undefined }));
    });
  }

  async #unlock(channelId: string): Promise<void> {
    const { ledger } = this.#dependencies;
    await ledger.unlockChannel(channelId, this.#signersOf(await ledger.config(channelId)));
  }

  #signersOf(config: ChannelConfig): CheckpointSignerKey[] {
    const { directory, sealer } = this.#dependencies;
    return config.organizations.flatMap(({ mspId }) => {
      const row = directory.organization(mspId);
      if (row === undefined)
        throw new InvariantError(`Organization ${mspId} is on a channel and not in the directory.`);
      const smKey = config.cryptography === "sm" ? directory.smCheckpointKey(mspId) : undefined;
      return openCheckpointKeys(row, smKey, sealer);
    });
  }

  /** An organization's SM2 key is made when it first takes part in an SM channel, and is on disk before it signs anything. */
  async #smKeyFor(
    cryptography: ChainRow["cryptography"],
    organization: OrganizationRow,
  ): Promise<SmCheckpointKeyRow | undefined> {
    if (cryptography !== "sm") return undefined;
    const { directory } = this.#dependencies;
    return directory.change(async () => {
      const known = directory.smCheckpointKey(organization.mspId);
      if (known !== undefined) return { changes: [], result: known };
      const row = await issueSmCheckpointKey(organization, this.#dependencies);
      return { changes: [{ table: "smCheckpointKeys", row } as const], result: row };
    });
  }

  #organizationOf(uid: string): OrganizationRow {
    const { directory } = this.#dependencies;
    const mspId = directory.principal(uid)?.mspId;
    const row = mspId === undefined ? undefined : directory.organization(mspId);
    if (row === undefined) throw new InvariantError(`Principal ${uid} has no organization.`);
    return row;
  }

  /** A configuration is read, changed and written: one change of a channel at a time. */
  #onChannel<Result>(channelId: string, work: () => Promise<Result>): Promise<Result> {
    const mutex = this.#channels.get(channelId) ?? new Mutex();
    this.#channels.set(channelId, mutex);
    return mutex.run(work);
  }
}
