import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { Clock, Logger } from "@concordat/base";
import grpc from "@grpc/grpc-js";
import type { ContractConnection, ContractListener } from "../contracts/ports.ts";
import { notRunning, type ShimConnection } from "./connection.ts";
import type { ShimLimits } from "./limits.ts";
import { register } from "./registration.ts";
import { REGISTER_METHOD } from "./wire.ts";

type Stream = grpc.ServerDuplexStream<Uint8Array, Uint8Array>;

/** Socket addresses are that short in the kernel. */
const SOCKET_PATH_MAX = 100;
/** A contract that tries again and again fills no log. */
const LOGGED_REFUSALS_MAX = 20;

export interface ListenOptions {
  readonly socketPath: string;
  readonly packageId: string;
  readonly limits: ShimLimits;
}

function bind(sockets: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    sockets.once("error", reject);
    sockets.listen(socketPath, () => {
      sockets.off("error", reject);
      resolve();
    });
  });
}

/** A gRPC server for one chaincode on a Unix socket. */
export class SocketListener implements ContractListener {
  readonly connection: Promise<ContractConnection>;
  readonly #options: ListenOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #server: grpc.Server;
  readonly #socketServer: Server;
  readonly #sockets = new Set<Socket>();
  readonly #registered = Promise.withResolvers<ContractConnection>();
  #admitted = false;
  #connection: ShimConnection | undefined;
  #unregistered = 0;
  #refusals = 0;
  #isClosed = false;

  constructor(options: ListenOptions, dependencies: { readonly clock: Clock; readonly log: Logger }) {
    this.#options = options;
    this.#clock = dependencies.clock;
    this.#log = dependencies.log;
    this.connection = this.#registered.promise;
    // Whoever closes a listener before anything registered need not have waited for it.
    this.connection.catch(() => undefined);
    this.#server = new grpc.Server({
      "grpc.max_receive_message_length": options.limits.messageBytesMax,
      "grpc.max_send_message_length": options.limits.messageBytesMax,
      "grpc.max_concurrent_streams": options.limits.unregisteredMax + 1,
      "grpc.enable_channelz": 0,
    });
    this.#server.addService(
      { register: REGISTER_METHOD },
      { register: (stream: Stream) => void this.#onStream(stream) },
    );
    const injector = this.#server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
    this.#socketServer = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      injector.injectConnection(socket);
    });
    // Each connection takes a file handle of this process, and the library sets no bound.
    this.#socketServer.maxConnections = options.limits.unregisteredMax + 1;
    this.#socketServer.on("drop", () => this.#logRefusal("too many connections"));
  }

  async open(): Promise<void> {
    const { socketPath } = this.#options;
    if (Buffer.byteLength(socketPath) > SOCKET_PATH_MAX) throw notRunning("the path of its socket is too long");
    try {
      // A socket that a killed process left behind refuses everybody.
      await rm(socketPath, { force: true });
      await bind(this.#socketServer, socketPath);
      await chmod(socketPath, 0o600);
    } catch (error) {
      await this.close();
      throw notRunning(`its socket cannot be made: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection?.close();
    this.#registered.reject(notRunning("nobody waits for it any more"));
    this.#server.forceShutdown();
    this.#socketServer.close();
    for (const socket of this.#sockets) socket.destroy();
    await rm(this.#options.socketPath, { force: true });
  }

  async #onStream(stream: Stream): Promise<void> {
    this.#unregistered += 1;
    if (this.#unregistered > this.#options.limits.unregisteredMax) {
      this.#unregistered -= 1;
      stream.on("error", () => undefined);
      this.#refuse(stream, "too many streams wait to register");
      return;
    }
    const { packageId, limits } = this.#options;
    const registration = await register(
      { packageId, limits, timeoutMs: limits.registerTimeoutMs, admit: () => this.#admit() },
      { stream, clock: this.#clock, log: this.#log },
    );
    this.#unregistered -= 1;
    if (registration.connection === undefined) this.#refuse(stream, registration.refused);
    else {
      this.#connection = registration.connection;
      this.#registered.resolve(registration.connection);
    }
  }

  #admit(): string | undefined {
    if (this.#isClosed) return "nobody waits for it any more";
    if (this.#admitted) return "it has registered already";
    this.#admitted = true;
    return undefined;
  }

  #refuse(stream: Stream, reason: string): void {
    this.#logRefusal(reason);
    // The library takes gRPC's code and text from what is emitted.
    stream.emit("error", { name: "Error", message: reason, details: reason, code: grpc.status.PERMISSION_DENIED });
  }

  #logRefusal(reason: string): void {
    this.#refusals += 1;
    if (this.#refusals > LOGGED_REFUSALS_MAX) return;
    this.#log.warn("a stream to a contract's socket was refused", { packageId: this.#options.packageId, reason });
  }
}
