import { InvariantError } from "@concordat/base";
import { type CompiledOperation, compileTable, type FieldFault } from "./compile.ts";
import { limits } from "./limits.ts";
import type { Handlers, RouteTable, WireField } from "./operation.ts";
import { parseParameters, queryOf } from "./parameters.ts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "./server.ts";

/** A request that does not fit its row: a field fault, or a field that the row does not know. */
export type RequestFault = FieldFault | { readonly kind: "unknown" | "repeated"; readonly wireName: string };

/** What a dialect with one URL for each operation adds to its table. */
export interface RestBinding<Context> {
  /** Authenticates and makes the handlers' context. Runs before the input is looked at. */
  context(request: FastifyRequest, operation: CompiledOperation): Promise<Context>;
  /** The dialect's error for a request that does not fit. */
  refuse(fault: RequestFault): Error;
  /** Runs before the body of a row that takes a file is read, for instance to recognise the caller. Such rows need it. */
  beforeFile?(request: FastifyRequest, reply: FastifyReply, operation: CompiledOperation): Promise<void>;
  /** Whether fields that the row does not know are passed over instead of refused. */
  readonly ignoresUnknown?: boolean;
  /** Wraps the handler's work, for instance to run it once for each idempotency key. */
  around(
    call: {
      readonly request: FastifyRequest;
      readonly operation: CompiledOperation;
      readonly input: Readonly<Record<string, unknown>>;
      readonly context: Context;
    },
    work: () => Promise<unknown>,
  ): Promise<unknown>;
}

/** Registers every row of a table with fastify, in the dialect's own scope. */
export function registerRest<Table extends RouteTable, Context>(
  scope: FastifyInstance,
  table: Table,
  handlers: Handlers<Table, Context>,
  binding: RestBinding<Context>,
): void {
  for (const [name, compiled] of compileTable(table)) {
    // `handlers` has a function for each name of the table by its type; the row's own types are erased in the loop.
    const handler = handlers[name] as unknown as Handler<Context>;
    scope.route({
      method: [...compiled.operation.methods],
      url: compiled.operation.path.replaceAll(/\{([^}]+)\}/g, ":$1"),
      ...fileRouteOf(compiled, binding),
      handler: (request, reply) => serve(request, reply, compiled, handler, binding),
    });
  }
}

function fileRouteOf<Context>(compiled: CompiledOperation, binding: RestBinding<Context>) {
  if (compiled.operation.takesFile !== true) return {};
  const { beforeFile } = binding;
  if (beforeFile === undefined) throw new InvariantError(`${compiled.operation.id} takes a file from anybody.`);
  return {
    bodyLimit: limits.fileBodyBytesMax,
    preParsing: (request: FastifyRequest, reply: FastifyReply) => beforeFile(request, reply, compiled),
  };
}

type Handler<Context> = (input: unknown, context: Context) => Promise<unknown>;

async function serve<Context>(
  request: FastifyRequest,
  reply: FastifyReply,
  compiled: CompiledOperation,
  handler: Handler<Context>,
  binding: RestBinding<Context>,
): Promise<unknown> {
  const context = await binding.context(request, compiled);
  const decoded = compiled.decodeInput(readerOf(request, compiled, binding));
  if (!decoded.ok) throw binding.refuse(decoded.fault);
  const { input } = decoded;
  const output = await binding.around({ request, operation: compiled, input, context }, () => handler(input, context));
  const answer = compiled.operation.answer.encode(output);
  reply.code(compiled.operation.status).headers({ ...answer.headers });
  return answer.data;
}

function readerOf<Context>(request: FastifyRequest, compiled: CompiledOperation, binding: RestBinding<Context>) {
  const fields = Object.values(compiled.operation.wire);
  const path = Object(request.params) as Readonly<Record<string, string>>;
  const query = readQuery(request, fields, binding);
  const body = readBody(request, fields, binding);
  return (field: WireField): unknown => {
    if (field.in === "path") return path[field.name];
    if (field.in === "header") return request.headers[field.name.toLowerCase()];
    return field.in === "query" ? query.get(field.name) : body.get(field.name);
  };
}

function readQuery<Context>(request: FastifyRequest, fields: readonly WireField[], binding: RestBinding<Context>) {
  const query = new Map<string, string>();
  for (const { name, value } of parseParameters(queryOf(request.raw.url ?? ""))) {
    const known = fields.some((field) => field.in === "query" && field.name === name);
    if (!known && binding.ignoresUnknown === true) continue;
    if (!known) throw binding.refuse({ kind: "unknown", wireName: name });
    if (query.has(name)) throw binding.refuse({ kind: "repeated", wireName: name });
    query.set(name, value);
  }
  return query;
}

function readBody<Context>(request: FastifyRequest, fields: readonly WireField[], binding: RestBinding<Context>) {
  const body = new Map<string, unknown>(Object.entries(Object(request.body ?? {}) as Record<string, unknown>));
  for (const name of binding.ignoresUnknown === true ? [] : body.keys()) {
    if (!fields.some((field) => field.in === "body" && field.name === name)) {
      throw binding.refuse({ kind: "unknown", wireName: name });
    }
  }
  return body;
}
