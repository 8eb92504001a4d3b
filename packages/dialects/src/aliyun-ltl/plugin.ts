import {
  type CompiledOperation,
  compileTable,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  limits,
  readParameter,
} from "@concordat/api-kit";
import { type Clock, isConcordatError, type Logger, type RandomSource } from "@concordat/base";
import type { Authentication, DataPlatform } from "@concordat/platform";
import { readCommonFields } from "./auth.ts";
import { ltlAuthentication } from "./authentication.ts";
import { type Call, formatGuess, formatOf, headerOf, readCall } from "./call.ts";
import { type Format, type RenderedAnswer, renderRefusal, renderSuccess } from "./envelope.ts";
import {
  API_VERSION_WRONG,
  gatewayErrors,
  invalidParameter,
  LtlRefusal,
  missingParameter,
  refusalOf,
} from "./errors.ts";
import { chainHandlers } from "./handlers/chains.ts";
import { collaborationModelHandlers } from "./handlers/collaboration-models.ts";
import { collaborationRecordHandlers } from "./handlers/collaboration-records.ts";
import { collaborationUploadHandlers } from "./handlers/collaboration-uploads.ts";
import type { LtlContext } from "./handlers/context.ts";
import { deviceHandlers } from "./handlers/devices.ts";
import { evidenceHandlers } from "./handlers/evidence.ts";
import { historyHandlers } from "./handlers/history.ts";
import { memberHandlers } from "./handlers/members.ts";
import { aliyunLtlOpenApi } from "./openapi.ts";
import { createRequestIds } from "./request-ids.ts";
import { routes } from "./routes/table.ts";

const API_VERSION = "2019-05-10";
const BUSINESS_API_VERSION = "1.0.0";
const NO_BODY = new Uint8Array(0);

export interface AliyunLtlOptions {
  readonly platform: DataPlatform & { readonly authentication: LtlAuthentication };
  /** What DescribeResourceInfo answers as region, for instance `cn-shanghai`. */
  readonly region: string;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** Answers a `GET /` that is no call of this API. Left out: it is refused as one without an action. */
  readonly plainRoot?: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

type LtlAuthentication = Pick<Authentication, "signatures" | "wholeCallerOf" | "noteRefusal">;

interface Dependencies extends AliyunLtlOptions {
  readonly operations: ReadonlyMap<string, CompiledOperation>;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly nextRequestId: () => string;
  readonly authenticate: ReturnType<typeof ltlAuthentication>;
}

type Handler = (input: unknown, context: LtlContext) => Promise<unknown>;

export const handlers = {
  ...memberHandlers,
  ...deviceHandlers,
  ...chainHandlers,
  ...evidenceHandlers,
  ...historyHandlers,
  ...collaborationModelHandlers,
  ...collaborationUploadHandlers,
  ...collaborationRecordHandlers,
};

/**
 * The Aliyun LTL API at `/`. Register it in a scope of its own: it takes over body parsing there. What it checks, and in which order,
 * stands in README.md and is tested in check-order.test.ts.
 */
export function aliyunLtlDialect(options: AliyunLtlOptions): FastifyPluginAsync {
  const dependencies: Dependencies = {
    ...options,
    operations: compileTable(routes),
    // Names and types of handlers and routes agree by `satisfies` beside the handlers; the map erases the single row's types.
    handlers: new Map(Object.entries(handlers) as unknown as [string, Handler][]),
    nextRequestId: createRequestIds(options.random),
    authenticate: ltlAuthentication(options),
  };
  return async (scope) => {
    takeOverBodyParsing(scope);
    scope.setErrorHandler((error, request, reply) => refuse(dependencies, error, request, reply));
    scope.addHook("onRequest", async (request) => {
      const { method } = request.raw;
      if (request.routeOptions.url === "/" && method !== "GET" && method !== "POST") {
        throw new LtlRefusal(gatewayErrors.methodUnsupported, "Use GET or POST.");
      }
    });
    scope.all("/", { bodyLimit: limits.formBodyBytesMax }, (request, reply) => serve(dependencies, request, reply));
    scope.get("/openapi/aliyun-ltl.json", async () => aliyunLtlOpenApi());
  };
}

/** Bodies stay bytes: the ACS3 signature covers them as they came. A content type counts only where there is a body. */
function takeOverBodyParsing(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
  scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    if (body.length === 0) return done(null, body);
    done(
      new LtlRefusal(gatewayErrors.contentTypeUnsupported, "The content type of the request body is not supported.", {
        remedy: "Send application/x-www-form-urlencoded, or all parameters in the query.",
      }),
    );
  });
}

