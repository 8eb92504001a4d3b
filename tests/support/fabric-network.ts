import { createPrivateKey } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { createContractPackage } from "@concordat/fabric";
import { pemToDer, privateKeyFromDer, signMessage } from "@concordat/identity";
import { Client, credentials } from "@grpc/grpc-js";
import { type ConnectOptions, connect, type Gateway, hash, type Signer, signers } from "@hyperledger/fabric-gateway";
import { msp } from "@hyperledger/fabric-protos";
import { createNativeApi, type NativeApi } from "./native.ts";
import { repositoryRoot } from "./repository.ts";
import type { RunningServer } from "./server.ts";
import { readZip } from "./zip.ts";

export interface Connection {
  readonly mspId: string;
  readonly peers: readonly NodeAddress[];
  readonly orderers: readonly NodeAddress[];
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly tlsRootPem: string;
}

export interface NodeAddress {
  readonly name: string;
  readonly endpoint: string;
  readonly tlsHostName: string;
}

export interface NetworkOptions {
  readonly name?: string;
  readonly organizations?: readonly string[];
  readonly peersPerOrganization?: number;
}

interface SourceFile {
  /** From the package's root. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface ChannelCutting {
  readonly messageCountMax?: number;
  readonly bytesMax?: number;
  readonly timeoutMs?: number;
  readonly cutWhenIdle?: boolean;
}

/** A network made through the native API, as the command line makes it. */
export class TestNetwork {
  readonly networkId: string;
  readonly organizations: readonly string[];
  readonly api: NativeApi;

  constructor(networkId: string, organizations: readonly string[], api: NativeApi) {
    this.networkId = networkId;
    this.organizations = organizations;
    this.api = api;
  }

  /** After a restart of the server. */
  on(server: RunningServer): TestNetwork {
    return new TestNetwork(this.networkId, this.organizations, createNativeApi(server.bootstrap));
  }

  async createChannel(channel: string, blockCutting: ChannelCutting = { cutWhenIdle: true }): Promise<void> {
    await this.post(`/networks/${this.networkId}/channels`, { channel, blockCutting });
  }

  /** Installs a source folder's package on all peers. @returns the package id */
  async install(folder: string, label: string): Promise<string> {
    return this.installFiles(label, await filesBelow(folder));
  }

  /** Installs the address of a contract that runs as a service of its own. @returns the package id */
  async installService(label: string, connection: Readonly<Record<string, unknown>>): Promise<string> {
    const content = Buffer.from(JSON.stringify(connection));
    return this.installFiles(label, [{ path: "connection.json", content }], "ccaas");
  }

  async installFiles(label: string, files: readonly SourceFile[], type: "node" | "ccaas" = "node"): Promise<string> {
    const bytes = await createContractPackage({ label, type, files });
    const file = Buffer.from(bytes).toString("base64");
    return String((await this.post(`/networks/${this.networkId}/contracts`, { file }))["packageId"]);
  }

  /** Approves for every organization and commits. */
  async define(
    channel: string,
    contract: string,
    packageId: string,
    options: { readonly sequence?: number; readonly version?: string; readonly endorsementPolicy?: string } = {},
  ): Promise<void> {
    const definition = { version: "1.0", sequence: 1, ...options };
    const path = `/channels/${channel}/contracts/${contract}`;
    for (const organization of this.organizations) {
      await this.post(`${path}/approvals`, { ...definition, organization, packageId });
    }
    await this.post(`${path}/commits`, definition);
  }

  /** Installs, approves and commits one of the folders of tests/chaincodes. */
  async deploy(channel: string, contract: string, folder = contract): Promise<string> {
    const packageId = await this.install(join(repositoryRoot, "tests/chaincodes", folder), `${folder}_1.0`);
    await this.define(channel, contract, packageId);
    return packageId;
  }

