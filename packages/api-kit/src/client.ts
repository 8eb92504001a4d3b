import { ConcordatError } from "@concordat/base";
import { type CompiledOperation, compileTable } from "./compile.ts";
import type { InputOf, OutputOf, RouteTable, WireField } from "./operation.ts";
import type { WireAnswer } from "./output-codec.ts";

/** One request in wire terms; the transport adds address, envelope and signature. */
export interface WireRequest {
  readonly operation: CompiledOperation;
  readonly fields: readonly { readonly field: WireField; readonly value: unknown }[];
}

/** Sends a request and answers the data part of the response, or throws what the server refused with. */
export type Transport = (request: WireRequest) => Promise<WireAnswer>;

export type Client<Table extends RouteTable> = {
  readonly [Name in keyof Table]: (input: InputOf<Table[Name]>) => Promise<OutputOf<Table[Name]>>;
};

/**
 * A typed client of a route table.
 * @throws ConcordatError ANSWER_UNEXPECTED when an answer does not fit the row's output schema
 */
export function createClient<Table extends RouteTable>(table: Table, transport: Transport): Client<Table> {
  const calls: Record<string, (input: Readonly<Record<string, unknown>>) => Promise<unknown>> = {};
  for (const [name, operation] of compileTable(table)) {
    calls[name] = async (input) => {
      const answer = await transport({ operation, fields: operation.encodeInput(input) });
      const output = operation.operation.answer.decode(answer);
      if (!operation.isOutput(output)) throw unexpected(operation.operation.id);
      return output;
    };
  }
  // Built from the table's own names; each call checks its answer, so the row's types hold.
  return calls as Client<Table>;
}

function unexpected(operation: string): ConcordatError {
  return new ConcordatError({
    code: "ANSWER_UNEXPECTED",
    summary: `The server's answer to ${operation} does not have the documented form.`,
    remedy: "Check that client and server are of the same version.",
    facts: { operation },
  });
}
