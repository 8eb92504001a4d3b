import {
  bytesToHex,
  type Clock,
  InvariantError,
  isConcordatError,
  type Logger,
  type RandomSource,
} from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { ChannelConfig, Ledger } from "@concordat/ledger";
import { issueSmCheckpointKey } from "../accounts/credentials.ts";
import { smCheckpointRecord } from "../certificates/records.ts";
import type { RevocationLists } from "../certificates/revocation-lists.ts";
import type {
  ChainRow,
  ControlChange,
  MembershipRow,
  NetworkChannelRow,
  OrganizationRow,
  SmCheckpointKeyRow,
} from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { Mutex } from "../directory/mutex.ts";
import type { ChannelTrust } from "../ledger/channel-trust.ts";
import { defaultBlockCutting } from "./block-cutting.ts";
import { auditChannelId, contractOfService, createChannelConfig } from "./channel-config.ts";
import { ChannelSigners } from "./channel-signers.ts";
import { CollaborationSteps } from "./collaboration-steps.ts";
import { isSameOrganization, OrganizationConfigs } from "./organization-configs.ts";

export interface ChannelStepsDependencies {
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly trust: ChannelTrust;
  readonly revocationLists: Pick<RevocationLists, "all">;
  /** Told of each changed configuration; settles when the nodes that run go by it. */
  readonly configured: (channelId: string) => Promise<void>;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

/** A channel that belongs to no business chain. */
export interface OwnChannel {
  readonly channelId: string;
  readonly displayName: string;
  readonly ownerUid: string;
  readonly contracts: readonly string[];
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
  readonly #signers: ChannelSigners;
  readonly #organizations: OrganizationConfigs;
  readonly #collaboration: CollaborationSteps;

  constructor(options: { readonly installationId: string }, dependencies: ChannelStepsDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#signers = new ChannelSigners(dependencies);
    this.#organizations = new OrganizationConfigs(dependencies);
    this.#collaboration = new CollaborationSteps(dependencies);
  }

  /** Unlocks the channels that the ledger has found, then finishes what was begun. */
  async resume(): Promise<void> {
    const { ledger, directory, log } = this.#dependencies;
    const found = new Set((await ledger.channels()).map((channel) => channel.channelId));
    const networkChannels = directory.table("networkChannels").all();
    for (const { channelId, status } of [...directory.chainRows(), ...networkChannels]) {
      if (found.has(channelId)) await this.#unlock(channelId);
      else if (status === "active") log.error("The ledger has no channel of this chain or network.", { channelId });
    }
    if (found.has(auditChannelId)) await this.#unlock(auditChannelId);
    for (const row of directory.chainRows()) {
      if (row.status === "creating") await this.createChannel(row);
      for (const membership of directory.membershipRows(row.bizChainId)) {
        if (membership.status === "joining") await this.join(row, membership);
      }
    }
    for (const row of networkChannels) if (row.status === "creating") await this.createNetworkChannel(row);
  }

  /** @throws PlatformError HOME_ELSEWHERE and others when the ledger cannot be asked here */
  async requireLedger(): Promise<void> {
    await this.#dependencies.ledger.channels();
  }

  /** Makes the chain's channel with the organization of its administrator, tells a collaboration who that is, and shows the chain. */
  createChannel(row: ChainRow): Promise<void> {
    return this.#onChannel(row.channelId, async () => {
      const { directory } = this.#dependencies;
      const organization = this.#organizationOf(row.administratorUid);
      const smKey = await this.#smKeyFor(row.cryptography, organization);
      const config = createChannelConfig({
        installationId: this.#options.installationId,
        channelId: row.channelId,
        displayName: row.name,
        organizations: [this.#organizations.of(organization, smKey)],
        blockCutting: row.blockCutting,
        cryptography: row.cryptography,
        contracts: [contractOfService[row.service]],
      });
      await this.#createUnlessThere(config);
      if (row.service === "collaboration") await this.#collaboration.open(row);
      await directory.change(async () => ({
        changes: [{ table: "chains", row: { ...row, status: "active" } }],
        result: undefined,
      }));
    });
  }

