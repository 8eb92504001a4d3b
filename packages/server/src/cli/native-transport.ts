import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { rootCertificates } from "node:tls";
import { percentEncode, type Transport, type WireRequest } from "@concordat/api-kit";
import { bytesToHex, type RandomSource } from "@concordat/base";
import { serverFault, systemCode } from "../errors.ts";
import { isLoopback } from "../tls.ts";

/** How a running server is reached. */
export interface ServerAccess {
  /** Base address, without a slash at its end. */
  readonly url: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** PEM, of an authority that counts beside the public ones. */
  readonly authority?: string;
}

/** Long enough for a contract that is built before it starts. */
const ANSWER_TIMEOUT_MS = 600_000;

/**
 * Calls the native API with HTTP Basic, which carries the secret: so only over TLS or within this machine.
 * @throws ConcordatError ADDRESS_UNSAFE for another address
 */
export function nativeTransport(access: ServerAccess, dependencies: { readonly random: RandomSource }): Transport {
  refuseUnsafe(access);
  return async (call) => {
    const { method, path, body } = httpForm(call);
    const headers = {
      authorization: `Basic ${Buffer.from(`${access.accessKeyId}:${access.accessKeySecret}`).toString("base64")}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(call.operation.operation.mutating ? { "idempotency-key": bytesToHex(dependencies.random.bytes(16)) } : {}),
    };
    const answer = await exchange(access, { method, path, headers, body });
    const data: unknown = answer.text === "" ? undefined : parseAnswer(access, answer);
    if (answer.status >= 300) throw refusalOf(answer.status, data);
    return { data, headers: answer.headers };
  };
}

function refuseUnsafe({ url }: ServerAccess): void {
  const parsed = URL.parse(url);
  if (parsed === null || !["http:", "https:"].includes(parsed.protocol)) {
    throw serverFault("OPTION_INVALID", `"${url}" is not the address of a server.`, {
      remedy: "Give one such as https://ledger.example:8080 with --url.",
    });
  }
  if (parsed.protocol === "https:" || isLoopback(parsed.hostname.replace(/^\[|\]$/g, ""))) return;
  throw serverFault("ADDRESS_UNSAFE", `The access key's secret would travel to ${parsed.host} without encryption.`, {
    remedy: "Use the server's https address.",
  });
}

function httpForm({ operation, fields }: WireRequest) {
  const { path, methods } = operation.operation;
  let target = path;
  const query: string[] = [];
  const body: Record<string, unknown> = {};
  for (const { field, value } of fields) {
    if (field.in === "path") target = target.replace(`{${field.name}}`, percentEncode(String(value)));
    else if (field.in === "body") body[field.name] = value;
    else query.push(`${percentEncode(field.name)}=${percentEncode(String(value))}`);
  }
  const hasBody = fields.some(({ field }) => field.in === "body");
  return {
    method: methods[0] ?? "GET",
    path: query.length === 0 ? target : `${target}?${query.join("&")}`,
    body: hasBody ? JSON.stringify(body) : undefined,
  };
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

function exchange(
  access: ServerAccess,
  call: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | undefined;
  },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const send = access.url.startsWith("https:") ? httpsRequest : httpRequest;
    const options = {
      method: call.method,
      headers: call.headers,
      timeout: ANSWER_TIMEOUT_MS,
      ...(access.authority === undefined ? {} : { ca: [...rootCertificates, access.authority] }),
    };
    const request = send(`${access.url}${call.path}`, options, (response) => {
      readAnswer(response).then(resolve, (cause: unknown) => reject(unreachable(access, cause)));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", (cause) => reject(unreachable(access, cause)));
    request.end(call.body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), text };
}

function unreachable({ url }: ServerAccess, cause: unknown) {
  return serverFault(
    "SERVER_UNREACHABLE",
    `The server at ${url} does not answer (${systemCode(cause) ?? "no reason given"}).`,
    {
      remedy: "Start it with: concordat up, or name another with --url.",
      facts: { url },
      cause,
    },
  );
}

function parseAnswer({ url }: ServerAccess, { status, text }: HttpAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw serverFault(
      "SERVER_UNREACHABLE",
      `What answers at ${url} is no Concordat server (HTTP ${status}, no JSON).`,
      {
        remedy: "Check --url and --data.",
        cause,
      },
    );
  }
}

function refusalOf(status: number, problem: unknown) {
  const { title, code, remedy, details }: Readonly<Record<string, unknown>> = Object(problem);
  const summary = typeof title === "string" ? title : `The server refused the call (HTTP ${status}).`;
  const named = typeof code === "string" ? `${summary} (${code})` : summary;
  const told = Array.isArray(details) ? [named, ...details.map((detail) => `  ${detail}`)].join("\n") : named;
  return serverFault("SERVER_REFUSED", told, {
    ...(typeof remedy === "string" ? { remedy } : {}),
    facts: { status, ...(typeof code === "string" ? { code } : {}) },
  });
}
