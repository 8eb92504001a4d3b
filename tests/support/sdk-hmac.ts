import { createHash, createHmac } from "node:crypto";
import type { WireCall } from "./wire.ts";

export interface SdkKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A call under SDK-HMAC-SHA256, for paths and queries that are in their canonical form already. */
export function sdkHmacCall(host: string, method: "GET" | "POST", target: string, key: SdkKey, body = ""): WireCall {
  const [path = "/", query = ""] = target.split("?", 2);
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const lines = `host:${host}\nx-sdk-date:${date}\n`;
  const names = "host;x-sdk-date";
  const canonical = [method, path.endsWith("/") ? path : `${path}/`, query, lines, names, sha256(body)].join("\n");
  const text = `SDK-HMAC-SHA256\n${date}\n${sha256(canonical)}`;
  const signature = createHmac("sha256", key.secretAccessKey).update(text).digest("hex");
  const authorization = `SDK-HMAC-SHA256 Access=${key.accessKeyId}, SignedHeaders=${names}, Signature=${signature}`;
  return { method, path: target, headers: { host, "x-sdk-date": date, authorization }, body };
}
