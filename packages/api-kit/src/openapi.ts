import type { TObject } from "@sinclair/typebox";
import type { AnyOperation, RouteTable, WireField } from "./operation.ts";

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly table: RouteTable;
  readonly securitySchemes: Readonly<Record<string, unknown>>;
  /** The whole success body around the data part. Left out: the data part is the body. */
  readonly envelope?: (data: unknown) => unknown;
  /** Media type and schema of a refusal. */
  readonly errorBody: { readonly mediaType: string; readonly schema: unknown };
  /** Media type of request bodies; JSON when left out. */
  readonly requestMediaType?: string;
  /** Parameters that every operation takes beside its own. */
  readonly commonParameters?: readonly unknown[];
}

/**
 * The OpenAPI 3.1 document of a table. Operations that share a URL and differ in a parameter stand under `<path>#<parameter>=<value>`,
 * because a path item can hold only one operation for each method.
 */
export function openApiDocument(options: OpenApiOptions): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, row] of Object.entries(options.table)) {
    const suffix = row.matcher === undefined ? "" : `#${row.matcher.parameter}=${row.matcher.value}`;
    const path = `${row.path}${suffix}`;
    const item = paths[path] ?? {};
    paths[path] = item;
    for (const method of row.methods) {
      item[method.toLowerCase()] = describe(name, method, row, options);
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: options.title, version: options.version, description: options.description },
    paths,
    components: { securitySchemes: options.securitySchemes },
    security: Object.keys(options.securitySchemes).map((scheme) => ({ [scheme]: [] })),
  };
}

function describe(name: string, method: string, row: AnyOperation, options: OpenApiOptions): unknown {
  const encoded = row.answer.encode(row.example.output);
  const example = options.envelope === undefined ? encoded.data : undefined;
  return {
    ...(row.anonymous === true ? { security: [] } : {}),
    operationId: row.methods.length === 1 ? name : `${method.toLowerCase()}${name}`,
    summary: row.summary,
    description: `Source: ${row.source}. Permission: ${row.permission}. Errors: ${row.errors.join(", ") || "none of its own"}.`,
    parameters: [...(options.commonParameters ?? []), ...parametersOf(row)],
    ...bodyOf(row, options.requestMediaType ?? "application/json"),
    responses: {
      [row.status]: {
        description: "Done.",
        content: {
          "application/json": {
            schema: options.envelope === undefined ? row.output : options.envelope({}),
            ...(example === undefined ? {} : { example }),
          },
        },
      },
      default: {
        description: "Refused.",
        content: { [options.errorBody.mediaType]: { schema: options.errorBody.schema } },
      },
    },
  };
}

function entriesOf(row: AnyOperation): readonly (readonly [string, WireField])[] {
  return Object.entries(row.wire);
}

function parametersOf(row: AnyOperation): readonly unknown[] {
  const matcher =
    row.matcher === undefined
      ? []
      : [{ name: row.matcher.parameter, in: "query", required: true, schema: { const: row.matcher.value } }];
  const own = entriesOf(row)
    .filter(([, wire]) => wire.in !== "body")
    .map(([field, wire]) => ({
      name: wire.name,
      in: wire.in === "path" || wire.in === "header" ? wire.in : "query",
      required: isRequired(row.input, field),
      ...textForm(wire, row.input.properties[field]),
    }));
  return [...matcher, ...own];
}

/** A parameter of JSON text has its schema under the media type of that text. */
function textForm({ codec }: WireField, schema: unknown): Readonly<Record<string, unknown>> {
  if (codec?.jsonSchema === undefined) return { schema };
  return { content: { "application/json": { schema: codec.jsonSchema } } };
}

function bodyOf(row: AnyOperation, mediaType: string): Readonly<Record<string, unknown>> {
  const fields = entriesOf(row).filter(([, wire]) => wire.in === "body");
  if (fields.length === 0) return {};
  return {
    requestBody: {
      required: true,
      content: {
        [mediaType]: {
          schema: {
            type: "object",
            properties: Object.fromEntries(fields.map(([field, wire]) => [wire.name, row.input.properties[field]])),
            required: fields.filter(([field]) => isRequired(row.input, field)).map(([, wire]) => wire.name),
          },
        },
      },
    },
  };
}

function isRequired(schema: TObject, field: string): boolean {
  return schema.required?.includes(field) ?? false;
}
