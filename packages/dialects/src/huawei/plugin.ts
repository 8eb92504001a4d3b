import {
  type CompiledOperation,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  limits,
  type RequestFault,
  type RouteTable,
  registerRest,
} from "@concordat/api-kit";
import { bytesToUtf8, type Clock, type Logger, type RandomSource } from "@concordat/base";
import { type HuaweiAuthenticator, huaweiAuthenticator } from "./authentication/authenticator.ts";
import { readHuaweiRequest } from "./authentication/huawei-request.ts";
import { IamRefusal, iamErrors, refusalOf } from "./errors.ts";
import { GatewayRefusal, gatewayErrors } from "./gateway-errors.ts";
import { callerOf, type IamContext, type IamPlatform, type OfferedService } from "./handlers/context.ts";
import { placeHandlers } from "./handlers/places.ts";
import { projectHandlers } from "./handlers/projects.ts";
import { tokenHandlers } from "./handlers/tokens.ts";
import { iamOpenApi } from "./openapi.ts";
import { leaveBodiesUnread } from "./request-body.ts";
import { createRequestIds } from "./request-ids.ts";
import { iamRoutes } from "./routes/table.ts";
import { singleHeader } from "./signing/signed-request.ts";

export interface HuaweiIamOptions {
  readonly platform: IamPlatform;
  /** The one region that this server is: the id of GET /v3/regions, and of the endpoints in a token's catalog. */
  readonly region: string;
  /** What a token's catalog names beside IAM itself. */
  readonly services?: readonly OfferedService[];
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
}

interface Dependencies extends HuaweiIamOptions {
  readonly authenticator: HuaweiAuthenticator;
  readonly nextRequestId: () => string;
  readonly requestIds: WeakMap<FastifyRequest, string>;
}

const handlers = { ...tokenHandlers, ...projectHandlers, ...placeHandlers };
const iamService: OfferedService = { type: "iam", name: "iam", path: "/v3" };

/**
 * The IAM operations under /v3, and the gateway's answer for whatever nobody serves under /v2 and /v3. Register it in a scope of its own:
 * it reads bodies itself. What it checks, and in which order, stands in README.md.
 */
export function huaweiIamDialect(options: HuaweiIamOptions): FastifyPluginAsync {
  const dependencies: Dependencies = {
    ...options,
    nextRequestId: createRequestIds(options.random),
    authenticator: huaweiAuthenticator(options),
    requestIds: new WeakMap(),
  };
  return async (scope) => {
    leaveBodiesUnread(scope);
    scope.addHook("onRequest", async (request, reply) => {
      nameRequest(dependencies, request, reply);
    });
    scope.setErrorHandler((error, request, reply) => refuse(dependencies, error, request, reply));
    registerIam(scope, iamRoutes, dependencies);
    registerIam(scope, withSlash(iamRoutes), dependencies);
    for (const path of ["/v2", "/v2/*", "/v3", "/v3/*"]) scope.all(path, unknownApi);
    scope.get("/openapi/huawei-iam.json", async () => iamOpenApi());
  };
}

/** Gives the request its id, which every answer carries. IAM's clients quote the second header. */
function nameRequest(
  { requestIds, nextRequestId }: Dependencies,
  request: FastifyRequest,
  reply: FastifyReply,
): string {
  const requestId = requestIds.get(request) ?? nextRequestId();
  requestIds.set(request, requestId);
  reply.headers({ "x-request-id": requestId, "x-iam-trace-id": requestId });
  return requestId;
}

async function unknownApi(): Promise<never> {
  throw new GatewayRefusal(
    gatewayErrors.apiUnknown,
    "The API does not exist or has not been published in the environment.",
  );
}

/** The canonical path of a signature has a slash at its end whether the path has one or not, so both must mean the same. */
function withSlash<Table extends RouteTable>(table: Table): Table {
  const rows = Object.entries(table).map(([name, row]) => [name, { ...row, path: `${row.path}/` }]);
  // The same rows by the same names; only their paths differ.
  return Object.fromEntries(rows) as Table;
}

function registerIam(scope: FastifyInstance, table: typeof iamRoutes, dependencies: Dependencies): void {
  registerRest<typeof iamRoutes, IamContext>(scope, table, handlers, {
    context: (request, operation) => contextOf(request, operation, dependencies),
    refuse: faultRefusal,
    ignoresUnknown: true,
    async around({ operation: { operation }, context }, work) {
      if (operation.mutating) await context.authenticated?.takeSignature();
      return noteRefusals(operation.permission, context, work);
    },
  });
}

/** Recognises the caller, where the operation needs one, and reads the body. */
async function contextOf(
  request: FastifyRequest,
  compiled: CompiledOperation,
  dependencies: Dependencies,
): Promise<IamContext> {
  const { platform, region, services = [], clock, authenticator } = dependencies;
  const { operation } = compiled;
  const needsCaller = operation.id !== iamRoutes.createToken.id;
  const origin = { sourceAddress: request.ip, requestId: dependencies.requestIds.get(request) ?? "" };
  const bodyBytesMax = needsCaller ? limits.authenticatedBodyBytesMax : limits.bodyBytesMax;
  const call = readHuaweiRequest(request, { origin, bodyBytesMax, unsignedPayload: false });
  const authenticated = needsCaller ? await authenticator(call, compiled) : undefined;
  const takesBody = Object.values(operation.wire).some((field) => field.in === "body");
  if (takesBody) request.body = parseObject(await call.body());
  return {
    authenticated,
    origin,
    platform,
    region,
    services: [iamService, ...services],
    clock,
    baseUrl: `${request.protocol}://${request.headers.host ?? ""}`,
    target: call.target,
    shownToken: singleHeader(call.headers, "x-auth-token"),
  };
}

/** A body is JSON whatever its Content-Type says, for that header need not be signed. */
function parseObject(bytes: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(bytesToUtf8(bytes));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    throw new IamRefusal(iamErrors.bodyInvalid, "Request body is invalid: it is no JSON object.", cause);
  }
  throw new IamRefusal(iamErrors.bodyInvalid, "Request body is invalid: it is no JSON object.");
}

function faultRefusal(fault: RequestFault): IamRefusal {
  const detail = "detail" in fault ? fault.detail : "it is given more than once";
  return new IamRefusal(iamErrors.parameterInvalid, `Request parameter ${fault.wireName} is invalid: ${detail}.`);
}

/** A recognised caller that was denied something belongs in the audit trail. */
async function noteRefusals(action: string, context: IamContext, work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    const isDenied = refusalOf(error).answer === iamErrors.forbidden;
    if (isDenied && context.authenticated !== undefined) {
      context.platform.authentication.noteRefusal(callerOf(context), { action, code: "ACCESS_DENIED" });
    }
    throw error;
  }
}

function refuse(
  dependencies: Dependencies,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { answer, message, logged } = refusalOf(error);
  const requestId = nameRequest(dependencies, request, reply);
  if (logged) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    dependencies.logger.error("huawei-iam call failed", { requestId, detail });
  }
  const body = { error_msg: message, error_code: answer.code, request_id: requestId };
  return reply.code(answer.status).header("content-type", "application/json;charset=utf-8").send(JSON.stringify(body));
}
