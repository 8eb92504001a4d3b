import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };
const CONNECTIONS_MAX = 64;

export interface RegistryProxy {
  close(): Promise<void>;
}

function hostAndPort(url: URL): { readonly host: string; readonly port: number } {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: url.port === "" ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port) };
}

function forward(registry: URL, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const target = URL.parse(incoming.url ?? "");
  if (target === null || target.origin !== registry.origin || target.protocol !== "http:") {
    outgoing.writeHead(403).end();
    return;
  }
  const { host, port } = hostAndPort(registry);
  const { connection: _connection, "proxy-connection": _proxy, ...headers } = incoming.headers;
  const onward = request(
    { host, port, method: incoming.method, path: `${target.pathname}${target.search}`, headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.on("error", () => outgoing.destroy());
  incoming.pipe(onward);
}

function tunnelTo(server: Server, registry: URL): void {
  const { host, port } = hostAndPort(registry);
  server.on("connect", (incoming: IncomingMessage, inner) => {
    const wanted = URL.parse(`https://${incoming.url ?? ""}`);
    if (
      registry.protocol !== "https:" ||
      wanted === null ||
      hostAndPort(wanted).host !== host ||
      hostAndPort(wanted).port !== port
    ) {
      inner.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const outer = connect(port, host, () => {
      inner.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      outer.pipe(inner).pipe(outer);
    });
    const end = () => {
      inner.destroy();
      outer.destroy();
    };
    outer.on("error", end).on("close", end);
    inner.on("error", end).on("close", end);
  });
}

/** An HTTP proxy at a Unix socket that reaches one registry and nothing else: the only network that a build has. */
export async function listenRegistryProxy(options: {
  readonly socketPath: string;
  readonly registry: string;
}): Promise<RegistryProxy> {
  const registry = new URL(options.registry);
  const server = createServer((incoming, outgoing) => forward(registry, incoming, outgoing));
  server.maxConnections = CONNECTIONS_MAX;
  tunnelTo(server, registry);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.socketPath, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
