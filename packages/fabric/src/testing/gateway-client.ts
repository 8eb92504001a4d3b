import { createHash, createPrivateKey } from "node:crypto";
import { derToPem } from "@concordat/identity";
import { Client, credentials } from "@grpc/grpc-js";
import { connect, type Gateway, hash, signers } from "@hyperledger/fabric-gateway";
import type { KeyPair, Signer } from "../ports.ts";
import type { RunningTestNode } from "./test-network.ts";

export interface GatewayConnection {
  readonly gateway: Gateway;
  /** The bare gRPC connection, for what the Gateway client does not offer. */
  readonly client: Client;
  close(): void;
}

/** Connects the official Gateway client, unmodified, as this member. */
export function connectGateway(
  node: RunningTestNode,
  signer: Signer,
  options: { readonly tlsClient?: KeyPair } = {},
): GatewayConnection {
  const client = grpcClient(node, options);
  const gateway = connect({
    client,
    identity: { mspId: signer.mspId, credentials: Buffer.from(signer.certificatePem) },
    signer: signers.newPrivateKeySigner(privateKeyOf(signer)),
    hash: hash.sha256,
    ...(options.tlsClient === undefined ? {} : { tlsClientCertificateHash: tlsCertificateHash(options.tlsClient) }),
  });
  return {
    gateway,
    client,
    close() {
      gateway.close();
      client.close();
    },
  };
}

/** A connection that checks the node's certificate by its authorities and its name. */
export function grpcClient(node: RunningTestNode, { tlsClient }: { readonly tlsClient?: KeyPair } = {}): Client {
  const roots = Buffer.from(node.config.tls.authorities.join(""));
  const channel =
    tlsClient === undefined
      ? credentials.createSsl(roots)
      : credentials.createSsl(
          roots,
          Buffer.from(derToPem("PRIVATE KEY", tlsClient.privateKeyDer)),
          Buffer.from(tlsClient.certificatePem),
        );
  return new Client(node.endpoint, channel, { "grpc.ssl_target_name_override": node.config.name });
}

export function privateKeyOf({ privateKeyDer }: KeyPair) {
  return createPrivateKey({ key: Buffer.from(privateKeyDer), format: "der", type: "pkcs8" });
}

function tlsCertificateHash({ certificatePem }: KeyPair): Uint8Array {
  const base64 = certificatePem.replace(/-----[^-]+-----|\s/g, "");
  return createHash("sha256").update(Buffer.from(base64, "base64")).digest();
}
