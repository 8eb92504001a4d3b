import { accounts } from "./accounts.fixture.ts";
import type { Arguments, ModelCall } from "./checks.fixture.ts";
import { holds } from "./holds.fixture.ts";
import { ModelRefusal } from "./no.fixture.ts";
import { people } from "./people.fixture.ts";
import { policies } from "./policies.fixture.ts";
import { reads } from "./reads.fixture.ts";
import { requests } from "./requests.fixture.ts";
import type { ModelState } from "./state.fixture.ts";
import { tokens } from "./tokens.fixture.ts";
import { transfers } from "./transfers.fixture.ts";

const changes = { ...people, ...tokens, ...accounts, ...requests, ...transfers, ...holds, ...policies };

/** The functions that change something. */
export const mutatingFunctions: readonly string[] = Object.keys(changes);

const functions = { ...changes, ...reads };

/** Runs a function on the model. @returns "" or the code of the refusal, which leaves the model as it was */
export function runOnModel(state: ModelState, fn: string, call: ModelCall, args: Arguments): string {
  const run = functions[fn];
  if (run === undefined) throw new Error(`The model has no function ${fn}.`);
  try {
    run(state, call, args);
    return "";
  } catch (error) {
    if (error instanceof ModelRefusal) return error.code;
    throw error;
  }
}
