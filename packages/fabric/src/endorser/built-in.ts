import { isConcordatError } from "@concordat/base";
import type { Member } from "@concordat/ledger/endorsement";
import { decodeText, WireError } from "../wire/read.ts";
import type { CallOutcome } from "./contract-call.ts";
import type { OpenSimulation } from "./simulation.ts";

const SUCCESS = 200;
const FAILURE = 500;
const NOTHING = new Uint8Array(0);

export interface BuiltInCall {
  readonly contract: string;
  readonly args: readonly Uint8Array[];
  readonly creator: Member;
  readonly simulation: OpenSimulation;
}

/** Runs a built-in contract in the engine. What it refuses it answers as it does under fabric-shim: status 500, `<code>: <message>`. */
export async function runBuiltIn({ contract, args, creator, simulation }: BuiltInCall): Promise<CallOutcome> {
  const [fn = "", ...rest] = readArguments(args) ?? [""];
  if (readArguments(args) === undefined) return failure("ARGUMENT_INVALID: Arguments must be UTF-8 text.");
  try {
    const answer = await simulation.step({
      kind: "run",
      contract,
      fn,
      args: rest,
      creator: { mspId: creator.mspId, certificatePem: creator.certificatePem },
    });
    if (answer.kind !== "ran") throw new TypeError(`A built-in contract answered with "${answer.kind}".`);
    const { result, event, contractVersion } = answer;
    return { response: { status: SUCCESS, message: "", payload: result, event }, contractVersion };
  } catch (error) {
    const message = refusalText(error);
    if (message === undefined) throw error;
    return failure(message);
  }
}

function readArguments(args: readonly Uint8Array[]): readonly string[] | undefined {
  try {
    return args.map(decodeText);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** What the contract itself says; undefined for failures of the engine, which are no answer of a contract. */
function refusalText(error: unknown): string | undefined {
  if (!isConcordatError(error)) return undefined;
  if (error.code === "CONTRACT_REFUSED") return `${String(error.facts["refusal"])}: ${error.message}`;
  if (error.code === "FUNCTION_UNKNOWN") return `FUNCTION_UNKNOWN: ${error.message}`;
  const isContracts = ["CONTRACT_FAILED", "ARGUMENT_INVALID", "QUERY_INVALID", "QUERY_UNSUPPORTED"].includes(
    error.code,
  );
  return isContracts ? error.message : undefined;
}

/** No transaction comes of a failure, so that its version is of no account. */
function failure(message: string): CallOutcome {
  return { response: { status: FAILURE, message, payload: NOTHING, event: undefined }, contractVersion: "" };
}
