import { Agent as HttpAgent, type IncomingHttpHeaders, type RequestOptions, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";

export interface WireCall {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Loopback has many addresses: tries of credentials are slowed for each apart. */
  readonly from?: string;
}

export interface WireAnswer {
  readonly call: WireCall;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The header lines as they came. */
  readonly head: string;
  readonly text: string;
  /** The body when it is a JSON object, else nothing. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Wire {
  /** Rejects when the connection ends without an answer. */
  send(call: WireCall): Promise<WireAnswer>;
  close(): void;
}

/** Calls over HTTP or HTTPS, with every header and byte in the caller's hand. @param authority PEM of the CA that the server's certificate must come from */
export function createWire(url: string, authority?: string): Wire {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === "https:";
  const agent = isTls ? new HttpsAgent({ keepAlive: true, ca: authority ?? [] }) : new HttpAgent({ keepAlive: true });
  return {
    send: (call) =>
      new Promise((resolve, reject) => {
        const { method, path, headers = {}, body, from } = call;
        const local = from === undefined ? {} : { localAddress: from };
        const options: RequestOptions = { agent, hostname, port, family: 4, method, path, headers, ...local };
        const outgoing = (isTls ? requestHttps : requestHttp)(options, (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            const { statusCode = 0, rawHeaders } = incoming;
            const head = rawHeaders.map((word, index) => word + (index % 2 === 0 ? ": " : "\n")).join("");
            resolve({ call, status: statusCode, headers: incoming.headers, head, text, body: objectOf(text) });
          });
        });
        outgoing.on("error", reject);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}

export function basic(name: string, secret: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A loopback address for each number, so that tries of credentials are not slowed by those before them. */
export function loopbackAddress(number: number): string {
  return `127.1.${(number >> 8) & 0xff}.${number & 0xff}`;
}
