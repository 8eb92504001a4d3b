import type { Handlers } from "@concordat/api-kit";
import { base64ToBytes } from "@concordat/base";
import type { ChannelContract, ContractCall } from "@concordat/platform";
import { RequestRefusal } from "../errors.ts";
import type { contractCallRoutes } from "../routes/contract-calls.ts";
import type { contractLifecycleRoutes } from "../routes/contract-lifecycle.ts";
import type { contractRoutes } from "../routes/contracts.ts";
import type { NativeContext } from "./context.ts";
import { networkIdOf } from "./network-lookup.ts";

const LOG_LINES = 100;

export const contractHandlers = {
  async installContract({ network, file, organizations }, context) {
    const { platform, caller } = context;
    const packageBytes = bytesOf("file", file);
    const networkId = await networkIdOf(network, context);
    return await platform.networks.installContract(caller, {
      networkId,
      packageBytes,
      ...(organizations === undefined ? {} : { organizations }),
    });
  },
  async listInstalledContracts({ network }, context) {
    const { platform, caller } = context;
    const packages = await platform.networks.listInstalledContracts(caller, await networkIdOf(network, context));
    return { packages: [...packages] };
  },
  async listContracts({ channel }, { platform, caller }) {
    return { contracts: (await platform.networks.listContracts(caller, channel)).map(contractToWire) };
  },
  async startContract({ channel, contract, organization }, { platform, caller }) {
    return { statuses: [...(await platform.networks.startContract(caller, channel, contract, organization))] };
  },
  async stopContract({ channel, contract, organization }, { platform, caller }) {
    return { statuses: [...(await platform.networks.stopContract(caller, channel, contract, organization))] };
  },
} satisfies Handlers<typeof contractRoutes, NativeContext>;

export const contractLifecycleHandlers = {
  async approveContract(input, { platform, caller }) {
    const { packageId } = input;
    const approval = { ...definitionOf(input), ...(packageId === undefined ? {} : { packageId }) };
    return await platform.networks.approveContract(caller, approval);
  },
  async checkContractReadiness(input, { platform, caller }) {
    const { approvals, ready } = await platform.networks.checkCommitReadiness(caller, definitionOf(input));
    return { approvals: { ...approvals }, ready };
  },
  async commitContract(input, { platform, caller }) {
    return contractToWire(await platform.networks.commitContract(caller, definitionOf(input)));
  },
} satisfies Handlers<typeof contractLifecycleRoutes, NativeContext>;

export const contractCallHandlers = {
  async invokeContract(input, { platform, caller }) {
    return await platform.networks.invokeContract(caller, callOf(input));
  },
  async queryContract(input, { platform, caller }) {
    const { result, resultIsBase64 } = await platform.networks.queryContract(caller, callOf(input));
    return { result, resultIsBase64 };
  },
  async listContractLogs({ channel, contract, organization, lines = LOG_LINES }, { platform, caller }) {
    const which = { channelId: channel, contract, lines, ...actingAs(organization) };
    return { lines: [...(await platform.networks.contractLogs(caller, which))] };
  },
} satisfies Handlers<typeof contractCallRoutes, NativeContext>;

function actingAs(organization: string | undefined) {
  return organization === undefined ? {} : { mspId: organization };
}

interface DefinitionFields {
  readonly channel: string;
  readonly contract: string;
  readonly version: string;
  readonly sequence: number;
  readonly endorsementPolicy?: string;
  readonly initRequired?: boolean;
  readonly organization?: string;
}

function definitionOf({ channel, contract, version, sequence, organization, ...rest }: DefinitionFields) {
  const { endorsementPolicy, initRequired } = rest;
  return {
    channelId: channel,
    name: contract,
    version,
    sequence,
    ...(endorsementPolicy === undefined ? {} : { endorsementPolicy }),
    ...(initRequired === undefined ? {} : { initRequired }),
    ...actingAs(organization),
  };
}

interface CallFields {
  readonly channel: string;
  readonly contract: string;
  readonly function: string;
  readonly args?: readonly string[];
  readonly transient?: Readonly<Record<string, string>>;
  readonly organization?: string;
  readonly endorsingOrganizations?: readonly string[];
}

function callOf({ channel, contract, organization, args = [], ...rest }: CallFields): ContractCall {
  const { function: fn, transient, endorsingOrganizations } = rest;
  for (const text of Object.values(transient ?? {})) bytesOf("transient", text);
  return {
    channelId: channel,
    contract,
    fn,
    args,
    ...(transient === undefined ? {} : { transient }),
    ...(endorsingOrganizations === undefined ? {} : { endorsingOrganizations }),
    ...actingAs(organization),
  };
}

function contractToWire(contract: ChannelContract) {
  return { ...contract, organizations: [...contract.organizations] };
}

/** @throws RequestRefusal FIELD_MALFORMED */
function bytesOf(field: string, base64: string): Uint8Array {
  try {
    return base64ToBytes(base64);
  } catch (cause) {
    throw new RequestRefusal("FIELD_MALFORMED", `The field ${field} is not base64.`, { cause });
  }
}
