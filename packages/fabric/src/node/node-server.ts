import type { Clock } from "@concordat/base";
import { derToPem } from "@concordat/identity";
import {
  logVerbosity,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { fabricErrors } from "../errors.ts";
import type { NodeConfig } from "../ports.ts";

const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const CONCURRENT_STREAMS_MAX = 2_500;
const DRAIN_MS = 5_000;

// What goes wrong reaches callers as errors; the library would print it to the terminal besides.
setLogVerbosity(logVerbosity.NONE);

export interface NodeService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** The port of one node: TLS always, mutual TLS where client authorities are given. */
export interface NodeServer {
  readonly port: number;
  /** Calls in flight may end, 5 s at most; new ones are refused. */
  stop(): Promise<void>;
}

/** @throws ConcordatError NODE_PORT_TAKEN */
export async function startNodeServer(
  config: NodeConfig,
  services: readonly NodeService[],
  { clock }: { readonly clock: Clock },
): Promise<NodeServer> {
  const server = new Server({
    "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
    "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
    "grpc.max_concurrent_streams": CONCURRENT_STREAMS_MAX,
    // Statistics that nobody here reads cost a part of every call.
    "grpc.enable_channelz": 0,
  });
  for (const { definition, implementation } of services) server.addService(rawService(definition), implementation);
  const { host, port } = config.listen;
  try {
    const bound = await bind(server, `${host.includes(":") ? `[${host}]` : host}:${port}`, credentialsOf(config.tls));
    return { port: bound, stop: () => stopServer(server, clock) };
  } catch (cause) {
    server.forceShutdown();
    throw fabricErrors.nodePortTaken(config.nodeId, port, cause);
  }
}

/** Messages stay bytes: handlers read as much of them as they need, and what is handed on is handed on as it came. */
function rawService(definition: ServiceDefinition): ServiceDefinition {
  const raw = {
    requestSerialize: toBuffer,
    requestDeserialize: toBuffer,
    responseSerialize: toBuffer,
    responseDeserialize: toBuffer,
  };
  return Object.fromEntries(Object.entries(definition).map(([name, method]) => [name, { ...method, ...raw }]));
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function credentialsOf(tls: NodeConfig["tls"]): ServerCredentials {
  const keyPair = {
    private_key: Buffer.from(derToPem("PRIVATE KEY", tls.privateKeyDer)),
    cert_chain: Buffer.from(tls.certificatePem),
  };
  const { clientAuthorities } = tls;
  if (clientAuthorities === undefined) return ServerCredentials.createSsl(null, [keyPair], false);
  return ServerCredentials.createSsl(Buffer.from(clientAuthorities.join("")), [keyPair], true);
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}

function stopServer(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(DRAIN_MS, () => {
      server.forceShutdown();
      resolve();
    });
    server.tryShutdown(() => {
      cancel();
      resolve();
    });
  });
}
