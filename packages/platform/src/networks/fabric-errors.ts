import { isConcordatError } from "@concordat/base";
import type { FabricErrorCode } from "@concordat/fabric/client";
import { PlatformError } from "../errors.ts";
import { toPlatformError } from "../ledger/ledger-errors.ts";
import type { AdministrationErrorCode } from "../ports.ts";

const codes: Readonly<Record<FabricErrorCode, AdministrationErrorCode>> = {
  NODE_UNKNOWN: "NODE_NOT_STARTED",
  NODE_PORT_TAKEN: "NODE_NOT_STARTED",
  NODE_NOT_ON_CHANNEL: "NODE_NOT_STARTED",
  PACKAGE_INVALID: "CONTRACT_PACKAGE_INVALID",
  PACKAGE_UNKNOWN: "CONTRACT_PACKAGE_UNKNOWN",
  PACKAGE_TOO_LARGE: "CONTRACT_PACKAGE_INVALID",
  CONTRACT_NOT_RUNNING: "CONTRACT_NOT_RUNNING",
  CONTRACT_TIMEOUT: "CONTRACT_CALL_REFUSED",
  CONTRACT_ADDRESS_REFUSED: "CONTRACT_NOT_RUNNING",
  SANDBOX_UNAVAILABLE: "FABRIC_UNAVAILABLE",
  INVOKE_REFUSED: "CONTRACT_CALL_REFUSED",
};

/** Runs a call of Fabric and says its refusals in the platform's words, with the reason in Fabric's; anything else passes as it is. */
export async function onFabric<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toNetworkError(error);
  }
}

function toNetworkError(error: unknown): unknown {
  if (!isConcordatError(error) || !isFabricCode(error.code)) return toPlatformError(error);
  const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
  const facts = { reason: error.message, ...error.facts, fabricCode: error.code };
  return new PlatformError(codes[error.code], error.message, { ...remedy, facts, cause: error });
}

function isFabricCode(code: string): code is FabricErrorCode {
  return Object.hasOwn(codes, code);
}
