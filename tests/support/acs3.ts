import { createHash, createHmac, randomUUID } from "node:crypto";
import type { AccessKey } from "./aliyun.ts";

export interface SignedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A call of the native API under the ACS3 header signature; sent twice, it is a replay. */
export function acs3Call(
  host: string,
  method: string,
  path: string,
  body: object,
  { accessKeyId, accessKeySecret }: AccessKey,
): SignedCall {
  const text = JSON.stringify(body);
  const signed: Record<string, string> = {
    host,
    "x-acs-content-sha256": sha256(text),
    "x-acs-date": new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    "x-acs-signature-nonce": randomUUID(),
  };
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]}\n`).join("");
  const canonical = [method, path, "", lines, names.join(";"), sha256(text)].join("\n");
  const signature = createHmac("sha256", accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest("hex");
  const authorization = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(";")},Signature=${signature}`;
  const headers = { ...signed, authorization, "content-type": "application/json", "idempotency-key": randomUUID() };
  return { method, path, headers, body: text };
}
