import { X509Certificate } from "node:crypto";
import type { Clock, Logger } from "@concordat/base";
import grpc from "@grpc/grpc-js";
import type { ContractConnection, ServiceAddress } from "../contracts/ports.ts";
import { notRunning } from "./connection.ts";
import type { ShimLimits } from "./limits.ts";
import { type Registration, register } from "./registration.ts";
import { CONNECT_METHOD } from "./wire.ts";

export interface DialOptions {
  readonly service: ServiceAddress;
  readonly packageId: string;
  readonly limits: ShimLimits;
}

const RETRY_MS = 200;

function credentialsOf(tls: ServiceAddress["tls"]): grpc.ChannelCredentials {
  if (tls === undefined) return grpc.credentials.createInsecure();
  try {
    // The library passes over what it cannot read, and then trusts nobody.
    new X509Certificate(tls.rootCertificate);
    return grpc.credentials.createSsl(
      Buffer.from(tls.rootCertificate),
      tls.client === undefined ? null : Buffer.from(tls.client.key),
      tls.client === undefined ? null : Buffer.from(tls.client.certificate),
    );
  } catch {
    throw notRunning("its certificates or its key cannot be read");
  }
}

function createClient(options: DialOptions): grpc.Client {
  const { service, limits } = options;
  // Nothing but a host and a port: the library knows further kinds of addresses, files among them.
  if (!/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/.test(service.address)) {
    throw notRunning(`its address ${JSON.stringify(service.address.slice(0, 300))} is no host and port`);
  }
  return new grpc.Client(`dns:${service.address}`, credentialsOf(service.tls), {
    "grpc.max_receive_message_length": limits.messageBytesMax,
    "grpc.max_send_message_length": limits.messageBytesMax,
    "grpc.keepalive_time_ms": limits.keepaliveMs,
    "grpc.keepalive_timeout_ms": limits.keepaliveTimeoutMs,
    "grpc.keepalive_permit_without_calls": 1,
    "grpc.initial_reconnect_backoff_ms": RETRY_MS,
    "grpc.max_reconnect_backoff_ms": 2_000,
    "grpc.enable_http_proxy": 0,
    "grpc.enable_channelz": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.use_local_subchannel_pool": 1,
  });
}

/** One try; ends with a reason when the service is not there. */
async function attempt(
  client: grpc.Client,
  options: DialOptions,
  timeoutMs: number,
  dependencies: { readonly clock: Clock; readonly log: Logger },
): Promise<Registration> {
  const { path, requestSerialize, responseDeserialize } = CONNECT_METHOD;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, new grpc.Metadata());
  const { packageId, limits } = options;
  const registration = await register({ packageId, limits, timeoutMs }, { stream, ...dependencies });
  // A service that is dead takes no end of the stream: only giving the call up frees it.
  if (registration.connection === undefined) stream.cancel();
  else void registration.connection.closed.then(() => stream.cancel());
  return registration;
}

/**
 * Connects to a chaincode service and waits until it has registered, trying again until the dial timeout is over.
 *
 * @throws FabricError CONTRACT_NOT_RUNNING with the reason of the last try
 */
export async function dialService(
  options: DialOptions,
  dependencies: { readonly clock: Clock; readonly log: Logger },
): Promise<ContractConnection> {
  const { clock } = dependencies;
  const client = createClient(options);
  const untilMs = clock.nowMs() + options.service.dialTimeoutMs;
  for (;;) {
    const remainingMs = Math.max(0, untilMs - clock.nowMs());
    const { connection, refused } = await attempt(client, options, remainingMs, dependencies);
    if (connection !== undefined) {
      void connection.closed.then(() => client.close());
      return connection;
    }
    if (clock.nowMs() + RETRY_MS >= untilMs) {
      client.close();
      throw notRunning(`the service at ${options.service.address} cannot be used: ${refused}`);
    }
    await new Promise<void>((resolve) => void clock.after(RETRY_MS, resolve));
  }
}
