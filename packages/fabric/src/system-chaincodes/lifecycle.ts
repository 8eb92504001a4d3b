import { isConcordatError } from "@concordat/base";
import type { ContractResponse } from "../contracts/ports.ts";
import type { Execution } from "../endorser/contract-call.ts";
import { channelRefusal, localRefusal, textArgument } from "./checks.ts";
import type { SystemContractDependencies } from "./create.ts";
import { definitionFunctions } from "./lifecycle-definitions.ts";
import { LifecycleFailure, type LifecycleFunction } from "./lifecycle-function.ts";
import { packageFunctions } from "./lifecycle-packages.ts";
import { failure, type SystemContract, success } from "./system-contracts.ts";

/** Organizations' own affairs are their administrators'; what concerns the channel is every writer's. As Fabric's default rules. */
const OWN_AFFAIRS: ReadonlySet<string> = new Set([
  "InstallChaincode",
  "QueryInstalledChaincode",
  "QueryInstalledChaincodes",
  "GetInstalledChaincodePackage",
  "ApproveChaincodeDefinitionForMyOrg",
  "QueryApprovedChaincodeDefinition",
  "QueryApprovedChaincodeDefinitions",
]);

/** `_lifecycle`: translates Fabric's requests to the packages kept here and to the engine's contract of the same name. */
export function createLifecycle(dependencies: SystemContractDependencies): SystemContract {
  const functions = new Map<string, LifecycleFunction>(
    Object.entries({ ...packageFunctions(dependencies), ...definitionFunctions() }),
  );
  return async (execution): Promise<ContractResponse> => {
    const { args } = execution.proposal;
    if (args.length === 0) return failure("lifecycle scc must be invoked with arguments");
    if (args.length !== 2) {
      return failure(`lifecycle scc operations require exactly two arguments but received ${args.length}`);
    }
    const name = textArgument(args, 0);
    const refusal = accessRefusal(execution, name);
    if (refusal !== undefined) return failure(`Failed to authorize invocation due to failed ACL check: ${refusal}`);
    const run = functions.get(name);
    if (run === undefined)
      return failure(`Failed to authorize invocation due to failed ACL check: Unmapped policy for _lifecycle/${name}`);
    try {
      return success(await run(execution, args[1] ?? new Uint8Array(0)));
    } catch (error) {
      return failureOf(name, error);
    }
  };
}

function accessRefusal(execution: Execution, name: string): string | undefined {
  if (OWN_AFFAIRS.has(name)) return localRefusal(execution, "Admins");
  const channel = execution.node.channels.get(execution.proposal.channelId);
  if (channel === undefined) {
    return "Invalid channel ID name during check policy on signed data. Name must be different from nil.";
  }
  return channelRefusal(execution, channel, "Writers");
}

/** A definition or package that is missing answers 404, as on Fabric; every other refusal, a missing approval too, 500. */
function failureOf(name: string, error: unknown): ContractResponse {
  const wrapped = (text: string) => failure(`failed to invoke backing implementation of '${name}': ${text}`);
  if (error instanceof LifecycleFailure) return error.isNotFound ? failure(error.message, 404) : wrapped(error.message);
  if (!isConcordatError(error)) throw error;
  const isMissing = error.code === "CONTRACT_REFUSED" && error.facts["refusal"] === "NOT_FOUND";
  if (isMissing && name === "QueryChaincodeDefinition") return failure(error.message, 404);
  if (error.code === "PACKAGE_UNKNOWN") return failure(error.message, 404);
  return wrapped(error.message);
}
