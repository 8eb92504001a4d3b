import type { TSchema } from "@sinclair/typebox";

/** A text form of a value: what stands in a query, a form field or a path segment. */
export interface ParameterCodec {
  /** Name of the form, for error messages and documents. */
  readonly form: string;
  /** The value, or undefined when the text is not of this form. */
  decode(text: string): unknown;
  encode(value: unknown): string;
  /**
   * For forms that may be spread over parameters `NAME.PART`: the value that they make together, or undefined when they make none. Who reads
   * requests hands over a SpreadParameter in place of the text.
   */
  decodeSpread?(parts: ReadonlyMap<string, string>): unknown;
  /** For text that is JSON: what it holds. */
  readonly jsonSchema?: TSchema;
}

export const plainText: ParameterCodec = { form: "text", decode: (text) => text, encode: String };

/** Decimal integer without sign, leading zeros or spaces, at most 2^53 - 1. */
export const decimalInteger: ParameterCodec = {
  form: "integer",
  decode(text) {
    if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : undefined;
  },
  encode: String,
};

export const trueOrFalse: ParameterCodec = {
  form: "true or false",
  decode: (text) => (text === "true" ? true : text === "false" ? false : undefined),
  encode: String,
};
