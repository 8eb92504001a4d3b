import { auditContract, collaborationContract, evidenceContract, tokenContract } from "@concordat/contracts";
import type { ContractStatus } from "@concordat/fabric/client";
import type { Ledger } from "@concordat/ledger";
import type { ContractDefinition as ChannelDefinition } from "@concordat/ledger/endorsement";
import type { NetworkChannelRow } from "../control-store/rows.ts";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { type ChannelDefinitions, defaultEndorsementPolicy, policyTextOf } from "./definitions.ts";
import type { NodeRunner } from "./node-runner.ts";
import type { ChannelContract } from "./ports.ts";

export interface ContractViewsDependencies {
  readonly ledger: Ledger;
  readonly definitions: ChannelDefinitions;
  readonly runner: NodeRunner;
}

const builtIn = [evidenceContract, collaborationContract, auditContract, tokenContract];

/** The contracts of a channel, with what each organization runs of them. */
export class ContractViews {
  readonly #dependencies: ContractViewsDependencies;

  constructor(dependencies: ContractViewsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Those that are built in first, then by ascending name. */
  async all(channel: NetworkChannelRow): Promise<readonly ChannelContract[]> {
    const { ledger, definitions } = this.#dependencies;
    const [config, committed] = await Promise.all([
      onLedger(() => ledger.config(channel.channelId)),
      definitions.committed(channel.channelId),
    ]);
    const statuses = await this.#statuses();
    const undefinedNames = config.contracts.filter((name) => !committed.some((definition) => definition.name === name));
    const isBuiltIn = ({ name }: ChannelDefinition) => config.contracts.includes(name);
    return [
      ...undefinedNames.map((name) => builtInView(channel, name)),
      ...(await Promise.all(
        committed.map((definition) => this.#view(channel, definition, isBuiltIn(definition), statuses)),
      )),
    ];
  }

  /** @throws PlatformError CONTRACT_UNKNOWN */
  async one(channel: NetworkChannelRow, name: string): Promise<ChannelContract> {
    const found = (await this.all(channel)).find((contract) => contract.name === name);
    if (found === undefined) throw new PlatformError("CONTRACT_UNKNOWN");
    return found;
  }

  /**
   * For each organization that runs a package of the contract.
   * @throws PlatformError CONTRACT_UNKNOWN
   */
  async eachPackage<Result>(
    channel: NetworkChannelRow,
    name: string,
    work: (mspId: string, packageId: string) => Promise<Result>,
    mspIds: readonly string[] = channel.organizations,
  ): Promise<readonly Result[]> {
    const { organizations } = await this.one(channel, name);
    const running = organizations.filter(({ mspId }) => mspIds.includes(mspId));
    return Promise.all(running.flatMap(({ mspId, packageId }) => (packageId === null ? [] : [work(mspId, packageId)])));
  }

  async #view(
    channel: NetworkChannelRow,
    definition: ChannelDefinition,
    isBuiltIn: boolean,
    statuses: readonly ContractStatus[],
  ): Promise<ChannelContract> {
    const { name, version, sequence, initRequired } = definition;
    const organizations = await Promise.all(
      channel.organizations.map(async (mspId) => {
        const packageId = isBuiltIn ? null : await this.#packageOf(channel.channelId, mspId, definition);
        const isIt = (status: ContractStatus) => status.mspId === mspId && status.packageId === packageId;
        return { mspId, packageId, status: statuses.find(isIt) ?? null };
      }),
    );
    const endorsementPolicy = policyTextOf(definition);
    return {
      channelId: channel.channelId,
      name,
      version,
      sequence,
      endorsementPolicy,
      initRequired,
      isBuiltIn,
      organizations,
    };
  }

  /** That of the organization's approval of the definition that is in force. */
  async #packageOf(channelId: string, mspId: string, { name, sequence }: ChannelDefinition): Promise<string | null> {
    const approval = await this.#dependencies.definitions.approval(channelId, mspId, name, sequence);
    return approval === undefined || approval.packageId === "" ? null : approval.packageId;
  }

  async #statuses(): Promise<readonly ContractStatus[]> {
    return (await this.#dependencies.runner.fabric()).contractStatuses();
  }
}

function builtInView({ channelId, organizations }: NetworkChannelRow, name: string): ChannelContract {
  return {
    channelId,
    name,
    version: builtIn.find((contract) => contract.name === name)?.version ?? "",
    sequence: 0,
    endorsementPolicy: defaultEndorsementPolicy,
    initRequired: false,
    isBuiltIn: true,
    organizations: organizations.map((mspId) => ({ mspId, packageId: null, status: null })),
  };
}
