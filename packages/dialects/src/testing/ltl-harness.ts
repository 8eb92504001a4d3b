import { randomUUID } from "node:crypto";
import {
  compileTable,
  createHttpServer,
  type FastifyInstance,
  parseParameters,
  percentEncode,
} from "@concordat/api-kit";
import { type Clock, type Logger, ManualClock, type RandomSource } from "@concordat/base";
import { aliyunLtlDialect } from "../aliyun-ltl/index.ts";
import { routes } from "../aliyun-ltl/routes/table.ts";
import { rpcStringToSign } from "../signing/rpc.ts";
import { rpcHmac } from "../signing/secret-keys.ts";
import { formatTimestamp } from "../signing/timestamp.ts";
import { ACCOUNT, FakePlatform, KEY_ID, KEY_SECRET } from "./fake-platform.ts";

export const NOW_MS = Date.UTC(2020, 11, 16, 12, 12, 40);

export interface LtlHarness<Time extends Clock = ManualClock> {
  readonly server: FastifyInstance;
  readonly platform: FakePlatform;
  readonly clock: Time;
  /** What was logged as an error. */
  readonly faults: string[];
}

/** The dialect on a server that takes injected requests, over the platform in memory and a clock that stands still. */
export function createLtlHarness(): LtlHarness {
  return createLtlHarnessAt(new ManualClock(NOW_MS));
}

export function createLtlHarnessAt<Time extends Clock>(clock: Time): LtlHarness<Time> {
  const platform = new FakePlatform();
  const faults: string[] = [];
  const logger: Logger = {
    info() {},
    warn() {},
    error: (message, fields) => faults.push(`${message} ${JSON.stringify(fields)}`),
  };
  const server = createHttpServer();
  server.register(aliyunLtlDialect({ platform, region: "cn-shanghai", clock, random: countingRandom(), logger }));
  return { server, platform, clock, faults };
}

function countingRandom(): RandomSource {
  let next = 0;
  return { bytes: (length) => Uint8Array.from({ length }, () => (next = (next * 31 + 17) % 256)) };
}

export type Fields = Readonly<Record<string, string>>;

/** The common parameters of a good call; each call gets a nonce of its own. */
export function commonFields(action: string): Fields {
  return {
    Action: action,
    Version: "2019-05-10",
    ApiVersion: "1.0.0",
    AccessKeyId: KEY_ID,
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: randomUUID(),
    Timestamp: formatTimestamp(NOW_MS),
  };
}

const compiled = compileTable(routes);

/** The action's own parameters, as its row's example has them. */
export function exampleFields(action: keyof typeof routes): Fields {
  const operation = compiled.get(action);
  if (operation === undefined) throw new Error(`There is no action ${action}.`);
  const fields = operation.encodeInput(routes[action].example.input);
  return Object.fromEntries(fields.map(({ field, value }) => [field.name, String(value)]));
}

export function encodeFields(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join("&");
}

/** Signs the fields for the method and answers them with their signature. */
export function signFields(method: string, fields: Fields): Fields {
  const accessKey = { accessKeyId: KEY_ID, secret: KEY_SECRET, active: true, principal: ACCOUNT };
  const signature = rpcHmac(accessKey, rpcStringToSign(method, parseParameters(encodeFields(fields))));
  return { ...fields, Signature: signature };
}

/** A signed GET with everything in the query. */
export function signedGet(server: FastifyInstance, fields: Fields) {
  return server.inject({ method: "GET", url: `/?${encodeFields(signFields("GET", fields))}` });
}

/** A signed POST: `inQuery` fields go into the query, the rest into the form body. */
export function signedPost(server: FastifyInstance, fields: Fields, inQuery: (name: string) => boolean) {
  const signed = Object.entries(signFields("POST", fields));
  const query = encodeFields(Object.fromEntries(signed.filter(([name]) => inQuery(name))));
  const payload = encodeFields(Object.fromEntries(signed.filter(([name]) => !inQuery(name))));
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return server.inject({ method: "POST", url: query === "" ? "/" : `/?${query}`, headers, payload });
}
