import {
  type HttpMethod,
  operationFor,
  type ParameterCodec,
  type TSchema,
  Type,
  type WireField,
} from "@concordat/api-kit";
import type { AdministrationErrorCode, PlatformErrorCode } from "@concordat/platform";

export const operation = operationFor<PlatformErrorCode | AdministrationErrorCode>();

export const GET = ["GET"] as const satisfies readonly HttpMethod[];
export const POST = ["POST"] as const satisfies readonly HttpMethod[];
export const DELETE = ["DELETE"] as const satisfies readonly HttpMethod[];

export const inBody = (name: string): WireField => ({ in: "body", name });
export const inHeader = (name: string): WireField => ({ in: "header", name });
export const inQuery = (name: string, codec?: ParameterCodec): WireField =>
  codec === undefined ? { in: "query", name } : { in: "query", name, codec };

/** Python writes `True`, the others `true`. */
export const trueOrFalseInAnyCase: ParameterCodec = {
  form: "true or false",
  decode: (text) => ({ true: true, false: false })[text.toLowerCase()],
  encode: String,
};

export const id = Type.String({ minLength: 1, maxLength: 64, description: "Id." });
export const name = Type.String({ minLength: 1, maxLength: 64, description: "Name." });
export const subjectToken = Type.String({ minLength: 1, maxLength: 8192, description: "A token's text." });
/** UTC with microseconds, as IAM writes times. */
export const instant = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$" });

export const textOrNull = Type.Union([Type.String(), Type.Null()]);
/** Of a list: `next` and `previous` name the pages beside this one. */
export const listLinks = Type.Object({ self: Type.String(), previous: textOrNull, next: textOrNull });
export const selfLink = Type.Object({ self: Type.String() });
export const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);

export const EXAMPLE_DOMAIN = "65382450e8f64ac0870cd180d14e684b";
export const EXAMPLE_PROJECT = "a4a5d4098fb4474fa22cd05f897d6b99";
export const EXAMPLE_URL = "https://iam.example.test/v3";
