import type { OutputCodec } from "@concordat/api-kit";

/** As the document's examples show it. */
const SUCCESS_MESSAGE = "操作成功";

/** The body of every answer of this API: its data, or a refusal's number. */
export function inEnvelope<Output>(): OutputCodec<Output> {
  return {
    encode: (data) => ({ data: { data, errorCode: 0, message: SUCCESS_MESSAGE } }),
    // The client checks the data against the output schema before it uses it.
    decode: ({ data }) => (Object(data) as { readonly data: Output }).data,
  };
}
