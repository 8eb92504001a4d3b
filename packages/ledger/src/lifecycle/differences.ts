import { bytesToHex } from "@concordat/base";
import type { ContractDefinition } from "../endorsement/ports.ts";

/**
 * The first thing that two definitions of one sequence say differently, in Fabric's words.
 * @source fabric core/chaincode/lifecycle/lifecycle.go, ChaincodeParameters.Equal
 */
export function firstDifference(current: ContractDefinition, requested: ContractDefinition): string {
  const rows = [
    ["Version", current.version, requested.version],
    ["EndorsementPlugin", current.endorsementPlugin, requested.endorsementPlugin],
    ["InitRequired", String(current.initRequired), String(requested.initRequired)],
    ["ValidationPlugin", current.validationPlugin, requested.validationPlugin],
    ["ValidationParameter", bytesToHex(current.validationParameter), bytesToHex(requested.validationParameter)],
  ] as const;
  const row = rows.find(([, ours, theirs]) => ours !== theirs);
  if (row === undefined) return "nothing differs";
  const [field, ours, theirs] = row;
  return `expected ${field} '${ours}' does not match passed ${field} '${theirs}'`;
}
