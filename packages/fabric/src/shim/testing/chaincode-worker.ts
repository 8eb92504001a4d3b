import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { SampleContract } from "./sample-contract.ts";

/**
 * A chaincode under the official fabric-shim, in a thread of its own: its protobuf classes register themselves in the global object, where
 * they would take the place of the peer's.
 */
export type ChaincodeOrder =
  | { readonly kind: "dial"; readonly socketPath: string; readonly packageId: string }
  | {
      readonly kind: "serve";
      readonly packageId: string;
      readonly tls?: { readonly key: string; readonly certificate: string; readonly clientAuthority?: string };
    };

interface Chaincode {
  Init(stub: unknown): Promise<unknown>;
  Invoke(stub: unknown): Promise<unknown>;
}

interface GrpcServer {
  bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void;
}

interface SupportClient {
  _client: { constructor: unknown };
  chat(first: { readonly type: number; readonly payload: Uint8Array }): void;
}

type ServerOptions = {
  ccid: string;
  address: string;
  tlsProps?: { key: Buffer; cert: Buffer; clientCACerts?: Buffer };
};

const require = createRequire(import.meta.url);
const shimRequire = createRequire(require.resolve("fabric-shim"));
const grpc: typeof import("@grpc/grpc-js") = shimRequire("@grpc/grpc-js");
const { peer }: typeof import("@hyperledger/fabric-protos") = shimRequire("@hyperledger/fabric-protos");
const FromContract: new (contracts: unknown[], serializers: unknown) => Chaincode = shimRequire(
  "./lib/contract-spi/chaincodefromcontract.js",
);
const handler: { ChaincodeSupportClient: new (chaincode: Chaincode, url: string, options: object) => SupportClient } =
  shimRequire("./lib/handler.js");
const Server: new (chaincode: Chaincode, options: ServerOptions) => { _server: GrpcServer; _credentials: unknown } =
  shimRequire("./lib/server.js");

const order: ChaincodeOrder = workerData;
const serializers = { transaction: "jsonSerializer", serializers: { jsonSerializer: "JSONSerializer" } };
const { JSONSerializer } = shimRequire("fabric-contract-api");
const chaincode = new FromContract([SampleContract], {
  ...serializers,
  serializers: { jsonSerializer: JSONSerializer },
});

function dial(socketPath: string, packageId: string): void {
  const client = new handler.ChaincodeSupportClient(chaincode, "grpc://localhost:1", {});
  client._client = new peer.ChaincodeSupportClient(`unix:${socketPath}`, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
  });
  const id = new peer.ChaincodeID();
  id.setName(packageId);
  client.chat({ type: peer.ChaincodeMessage.Type.REGISTER, payload: id.serializeBinary() });
}

function serve(options: Extract<ChaincodeOrder, { kind: "serve" }>): void {
  const { tls } = options;
  const authority = tls?.clientAuthority;
  const tlsProps = tls && {
    key: Buffer.from(tls.key),
    cert: Buffer.from(tls.certificate),
    ...(authority === undefined ? {} : { clientCACerts: Buffer.from(authority) }),
  };
  const server = new Server(chaincode, {
    ccid: options.packageId,
    address: "127.0.0.1:0",
    ...(tlsProps === undefined ? {} : { tlsProps }),
    ...{ "grpc.max_receive_message_length": -1 },
  });
  // As its start() does, which does not tell the port.
  server._server.bindAsync("127.0.0.1:0", server._credentials, (error, port) =>
    parentPort?.postMessage({ error, port }),
  );
}

if (order.kind === "dial") dial(order.socketPath, order.packageId);
else serve(order);
