import { createHmac, randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import type { Bootstrap } from "./server.ts";

/** A signer and caller of our own for RPC calls, so that tests can also send what no official client would. */
export type Parameters = Readonly<Record<string, string>>;

export interface AccessKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Transactions of the call, from the Concordat-Tx header. */
  readonly txIds: readonly string[];
}

/** RFC 3986: what encodeURIComponent leaves alone beside the unreserved characters is escaped too. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function encodeParameters(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join("&");
}

export function stringToSign(method: string, parameters: Parameters): string {
  const sorted = Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${method}&%2F&${percentEncode(encodeParameters(sorted))}`;
}

export function signature(method: string, parameters: Parameters, secret: string): string {
  return createHmac("sha1", `${secret}&`).update(stringToSign(method, parameters)).digest("base64");
}

/** The common parameters of a call, as the official clients add them. */
export function commonParameters(action: string, key: AccessKey): Record<string, string> {
  return {
    Action: action,
    Version: "2019-05-10",
    ApiVersion: "1.0.0",
    Format: "JSON",
    AccessKeyId: key.accessKeyId,
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: randomUUID(),
    Timestamp: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
  };
}

export function signedParameters(
  action: string,
  parameters: Parameters,
  key: AccessKey,
  method: string,
  overrides: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const all: Record<string, string | undefined> = { ...commonParameters(action, key), ...parameters, ...overrides };
  const present: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) present[name] = value;
  return { ...present, Signature: signature(method, present, key.accessKeySecret) };
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Caller {
  raw(what: RawRequest): Promise<Answer>;
  /** A signed GET, all in the query, or a signed POST with a form body. */
  call(action: string, parameters: Parameters, options?: CallOptions): Promise<Answer>;
  close(): void;
}

export interface CallOptions {
  readonly method?: "GET" | "POST";
  readonly key?: AccessKey;
  /** Replaces common parameters before signing; undefined leaves one out. */
  readonly overrides?: Readonly<Record<string, string | undefined>>;
}

export function createCaller(bootstrap: Bootstrap): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(bootstrap.aliyun.endpoint);
  const raw = ({ method, path, headers = {}, body }: RawRequest) =>
    new Promise<Answer>((resolve, reject) => {
      const outgoing = request({ agent, hostname, port, method, path, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const header = incoming.headers["concordat-tx"];
          const txIds = typeof header === "string" ? header.split(",").map((id) => id.trim()) : [];
          resolve({ status: incoming.statusCode ?? 0, text, txIds, body: parse(text) });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  return {
    raw,
    call(action, parameters, { method = "GET", key = bootstrap.aliyun, overrides = {} } = {}) {
      const form = encodeParameters(signedParameters(action, parameters, key, method, overrides));
      if (method === "GET") return raw({ method, path: `/?${form}` });
      const headers = {
        "content-type": "application/x-www-form-urlencoded",
        "content-length": String(Buffer.byteLength(form)),
      };
      return raw({ method, path: "/", headers, body: form });
    },
    close: () => agent.destroy(),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A key of the business chain that the first run makes, with the given id part. */
export function evidenceKey(bootstrap: Bootstrap, id: string): string {
  const { productKey, dataTypeCode } = bootstrap.aliyun.proofChain;
  return `0001_${productKey}_${dataTypeCode}_${id}`;
}
