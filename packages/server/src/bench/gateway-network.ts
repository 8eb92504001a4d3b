import { readFile } from "node:fs/promises";
import { InvariantError } from "@concordat/base";
import { createContractPackage } from "@concordat/fabric";
import { Client, credentials } from "@grpc/grpc-js";
import { connect, type Gateway, hash } from "@hyperledger/fabric-gateway";
import type { BootstrapFile } from "../bootstrap/bootstrap-file.ts";
import { NativeCalls } from "./native-calls.ts";
import { nativeSigner } from "./native-signer.ts";

/** The channels of the case: one that cuts when idle, one with the block settings of the figures for real Fabric. */
export const gatewayChannels = {
  idle: { cutWhenIdle: true },
  timed: { cutWhenIdle: false, timeoutMs: 200, messageCountMax: 500 },
} as const;

export interface GatewayNetwork {
  readonly gateway: Gateway;
  close(): void;
}

/** A network of one organization with a contract on both channels, and the official client connected to its peer. */
export async function createGatewayNetwork(bootstrap: BootstrapFile): Promise<GatewayNetwork> {
  const calls = new NativeCalls(bootstrap);
  const { network, jobId } = await calls.post("/networks", { name: "bench", organizations: ["BenchMSP"] });
  await calls.finished(String(jobId));
  const { networkId } = network as { readonly networkId: string };
  const file = Buffer.from(await benchPackage()).toString("base64");
  const { packageId } = await calls.post(`/networks/${networkId}/contracts`, { file });
  for (const [channel, blockCutting] of Object.entries(gatewayChannels)) {
    await calls.post(`/networks/${networkId}/channels`, { channel, blockCutting, stateDatabase: "goleveldb" });
    const contract = `/channels/${channel}/contracts/bench`;
    await calls.post(`${contract}/approvals`, { version: "1", sequence: 1, packageId });
    await calls.post(`${contract}/commits`, { version: "1", sequence: 1 });
  }
  return await openGateway(calls, networkId);
}

async function benchPackage(): Promise<Uint8Array> {
  const read = async (path: string) => ({
    path,
    content: new Uint8Array(await readFile(new URL(`./chaincode/${path}`, import.meta.url))),
  });
  const files = [await read("package.json"), await read("index.cjs")];
  return createContractPackage({ label: "bench_1", type: "node", files });
}

/** The client's identity is enrolled with a key of its own, as any program's would be. */
async function openGateway(calls: NativeCalls, networkId: string): Promise<GatewayNetwork> {
  const enrolled = await calls.post("/organizations/BenchMSP/certificates", { role: "client", commonName: "load" });
  const { certificate, privateKeyPem } = enrolled as {
    readonly certificate: { readonly certificatePem: string };
    readonly privateKeyPem: string;
  };
  const { nodes } = (await calls.get(`/networks/${networkId}/nodes`)) as { readonly nodes: readonly BenchNode[] };
  const peer = nodes.find(({ kind }) => kind === "peer");
  if (peer === undefined) throw new InvariantError("The network has no peer.");
  const { authorities } = (await calls.get("/organizations/BenchMSP")) as {
    readonly authorities: readonly Authority[];
  };
  const roots = authorities.filter(({ purpose }) => purpose === "tls").map(({ certificatePem }) => certificatePem);
  const client = new Client(peer.endpoint, credentials.createSsl(Buffer.from(roots.join(""))), {
    "grpc.ssl_target_name_override": peer.name,
  });
  const identity = { mspId: "BenchMSP", credentials: Buffer.from(certificate.certificatePem) };
  const gateway = connect({ client, identity, signer: nativeSigner(privateKeyPem), hash: hash.none });
  const close = () => {
    gateway.close();
    client.close();
  };
  return { gateway, close };
}

interface BenchNode {
  readonly kind: string;
  readonly name: string;
  readonly endpoint: string;
}

interface Authority {
  readonly purpose: "identity" | "tls";
  readonly certificatePem: string;
}
