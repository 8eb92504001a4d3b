import { formText, type Parameter, parseParameters, queryOf } from "@concordat/api-kit";
import type { Format } from "./envelope.ts";
import { invalidParameter, LtlRefusal } from "./errors.ts";

/** The parts of an HTTP request that this API looks at. */
export interface RawCall {
  readonly method: string;
  /** The request target as received. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** A request after parsing, before anything of it is believed. */
export interface Call {
  readonly raw: RawCall;
  readonly query: readonly Parameter[];
  /** Query and form together, in this order. */
  readonly parameters: readonly Parameter[];
  readonly values: ReadonlyMap<string, string>;
}

/** @throws LtlRefusal or a PARAMETERS_ error when the parameters are malformed or one is given twice */
export function readCall(raw: RawCall): Call {
  const query = parseParameters(queryOf(raw.target));
  const parameters = raw.body.length === 0 ? query : [...query, ...parseParameters(formText(raw.body))];
  const values = new Map<string, string>();
  for (const { name, value } of parameters) {
    if (values.has(name)) throw repeated(name);
    values.set(name, value);
  }
  return { raw, query, parameters, values };
}

function repeated(name: string): LtlRefusal {
  const known = /^[A-Za-z][A-Za-z0-9.]{0,63}$/.test(name) ? name : "";
  return new LtlRefusal(invalidParameter(known), `The parameter ${known || "name"} is given more than once.`);
}

export function headerOf(raw: RawCall, name: string): string | undefined {
  const value = raw.headers[name];
  return typeof value === "string" ? value : value?.join(",");
}

/** @throws LtlRefusal InvalidParameter.Format */
export function formatOf(call: Call): Format {
  const text = call.values.get("Format");
  if (text === undefined) return "json";
  const format = text.toLowerCase();
  if (format === "json" || format === "xml") return format;
  throw new LtlRefusal(invalidParameter("Format"), "Format must be JSON or XML.");
}

/** The answer format of a request that failed before it could be read in full: what its query asks for, else JSON. */
export function formatGuess(target: string): Format {
  return /[?&]Format=xml(&|$)/i.test(target) ? "xml" : "json";
}
