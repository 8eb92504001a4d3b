import type { AccessKey } from "@concordat/platform";
import { AKSKSigner } from "@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js";
import { formatSdkDate } from "../signing/sdk-date.ts";

/** A request as the official Node client would send it. */
export interface SignedByNode {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** Signs with the signer of @huaweicloud/huaweicloud-sdk-core, unmodified: its own header set, its own `{}` where a GET has no data. */
export function signByNode(
  call: {
    readonly method: string;
    readonly path: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: object;
  },
  at: { readonly host: string; readonly nowMs: number; readonly accessKey: Pick<AccessKey, "accessKeyId" | "secret"> },
): SignedByNode {
  const { method, path, query = {}, headers = {} } = call;
  const data = call.body ?? (method === "DELETE" ? undefined : {});
  const request = {
    endpoint: `http://${at.host}${path}`,
    method,
    headers: { "content-type": "application/json", "X-Sdk-Date": formatSdkDate(at.nowMs), ...headers },
    queryParams: { ...query },
    data,
  };
  const credential = { getAk: () => at.accessKey.accessKeyId, getSk: () => at.accessKey.secret };
  // The signer reads these members only; its own types ask for whole clients.
  const signed = AKSKSigner.sign(request as never, credential as never) as unknown as Record<string, string>;
  const search = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
  return {
    method,
    target: search === "" ? path : `${path}?${search}`,
    headers: Object.entries(signed),
    body: data === undefined ? "" : JSON.stringify(data),
  };
}
