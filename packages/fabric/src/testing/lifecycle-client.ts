import { encodeApplicationPolicy, parsePolicyText } from "@concordat/ledger/endorsement";
import type { Gateway } from "@hyperledger/fabric-gateway";
import { peer } from "@hyperledger/fabric-protos";
import { connectGateway } from "./gateway-client.ts";
import type { TestNetwork } from "./test-network.ts";

const lifecycle = peer.lifecycle;

export interface TestDefinition {
  readonly name: string;
  readonly version?: string;
  readonly sequence?: number;
  /** As Fabric's tools write it; the channel's default policy when left out. */
  readonly policy?: string;
  readonly initRequired?: boolean;
  /** "" = none. */
  readonly packageId: string;
}

/** Approves for every organization and commits, through each organization's gateway, as its administrator. */
export async function deployContract(
  network: TestNetwork,
  channelId: string,
  definition: TestDefinition,
): Promise<void> {
  for (const { mspId } of network.organizations) {
    await asAdmin(network, mspId, (gateway) => approve(gateway, channelId, mspId, definition));
  }
  const mspIds = network.organizations.map(({ mspId }) => mspId);
  await asAdmin(network, mspIds[0] ?? "", (gateway) => commit(gateway, channelId, mspIds, definition));
}

export async function asAdmin<Answer>(
  network: TestNetwork,
  mspId: string,
  work: (gateway: Gateway) => Promise<Answer>,
): Promise<Answer> {
  const { gateway, close } = connectGateway(network.peer(mspId), await network.organization(mspId).member("admin"));
  try {
    return await work(gateway);
  } finally {
    close();
  }
}

export async function approve(gateway: Gateway, channelId: string, mspId: string, definition: TestDefinition) {
  const args = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
  state(args, definition);
  const source = new lifecycle.ChaincodeSource();
  if (definition.packageId === "") source.setUnavailable(new lifecycle.ChaincodeSource.Unavailable());
  else {
    const local = new lifecycle.ChaincodeSource.Local();
    local.setPackageId(definition.packageId);
    source.setLocalPackage(local);
  }
  args.setSource(source);
  await submit(gateway, channelId, "ApproveChaincodeDefinitionForMyOrg", args.serializeBinary(), [mspId]);
}

export async function commit(
  gateway: Gateway,
  channelId: string,
  mspIds: readonly string[],
  definition: TestDefinition,
): Promise<void> {
  const args = new lifecycle.CommitChaincodeDefinitionArgs();
  state(args, definition);
  await submit(gateway, channelId, "CommitChaincodeDefinition", args.serializeBinary(), mspIds);
}

function submit(gateway: Gateway, channelId: string, fn: string, argument: Uint8Array, mspIds: readonly string[]) {
  const contract = gateway.getNetwork(channelId).getContract("_lifecycle");
  return contract.submit(fn, { arguments: [argument], endorsingOrganizations: [...mspIds] });
}

interface Statement {
  setName(value: string): void;
  setVersion(value: string): void;
  setSequence(value: number): void;
  setInitRequired(value: boolean): void;
  setValidationParameter(value: Uint8Array): void;
}

export function state(
  message: Statement,
  { name, version = "1", sequence = 1, policy, initRequired }: TestDefinition,
): void {
  message.setName(name);
  message.setVersion(version);
  message.setSequence(sequence);
  message.setInitRequired(initRequired === true);
  if (policy !== undefined) message.setValidationParameter(encodeApplicationPolicy(parsePolicyText(policy)));
}
