import type { ModelCall } from "./checks.fixture.ts";

/** What a call came to. */
export type CallOutcome =
  | { readonly answer: string; readonly txId: string }
  /** The refusal's code. */
  | { readonly refusal: string };

/** Where the contract runs. */
export interface Place {
  submit(fn: string, json: string, call: ModelCall): Promise<CallOutcome>;
  /** @returns the answer @throws when it is refused */
  read(fn: string, json: string, call: ModelCall): Promise<string>;
}
