import { hash } from "node:crypto";
import {
  type CompiledOperation,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  limits,
  type RequestFault,
  registerRest,
} from "@concordat/api-kit";
import { bytesToUtf8, type Clock, type Logger } from "@concordat/base";
import type { Platform, Principal } from "@concordat/platform";
import { authenticateRequest } from "./auth.ts";
import { problemOf, RequestRefusal } from "./errors.ts";
import { accountHandlers } from "./handlers/accounts.ts";
import { chainHandlers } from "./handlers/chains.ts";
import { channelHandlers } from "./handlers/channels.ts";
import type { NativeContext } from "./handlers/context.ts";
import { receiptHandlers } from "./handlers/receipts.ts";
import { nativeOpenApi } from "./openapi.ts";
import { BASE } from "./routes/common.ts";
import { routes } from "./routes/table.ts";

export interface NativeOptions {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly logger: Logger;
}

const handlers = { ...receiptHandlers, ...channelHandlers, ...chainHandlers, ...accountHandlers };
const NO_BODY = new Uint8Array(0);

/**
 * The native API under /api/v1. Register it in a scope of its own. Order of checks: body readable, credentials, fields (unknown or
 * repeated, missing, malformed), idempotency key, the platform's rules.
 */
export function nativeDialect(options: NativeOptions): FastifyPluginAsync {
  const bodies = new WeakMap<object, Uint8Array>();
  return async (scope) => {
    parseJsonKeepingBytes(scope, bodies);
    scope.setErrorHandler((error, request, reply) => refuse(options, error, request, reply));
    registerRest<typeof routes, NativeContext>(scope, routes, handlers, {
      async context(request, operation) {
        const body = bodies.get(request.raw) ?? NO_BODY;
        const caller = await authenticateRequest(request, body, operation.operation.mutating, options);
        return { caller, platform: options.platform };
      },
      refuse: faultRefusal,
      around: ({ request, operation, input, context }, work) =>
        operation.operation.mutating ? runOnce(request, operation, input, context, work) : work(),
    });
    scope.all(`${BASE}/*`, async () => {
      throw new RequestRefusal("OPERATION_UNKNOWN", "There is no such operation.", {
        remedy: "See /openapi/native.json.",
      });
    });
    scope.get("/openapi/native.json", async () => nativeOpenApi());
  };
}

/** The bytes stay beside the parsed body, because a header signature covers them. */
function parseJsonKeepingBytes(scope: FastifyInstance, bodies: WeakMap<object, Uint8Array>): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    bodies.set(request.raw, bytes);
    if (bytes.length === 0) return done(null, undefined);
    try {
      done(null, parseObject(bytes));
    } catch (cause) {
      done(new RequestRefusal("BODY_MALFORMED", "The request body is no JSON object.", { cause }));
    }
  });
}

function parseObject(bytes: Uint8Array): object {
  const value: unknown = JSON.parse(bytesToUtf8(bytes));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new TypeError("Not an object.");
}

const FAULT_CODES = {
  missing: "FIELD_MISSING",
  malformed: "FIELD_MALFORMED",
  unknown: "FIELD_UNKNOWN",
  repeated: "FIELD_REPEATED",
} as const;

function faultRefusal(fault: RequestFault): RequestRefusal {
  const detail = "detail" in fault ? fault.detail : fault.kind === "unknown" ? "is not known here" : "is given twice";
  return new RequestRefusal(FAULT_CODES[fault.kind], `The field ${fault.wireName} ${detailSentence(detail)}.`);
}

/** Schema messages start with a capital; the sentence goes on. */
function detailSentence(detail: string): string {
  return /^[A-Z]/.test(detail) ? `is malformed: ${detail.charAt(0).toLowerCase()}${detail.slice(1)}` : detail;
}

function runOnce(
  request: FastifyRequest,
  operation: CompiledOperation,
  input: Readonly<Record<string, unknown>>,
  { caller, platform }: { readonly caller: Principal; readonly platform: Platform },
  work: () => Promise<unknown>,
): Promise<unknown> {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || key === "") {
    throw new RequestRefusal(
      "IDEMPOTENCY_KEY_MISSING",
      "The call changes something and needs an Idempotency-Key header.",
      {
        remedy: `Send a text of your own of at most ${limits.idempotencyKeyBytesMax} characters, the same when you repeat the call.`,
      },
    );
  }
  const requestHash = hash("sha256", JSON.stringify(input, withSortedMembers), "hex");
  return platform.idempotency.run(
    { key, principalUid: caller.uid, operation: operation.operation.id, requestHash },
    work,
  );
}

/** Makes equal requests give equal text, whatever the order of members inside a field. */
function withSortedMembers(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refuse(options: NativeOptions, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error);
  if (problem.status >= 500) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    options.logger.error("native call failed", { method: request.method, path: request.routeOptions.url, detail });
  }
  if (problem.status === 401) reply.header("www-authenticate", 'Basic realm="concordat", charset="UTF-8"');
  return reply.code(problem.status).header("content-type", "application/problem+json").send(JSON.stringify(problem));
}
