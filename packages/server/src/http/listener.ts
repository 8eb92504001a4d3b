import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttps, type Server as HttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { limits } from "@concordat/api-kit";
import type { Clock } from "@concordat/base";
import { serverFault, systemCode } from "../errors.ts";

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** PEM. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string };
  readonly limits?: Partial<ListenerLimits>;
}

export interface ListenerLimits {
  readonly connectionsMax: number;
  /** From the first byte (of a new connection: from its start) to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** From there to the end of the body. */
  readonly requestTimeoutMs: number;
  /** How often the two are looked at. */
  readonly checkIntervalMs: number;
  readonly keepAliveTimeoutMs: number;
}

const DEFAULT_LIMITS: ListenerLimits = {
  connectionsMax: 4_096,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: limits.requestTimeoutMs,
  checkIntervalMs: 1_000,
  // Longer than the minute after which common load balancers drop idle connections, so that they close first.
  keepAliveTimeoutMs: 65_000,
};

/**
 * The listening socket. It opens before there is anything to serve, so that a taken port is known at once and a health check sees
 * "starting" rather than a refused connection; `serve` lets requests through.
 */
export interface Listener {
  readonly port: number;
  serve(handler: RequestListener): void;
  /** New connections show this certificate; those that are open go on. Only for a listener that began with one. */
  replaceCertificate(tls: { readonly certificate: string; readonly privateKey: string }): void;
  /** Takes no new request, waits for those in flight, at most `timeoutMs`, then cuts the connections that are left. */
  close(timeoutMs: number): Promise<{ readonly cut: boolean }>;
}

/** @throws ConcordatError PORT_TAKEN or ADDRESS_UNUSABLE */
export async function listen(options: ListenerOptions, dependencies: { readonly clock: Clock }): Promise<Listener> {
  const gate = new Gate();
  const server = createServer(options, (request, response) => gate.handle(request, response));
  await bind(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    serve: (handler) => gate.open(handler),
    replaceCertificate({ certificate, privateKey }) {
      if ("setSecureContext" in server)
        (server as HttpsServer).setSecureContext({ cert: certificate, key: privateKey });
    },
    close: (timeoutMs) => drain(server, gate, timeoutMs, dependencies.clock),
  };
}

/** What requests meet: nothing yet, the application, or a server that is going away. */
class Gate {
  #handler: RequestListener = (request, response) => refuse(response, "starting", request.url === "/healthz");
  /** Told whenever a response ended. */
  onIdle: (() => void) | undefined;

  open(handler: RequestListener): void {
    this.#handler = handler;
  }

  shut(onIdle: () => void): void {
    this.onIdle = onIdle;
    this.#handler = (_request, response) => refuse(response, "stopping", false);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on("close", () => this.onIdle?.());
    this.#handler(request as IncomingMessage & { readonly url: string }, response as never);
  }
}

function createServer(options: ListenerOptions, handler: RequestListener): Server {
  const bounds = { ...DEFAULT_LIMITS, ...options.limits };
  const settings = {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: bounds.headersTimeoutMs,
    requestTimeout: bounds.requestTimeoutMs,
    connectionsCheckingInterval: bounds.checkIntervalMs,
    keepAliveTimeout: bounds.keepAliveTimeoutMs,
    noDelay: true,
  };
  const server: Server =
    options.tls === undefined
      ? createHttp(settings, handler)
      : createHttps({ ...settings, cert: options.tls.certificate, key: options.tls.privateKey }, handler);
  server.maxConnections = bounds.connectionsMax;
  server.on("clientError", answerBrokenRequest);
  return server;
}

function bind(server: Server, options: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(bindFault(error, options)));
    server.listen({ host: options.host, port: options.port }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function bindFault(cause: Error, { host, port }: ListenerOptions) {
  if (systemCode(cause) === "EADDRINUSE") {
    return serverFault("PORT_TAKEN", `Port ${port} on ${host} is taken by another program.`, {
      remedy: "Choose another with --port; --port 0 takes any free one.",
      facts: { host, port },
      cause,
    });
  }
  return serverFault("ADDRESS_UNUSABLE", `The server cannot listen on ${host}, port ${port} (${systemCode(cause)}).`, {
    remedy: "Give an address of this machine with --host, and with --port a port that this user may use.",
    facts: { host, port },
    cause,
  });
}

function drain(server: Server, gate: Gate, timeoutMs: number, clock: Clock): Promise<{ readonly cut: boolean }> {
  return new Promise((resolve) => {
    let cut = false;
    const cancel = clock.after(timeoutMs, () => {
      cut = true;
      server.closeAllConnections();
    });
    server.close(() => {
      cancel();
      resolve({ cut });
    });
    // A kept-alive connection turns idle only after its response has ended; it would otherwise hold the server open.
    gate.shut(() => setImmediate(() => server.closeIdleConnections()));
    server.closeIdleConnections();
  });
}

function refuse(response: ServerResponse, status: "starting" | "stopping", isHealthCheck: boolean): void {
  const body = JSON.stringify(
    isHealthCheck ? { status } : { code: "UNAVAILABLE", message: `The server is ${status}.` },
  );
  response.writeHead(503, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "retry-after": "1",
    connection: "close",
  });
  response.end(body);
}

const BROKEN_REQUESTS: Readonly<Record<string, readonly [status: string, code: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "REQUEST_TIMEOUT", "The request did not arrive in time."],
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "HEADERS_TOO_LARGE", "The headers are too large."],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["413 Content Too Large", "BODY_TOO_LARGE", "The chunk extensions are too large."],
};

/** Requests that are no HTTP, or are sent too slowly, never reach the application: they are answered and cut here. */
function answerBrokenRequest(error: Error, socket: Socket): void {
  if (systemCode(error) === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const known = BROKEN_REQUESTS[systemCode(error) ?? ""];
  const [status, code, message] = known ?? ["400 Bad Request", "REQUEST_MALFORMED", "The request is not valid HTTP."];
  const body = JSON.stringify({ code, message });
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
}
