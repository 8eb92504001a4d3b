import { auditContract, collaborationContract, evidenceContract, tokenContract } from "@concordat/contracts";
import type { Contract } from "@concordat/ledger";

/** What every channel may run; the ledger's thread loads this module by its address. */
export const contracts: readonly Contract[] = [evidenceContract, collaborationContract, auditContract, tokenContract];
