import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createContractPackage } from "@concordat/fabric";
import { peer } from "@hyperledger/fabric-protos";
import { expect } from "vitest";
import { startChaincode } from "./chaincode-process.ts";
import type { ContractHome, HomeOptions, World, WorldOrganization } from "./contract-homes.ts";
import { type HomeNetwork, peerIdOf, startHomeNetwork } from "./home-network.ts";
import { networkCalls } from "./network-home.ts";
import { temporaryFolder } from "./temporary.ts";

const { lifecycle } = peer;

/**
 * The official fabric-shim on a network: `program` is a chaincode server, run as a process of its own, installed as a package of type ccaas,
 * approved and committed, and called through a peer by the official Gateway client.
 */
export async function openNetworkChaincodeHome(program: string, options: HomeOptions): Promise<ContractHome> {
  const {
    contract,
    world: { organizations },
  } = options;
  const socket = join(await temporaryFolder("network-chaincode"), "socket");
  const relay = await openRelay(socket);
  const network = await startHomeNetwork(options, { builtIn: [], serviceAddresses: [relay.address] });
  const packageId = await install(network, organizations, await servicePackage(contract.name, relay.address));
  const started = { contract: contract.name, address: `unix:${socket}`, chaincodeId: packageId };
  const chaincode = startChaincode(program, started);
  const close = async () => {
    try {
      await network.close();
    } finally {
      await chaincode.stop();
      relay.close();
    }
  };
  try {
    for (const { mspId } of organizations) {
      const status = await Promise.race([network.fabric.startContract(mspId, packageId), chaincode.ended]);
      expect(status).toMatchObject({ state: "running", reason: null });
    }
    await define(options, network, packageId);
  } catch (error) {
    await close();
    throw error;
  }
  return { ...networkCalls(options, network), close };
}

function servicePackage(name: string, address: string): Promise<Uint8Array> {
  const connection = { address, dial_timeout: "60s", tls_required: false };
  const content = Buffer.from(JSON.stringify(connection));
  return createContractPackage({ label: `${name}_1`, type: "ccaas", files: [{ path: "connection.json", content }] });
}

/** The package's id. */
async function install(
  { fabric }: HomeNetwork,
  organizations: World["organizations"],
  bytes: Uint8Array,
): Promise<string> {
  const [first, ...others] = organizations;
  const { packageId } = await fabric.installContract(peerIdOf(first), bytes);
  for (const each of others) await fabric.installContract(peerIdOf(each), bytes);
  return packageId;
}

/** Each organization approves, and the first commits, as its administrator. */
async function define({ world, contract }: HomeOptions, { fabric }: HomeNetwork, packageId: string): Promise<void> {
  const local = new lifecycle.ChaincodeSource.Local();
  local.setPackageId(packageId);
  const source = new lifecycle.ChaincodeSource();
  source.setLocalPackage(local);
  const approval = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
  approval.setSource(source);
  const commit = new lifecycle.CommitChaincodeDefinitionArgs();
  for (const message of [approval, commit]) {
    message.setName(contract.name);
    message.setVersion(contract.version);
    message.setSequence(1);
  }
  const invoke = async (
    organization: WorldOrganization,
    fn: string,
    argument: Uint8Array,
    mspIds: readonly string[],
  ) => {
    const signer = await organization.member("admin");
    const call = { channelId: world.channelId, contract: "_lifecycle", fn, args: [argument] };
    const result = await fabric.invoke({ ...call, signer, endorsingOrganizations: mspIds });
    expect(result).toMatchObject({ validationCode: 0 });
  };
  for (const each of world.organizations) {
    await invoke(each, "ApproveChaincodeDefinitionForMyOrg", approval.serializeBinary(), [each.mspId]);
  }
  const all = world.organizations.map(({ mspId }) => mspId);
  await invoke(world.organizations[0], "CommitChaincodeDefinition", commit.serializeBinary(), all);
}

interface Relay {
  /** `host:port`. */
  readonly address: string;
  close(): void;
}

/** Packages name host and port, and their hash the chaincode: a port that is known before the chaincode runs, on the way to its socket. */
async function openRelay(path: string): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(path);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.pipe(to);
      // A chaincode that does not listen yet: the peer tries again.
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The relay has no port.");
  return {
    address: `127.0.0.1:${address.port}`,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
