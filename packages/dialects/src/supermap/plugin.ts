import {
  type CompiledOperation,
  compileTable,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
} from "@concordat/api-kit";
import type { Logger, RandomSource } from "@concordat/base";
import { type CallOrigins, createCallOrigins } from "../http/call-origin.ts";
import type { IserverContext, IserverPlatform } from "./context.ts";
import { faultRefusal, IserverRefusal, iserverFailureOf } from "./errors.ts";
import { securityHandlers } from "./handlers/security.ts";
import { supermapOpenApi } from "./openapi.ts";
import { tokenFormPage } from "./pages.ts";
import { encodeRepresentation } from "./representation/encode.ts";
import { type Address, formatGuess, readAddress } from "./representation/formats.ts";
import { effectiveMethod, memberFor, readEntity, readQuery } from "./representation/request.ts";
import { BASE } from "./routes/security.ts";
import { routes } from "./routes/table.ts";

export interface SupermapOptions {
  readonly platform: IserverPlatform;
  readonly random: RandomSource;
  readonly logger: Logger;
}

type Handler = (input: unknown, context: IserverContext) => Promise<unknown>;

interface Dependencies extends SupermapOptions {
  readonly originOf: CallOrigins;
  /** The rows of each resource, by its path without the suffix. */
  readonly resources: ReadonlyMap<string, readonly CompiledOperation[]>;
  readonly handlers: ReadonlyMap<string, Handler>;
}

/** What XML calls an answer; MethodResult where it only says how the call went. */
const typeNames: Readonly<Record<string, string>> = { getTokenForm: "TokenParameter", createToken: "String" };
const NO_BODY = new Uint8Array(0);
const handlers = { ...securityHandlers };

/** SuperMap iServer's security resources. Register it in a scope of its own. */
export function supermapDialect(options: SupermapOptions): FastifyPluginAsync {
  const operations = [...compileTable(routes).values()];
  const dependencies: Dependencies = {
    ...options,
    originOf: createCallOrigins(options.random),
    resources: Map.groupBy(operations, ({ operation }) => operation.path.replace(".{format}", "")),
    // Names and types of handlers and routes agree by `satisfies` beside the handlers; the map erases the single row's types.
    handlers: new Map(Object.entries(handlers) as unknown as [string, Handler][]),
  };
  return async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error, request, reply) => refuse(dependencies, error, request, reply));
    scope.all(`${BASE}/*`, (request, reply) => serve(dependencies, request, reply));
    scope.get("/openapi/supermap.json", async () => supermapOpenApi());
  };
}

async function serve(dependencies: Dependencies, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const target = request.raw.url ?? "";
  const query = readQuery(target);
  const method = effectiveMethod(request.raw.method ?? "", query);
  const address = readAddress(pathOf(target), method);
  const compiled = findRow(dependencies, address, method, reply);
  const decoded = compiled.decodeInput(readerOf(request, address, compiled));
  if (!decoded.ok) throw faultRefusal(decoded.fault);
  const output = await run(dependencies, compiled, decoded.input, contextOf(dependencies, request, reply));
  return send(dependencies, reply, address, compiled.operation.status, output, compiled.name);
}

function run(dependencies: Dependencies, { name }: CompiledOperation, input: unknown, context: IserverContext) {
  const handler = dependencies.handlers.get(name);
  if (handler === undefined) throw new IserverRefusal(404, "There is no such resource.");
  return handler(input, context);
}

/** HEAD asks for what GET would answer, without the body. */
function findRow(dependencies: Dependencies, { resource }: Address, method: string, reply: FastifyReply) {
  const rows = dependencies.resources.get(resource);
  if (rows === undefined) throw new IserverRefusal(404, "There is no such resource.");
  const wanted = method === "HEAD" ? "GET" : method;
  const row = rows.find(({ operation }) => operation.methods.some((known) => known === wanted));
  if (row !== undefined) return row;
  reply.header("allow", methodsOf(dependencies, resource).join(", "));
  throw new IserverRefusal(405, "The resource does not have this method.");
}

function methodsOf({ resources }: Dependencies, resource: string): readonly string[] {
  const methods: readonly string[] = (resources.get(resource) ?? []).flatMap(({ operation }) => operation.methods);
  return methods.includes("GET") ? [...methods, "HEAD"] : methods;
}

function readerOf(request: FastifyRequest, { format }: Address, { operation }: CompiledOperation) {
  const hasEntity = Object.values(operation.wire).some((field) => field.in === "body");
  const body = Buffer.isBuffer(request.body) ? request.body : NO_BODY;
  const entity = hasEntity ? readEntity(body, request.headers) : {};
  const fieldNames = new Map(Object.entries(operation.wire).map(([field, wire]) => [wire, field]));
  return (wire: (typeof operation.wire)[string]) => {
    if (wire.in === "path") return format;
    const value = Object.hasOwn(entity, wire.name) ? entity[wire.name] : undefined;
    return memberFor(operation.input, fieldNames.get(wire) ?? "", value);
  };
}

function contextOf({ platform, originOf }: Dependencies, request: FastifyRequest, reply: FastifyReply): IserverContext {
  return {
    platform,
    origin: originOf(request),
    headers: request.raw.headers,
    secure: "encrypted" in request.raw.socket,
    addCookie: (line) => reply.header("set-cookie", line),
  };
}

function send(
  dependencies: Dependencies,
  reply: FastifyReply,
  { resource, format }: Address,
  status: number,
  value: unknown,
  name: string,
): FastifyReply {
  const form = name === "getTokenForm" ? { form: tokenFormPage } : {};
  const frame = { title: name, resource, methods: methodsOf(dependencies, resource), ...form };
  const typeName = typeNames[name] ?? "MethodResult";
  const { contentType, body } = encodeRepresentation(format, value, typeName, frame);
  return reply.code(status).headers({ "content-type": contentType, "cache-control": "no-store" }).send(body);
}

function refuse(dependencies: Dependencies, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const { status, body, headers } = iserverFailureOf(error);
  if (status === 500) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    dependencies.logger.error("iserver call failed", { path: request.routeOptions.url, detail });
  }
  const path = pathOf(request.raw.url ?? "");
  const address = { resource: path.replace(/\.[^./]*$/, ""), format: formatGuess(path) };
  return send(dependencies, reply.headers({ ...headers }), address, status, body, "error");
}

function pathOf(target: string): string {
  return target.split("?", 1)[0] ?? "";
}
