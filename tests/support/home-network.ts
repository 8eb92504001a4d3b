import { createPrivateKey } from "node:crypto";
import { join } from "node:path";
import { nodeFileSystem, silentLogger, systemClock, systemRandom } from "@concordat/base";
import {
  createContractHost,
  createContractStreams,
  createFabric,
  type Fabric,
  type KeyPair,
  type NodeConfig,
} from "@concordat/fabric";
import { createOrganization, issueKeyedServerCertificate, openCertificateAuthority } from "@concordat/identity";
import { type Contract, type Ledger, openLedger } from "@concordat/ledger";
import { Client, credentials } from "@grpc/grpc-js";
import { connect, type Gateway, hash, signers } from "@hyperledger/fabric-gateway";
import type { HomeOptions, World, WorldOrganization } from "./contract-homes.ts";
import { createHomeChannel, installationId } from "./engine-home.ts";
import type { Caller } from "./fabric-messages.ts";
import { temporaryFolder } from "./temporary.ts";

/** A ledger, and before it a peer of each organization and an orderer of the first. Transactions are timed by the home's clock; sockets and certificates of TLS by the system's. */
export interface HomeNetwork {
  readonly fabric: Fabric;
  readonly ledger: Ledger;
  /** The official Gateway client at the first peer, as this member. Closed with the network. */
  gateway(caller: Caller): Gateway;
  close(): Promise<void>;
}

export async function startHomeNetwork(
  { world, clock }: HomeOptions,
  {
    builtIn,
    serviceAddresses,
  }: { readonly builtIn: readonly Contract[]; readonly serviceAddresses: readonly string[] },
): Promise<HomeNetwork> {
  const directory = await temporaryFolder("home-network");
  const ledgerOptions = { directory: join(directory, "ledger"), installationId, contracts: builtIn };
  const ledger = await openLedger(ledgerOptions, { clock });
  const names = builtIn.map(({ name }) => name);
  await createHomeChannel(ledger, world, names);

  const fabricDirectory = join(directory, "fabric");
  await nodeFileSystem.makeDirectory(fabricDirectory);
  const options = { directory: fabricDirectory, allowedContractAddresses: serviceAddresses, unsafeContracts: false };
  const shared = { random: systemRandom, fileSystem: nodeFileSystem, log: silentLogger, hiddenPaths: [directory] };
  const ofSystem = { ...shared, clock: systemClock };
  const contracts = createContractHost(options, { ...ofSystem, streams: createContractStreams({}, ofSystem) });
  const fabric = createFabric(options, { ...shared, ledger, clock, contracts });
  const [founder, ...partners] = world.organizations;
  const { rootPem, tls } = await createTls(world);
  const start = async (organization: WorldOrganization, kind: "peer" | "orderer") =>
    fabric.startNode(await nodeConfig(world, organization, kind, { ...tls, authorities: [rootPem] }));
  await start(founder, "orderer");
  const { port } = await start(founder, "peer");
  for (const partner of partners) await start(partner, "peer");

  const client = new Client(`127.0.0.1:${port}`, credentials.createSsl(Buffer.from(rootPem)), {
    "grpc.ssl_target_name_override": peerNameOf(founder),
  });
  const gateways = new Map<Caller, Gateway>();
  return {
    fabric,
    ledger,
    gateway(caller) {
      const gateway = gateways.get(caller) ?? connectAs(client, caller);
      gateways.set(caller, gateway);
      return gateway;
    },
    async close() {
      for (const gateway of gateways.values()) gateway.close();
      client.close();
      await fabric.close();
      await ledger.close();
    },
  };
}

function connectAs(client: Client, { mspId, certificatePem, privateKeyDer }: Caller): Gateway {
  const key = createPrivateKey({ key: Buffer.from(privateKeyDer), format: "der", type: "pkcs8" });
  return connect({
    client,
    identity: { mspId, credentials: Buffer.from(certificatePem) },
    signer: signers.newPrivateKeySigner(key),
    hash: hash.sha256,
  });
}

export function peerIdOf({ mspId }: WorldOrganization): string {
  return `${mspId} peer`;
}

function peerNameOf({ mspId }: WorldOrganization): string {
  return `peer0.${mspId.toLowerCase()}.example`;
}

async function nodeConfig(
  world: World,
  organization: WorldOrganization,
  kind: "peer" | "orderer",
  tls: NodeConfig["tls"],
): Promise<NodeConfig> {
  const { mspId, ...identity } = await organization.member(kind);
  return {
    nodeId: kind === "peer" ? peerIdOf(organization) : kind,
    kind,
    name: kind === "peer" ? peerNameOf(organization) : "orderer0.example",
    mspId,
    listen: { host: "127.0.0.1", port: 0 },
    identity,
    tls,
    channels: [{ channelId: world.channelId, height: 0 }],
  };
}

/** Of authorities of today: TLS asks no other clock than the system's. */
async function createTls({ organizations }: World): Promise<{ readonly rootPem: string; readonly tls: KeyPair }> {
  const dependencies = { clock: systemClock, random: systemRandom };
  const { identity, privateKeys } = await createOrganization({ name: "TLS", mspId: "TLS" }, dependencies);
  const stored = { certificatePem: identity.tlsCaCertificatePem, privateKeyDer: privateKeys.tlsCa };
  const authority = openCertificateAuthority(stored, dependencies);
  const tls = await issueKeyedServerCertificate(authority, {
    hosts: ["localhost", "127.0.0.1", ...organizations.map(peerNameOf)],
  });
  return { rootPem: identity.tlsCaCertificatePem, tls };
}
