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
import { bytesToUtf8, type Clock, isConcordatError, type Logger, type RandomSource } from "@concordat/base";
import type { Caller, Platform } from "@concordat/platform";
import { createCallOrigins } from "../http/call-origin.ts";
import { nativeAuthentication } from "./auth.ts";
import type { AuthenticationParts } from "./authentication/native-caller.ts";
import { problemOf, RequestRefusal } from "./errors.ts";
import { createFileGate } from "./file-gate.ts";
import { accountHandlers } from "./handlers/accounts.ts";
import { alarmHandlers } from "./handlers/alarms.ts";
import { auditHandlers } from "./handlers/audit.ts";
import { certificateHandlers } from "./handlers/certificates.ts";
import { chainHandlers } from "./handlers/chains.ts";
import { channelHandlers } from "./handlers/channels.ts";
import { collaborationHandlers } from "./handlers/collaboration.ts";
import type { NativeContext } from "./handlers/context.ts";
import { contractCallHandlers, contractHandlers, contractLifecycleHandlers } from "./handlers/contracts.ts";
import { apiCredentialHandlers, credentialHandlers } from "./handlers/credentials.ts";
import { deviceGroupHandlers } from "./handlers/device-groups.ts";
import { deviceIdentityHandlers } from "./handlers/device-identities.ts";
import { enterpriseProjectHandlers } from "./handlers/enterprise-projects.ts";
import { grantHandlers } from "./handlers/grants.ts";
import { groupHandlers } from "./handlers/groups.ts";
import { installationHandlers } from "./handlers/installation.ts";
import { jobHandlers } from "./handlers/jobs.ts";
import { memberHandlers } from "./handlers/members.ts";
import { networkChannelHandlers, networkHandlers, nodeHandlers } from "./handlers/networks.ts";
import { organizationHandlers } from "./handlers/organizations.ts";
import { policyHandlers } from "./handlers/policies.ts";
import { productHandlers } from "./handlers/products.ts";
import { projectHandlers } from "./handlers/projects.ts";
import { receiptHandlers } from "./handlers/receipts.ts";
import { type SignInContext, sessionHandlers, signInHandlers } from "./handlers/sessions.ts";
import { signingKeyHandlers } from "./handlers/signing-keys.ts";
import { tenantHandlers } from "./handlers/tenants.ts";
import { userHandlers } from "./handlers/users.ts";
import { nativeOpenApi } from "./openapi.ts";
import { BASE } from "./routes/common.ts";
import { signInRoutes } from "./routes/sessions.ts";
import { routes } from "./routes/table.ts";

export interface NativeOptions {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
}

const handlers = {
  ...receiptHandlers,
  ...channelHandlers,
  ...chainHandlers,
  ...memberHandlers,
  ...collaborationHandlers,
  ...accountHandlers,
  ...tenantHandlers,
  ...projectHandlers,
  ...enterpriseProjectHandlers,
  ...userHandlers,
  ...groupHandlers,
  ...policyHandlers,
  ...grantHandlers,
  ...productHandlers,
  ...deviceIdentityHandlers,
  ...deviceGroupHandlers,
  ...installationHandlers,
  ...certificateHandlers,
  ...organizationHandlers,
  ...alarmHandlers,
  ...credentialHandlers,
  ...apiCredentialHandlers,
  ...sessionHandlers,
  ...signingKeyHandlers,
  ...jobHandlers,
  ...auditHandlers,
  ...networkHandlers,
  ...nodeHandlers,
  ...networkChannelHandlers,
  ...contractHandlers,
  ...contractLifecycleHandlers,
  ...contractCallHandlers,
};
const NO_BODY = new Uint8Array(0);

/**
 * The native API under /api/v1. Register it in a scope of its own. Order of checks: body readable, credentials, fields (unknown or
 * repeated, missing, malformed), idempotency key, the platform's rules.
 */
export function nativeDialect(options: NativeOptions): FastifyPluginAsync {
  const { platform } = options;
  const bodies = new WeakMap<object, Uint8Array>();
  const originOf = createCallOrigins(options.random);
  const parts: AuthenticationParts = { ...options, originOf, bodyOf: ({ raw }) => bodies.get(raw) ?? NO_BODY };
  const authenticate = nativeAuthentication(parts);
  const recognised = new WeakMap<object, Recognised>();
  const files = createFileGate(authenticate);
  return async (scope) => {
    scope.addHook("onRequest", async (request, reply) => {
      reply.headers({ "x-request-id": originOf(request).requestId, "cache-control": "no-store" });
    });
    parseJsonKeepingBytes(scope, bodies);
    scope.setErrorHandler((error, request, reply) => {
      noteDenial(options, error, recognised.get(request.raw));
      return refuse(options, error, request, reply);
    });
    registerRest<typeof routes, NativeContext>(scope, routes, handlers, {
      async context(request, operation) {
        const context = { ...(await files.caller(request, operation)), platform };
        recognised.set(request.raw, { caller: context.caller, permission: operation.operation.permission });
        return context;
      },
      refuse: faultRefusal,
      beforeFile: (request, reply, operation) => files.admit(request, reply, operation),
      around: ({ request, operation, input, context }, work) =>
        operation.operation.mutating ? runOnce(request, operation, input, context, work) : work(),
    });
    registerRest<typeof signInRoutes, SignInContext>(scope, signInRoutes, signInHandlers, {
      context: async (request) => ({ request, origin: originOf(request), platform }),
      refuse: faultRefusal,
      // Each sign-in is its own: a repeated one opens another session.
      around: (_call, work) => work(),
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
  { caller, platform }: NativeContext,
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
  // An answer is given again only to a credential that reaches as far as the first one.
  const requestHash = hash("sha256", JSON.stringify({ input, scope: caller.scope }, withSortedMembers), "hex");
  return platform.idempotency.run(
    { key, principalUid: caller.principal.uid, operation: operation.operation.id, requestHash },
    work,
  );
}

/** Makes equal requests give equal text, whatever the order of members inside a field. Of a file the hash is enough. */
function withSortedMembers(_name: string, value: unknown): unknown {
  if (typeof value === "string" && value.length > limits.parameterValueBytesMax)
    return { sha256: hash("sha256", value) };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Recognised {
  readonly caller: Caller;
  readonly permission: string;
}

/** A recognised caller that is denied something leaves its trace, like one that changes something. */
function noteDenial({ platform }: NativeOptions, error: unknown, recognised: Recognised | undefined): void {
  if (recognised === undefined || !isConcordatError(error, "ACCESS_DENIED")) return;
  const { caller, permission } = recognised;
  platform.authentication.noteRefusal(caller, { action: permission, code: error.code });
}

function refuse(options: NativeOptions, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error);
  if (problem.status >= 500) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    options.logger.error("native call failed", { method: request.method, path: request.routeOptions.url, detail });
  }
  if (problem.status === 401) reply.header("www-authenticate", 'Basic realm="concordat", charset="UTF-8"');
  const retryAfterMs = isConcordatError(error, "CREDENTIALS_SLOWED") ? error.facts["retryAfterMs"] : undefined;
  if (typeof retryAfterMs === "number") reply.header("retry-after", Math.ceil(retryAfterMs / 1000));
  return reply.code(problem.status).header("content-type", "application/problem+json").send(JSON.stringify(problem));
}