  /** A new client identity with its addresses. */
  async connection(mspId = this.organizations[0] ?? "", commonName?: string): Promise<Connection> {
    const body = { organization: mspId, ...(commonName === undefined ? {} : { commonName }) };
    const { file } = await this.post(`/networks/${this.networkId}/connections`, body);
    return readConnection(Buffer.from(String(file), "base64"));
  }

  /** @throws Error with the answer when it is no success */
  async post(path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    const { status, body: answer } = await this.api.send("POST", path, body);
    if (status >= 300) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(answer)}`);
    return answer;
  }
}

export async function createTestNetwork(server: RunningServer, options: NetworkOptions = {}): Promise<TestNetwork> {
  const { name = "demo", organizations = ["AlphaMSP"], peersPerOrganization = 1 } = options;
  const api = createNativeApi(server.bootstrap);
  const { status, body } = await api.send("POST", "/networks", { name, organizations, peersPerOrganization });
  if (status !== 202) throw new Error(`Creating a network answered ${status}: ${JSON.stringify(body)}`);
  const jobId = String(body["jobId"]);
  for (;;) {
    const job = (await api.get(`/jobs/${jobId}`)).body;
    if (job["status"] === "succeeded") break;
    if (job["status"] === "failed" || job["status"] === "cancelled") throw new Error(JSON.stringify(job));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const network = body["network"] as { readonly networkId: string };
  return new TestNetwork(network.networkId, organizations, api);
}

export interface GatewayConnection {
  readonly gateway: Gateway;
  readonly client: Client;
  close(): void;
}

/** The official Gateway client over a connection's first peer (or another one). */
export function connectGateway(
  connection: Connection,
  options: { readonly peer?: number; readonly signer?: Signer } & Partial<ConnectOptions> = {},
): GatewayConnection {
  const { peer = 0, signer = nativeSigner(connection.privateKeyPem), ...rest } = options;
  const client = connectNode(connection, connection.peers[peer]);
  const gateway = connect({
    client,
    identity: { mspId: connection.mspId, credentials: Buffer.from(connection.certificatePem) },
    signer,
    hash: hash.none,
    ...rest,
  });
  const close = () => {
    gateway.close();
    client.close();
  };
  return { gateway, client, close };
}

/** `msp.SerializedIdentity` of a connection's member. */
export function serializedIdentity({ mspId, certificatePem }: Connection): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(Buffer.from(certificatePem));
  return identity.serializeBinary();
}

export function connectNode(connection: Connection, node: NodeAddress | undefined): Client {
  if (node === undefined) throw new Error("There is no such node.");
  return new Client(node.endpoint, credentials.createSsl(Buffer.from(connection.tlsRootPem)), {
    "grpc.ssl_target_name_override": node.tlsHostName,
    "grpc.max_receive_message_length": 32 * 1024 * 1024,
    "grpc.max_send_message_length": 32 * 1024 * 1024,
  });
}

/** The client's own signer, in JavaScript. */
export function stockSigner(privateKeyPem: string): Signer {
  return signers.newPrivateKeySigner(createPrivateKey(privateKeyPem));
}

/** Signs whole messages with OpenSSL, in a tenth of the time of the stock one: goes with the hash `none`. */
export function nativeSigner(privateKeyPem: string): Signer {
  const key = privateKeyFromDer(pemToDer("PRIVATE KEY", privateKeyPem) ?? new Uint8Array(0));
  return async (message) => signMessage(key, message);
}

async function readConnection(zip: Uint8Array): Promise<Connection> {
  const files = await readZip(zip);
  const named = (start: string) => Object.entries(files).find(([name]) => name.startsWith(start))?.[1] ?? "";
  const described = JSON.parse(files["connection.json"] ?? "{}") as Pick<Connection, "mspId" | "peers" | "orderers">;
  return {
    ...described,
    certificatePem: named("msp/signcerts/"),
    privateKeyPem: named("msp/keystore/"),
    tlsRootPem: named("tls/ca.crt"),
  };
}

/** All files below a folder; links are left out. */
export async function filesBelow(folder: string): Promise<SourceFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (path) => ({ path: relative(folder, path), content: await readFile(path) })));
}
