import type { Wire, WireCall } from "./wire.ts";

/** One operation as a server's OpenAPI document describes it. */
export interface ApiOperation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly pathFields: readonly string[];
  readonly queryFields: readonly string[];
  readonly bodyFields: readonly string[];
}

interface Described {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly properties: object } }>>;
  };
}

/** Every operation of a document such as /openapi/native.json, in its order. */
export async function readApiOperations(wire: Wire, path: string): Promise<readonly ApiOperation[]> {
  const { status, text } = await wire.send({ method: "GET", path });
  if (status !== 200) throw new Error(`${path} answered ${status}.`);
  const { paths }: { readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>> } = JSON.parse(text);
  return Object.entries(paths).flatMap(([place, item]) =>
    Object.entries(item).map(([method, { operationId, parameters, requestBody }]) => {
      const fieldsIn = (where: string) => parameters.filter((each) => each.in === where).map(({ name }) => name);
      const [content] = Object.values(requestBody?.content ?? {});
      return {
        name: operationId,
        method: method.toUpperCase(),
        path: place,
        pathFields: fieldsIn("path"),
        queryFields: fieldsIn("query"),
        bodyFields: Object.keys(content?.schema.properties ?? {}),
      };
    }),
  );
}

/** A call of the operation: members travel where the document says; those that it does not know, in the body. */
export function callOf(
  operation: ApiOperation,
  input: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): WireCall {
  const { method, pathFields, queryFields } = operation;
  let path = operation.path;
  const query = new URLSearchParams();
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    if (pathFields.includes(name)) path = path.replace(`{${name}}`, encodeURIComponent(String(value)));
    else if (queryFields.includes(name)) query.set(name, String(value));
    else body[name] = value;
  }
  const target = query.size === 0 ? path : `${path}?${query}`;
  if (Object.keys(body).length === 0) return { method, path: target, headers };
  return {
    method,
    path: target,
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