  /** Makes a network's channel with its organizations, and shows it. */
  createNetworkChannel(row: NetworkChannelRow): Promise<void> {
    return this.#onChannel(row.channelId, async () => {
      const { directory } = this.#dependencies;
      const members = row.organizations.map((mspId) => directory.organization(mspId));
      if (members.includes(undefined))
        throw new InvariantError("An organization of a network is not in the directory.");
      const organizations = await Promise.all(
        members.flatMap((member) => (member === undefined ? [] : this.#organizations.ofNetworkMember(member))),
      );
      const config = createChannelConfig({
        installationId: this.#options.installationId,
        channelId: row.channelId,
        displayName: row.channelId,
        organizations,
        blockCutting: row.blockCutting,
        cryptography: "international",
        stateDatabase: row.stateDatabase,
      });
      await this.#createUnlessThere(config);
      await directory.change(async () => ({
        changes: [{ table: "networkChannels", row: { ...row, status: "active" } }],
        result: undefined,
      }));
    });
  }

  async #createUnlessThere(config: ChannelConfig): Promise<void> {
    try {
      await this.#dependencies.ledger.createChannel(config, this.#signers.of(config));
    } catch (error) {
      if (!isConcordatError(error, "CHANNEL_EXISTS")) throw error;
    }
  }

  /** Makes a channel of the installation's own with the organization of one account, unless it is there. */
  createOwnChannel(own: OwnChannel): Promise<void> {
    return this.#onChannel(own.channelId, async () => {
      const { ledger } = this.#dependencies;
      if ((await ledger.channels()).some(({ channelId }) => channelId === own.channelId)) return;
      const config = createChannelConfig({
        installationId: this.#options.installationId,
        channelId: own.channelId,
        displayName: own.displayName,
        organizations: [this.#organizations.of(this.#organizationOf(own.ownerUid), undefined)],
        blockCutting: defaultBlockCutting,
        cryptography: "international",
        contracts: own.contracts,
      });
      await ledger.createChannel(config, this.#signers.of(config));
    });
  }

  /**
   * Brings the organization of a member's RAM user on the channel, unless another member brought it, gives it the rights of the one that had
   * the place before, and shows the membership. Does nothing when that is done.
   */
  join(chain: ChainRow, { memberId }: MembershipRow): Promise<void> {
    return this.#onChannel(chain.channelId, async () => {
      const { directory } = this.#dependencies;
      const present = () => directory.row("memberships", chain.bizChainId, memberId);
      const joining = present();
      if (joining?.status !== "joining") return;
      await this.#bringOrganization(chain.channelId, this.#organizationOf(joining.uid));
      if (chain.service === "collaboration" && joining.formerUid !== null) {
        await this.#collaboration.moveGrants(chain, joining.formerUid, joining.uid);
      }
      await directory.change(async () => {
        // Its lock and its details may have changed meanwhile.
        const row: MembershipRow = { ...(present() ?? joining), status: "active", formerUid: null };
        return { changes: [{ table: "memberships", row }], result: undefined };
      });
    });
  }

  async #bringOrganization(channelId: string, organization: OrganizationRow): Promise<void> {
    const { ledger, trust } = this.#dependencies;
    const config = await ledger.config(channelId);
    if (config.organizations.some(({ mspId }) => mspId === organization.mspId)) return;
    const smKey = await this.#smKeyFor(config.cryptography, organization);
    const organizations = [...config.organizations, this.#organizations.of(organization, smKey)];
    const joined: ChannelConfig = { ...config, organizations };
    await trust.change(channelId, () => ledger.updateChannel(joined, this.#signers.of(joined)));
  }

  /**
   * Gives every channel of an organization its present authorities and checkpoint keys, those of networks its revocation lists too. Those
   * that have them are left alone.
   * @returns the channels that it is on
   */
  async refreshOrganization(mspId: string): Promise<readonly string[]> {
    const { ledger, directory } = this.#dependencies;
    // Channels that are being made at this moment too: they are waited for.
    const networkChannels = directory.table("networkChannels").all();
    const begun = [...[...directory.chainRows(), ...networkChannels].map((row) => row.channelId), auditChannelId];
    const found = (await ledger.channels()).map((channel) => channel.channelId);
    const refreshed: string[] = [];
    for (const channelId of new Set([...found, ...begun])) {
      if (await this.#onChannel(channelId, () => this.#refresh(channelId, mspId))) refreshed.push(channelId);
    }
    return refreshed;
  }

  /** The checkpoint keys of an organization that some channel names at this moment: public keys, in hex. */
  async keysOnChannels(mspId: string): Promise<ReadonlySet<string>> {
    const { ledger } = this.#dependencies;
    const configs = await Promise.all((await ledger.channels()).map(({ channelId }) => ledger.config(channelId)));
    const organizations = configs.flatMap((config) => config.organizations.filter((each) => each.mspId === mspId));
    return new Set(
      organizations.flatMap(({ checkpointKeys }) => checkpointKeys.map((key) => bytesToHex(key.publicKey))),
    );
  }

  async #refresh(channelId: string, mspId: string): Promise<boolean> {
    const { ledger, directory, trust } = this.#dependencies;
    const isThere = (await ledger.channels()).some((channel) => channel.channelId === channelId);
    const row = directory.organization(mspId);
    if (!isThere || row === undefined) return false;
    const config = await ledger.config(channelId);
    const before = config.organizations.find((organization) => organization.mspId === mspId);
    if (before === undefined) return false;
    const smKey = config.cryptography === "sm" ? directory.smCheckpointKey(mspId) : undefined;
    const present =
      directory.row("networkChannels", channelId) === undefined
        ? this.#organizations.of(row, smKey)
        : await this.#organizations.ofNetworkMember(row);
    const after = { ...present, displayName: before.displayName };
    if (isSameOrganization(before, after)) return true;
    const organizations = config.organizations.map((organization) => (organization === before ? after : organization));
    const refreshed: ChannelConfig = { ...config, organizations };
    await trust.change(channelId, () => ledger.updateChannel(refreshed, this.#signers.of(refreshed)));
    await this.#dependencies.configured(channelId);
    return true;
  }

  async #unlock(channelId: string): Promise<void> {
    const { ledger } = this.#dependencies;
    await ledger.unlockChannel(channelId, this.#signers.of(await ledger.config(channelId)));
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
      const certificate = smCheckpointRecord(row, this.#dependencies.sealer);
      const changes: ControlChange[] = [
        { table: "smCheckpointKeys", row },
        { table: "certificates", row: certificate },
      ];
      return { changes, result: row };
    });
  }

  #organizationOf(uid: string): OrganizationRow {
    const { directory } = this.#dependencies;
    // Of a RAM user that was deleted since, too: a start must not fail for it.
    const mspId = directory.row("principals", uid)?.mspId;
    const row = mspId === undefined ? undefined : directory.organization(mspId);
    if (row === undefined) throw new InvariantError(`Principal ${uid} has no organization.`);
    return row;
  }

  /** Runs `work` while no organization joins the channel and no member's place, or the rights that go with it, changes hands on it. */
  whileMembersStay<Result>(channelId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#onChannel(channelId, work);
  }

  /** A configuration is read, changed and written: one change of a channel at a time. */
  #onChannel<Result>(channelId: string, work: () => Promise<Result>): Promise<Result> {
    const mutex = this.#channels.get(channelId) ?? new Mutex();
    this.#channels.set(channelId, mutex);
    return mutex.run(work);
  }
}
