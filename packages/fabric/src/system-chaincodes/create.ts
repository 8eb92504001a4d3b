import type { Ledger } from "@concordat/ledger/client";
import type { ContractHost } from "../contracts/ports.ts";
import { createCscc } from "./cscc.ts";
import { createLifecycle } from "./lifecycle.ts";
import { createQscc } from "./qscc.ts";
import { SystemContracts } from "./system-contracts.ts";

export interface SystemContractDependencies {
  readonly ledger: Ledger;
  readonly contracts: ContractHost;
}

export function createSystemContracts(dependencies: SystemContractDependencies): SystemContracts {
  return new SystemContracts({
    qscc: createQscc(dependencies),
    cscc: createCscc(dependencies),
    _lifecycle: createLifecycle(dependencies),
  });
}
