import { randomUUID } from "node:crypto";
import type { Receipt } from "@concordat/ledger";
import type { AccessKey } from "./aliyun.ts";
import type { Bootstrap } from "./server.ts";

export interface NativeAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What shows that a call changed nothing. */
export interface LedgerPrint {
  readonly height: number;
  readonly stateHash: string;
}

/** Calls of the native API, by HTTP Basic. */
export interface NativeApi {
  get(path: string): Promise<NativeAnswer>;
  send(method: "POST" | "PUT" | "PATCH", path: string, body: object): Promise<NativeAnswer>;
  receipt(txId: string): Promise<Receipt>;
  trustBundle(): Promise<unknown>;
  /** The channel of the business chain that the first run made. */
  channelId(): Promise<string>;
  ledgerPrint(channelId: string): Promise<LedgerPrint>;
}

export function createNativeApi(bootstrap: Bootstrap, key: AccessKey = bootstrap.aliyun): NativeApi {
  const credentials = Buffer.from(`${key.accessKeyId}:${key.accessKeySecret}`).toString("base64");
  const headers = { authorization: `Basic ${credentials}` };
  const call = async (path: string, init: RequestInit): Promise<NativeAnswer> => {
    const response = await fetch(`${bootstrap.url}/api/v1${path}`, init);
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  };
  const get = (path: string) => call(path, { headers });
  const read = async (path: string) => {
    const { status, body } = await get(path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    get,
    send: (method, path, body) =>
      call(path, {
        method,
        headers: { ...headers, "content-type": "application/json", "idempotency-key": randomUUID() },
        body: JSON.stringify(body),
      }),
    receipt: async (txId) => (await read(`/receipts/${txId}?envelope=true`)) as unknown as Receipt,
    trustBundle: () => read("/trust-bundle"),
    async channelId() {
      const { chains } = await read("/chains");
      const wanted = bootstrap.aliyun.proofChain.bizChainId;
      const chain = Array.isArray(chains) ? chains.find(({ bizChainId }) => bizChainId === wanted) : undefined;
      return String(chain?.channelId);
    },
    async ledgerPrint(channelId) {
      const { height } = await read(`/channels/${channelId}`);
      const { stateHash } = await read(`/channels/${channelId}/state-hash`);
      return { height: Number(height), stateHash: String(stateHash) };
    },
  };
}
