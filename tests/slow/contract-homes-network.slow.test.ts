import { auditContract, collaborationContract, evidenceContract, tokenContract } from "@concordat/contracts";
import { describe } from "vitest";
import { auditSuite } from "../support/audit-suite.ts";
import { collaborationSuite } from "../support/collaboration-suite.ts";
import type { HomeOptions } from "../support/contract-homes.ts";
import { inEachHome } from "../support/contract-suite.ts";
import { evidenceSuite } from "../support/evidence-suite.ts";
import { openNetworkChaincodeHome } from "../support/network-chaincode-home.ts";
import { openNetworkHome } from "../support/network-home.ts";
import { probeContract } from "../support/probe-contract.ts";
import { probeSuite } from "../support/probe-suite.ts";
import { tokenOrganizations, tokenSuite } from "../support/token-suite.ts";

/* One network, two homes: a contract that is built in, and the same one as a chaincode service under the official fabric-shim. */

const homes = (chaincode: string) => ({
  "built in, through the network": openNetworkHome,
  "official fabric-shim, on the network": (options: HomeOptions) => openNetworkChaincodeHome(chaincode, options),
});

describe("evidence", () => inEachHome(evidenceContract, homes("examples/fabric-chaincode.ts"), evidenceSuite));
describe("collaboration", () =>
  inEachHome(collaborationContract, homes("examples/fabric-chaincode.ts"), collaborationSuite));
describe("audit", () => inEachHome(auditContract, homes("examples/fabric-chaincode.ts"), auditSuite));
describe("token", () =>
  inEachHome(tokenContract, homes("examples/fabric-chaincode.ts"), tokenSuite, tokenOrganizations));
describe("stub and identity", () => inEachHome(probeContract, homes("tests/support/probe-chaincode.ts"), probeSuite));
