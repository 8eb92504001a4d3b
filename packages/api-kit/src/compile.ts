import type { TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import type { AnyOperation, RouteTable, WireField } from "./operation.ts";
import type { ParameterCodec } from "./parameter-codec.ts";
import { SpreadParameter } from "./spread-parameter.ts";

/** The first thing wrong with a request's fields: everything missing is reported before anything malformed. */
export interface FieldFault {
  readonly kind: "missing" | "malformed";
  /** The input field. */
  readonly field: string;
  /** Its name on the wire. */
  readonly wireName: string;
  readonly detail: string;
}

export type DecodedInput =
  | { readonly ok: true; readonly input: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly fault: FieldFault };

/** Reads one field from a request: its text or its SpreadParameter, for a field of a JSON body its value, undefined when it is absent. */
export type FieldReader = (field: WireField) => unknown;

export interface CompiledOperation {
  readonly name: string;
  readonly operation: AnyOperation;
  /** @remarks Order: missing fields first, then malformed ones, each in the row's wire order. */
  decodeInput(read: FieldReader): DecodedInput;
  /** The request fields of an input, for clients: absent fields are left out. */
  encodeInput(
    input: Readonly<Record<string, unknown>>,
  ): readonly { readonly field: WireField; readonly value: unknown }[];
  isOutput(output: unknown): boolean;
}

export type CompiledTable = ReadonlyMap<string, CompiledOperation>;

/**
 * The validators of a table. Each is compiled when its field is first looked at: compiling those of all operations would take a
 * good part of a server's start, and most are never asked.
 */
export function compileTable(table: RouteTable): CompiledTable {
  return new Map(Object.entries(table).map(([name, operation]) => [name, compileOperation(name, operation)]));
}

interface CompiledField {
  readonly name: string;
  readonly wire: WireField;
  readonly required: boolean;
  readonly check: (value: unknown) => boolean;
  readonly explain: (value: unknown) => string;
}

function compileOperation(name: string, operation: AnyOperation): CompiledOperation {
  const fields = Object.entries(operation.wire).map(([field, wire]) => compileField(operation, field, wire));
  const output = compiledOnUse(operation.output);
  return {
    name,
    operation,
    decodeInput: (read) => decodeFields(fields, read),
    encodeInput: (input) => encodeFields(fields, input),
    isOutput: (value) => output().Check(value),
  };
}

function compiledOnUse(schema: TSchema): () => TypeCheck<TSchema> {
  let compiled: TypeCheck<TSchema> | undefined;
  return () => {
    compiled ??= TypeCompiler.Compile(schema);
    return compiled;
  };
}

function compileField(operation: AnyOperation, name: string, wire: WireField): CompiledField {
  const schema = operation.input.properties[name];
  if (schema === undefined) throw new TypeError(`Operation ${operation.id}: wire field ${name} is no input field.`);
  const compiled = compiledOnUse(schema);
  return {
    name,
    wire,
    required: operation.input.required?.includes(name) ?? false,
    check: (value) => compiled().Check(value),
    explain: (value) => compiled().Errors(value).First()?.message ?? "not allowed",
  };
}

function decodeFields(fields: readonly CompiledField[], read: FieldReader): DecodedInput {
  const values = fields.map((field) => read(field.wire));
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index];
    if (field?.required === true && values[index] === undefined) return refuse(field, "missing", "is mandatory");
  }
  const input: Record<string, unknown> = {};
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index];
    const raw = values[index];
    if (field === undefined || raw === undefined) continue;
    const codec = field.wire.codec;
    const value = codec === undefined ? raw : decodeBy(codec, raw);
    if (value === undefined) return refuse(field, "malformed", `must be of the form: ${codec?.form ?? "text"}`);
    if (!field.check(value)) return refuse(field, "malformed", field.explain(value));
    input[field.name] = value;
  }
  return { ok: true, input };
}

function decodeBy(codec: ParameterCodec, raw: unknown): unknown {
  if (typeof raw === "string") return codec.decode(raw);
  return raw instanceof SpreadParameter ? codec.decodeSpread?.(raw.parts) : undefined;
}

function refuse(field: CompiledField, kind: FieldFault["kind"], detail: string): DecodedInput {
  return { ok: false, fault: { kind, field: field.name, wireName: field.wire.name, detail } };
}

function encodeFields(fields: readonly CompiledField[], input: Readonly<Record<string, unknown>>) {
  return fields.flatMap((field) => {
    const value = input[field.name];
    if (value === undefined) return [];
    return [{ field: field.wire, value: field.wire.codec === undefined ? value : field.wire.codec.encode(value) }];
  });
}
