import { createHmac, createSecretKey } from "node:crypto";
import { percentEncode } from "@concordat/api-kit";

/** Makes signed RPC calls (signature version 1) as an official client would, as the text of a form. */
export function rpcCaller(credentials: { readonly accessKeyId: string; readonly accessKeySecret: string }) {
  const key = createSecretKey(Buffer.from(`${credentials.accessKeySecret}&`, "utf8"));
  const run = process.hrtime.bigint().toString(36);
  let calls = 0;
  return (parameters: Readonly<Record<string, string>>, nowMs: number): string => {
    calls += 1;
    const all: Readonly<Record<string, string>> = {
      ...parameters,
      AccessKeyId: credentials.accessKeyId,
      ApiVersion: "1.0.0",
      Format: "JSON",
      SignatureMethod: "HMAC-SHA1",
      SignatureNonce: `${run}-${calls}`,
      SignatureVersion: "1.0",
      Timestamp: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
      Version: "2019-05-10",
    };
    const canonical = Object.keys(all)
      .sort()
      .map((name) => `${percentEncode(name)}=${percentEncode(all[name] ?? "")}`)
      .join("&");
    const signature = createHmac("sha1", key)
      .update(`POST&%2F&${percentEncode(canonical)}`)
      .digest("base64");
    return `${canonical}&Signature=${percentEncode(signature)}`;
  };
}
