import { isIP } from "node:net";
import type { Logger } from "@concordat/base";
import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServerWritableStream,
  status,
} from "@grpc/grpc-js";
import { AbortedError } from "./peer-channel.ts";
import { RpcError, toRpcError, toServerError } from "./rpc-error.ts";

/** The other side of a call. */
export interface CallContext {
  /** Fires when the client hangs up, its deadline has passed, or the node stops. */
  readonly signal: AbortSignal;
  /** DER of the client's TLS certificate, under mutual TLS. */
  readonly tlsCertificate: Uint8Array | undefined;
}

export type UnaryHandler = (request: Uint8Array, context: CallContext) => Promise<Uint8Array>;

export interface Outbox {
  /** Settles when the client can take more. @throws AbortedError when it is gone */
  send(message: Uint8Array): Promise<void>;
}

export interface CallsOptions {
  /** For the refusal's text, as Fabric's: `/gateway.Gateway`. */
  readonly service: string;
  /** Calls and streams that may be open at once. */
  readonly openMax: number;
}

export interface CallsDependencies {
  readonly log: Logger;
  /** Fires when the node stops: streams, which may last for ever, end then. */
  readonly stopping: AbortSignal;
}

/** Makes gRPC handlers of functions: counts what is open, ends what is given up, and gives failures their form. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #dependencies: CallsDependencies;
  #open = 0;

  constructor(options: CallsOptions, dependencies: CallsDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** A call that may finish when the node stops. */
  unary(handle: UnaryHandler): handleUnaryCall<Buffer, Buffer> {
    return this.#unary(handle, undefined);
  }

  /** A call that only waits for something, and so ends when the node stops. */
  waiting(handle: UnaryHandler): handleUnaryCall<Buffer, Buffer> {
    return this.#unary(handle, this.#dependencies.stopping);
  }

  #unary(handle: UnaryHandler, stopping: AbortSignal | undefined): handleUnaryCall<Buffer, Buffer> {
    return (call, callback) => {
      const context = contextOf(call, stopping);
      this.#run(async () => handle(call.request, context)).then(
        (answer) => callback(null, Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength)),
        (error) => callback(toServerError(this.#toRpcError(error))),
      );
    };
  }

  serverStream(
    handle: (request: Uint8Array, outbox: Outbox, context: CallContext) => Promise<void>,
  ): handleServerStreamingCall<Buffer, Buffer> {
    return (call) => {
      const context = contextOf(call, this.#dependencies.stopping);
      this.#run(() => handle(call.request, outboxOf(call, context.signal), context)).then(
        () => call.end(),
        (error) => call.emit("error", toServerError(this.#toRpcError(error))),
      );
    };
  }

  bidirectional(
    handle: (requests: AsyncIterable<Uint8Array>, outbox: Outbox, context: CallContext) => Promise<void>,
  ): handleBidiStreamingCall<Buffer, Buffer> {
    return (call) => {
      const context = contextOf(call, this.#dependencies.stopping);
      this.#run(() => handle(requestsOf(call), outboxOf(call, context.signal), context)).then(
        () => call.end(),
        (error) => call.emit("error", toServerError(this.#toRpcError(error))),
      );
    };
  }

  async #run<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const { service, openMax } = this.#options;
    if (this.#open >= openMax) {
      const text = `too many requests for ${service}, exceeding concurrency limit (${openMax})`;
      throw new RpcError(status.RESOURCE_EXHAUSTED, text);
    }
    this.#open++;
    try {
      return await work();
    } finally {
      this.#open--;
    }
  }

  #toRpcError(error: unknown): RpcError {
    const { log, stopping } = this.#dependencies;
    if (error instanceof AbortedError) {
      return stopping.aborted
        ? new RpcError(status.UNAVAILABLE, "the node is shutting down")
        : new RpcError(status.CANCELLED, "context canceled");
    }
    return toRpcError(error, (unforeseen) =>
      log.error("A call broke off", { service: this.#options.service, error: describe(unforeseen) }),
    );
  }
}

/** What the three kinds of calls have in common. */
interface AnyCall {
  readonly cancelled: boolean;
  on(event: "cancelled", listener: () => void): unknown;
  getAuthContext(): { readonly sslPeerCertificate?: { readonly raw: Uint8Array } };
}

/** One for all: without it each end of a call would make an exception with a stack. */
const GONE = "gone";

function contextOf(call: AnyCall, stopping: AbortSignal | undefined): CallContext {
  const controller = new AbortController();
  const abort = () => controller.abort(GONE);
  call.on("cancelled", abort);
  if (call.cancelled) abort();
  if (stopping?.aborted === true) abort();
  stopping?.addEventListener("abort", abort, { signal: controller.signal });
  return {
    signal: controller.signal,
    get tlsCertificate() {
      const raw = call.getAuthContext().sslPeerCertificate?.raw;
      return raw === undefined ? undefined : new Uint8Array(raw);
    },
  };
}

function outboxOf(
  call: ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>,
  signal: AbortSignal,
): Outbox {
  return {
    async send(message) {
      if (signal.aborted) throw new AbortedError();
      if (call.write(Buffer.from(message.buffer, message.byteOffset, message.byteLength))) return;
      await new Promise<void>((resolve) => {
        const wake = () => {
          call.off("drain", wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        call.once("drain", wake);
        signal.addEventListener("abort", wake);
      });
      if (signal.aborted) throw new AbortedError();
    },
  };
}

/** Reads on only when the one before was taken. A client that hangs up ends the list. */
async function* requestsOf(call: ServerDuplexStream<Buffer, Buffer>): AsyncGenerator<Uint8Array> {
  try {
    for await (const request of call.iterator({ destroyOnReturn: false })) yield request;
  } catch (error) {
    if (!call.cancelled) throw error;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ""}` : String(error);
}

/** `host:port`, an IPv6 address in brackets. */
export function addressOf(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
