import type { Static, TObject, TSchema } from "@sinclair/typebox";
import { asJson, type OutputCodec } from "./output-codec.ts";
import type { ParameterCodec } from "./parameter-codec.ts";

export type HttpMethod = "GET" | "POST" | "PUT" | "DELETE" | "PATCH";

/** Where one input field travels. `name` is its spelling on the wire, which stands nowhere else. */
export interface WireField {
  readonly in: "path" | "query" | "header" | "body" | "parameter";
  readonly name: string;
  /** How the text form is read and written. Fields of a JSON body that travel as they are have none. */
  readonly codec?: ParameterCodec;
}

/** Several operations behind one URL are told apart by a parameter: still one row each. */
export interface Matcher {
  readonly parameter: string;
  readonly value: string;
}

/** What a command line says otherwise than the row's names give. */
export interface CommandHints {
  readonly group?: string;
  readonly verb?: string;
  /** Mandatory fields are named options too, instead of arguments. */
  readonly named?: true;
  /** Lists of free texts, commas among them: each text is an option of its own, by the singular of the field's name. */
  readonly repeated?: readonly string[];
  /** The answer may go to a file for its owner alone instead of being printed: it holds a secret. */
  readonly answerToFile?: true;
}

/**
 * One documented operation. Validation, registration, client, OpenAPI, CLI, coverage and conformance tests derive from this row, so a
 * path or a field name is never typed a second time.
 */
export interface Operation<I extends TObject = TObject, O extends TSchema = TSchema, Code extends string = string> {
  /** The inventory id (`dialect:Name`), or the id of a named supplement. */
  readonly id: string;
  readonly summary: string;
  /** Document and section that the row follows. */
  readonly source: string;
  readonly methods: readonly HttpMethod[];
  /** Parameters in braces. */
  readonly path: string;
  readonly matcher?: Matcher;
  /** The action that `authorize` is asked about. */
  readonly permission: string;
  readonly mutating: boolean;
  /** It takes a file: its body may be larger than others', up to `limits.fileBodyBytesMax`. */
  readonly takesFile?: true;
  readonly command?: CommandHints;
  /** Called by somebody who is not recognised yet, in order to become so. */
  readonly anonymous?: true;
  readonly input: I;
  readonly output: O;
  /** One entry for each input field, in the order in which faults are reported. */
  readonly wire: { readonly [Field in keyof Static<I>]-?: WireField };
  readonly answer: OutputCodec<Static<O>>;
  /** HTTP status of success. */
  readonly status: number;
  /** Codes of the platform that the operation documents. */
  readonly errors: readonly Code[];
  readonly example: { readonly input: Static<I>; readonly output: Static<O> };
}

export type OperationRow<I extends TObject, O extends TSchema, Code extends string> = Omit<
  Operation<I, O, Code>,
  "status" | "answer"
> & {
  /** 200 by default. */
  readonly status?: number;
  /** By default the output is the answer's data as it is. */
  readonly answer?: OutputCodec<Static<O>>;
};

/**
 * Writes a row with its types checked: wire fields must name the input fields exactly, the example must fit both schemas. `Code` is the
 * error union that the dialect's map is total over.
 */
export function operationFor<Code extends string>() {
  return <const I extends TObject, const O extends TSchema>(row: OperationRow<I, O, Code>): Operation<I, O, Code> => ({
    ...row,
    status: row.status ?? 200,
    answer: row.answer ?? asJson<Static<O>>(),
  });
}

/** A dialect's rows by operation name. The type of a single row is erased here; `Handlers` and `Client` take it from the concrete table. */
export type RouteTable = Readonly<Record<string, AnyOperation>>;

/** A row whose schemas are not known: what derivations that treat all rows alike work with. */
export interface AnyOperation extends Omit<Operation, "wire" | "answer" | "example" | "input" | "output"> {
  readonly input: TObject;
  readonly output: TSchema;
  readonly wire: Readonly<Record<string, WireField>>;
  readonly answer: OutputCodec<unknown>;
  readonly example: { readonly input: unknown; readonly output: unknown };
}

export type InputOf<Row> = Row extends { readonly input: infer I extends TObject } ? Static<I> : never;
export type OutputOf<Row> = Row extends { readonly output: infer O extends TSchema } ? Static<O> : never;

/** One function for each row: a missing or misspelt operation does not compile. */
export type Handlers<Table extends RouteTable, Context> = {
  readonly [Name in keyof Table]: (input: InputOf<Table[Name]>, context: Context) => Promise<OutputOf<Table[Name]>>;
};