async function serve(dependencies: Dependencies, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (dependencies.plainRoot !== undefined && isPlain(request)) return dependencies.plainRoot(request, reply);
  const requestId = dependencies.nextRequestId();
  const target = request.raw.url ?? "/";
  const sourceAddress = request.raw.socket.remoteAddress;
  let format: Format | undefined;
  let action: string | undefined;
  try {
    const body = Buffer.isBuffer(request.body) ? request.body : NO_BODY;
    const call = readCall({ method: request.raw.method ?? "", target, headers: request.raw.headers, body });
    format = formatOf(call);
    const outcome = await perform(dependencies, { call, requestId, sourceAddress }, (name) => {
      action = name;
    });
    for (const name in outcome.headers) reply.header(name, outcome.headers[name]);
    return send(reply, requestId, renderSuccess(format, outcome.action, requestId, outcome.data));
  } catch (error) {
    const refusal = noteRefusal(dependencies, error, requestId);
    const context = { action, requestId, hostId: hostOf(request) };
    return send(reply, requestId, renderRefusal(format ?? formatGuess(target), refusal, context));
  }
}

/** A call and where it came from. */
interface Received {
  readonly call: Call;
  readonly requestId: string;
  readonly sourceAddress: string | undefined;
}

interface Outcome {
  readonly action: string;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** One call, from its parsed parameters to its answer's data. The order of the steps is the documented order of checks. */
async function perform(
  dependencies: Dependencies,
  received: Received,
  onAction: (action: string) => void,
): Promise<Outcome> {
  const { call, sourceAddress } = received;
  const common = readCommonFields(call);
  if (common.version !== API_VERSION) {
    throw new LtlRefusal(gatewayErrors.versionUnknown, `Specified parameter Version is not valid: use ${API_VERSION}.`);
  }
  const compiled = dependencies.operations.get(common.action);
  const handler = dependencies.handlers.get(common.action);
  if (compiled === undefined || handler === undefined) {
    throw new LtlRefusal(gatewayErrors.actionUnknown, "Specified api is not found, please check your url and method.");
  }
  onAction(common.action);
  const { caller, nonce } = await dependencies.authenticate({ common, sourceAddress }, compiled);
  const input = readInput(call, compiled);
  const { platform, region } = dependencies;
  const { authentication } = platform;
  const wholeCaller = () =>
    authentication.wholeCallerOf(caller, { kind: "access-key", id: nonce.accessKeyId }, received);
  let output: unknown;
  try {
    output = await handler(input, { caller, wholeCaller, nonce, platform, region });
  } catch (error) {
    // A denied call leaves its trace, like a change that was made.
    if (isConcordatError(error, "ACCESS_DENIED")) {
      authentication.noteRefusal(wholeCaller(), { action: compiled.operation.permission, code: "ACCESS_DENIED" });
    }
    throw error;
  }
  const { data, headers = {} } = compiled.operation.answer.encode(output);
  return { action: common.action, data, headers };
}

function readInput(call: Call, compiled: CompiledOperation): unknown {
  const version = call.values.get("ApiVersion");
  if (version === undefined)
    throw new LtlRefusal(missingParameter("ApiVersion"), "ApiVersion is mandatory for this action.");
  if (version !== BUSINESS_API_VERSION) {
    throw new LtlRefusal(API_VERSION_WRONG, `ApiVersion must be ${BUSINESS_API_VERSION}.`);
  }
  const { input: schema } = compiled.operation;
  const decoded = compiled.decodeInput((field) => {
    const { name } = field;
    const value = readParameter(call.values, field);
    // An optional parameter that is there but empty counts as left out; a mandatory one is judged by its own rules.
    return value === "" && isOptional(name) ? undefined : value;
  });
  if (decoded.ok) return decoded.input;
  const { kind, wireName, detail } = decoded.fault;
  if (kind === "missing") throw new LtlRefusal(missingParameter(wireName), `${wireName} is mandatory for this action.`);
  throw new LtlRefusal(invalidParameter(wireName), `Specified parameter ${wireName} is not valid: ${detail}.`);

  function isOptional(wireName: string): boolean {
    const field = Object.entries(compiled.operation.wire).find(([, wire]) => wire.name === wireName)?.[0];
    return field !== undefined && schema.required?.includes(field) !== true;
  }
}

/** No action, no signature: somebody looks at the address in a browser. */
function isPlain(request: FastifyRequest): boolean {
  const { method, url, headers } = request.raw;
  return (
    method === "GET" && url === "/" && headers["x-acs-action"] === undefined && headers.authorization === undefined
  );
}

function hostOf(request: FastifyRequest): string {
  return headerOf({ method: "", target: "", headers: request.raw.headers, body: NO_BODY }, "host") ?? "";
}

/** For faults that arise before the handler runs: the method, the body's size and type. */
function refuse(dependencies: Dependencies, error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const requestId = dependencies.nextRequestId();
  const refusal = noteRefusal(dependencies, error, requestId);
  const context = { action: undefined, requestId, hostId: hostOf(request) };
  return send(reply, requestId, renderRefusal(formatGuess(request.raw.url ?? "/"), refusal, context));
}

function noteRefusal(dependencies: Dependencies, error: unknown, requestId: string) {
  const refusal = refusalOf(error);
  if (refusal.logged) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    dependencies.logger.error("aliyun-ltl call failed", { requestId, detail });
  }
  return refusal;
}

function send(reply: FastifyReply, requestId: string, answer: RenderedAnswer): FastifyReply {
  return reply
    .code(answer.status)
    .header("content-type", answer.contentType)
    .header("x-acs-request-id", requestId)
    .send(answer.body);
}
