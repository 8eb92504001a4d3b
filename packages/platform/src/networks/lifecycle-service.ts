import type { Fabric } from "@concordat/fabric/client";
import {
  type ContractDefinition as ChannelDefinition,
  LIFECYCLE_NAMESPACE,
  validationCodeName,
} from "@concordat/ledger/endorsement";
import type { NetworkChannelRow } from "../control-store/rows.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import type { NetworkAccess } from "./access.ts";
import { actingOrganization } from "./acting.ts";
import { type AuditedDependencies, audited } from "./audited.ts";
import type { ClientIdentities } from "./client-identities.ts";
import type { ContractViews } from "./contract-views.ts";
import { type ChannelDefinitions, toChannelDefinition } from "./definitions.ts";
import { onFabric } from "./fabric-errors.ts";
import { approvalArguments, commitArguments } from "./lifecycle-messages.ts";
import type { NodeRunner } from "./node-runner.ts";
import { toOutcome } from "./outcomes.ts";
import type { ChannelContract, CommitReadiness, ContractDefinition, ContractOutcome } from "./ports.ts";

export interface LifecycleDependencies extends AuditedDependencies {
  readonly access: NetworkAccess;
  readonly runner: NodeRunner;
  readonly identities: ClientIdentities;
  readonly definitions: ChannelDefinitions;
  readonly views: ContractViews;
}

/** Approving and committing contract definitions, in the names of organizations' administrators. */
export class LifecycleService {
  readonly #dependencies: LifecycleDependencies;

  constructor(dependencies: LifecycleDependencies) {
    this.#dependencies = dependencies;
  }

  async approve(
    caller: Caller,
    input: ContractDefinition & { readonly mspId?: string; readonly packageId?: string },
  ): Promise<ContractOutcome> {
    const { access, identities } = this.#dependencies;
    const { channel } = access.channel(caller, "network:contract:approve", input.channelId);
    identities.requireUsable(caller.principal);
    const mspId = actingOrganization(caller, channel, input.mspId);
    const definition = toChannelDefinition(input);
    const { packageId = "" } = input;
    if (packageId !== "" && !/^[A-Za-z0-9][A-Za-z0-9_.+-]*:[0-9a-f]{64}$/.test(packageId)) {
      throw new PlatformError("CONTRACT_DEFINITION_INVALID", "A package id is a label, a colon and 64 hex digits.");
    }
    const { name, version, sequence } = definition;
    const event = {
      action: "network:contract:approve",
      resource: { kind: "contract", id: `${input.channelId}/${name}` },
      detail: { mspId, version, sequence, packageId },
    } as const;
    return audited(caller, event, this.#dependencies, () =>
      this.#invoke(channel, mspId, "ApproveChaincodeDefinitionForMyOrg", approvalArguments(definition, packageId), [
        mspId,
      ]),
    );
  }

  /** From the channel's state, so that no peer need be up. */
  async readiness(caller: Caller, input: ContractDefinition): Promise<CommitReadiness> {
    const { access, definitions } = this.#dependencies;
    const { channel } = access.channel(caller, "network:contract:list", input.channelId);
    const definition = toChannelDefinition(input);
    const committed = await definitions.find(input.channelId, input.name);
    const next = (committed?.sequence ?? 0) + 1;
    if (definition.sequence !== next) {
      throw new PlatformError("CONTRACT_DEFINITION_INVALID", `The contract's next sequence is ${next}.`, {
        facts: { sequence: definition.sequence, next },
      });
    }
    const approvals = await this.#approvals(channel, definition);
    const approved = Object.values(approvals).filter(Boolean).length;
    return { approvals, ready: approved > channel.organizations.length / 2 };
  }

  async commit(caller: Caller, input: ContractDefinition & { readonly mspId?: string }): Promise<ChannelContract> {
    const { access, identities, views, runner } = this.#dependencies;
    const { channel } = access.channel(caller, "network:contract:commit", input.channelId);
    identities.requireUsable(caller.principal);
    const mspId = actingOrganization(caller, channel, input.mspId);
    const definition = toChannelDefinition(input);
    const { name, version, sequence } = definition;
    const event = {
      action: "network:contract:commit",
      resource: { kind: "contract", id: `${input.channelId}/${name}` },
      detail: { mspId, version, sequence },
    } as const;
    await audited(caller, event, this.#dependencies, () => this.#commit(channel, mspId, definition));
    const fabric = await runner.fabric();
    await views.eachPackage(channel, name, (member, packageId) => startQuietly(fabric, member, packageId));
    return views.one(channel, name);
  }

  /** Peers endorse a commit only for organizations that have approved. */
  async #commit(channel: NetworkChannelRow, mspId: string, definition: ChannelDefinition): Promise<void> {
    const approvals = await this.#approvals(channel, definition);
    const approved = channel.organizations.filter((member) => approvals[member] === true);
    if (approved.length <= channel.organizations.length / 2) {
      throw new PlatformError("CONTRACT_CALL_REFUSED", "Not enough organizations have approved this definition.", {
        remedy: "Have more than half of the channel's organizations approve exactly this definition.",
        facts: { approved },
      });
    }
    const outcome = await this.#invoke(
      channel,
      mspId,
      "CommitChaincodeDefinition",
      commitArguments(definition),
      approved,
    );
    if (outcome.validationCode === validationCodeName(0)) return;
    throw new PlatformError("CONTRACT_CALL_REFUSED", `The commit ended with ${outcome.validationCode}.`, {
      facts: { txId: outcome.txId, validationCode: outcome.validationCode },
    });
  }

  async #approvals(
    channel: NetworkChannelRow,
    definition: ChannelDefinition,
  ): Promise<Readonly<Record<string, boolean>>> {
    const { definitions } = this.#dependencies;
    const rows = await Promise.all(
      channel.organizations.map(
        async (mspId) => [mspId, await definitions.hasApproved(channel.channelId, mspId, definition)] as const,
      ),
    );
    return Object.fromEntries(rows);
  }

  async #invoke(
    { channelId }: NetworkChannelRow,
    mspId: string,
    fn: string,
    argument: Uint8Array,
    endorsingOrganizations: readonly string[],
  ): Promise<ContractOutcome> {
    const { runner, identities } = this.#dependencies;
    const signer = identities.administrator(mspId);
    return onFabric(async () => {
      const request = {
        channelId,
        contract: LIFECYCLE_NAMESPACE,
        fn,
        args: [argument],
        endorsingOrganizations,
        signer,
      };
      return toOutcome(await (await runner.fabric()).invoke(request));
    });
  }
}

/** How it went stands in the contract's status; a package that is not there has none. */
async function startQuietly(fabric: Fabric, mspId: string, packageId: string): Promise<void> {
  await fabric.startContract(mspId, packageId).catch(() => undefined);
}
