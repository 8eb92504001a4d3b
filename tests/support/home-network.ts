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
import type { HomeOptions, World } from "./contract-homes.ts";
import { createHomeChannel, installationId } from "./engine-home.ts";
import type { Caller } from "./fabric-messages.ts";
import { temporaryFolder } from "./temporary.ts";

const PEER = "peer0.foods.example";

/** A ledger, and a peer and an orderer before it. Transactions are timed by the home's clock; sockets and certificates of TLS by the system's. */
export interface HomeNetwork {
  readonly fabric: Fabric;
  readonly ledger: Ledger;
  readonly peerId: string;
  /** The official Gateway client, as this member. Closed with the network. */
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
  const { rootPem, tls } = await createTls();
  await fabric.startNode(await nodeConfig(world, "orderer", { ...tls, authorities: [rootPem] }));
  const { port } = await fabric.startNode(await nodeConfig(world, "peer", { ...tls, authorities: [rootPem] }));

  const client = new Client(`127.0.0.1:${port}`, credentials.createSsl(Buffer.from(rootPem)), {
    "grpc.ssl_target_name_override": PEER,
  });
  const gateways = new Map<Caller, Gateway>();
  return {
    fabric,
    ledger,
    peerId: "peer",
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

async function nodeConfig(world: World, kind: "peer" | "orderer", tls: NodeConfig["tls"]): Promise<NodeConfig> {
  const { mspId, ...identity } = await world.member(kind);
  return {
    nodeId: kind,
    kind,
    name: kind === "peer" ? PEER : "orderer0.foods.example",
    mspId,
    listen: { host: "127.0.0.1", port: 0 },
    identity,
    tls,
    channels: [{ channelId: world.channelId, height: 0 }],
  };
}

/** Of authorities of today: TLS asks no other clock than the system's. */
async function createTls(): Promise<{ readonly rootPem: string; readonly tls: KeyPair }> {
  const dependencies = { clock: systemClock, random: systemRandom };
  const { identity, privateKeys } = await createOrganization({ name: "TLS", mspId: "TLS" }, dependencies);
  const stored = { certificatePem: identity.tlsCaCertificatePem, privateKeyDer: privateKeys.tlsCa };
  const authority = openCertificateAuthority(stored, dependencies);
  const tls = await issueKeyedServerCertificate(authority, { hosts: [PEER, "localhost", "127.0.0.1"] });
  return { rootPem: identity.tlsCaCertificatePem, tls };
}
