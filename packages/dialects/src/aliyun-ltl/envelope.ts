import type { RefusalText } from "./errors.ts";
import { xmlElement, xmlMessage } from "./xml.ts";

export type Format = "json" | "xml";

export interface RenderedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: "application/json;charset=utf-8",
  xml: "text/xml;charset=utf-8",
};
const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';

/** Success, with the fields in the document's order: Message, RequestId, Data, Code, Success. */
export function renderSuccess(format: Format, action: string, requestId: string, data: unknown): RenderedAnswer {
  const body =
    format === "json"
      ? `{"Message":"","RequestId":"${requestId}","Data":${JSON.stringify(data)},"Code":200,"Success":true}`
      : `${DECLARATION}<${action}Response><Message></Message><RequestId>${requestId}</RequestId>${xmlElement("Data", data)}<Code>200</Code><Success>true</Success></${action}Response>`;
  return { status: 200, contentType: CONTENT_TYPES[format], body };
}

export interface RefusalContext {
  /** Undefined when the request names no known action. */
  readonly action: string | undefined;
  readonly requestId: string;
  /** The host that the request was sent to. */
  readonly hostId: string;
}

/** A business refusal keeps the success form with a negative code; a gateway refusal has a body of its own. */
export function renderRefusal(format: Format, refusal: RefusalText, context: RefusalContext): RenderedAnswer {
  const { answer } = refusal;
  const fields =
    answer.kind === "business"
      ? { Message: refusal.message, RequestId: context.requestId, Code: answer.code, Success: false }
      : {
          Recommend: refusal.remedy,
          Message: refusal.message,
          RequestId: context.requestId,
          HostId: context.hostId,
          Code: answer.code,
        };
  const root = answer.kind === "business" ? `${context.action ?? ""}Response` : "Error";
  return {
    status: answer.kind === "business" ? 200 : answer.status,
    contentType: CONTENT_TYPES[format],
    body: format === "json" ? JSON.stringify(fields) : `${DECLARATION}${xmlFields(root, fields)}`,
  };
}

function xmlFields(root: string, fields: Readonly<Record<string, unknown>>): string {
  const elements = Object.entries(fields).map(([name, value]) => `<${name}>${xmlMessage(String(value))}</${name}>`);
  return `<${root}>${elements.join("")}</${root}>`;
}
